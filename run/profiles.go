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

// profiles serves the runtime's profiles over HTTP while a run lasts.
type profiles struct {
	server *http.Server
	url    string
	ended  chan struct{}
}

// startProfiles listens on ADDR, which is a port or HOST:PORT. Who names no host
// means this machine alone: a profile tells what a program does, and a server
// that all the world reaches is nobody's wish by default.
func startProfiles(addr string) (*profiles, error) {
	listener, err := net.Listen("tcp", profilesAddress(addr))
	if err != nil {
		return nil, hint.With(fmt.Errorf("cannot serve profiles: %w", err),
			"--pprof takes PORT or HOST:PORT; port 0 picks a free one")
	}
	p := &profiles{
		// A mux of its own: the default one may carry what others have put there.
		server: &http.Server{Handler: profilesMux()},
		url:    "http://" + listener.Addr().String() + "/debug/pprof/",
		ended:  make(chan struct{}),
	}
	go func() {
		defer close(p.ended)
		_ = p.server.Serve(listener) // it ends with close, and else says so to who asks for a profile
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
	mux.HandleFunc("/debug/pprof/", pprof.Index) // the others by their names
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// close ends the serving, running downloads included.
func (p *profiles) close() error {
	err := p.server.Close()
	<-p.ended
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
