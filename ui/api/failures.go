package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"gust/status"
	"gust/status/served"
	"gust/worker"
)

// Failures are failed trees, and counts of similar ones.
type Failures struct {
	// Facets count all failures; if the request has times, those of the minutes in between.
	Facets []status.FailureFacet `json:"facets"`
	// Spans count the failures of the request, but for its times, over time.
	Spans    []status.FailureSpan `json:"spans"`
	Failures []*status.Failure    `json:"failures"` // the newest first
}

func failures(t served.Served, r *http.Request) (any, error) {
	q := queryOf(r)
	filter := status.FailureFilter{
		Reason:    worker.FailReason(q.values.Get("reason")),
		Component: q.values.Get("component"),
		Spout:     q.values.Get("spout"),
		Headline:  q.values.Get("headline"),
		Since:     q.time("since"),
		Until:     q.time("until"),
		Before:    q.number("before"),
		Limit:     q.limit(100, 1000),
	}
	spans := min(cmp.Or(q.number("spans"), 40), 200)
	if q.err != nil {
		return nil, q.err
	}
	return &Failures{
		Facets:   t.FailureFacets(status.FailureFilter{Since: filter.Since, Until: filter.Until}),
		Spans:    t.FailureSpans(filter, int(spans)),
		Failures: t.Failures(filter),
	}, nil
}

func failure(t served.Served, r *http.Request) (any, error) { return failureIn(t, r) }

// failureIn is the failure whose number is in the path of a request.
func failureIn(t served.Served, r *http.Request) (*status.Failure, error) {
	number, err := numberIn(r, "number")
	if err != nil {
		return nil, err
	}
	if f := t.Failure(number); f != nil {
		return f, nil
	}
	return nil, notFound("topology %q has no failure %d, or no longer", t.Topology().Name, number)
}

func replay(t served.Served, r *http.Request) (any, error) {
	ticket, err := numberIn(r, "ticket")
	if err != nil {
		return nil, err
	}
	if replay := t.Replay(ticket); replay != nil {
		return replay, nil
	}
	return nil, notFound("topology %q has no replay %d, or no longer", t.Topology().Name, ticket)
}

// replayFailure replays a failure of the topology.
func replayFailure(t served.Served, r *http.Request) (any, error) {
	if err := runs(t); err != nil {
		return nil, err
	}
	f, err := failureIn(t, r)
	if err != nil {
		return nil, err
	}
	return begun(t.Control.Replay(status.DeadLetter{Topology: t.ID(), Failure: f}))
}

// mostLetter is the largest dead letter that is read, in bytes.
const mostLetter = 4 << 20

// replayLetter replays a failure that is in the request.
func replayLetter(t served.Served, r *http.Request) (any, error) {
	if err := runs(t); err != nil {
		return nil, err
	}
	var letter status.DeadLetter
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, mostLetter)).Decode(&letter); err != nil {
		return nil, fmt.Errorf("the body is not a dead letter: %w", err)
	}
	if letter.Failure == nil {
		return nil, fmt.Errorf("the body is not a dead letter: it has no number")
	}
	return begun(t.Control.Replay(letter))
}

// begun is the answer to a request for a replay, which has begun.
func begun(replay *status.Replay, err error) (any, error) {
	if err != nil {
		return nil, conflict("%v", err)
	}
	return replay, nil
}

// numberIn is a number in the path of a request.
func numberIn(r *http.Request, name string) (uint64, error) {
	n, err := strconv.ParseUint(r.PathValue(name), 10, 63)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number", r.PathValue(name))
	}
	return n, nil
}
