package run

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"strconv"
	"strings"

	"gust/internal/hint"
)

// profiles serves the Go runtime's profiles over HTTP while a run lasts.
type profiles struct {
	server *http.Server
	url    string
	ended  chan struct{}
}

// startProfiles listens on ADDR, a port or HOST:PORT. The default host is loopback,
// because a profile shows what a program does.
func startProfiles(addr string) (*profiles, error) {
	listener, err := net.Listen("tcp", profilesAddress(addr))
	if err != nil {
		return nil, hint.With(fmt.Errorf("cannot serve profiles: %w", err),
			"--pprof takes PORT or HOST:PORT; port 0 picks a free one")
	}
	p := &profiles{
		// A mux of its own: other packages may have added handlers to the default one.
		server: &http.Server{Handler: profilesMux()},
		url:    "http://" + listener.Addr().String() + "/debug/pprof/",
		ended:  make(chan struct{}),
	}
	go func() {
		defer close(p.ended)
		_ = p.server.Serve(listener) // it ends with close; a client sees other errors
	}()
	return p, nil
}

func profilesAddress(addr string) string {
	if _, err := strconv.Atoi(addr); err == nil {
		addr = ":" + addr
	}
	if port, ok := strings.CutPrefix(addr, ":"); ok {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}

func profilesMux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index) // and the other profiles by name
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// close ends the server and its downloads.
func (p *profiles) close() error {
	err := p.server.Close()
	<-p.ended
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
