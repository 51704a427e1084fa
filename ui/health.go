package ui

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"

	"gust/internal/hint"
)

// Health answers whether a process works (/healthz) and whether it is up (/readyz), for
// Kubernetes and load balancers.
type Health struct {
	// Alive and Ready return an error if not.
	Alive, Ready func() error
}

// Handler answers with the status 200, or 503 and the reason.
func (h Health) Handler() http.Handler {
	mux := http.NewServeMux()
	for path, check := range map[string]func() error{"/healthz": h.Alive, "/readyz": h.Ready} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			if err := check(); err != nil {
				w.WriteHeader(http.StatusServiceUnavailable)
				fmt.Fprintln(w, err)
				return
			}
			fmt.Fprintln(w, "ok")
		})
	}
	return mux
}

// Beside answers them in front of a handler. [Listen] asks for no token for them: who asks
// is a machine that knows none, and learns nothing else.
func (h Health) Beside(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", next)
	own := h.Handler()
	mux.Handle("/healthz", own)
	mux.Handle("/readyz", own)
	return &opened{mux, map[string]bool{"/healthz": true, "/readyz": true}}
}

// Listen serves only them, on an address as that of [Listen].
func (h Health) Listen(addr string) (*Server, error) {
	host, port, err := splitAddr(addr)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, hint.With(errors.Join(fmt.Errorf("cannot serve the health at %s", addr), err), "name another address with --health")
	}
	return serve(listener, h.Handler(), ""), nil
}
