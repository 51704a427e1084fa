package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"gust/status/served"
)

// Done is the response when an operation has begun.
type Done struct {
	Status string `json:"status"` // "success"
}

// operation runs an operation on a running topology.
func operation(do func(served.Control, *http.Request) error) func(served.Served, *http.Request) (any, error) {
	return func(t served.Served, r *http.Request) (any, error) {
		if err := runs(t); err != nil {
			return nil, err
		}
		if err := do(t.Control, r); err != nil {
			return nil, conflict("%v", err)
		}
		return Done{"success"}, nil
	}
}

// runs is an error where nothing can be done to the topology.
func runs(t served.Served) error {
	if t.Control == nil {
		return conflict("topology %q has ended", t.Topology().Name)
	}
	return nil
}

func activate(c served.Control, _ *http.Request) error { return c.Activate() }

func deactivate(c served.Control, _ *http.Request) error { return c.Deactivate() }

func kill(c served.Control, r *http.Request) error {
	q := queryOf(r)
	wait := time.Duration(q.number("wait")) * time.Second
	if q.err != nil {
		return q.err
	}
	return c.Kill(wait)
}

func rebalance(c served.Control, r *http.Request) error {
	q := queryOf(r)
	wait := time.Duration(q.number("wait")) * time.Second
	if q.err != nil {
		return q.err
	}
	var tasks map[string]int
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<20)).Decode(&tasks); err != nil {
		return fmt.Errorf("the body is not an object with the number of tasks by component: %w", err)
	}
	return c.Rebalance(tasks, wait)
}

func logLevel(c served.Control, r *http.Request) error {
	return c.SetLogLevel(r.URL.Query().Get("level"))
}

func park(c served.Control, r *http.Request) error {
	number, err := numberIn(r, "number")
	if err != nil {
		return err
	}
	return c.Park(number)
}

func discard(c served.Control, r *http.Request) error {
	number, err := numberIn(r, "number")
	if err != nil {
		return err
	}
	return c.Discard(number)
}

func debug(c served.Control, r *http.Request) error {
	q := queryOf(r)
	on := q.bool("on")
	if q.err != nil {
		return q.err
	}
	return c.SetDebug(r.PathValue("component"), on)
}

func sampling(c served.Control, r *http.Request) error {
	q := queryOf(r)
	percent := q.percent("percent")
	if q.err != nil {
		return q.err
	}
	return c.SetSampling(q.values.Get("component"), percent)
}

func restartTask(c served.Control, r *http.Request) error {
	task, err := strconv.Atoi(r.PathValue("task"))
	if err != nil {
		return fmt.Errorf("%q is not the number of a task", r.PathValue("task"))
	}
	return c.RestartTask(task)
}

func restartComponent(c served.Control, r *http.Request) error {
	return c.RestartComponent(r.PathValue("component"))
}
