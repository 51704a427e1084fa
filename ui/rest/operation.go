package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"gust/status"
	"gust/status/served"
)

// Done is the answer to an operation that has begun: UIHelpers.getTopologyOpResponse.
type Done struct {
	TopologyOperation string `json:"topologyOperation"`
	TopologyID        string `json:"topologyId"`
	Status            string `json:"status"` // "success"
}

// operation changes a topology, and returns the operation's name for the answer.
type operation func(served.Served, *http.Request) (string, error)

// operating runs an operation on a running topology.
func (a *api) operating(do operation) func(served.Served, *http.Request) (any, error) {
	return func(t served.Served, r *http.Request) (any, error) {
		if err := mustRun(t); err != nil {
			return nil, err
		}
		name, err := do(t, r)
		if err != nil {
			return nil, refused(err)
		}
		awaitShown(r.Context(), t.Status)
		return Done{name, t.ID(), "success"}, nil
	}
}

// awaitShown waits until the status shows the effect of an operation. Storm answers after
// Nimbus has the new status, and clients such as Storm's pages read it at once.
func awaitShown(ctx context.Context, s *status.Status) {
	done, patience := time.Now(), time.After(3*time.Second) // a snapshot comes each second
	for {
		changed := s.Changed()
		if s.Shows(done) {
			return
		}
		select {
		case <-changed:
		case <-patience:
			return
		case <-ctx.Done():
			return
		}
	}
}

// mustRun returns an error if the topology has ended.
func mustRun(t served.Served) error {
	if t.Control == nil || t.View(status.AllTime).Ended != nil {
		return failure(http.StatusConflict, "topology %q has ended", t.Topology().Name)
	}
	return nil
}

// refused is the error for an operation that is not possible in the topology's state.
func refused(err error) error {
	if known, ok := errors.AsType[*failed](err); ok {
		return known
	}
	return failure(http.StatusConflict, "%v", err)
}

func activate(t served.Served, _ *http.Request) (string, error) {
	return "activate", t.Control.Activate()
}

func deactivate(t served.Served, _ *http.Request) (string, error) {
	return "deactivate", t.Control.Deactivate()
}

func kill(t served.Served, r *http.Request) (string, error) {
	wait, err := waitOf(r)
	if err != nil {
		return "", err
	}
	return "kill", t.Control.Kill(wait)
}

// waitOf is the wait in a request's address, which is in seconds.
func waitOf(r *http.Request) (time.Duration, error) {
	const longest = 1 << 31
	seconds, err := strconv.ParseUint(r.PathValue("wait"), 10, 64)
	if err != nil || seconds >= longest {
		return 0, failure(http.StatusBadRequest, "%q is not a number of seconds to wait", r.PathValue("wait"))
	}
	return time.Duration(seconds) * time.Second, nil
}

// debug samples a percentage of the tuples of a spout, or of all spouts: their trees are
// traced, with the tuples of the bolts that follow from them. For a bolt, it logs all tuples
// that the bolt emits.
func debug(t served.Served, r *http.Request) (string, error) {
	action, component := r.PathValue("action"), r.PathValue("component")
	if action != "enable" && action != "disable" {
		return "", failure(http.StatusNotFound, "no action %q: want enable or disable", action)
	}
	percent, err := strconv.ParseFloat(r.PathValue("percent"), 64)
	if err != nil || !(percent >= 0 && percent <= 100) {
		return "", failure(http.StatusBadRequest, "%q is not a percentage", r.PathValue("percent"))
	}
	on := action == "enable"
	if !on {
		percent = 0
	}
	name := "debug/" + action
	if component == "" {
		err := t.Control.SetSampling("", percent)
		if err == nil && !on && slices.ContainsFunc(t.View(status.AllTime).Components, func(c status.ComponentView) bool { return c.Debug }) {
			err = t.Control.SetDebug("", false)
		}
		return name, err
	}
	c := t.View(status.AllTime).Component(component)
	switch {
	case c == nil:
		return "", failure(http.StatusNotFound, "topology %q has no component %q", t.Topology().Name, component)
	case c.Kind == "spout":
		return name, t.Control.SetSampling(component, percent)
	}
	return name, t.Control.SetDebug(component, on)
}

// Rebalance is the body of a request to rebalance: RebalanceOptions of Storm's Thrift.
type Rebalance struct {
	RebalanceOptions struct {
		NumWorkers count            `json:"numWorkers"`
		Executors  map[string]count `json:"executors"` // by component
	} `json:"rebalanceOptions"`
}

// count is a number, which may be quoted.
type count int

// UnmarshalJSON reads the number.
func (c *count) UnmarshalJSON(text []byte) error {
	var number json.Number // takes a quoted number, too
	if err := json.Unmarshal(text, &number); err != nil {
		return fmt.Errorf("%s is not a number", text)
	}
	n, err := strconv.Atoi(number.String())
	if err != nil && number != "" { // null
		return fmt.Errorf("%s is not a whole number", text)
	}
	*c = count(n)
	return nil
}

// rebalance changes how many tasks components have. As on Storm, the topology is inactive
// while it waits.
func rebalance(t served.Served, r *http.Request) (string, error) {
	const name = "rebalance"
	wait, err := waitOf(r)
	if err != nil {
		return "", err
	}
	var body Rebalance
	if err := readBody(r, &body); err != nil {
		return "", err
	}
	if n := body.RebalanceOptions.NumWorkers; n != 0 && n != 1 {
		return "", failure(http.StatusBadRequest, "numWorkers is %d: a topology of gust has one worker", n)
	}
	tasks := map[string]int{}
	for component, n := range body.RebalanceOptions.Executors {
		switch {
		case t.Topology().Component(component) == nil:
			return "", failure(http.StatusBadRequest, "topology %q has no component %q", t.Topology().Name, component)
		case n < 1:
			return "", failure(http.StatusBadRequest, "component %q cannot have %d executors", component, n)
		}
		tasks[component] = int(n)
	}
	return name, t.Control.Rebalance(tasks, wait)
}

// readBody reads the JSON of a request, which may have none.
func readBody(r *http.Request, into any) error {
	const most = 1 << 20
	err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, most)).Decode(into)
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	return failure(http.StatusBadRequest, "the body of the request: %v", err)
}
