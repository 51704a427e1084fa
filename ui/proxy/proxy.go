// Package proxy shows all runs of a user on one address, and those that have ended. It
// forwards each request about a topology to the run that has it.
package proxy

import (
	"cmp"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
	"sync"
	"time"

	"gust/status"
	"gust/status/served"
	"gust/ui/api"
	"gust/ui/client"
	"gust/ui/page"
	"gust/ui/rest"
	"gust/ui/runs"
)

// stormTopologies is where Storm's REST API has the topologies.
const stormTopologies = "/api/v1/topology/"

// proxy answers for all runs.
type proxy struct {
	source ended
	api    http.Handler // of the topologies that have ended
	storm  http.Handler // the same
}

// Handler shows the runs that runs.List finds, and the last ones that have ended.
func Handler() http.Handler {
	p := &proxy{}
	p.api, p.storm = api.Handler(p.source), rest.Handler(p.source)
	mux := http.NewServeMux()
	mux.Handle("/", page.Handler(p.views))
	mux.HandleFunc("GET "+api.Prefix+"topologies", p.list)
	mux.HandleFunc(api.Prefix+"topologies/{id}", p.pass(p.api))
	mux.HandleFunc(api.Prefix+"topologies/{id}/", p.pass(p.api))
	for _, pattern := range rest.Patterns {
		mux.Handle(pattern, p.storm)
	}
	mux.HandleFunc("GET "+stormTopologies+"summary", p.stormList)
	mux.HandleFunc(stormTopologies+"{id}", p.pass(p.storm))
	mux.HandleFunc(stormTopologies+"{id}/", p.pass(p.storm))
	return mux
}

// ended is the source of the topologies that have ended.
type ended struct{}

// mostEnded is how many topologies that have ended are shown.
const mostEnded = 20

// Topologies reads the reports each time: they are few, and another run may just have ended.
func (ended) Topologies() []served.Served {
	reports, err := runs.Ended("", mostEnded)
	if err != nil {
		return nil // those that run are shown all the same
	}
	var list []served.Served
	for _, report := range reports {
		list = append(list, served.Served{Status: status.FromReport(report)})
	}
	return list
}

// patience is how long a run may take to answer a request for a list of all.
const patience = 2 * time.Second

// each asks every run that is alive, all at the same time, and returns what they answer in
// the order of the runs. A run that does not answer has just ended.
func each[T any](ctx context.Context, ask func(context.Context, runs.Run) ([]T, error)) []T {
	list, err := runs.List()
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answers := make([][]T, len(list))
	var all sync.WaitGroup
	for i, run := range list {
		all.Go(func() { answers[i], _ = ask(ctx, run) })
	}
	all.Wait()
	return slices.Concat(answers...)
}

// list is the list of all topologies, those that run first.
func (p *proxy) list(w http.ResponseWriter, r *http.Request) {
	list := each(r.Context(), func(ctx context.Context, run runs.Run) ([]api.Summary, error) {
		c, err := client.New("unix:" + run.Socket)
		if err != nil {
			return nil, err
		}
		defer c.Close()
		return c.Topologies(ctx)
	})
	list = append(list, api.Summaries(p.source)...)
	seen := map[string]bool{}
	list = slices.DeleteFunc(list, func(s api.Summary) bool { // one that has ended just now may be there twice
		again := seen[s.ID]
		seen[s.ID] = true
		return again
	})
	if list == nil {
		list = []api.Summary{}
	}
	api.Write(w, http.StatusOK, list)
}

// views are the topologies for browsers without JavaScript.
func (p *proxy) views() []*status.View {
	return each(context.Background(), func(ctx context.Context, run runs.Run) ([]*status.View, error) {
		c, err := client.New("unix:" + run.Socket)
		if err != nil {
			return nil, err
		}
		defer c.Close()
		v, err := c.Topology(run.ID).View(ctx, status.AllTime)
		return []*status.View{v}, err
	})
}

// pass hands a request on to the run that has the topology, or to the handler for those
// that have ended.
func (p *proxy) pass(otherwise http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		socket := socketOf(r.PathValue("id"))
		if socket == "" {
			otherwise.ServeHTTP(w, r)
			return
		}
		(&httputil.ReverseProxy{
			Transport: over(socket),
			Rewrite: func(out *httputil.ProxyRequest) {
				out.Out.URL.Scheme, out.Out.URL.Host, out.Out.Host = "http", "localhost", "localhost"
				// Who may ask, the guard of this server has decided.
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
	}
}

// socketOf is the socket of the run that has a topology, by its id or its name; empty where
// none has.
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

// over makes requests over a Unix socket, each with a connection of its own.
func over(socket string) http.RoundTripper {
	return &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}
}

// stormList is Storm's list of the topologies that run.
func (p *proxy) stormList(w http.ResponseWriter, r *http.Request) {
	answers := each(r.Context(), func(ctx context.Context, run runs.Run) ([]map[string]any, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+stormTopologies+"summary", nil)
		if err != nil {
			return nil, err
		}
		answer, err := over(run.Socket).RoundTrip(r)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		var list map[string]any
		err = json.NewDecoder(answer.Body).Decode(&list)
		return []map[string]any{list}, err
	})
	if len(answers) == 0 {
		p.storm.ServeHTTP(w, r)
		return
	}
	var topologies []any
	for _, answer := range answers {
		some, _ := answer["topologies"].([]any)
		topologies = append(topologies, some...)
	}
	answers[0]["topologies"] = topologies
	api.Write(w, http.StatusOK, answers[0])
}
