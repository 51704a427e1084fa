// Package proxy shows all runs of a user on one address, and those that have ended. It
// forwards each request about one topology to the run that has it, and answers those about
// all topologies itself.
package proxy

import (
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"strings"

	"gust/ui/api"
	"gust/ui/metrics"
	"gust/ui/page"
	"gust/ui/rest"
	"gust/ui/runs"
)

// Handler shows the runs that runs.List finds, and the last ones that have ended.
func Handler() http.Handler {
	over := ended{new(runs.Archive)}
	here, storm := api.Handler(over), rest.Handler(over)
	mux := http.NewServeMux()
	mux.Handle("/", page.Handler(views))
	mux.Handle("GET /metrics", metrics.Merged(scrape))

	mux.HandleFunc("GET "+api.Prefix+"topologies", func(w http.ResponseWriter, r *http.Request) { list(w, r, over) })
	mux.Handle(api.Prefix+"topologies/{id}", forward(topologyInPath, here))
	mux.Handle(api.Prefix+"topologies/{id}/", forward(topologyInPath, here))

	cluster, daemons := rest.Handler(all{over, false}), rest.Handler(all{over, true})
	log := forward(topologyOfLog, storm)
	handle := func(patterns []string, h http.Handler) {
		for _, pattern := range patterns {
			mux.Handle(pattern, h)
		}
	}
	handle(rest.ClusterPatterns, cluster)
	handle(rest.TopologyPatterns, forward(topologyInPath, storm))
	handle(rest.DaemonLogPatterns, daemons)
	handle(rest.LogPatterns, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("is-daemon") == "yes" {
			daemons.ServeHTTP(w, r)
			return
		}
		log.ServeHTTP(w, r)
	}))
	return mux
}

func topologyInPath(r *http.Request) string { return r.PathValue("id") }

// topologyOfLog is the topology of a log, whose name is "wordcount-1-17/6700/worker.log". Some
// clients escape the name twice.
func topologyOfLog(r *http.Request) string {
	name := r.URL.Query().Get("file")
	if again, err := url.QueryUnescape(name); err == nil && !strings.Contains(name, "/") {
		name = again
	}
	return path.Dir(path.Dir(name))
}

// forward hands requests on to the run that has the topology of a request, or to the handler
// for topologies that have ended.
func forward(topology func(*http.Request) string, otherwise http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		socket := socketOf(topology(r))
		if socket == "" {
			otherwise.ServeHTTP(w, r)
			return
		}
		(&httputil.ReverseProxy{
			Transport: through(socket),
			Rewrite: func(out *httputil.ProxyRequest) {
				// The links in an answer begin with the Host: the client gets its own.
				out.Out.URL.Scheme, out.Out.URL.Host, out.Out.Host = "http", "localhost", out.In.Host
				// The guard of this server has decided who may ask.
				for name := range out.Out.Header {
					if strings.HasPrefix(name, "Sec-Fetch-") {
						out.Out.Header.Del(name)
					}
				}
				out.Out.Header.Del("Origin")
			},
			FlushInterval: -1, // events at once
			ErrorHandler: func(w http.ResponseWriter, r *http.Request, _ error) {
				otherwise.ServeHTTP(w, r) // it has just ended
			},
		}).ServeHTTP(w, r)
	})
}

// socketOf is the socket of the run that has a topology, by its id or its name, or "".
func socketOf(id string) string {
	list, err := runs.List()
	if err != nil {
		return ""
	}
	named := ""
	for _, run := range list { // the last one that was started is first
		if run.ID == id {
			return run.Socket
		}
		if run.Name == id {
			named = cmp.Or(named, run.Socket)
		}
	}
	return named
}

// through makes requests over a Unix socket, each with a connection of its own.
func through(socket string) http.RoundTripper {
	return &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}
}

// scrape gets the metrics of each run. Of several with one name, the last one that was
// started is asked: they would have the same series.
func scrape(ctx context.Context) [][]byte {
	asked := map[string]bool{}
	return each(ctx, func(run runs.Run) bool {
		first := !asked[run.Name]
		asked[run.Name] = true
		return first
	}, func(ctx context.Context, run runs.Run) ([]byte, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/metrics", nil)
		if err != nil {
			return nil, err
		}
		answer, err := through(run.Socket).RoundTrip(r)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		return io.ReadAll(answer.Body)
	})
}
