// Package api is gust's own HTTP API, of which the page and `gust top` are made. It shows
// the types of package status as JSON with snake_case keys, below /api/gust/v1:
//
//	GET  topologies                           a list of [Summary]
//	GET  topologies/{id}?window=600           status.View; window is in seconds, 0 is all time
//	GET  topologies/{id}/stream?window=600    the same, each second, as server-sent events; see stream.go
//	GET  topologies/{id}/history?window=600   a list of status.Point
//	GET  topologies/{id}/events               a list of status.Event
//	GET  topologies/{id}/errors               a list of status.ErrorGroup
//	GET  topologies/{id}/breakpoints          a list of status.Breakpoint
//	GET  topologies/{id}/failures             [Failures]; reason, component, headline, since, until, before, limit, spans
//	GET  topologies/{id}/failures/{number}    status.Failure
//	GET  topologies/{id}/replays/{ticket}     status.Replay
//	GET  topologies/{id}/traces               a list of status.Trace without their hops; spout, failed, slower_ms, before, after, limit
//	GET  topologies/{id}/traces/{number}      status.Trace
//	GET  topologies/{id}/logs                 a list of status.LogLine; component (many), task, level, search, before, after, since, until, limit
//	GET  topologies/{id}/logs/download        the same lines as a text file
//	GET  topologies/{id}/graph                visualize.Plan
//	GET  topologies/{id}/components/{name}    [Component]; window
//	GET  topologies/{id}/components/{name}/history?window=600
//	POST topologies/{id}/activate
//	POST topologies/{id}/deactivate
//	POST topologies/{id}/kill?wait=30
//	POST topologies/{id}/rebalance?wait=30    a JSON object: the number of tasks by component
//	POST topologies/{id}/loglevel?level=debug without a level, that of the conf
//	POST topologies/{id}/debug?on=true
//	POST topologies/{id}/sampling?percent=1   the trees of a spout, or of all, to trace; component
//	POST topologies/{id}/failures/{number}/replay    answers with a status.Replay
//	POST topologies/{id}/failures/{number}/park
//	POST topologies/{id}/failures/{number}/discard
//	POST topologies/{id}/replays              a status.DeadLetter, perhaps of an earlier run; answers with a status.Replay
//	POST topologies/{id}/tasks/{task}/restart
//	POST topologies/{id}/components/{name}/restart
//	POST topologies/{id}/components/{name}/debug?on=true
//
// {id} is a topology's id or its name. A failure is an object with "error", and a status of
// 400 and up.
package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"gust/status/served"
)

// Prefix is the path of the API.
const Prefix = "/api/gust/v1/"

// Handler serves the API for the topologies of a source.
func Handler(source served.Source) http.Handler {
	mux := http.NewServeMux()
	of := func(answer func(served.Served, *http.Request) (any, error)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			t, err := find(source, r)
			if err != nil {
				fail(w, err)
				return
			}
			result, err := answer(t, r)
			if err != nil {
				fail(w, err)
				return
			}
			Write(w, http.StatusOK, result)
		}
	}
	const one = Prefix + "topologies/{id}"
	mux.HandleFunc("GET "+Prefix+"topologies", func(w http.ResponseWriter, r *http.Request) {
		Write(w, http.StatusOK, Summaries(source))
	})
	mux.HandleFunc("GET "+one, of(view))
	mux.HandleFunc("GET "+one+"/stream", func(w http.ResponseWriter, r *http.Request) { stream(w, r, source) })
	mux.HandleFunc("GET "+one+"/history", of(history))
	mux.HandleFunc("GET "+one+"/events", of(events))
	mux.HandleFunc("GET "+one+"/errors", of(errorGroups))
	mux.HandleFunc("GET "+one+"/breakpoints", of(breakpoints))
	mux.HandleFunc("GET "+one+"/failures", of(failures))
	mux.HandleFunc("GET "+one+"/failures/{number}", of(failure))
	mux.HandleFunc("GET "+one+"/replays/{ticket}", of(replay))
	mux.HandleFunc("GET "+one+"/traces", of(traces))
	mux.HandleFunc("GET "+one+"/traces/{number}", of(trace))
	mux.HandleFunc("GET "+one+"/logs", of(logs))
	mux.HandleFunc("GET "+one+"/logs/download", func(w http.ResponseWriter, r *http.Request) { download(w, r, source) })
	mux.HandleFunc("GET "+one+"/graph", of(graph))
	mux.HandleFunc("GET "+one+"/components/{component}", of(component))
	mux.HandleFunc("GET "+one+"/components/{component}/history", of(history))

	mux.HandleFunc("POST "+one+"/activate", of(operation(activate)))
	mux.HandleFunc("POST "+one+"/deactivate", of(operation(deactivate)))
	mux.HandleFunc("POST "+one+"/kill", of(operation(kill)))
	mux.HandleFunc("POST "+one+"/rebalance", of(operation(rebalance)))
	mux.HandleFunc("POST "+one+"/loglevel", of(operation(logLevel)))
	mux.HandleFunc("POST "+one+"/debug", of(operation(debug)))
	mux.HandleFunc("POST "+one+"/sampling", of(operation(sampling)))
	mux.HandleFunc("POST "+one+"/failures/{number}/replay", of(replayFailure))
	mux.HandleFunc("POST "+one+"/failures/{number}/park", of(operation(park)))
	mux.HandleFunc("POST "+one+"/failures/{number}/discard", of(operation(discard)))
	mux.HandleFunc("POST "+one+"/replays", of(replayLetter))
	mux.HandleFunc("POST "+one+"/tasks/{task}/restart", of(operation(restartTask)))
	mux.HandleFunc("POST "+one+"/components/{component}/restart", of(operation(restartComponent)))
	mux.HandleFunc("POST "+one+"/components/{component}/debug", of(operation(debug)))

	mux.HandleFunc(Prefix, func(w http.ResponseWriter, r *http.Request) {
		fail(w, notFound("no such address: %s %s", r.Method, r.URL.Path))
	})
	return mux
}

// find finds the topology of a request.
func find(source served.Source, r *http.Request) (served.Served, error) {
	t, ok := served.Find(source, r.PathValue("id"))
	if !ok {
		return t, notFound("no topology %q runs here", r.PathValue("id"))
	}
	return t, nil
}

// Write answers with a result as JSON, which nobody may cache.
func Write(w http.ResponseWriter, code int, result any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(result) // the client is gone
}

// fail answers with an error.
func fail(w http.ResponseWriter, err error) {
	code := http.StatusBadRequest
	if known, ok := errors.AsType[*statusError](err); ok {
		code = known.code
	}
	Write(w, code, struct {
		Error string `json:"error"`
	}{err.Error()})
}
