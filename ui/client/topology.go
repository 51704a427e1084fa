package client

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gust/status"
	"gust/ui/api"
)

// Topology is one topology of a server.
type Topology struct {
	client *Client
	path   string
}

// Topology is the topology with an id or a name. It makes no request yet: the first one
// fails if there is no such topology.
func (c *Client) Topology(id string) *Topology {
	return &Topology{c, "topologies/" + url.PathEscape(id)}
}

// View returns the topology over a window.
func (t *Topology) View(ctx context.Context, w status.Window) (*status.View, error) {
	v := &status.View{}
	return v, t.client.get(ctx, t.path, windowQuery(w), v)
}

// History is what the topology has done, or one of its components if the name is not empty.
func (t *Topology) History(ctx context.Context, component string, w status.Window) ([]status.Point, error) {
	path := t.path
	if component != "" {
		path = t.component(component)
	}
	var points []status.Point
	return points, t.client.get(ctx, path+"/history", windowQuery(w), &points)
}

// Component is a component with its tasks, errors and conf.
func (t *Topology) Component(ctx context.Context, name string, w status.Window) (*api.Component, error) {
	c := &api.Component{}
	return c, t.client.get(ctx, t.component(name), windowQuery(w), c)
}

// Events are the topology's events, oldest first.
func (t *Topology) Events(ctx context.Context) ([]status.Event, error) {
	var events []status.Event
	return events, t.client.get(ctx, t.path+"/events", nil, &events)
}

// Breakpoints are the tasks that have stopped for a debugger, the first one first.
func (t *Topology) Breakpoints(ctx context.Context) ([]status.Breakpoint, error) {
	var list []status.Breakpoint
	return list, t.client.get(ctx, t.path+"/breakpoints", nil, &list)
}

// ErrorGroups are the errors of all components, by their headlines.
func (t *Topology) ErrorGroups(ctx context.Context) ([]status.ErrorGroup, error) {
	var groups []status.ErrorGroup
	return groups, t.client.get(ctx, t.path+"/errors", nil, &groups)
}

// Failures are the failed trees that the filter picks, and counts of all.
func (t *Topology) Failures(ctx context.Context, filter status.FailureFilter) (*api.Failures, error) {
	return t.failures(ctx, filter, 0)
}

// CountFailures counts failed trees: those alike, and those that the filter picks in spans of
// time, at most so many.
func (t *Topology) CountFailures(ctx context.Context, filter status.FailureFilter, spans int) ([]status.FailureFacet, []status.FailureSpan, error) {
	filter.Limit = 1
	f, err := t.failures(ctx, filter, spans)
	return f.Facets, f.Spans, err
}

func (t *Topology) failures(ctx context.Context, filter status.FailureFilter, spans int) (*api.Failures, error) {
	q := url.Values{}
	set(q, "reason", string(filter.Reason))
	set(q, "component", filter.Component)
	set(q, "spout", filter.Spout)
	set(q, "headline", filter.Headline)
	setTime(q, "since", filter.Since)
	setTime(q, "until", filter.Until)
	setNumber(q, "before", filter.Before)
	setNumber(q, "limit", uint64(filter.Limit))
	setNumber(q, "spans", uint64(spans))
	f := &api.Failures{}
	return f, t.client.get(ctx, t.path+"/failures", q, f)
}

// Failure is the failure with a number.
func (t *Topology) Failure(ctx context.Context, number uint64) (*status.Failure, error) {
	f := &status.Failure{}
	return f, t.client.get(ctx, t.failure(number), nil, f)
}

// Park keeps a failure as a dead letter.
func (t *Topology) Park(ctx context.Context, number uint64) error {
	return t.client.post(ctx, t.failure(number)+"/park", nil, nil)
}

// Discard forgets a failure, also where it is kept as a dead letter.
func (t *Topology) Discard(ctx context.Context, number uint64) error {
	return t.client.post(ctx, t.failure(number)+"/discard", nil, nil)
}

// BeginReplay sends the tuple that caused a failure of the topology to the bolt again.
func (t *Topology) BeginReplay(ctx context.Context, number uint64) (*status.Replay, error) {
	r := &status.Replay{}
	return r, t.client.do(ctx, http.MethodPost, t.failure(number)+"/replay", nil, nil, r)
}

// BeginLetterReplay sends the tuple of a dead letter, which may be one of an earlier run, to
// the bolt again.
func (t *Topology) BeginLetterReplay(ctx context.Context, letter status.DeadLetter) (*status.Replay, error) {
	body, err := json.Marshal(letter)
	if err != nil {
		return nil, err
	}
	r := &status.Replay{}
	return r, t.client.do(ctx, http.MethodPost, t.path+"/replays", nil, bytes.NewReader(body), r)
}

// Replay is how a replay stands that has begun.
func (t *Topology) Replay(ctx context.Context, ticket uint64) (*status.Replay, error) {
	r := &status.Replay{}
	return r, t.client.get(ctx, t.path+"/replays/"+strconv.FormatUint(ticket, 10), nil, r)
}

func (t *Topology) failure(number uint64) string {
	return t.path + "/failures/" + strconv.FormatUint(number, 10)
}

// Traces are the traced trees that the filter picks, newest first, without their hops.
func (t *Topology) Traces(ctx context.Context, filter status.TraceFilter) ([]*status.Trace, error) {
	q := url.Values{}
	set(q, "spout", filter.Spout)
	if filter.Failed {
		q.Set("failed", "true")
	}
	if filter.Slower > 0 {
		q.Set("slower_ms", strconv.FormatFloat(filter.Slower, 'f', -1, 64))
	}
	setNumber(q, "before", filter.Before)
	setNumber(q, "after", filter.After)
	setNumber(q, "limit", uint64(filter.Limit))
	var traces []*status.Trace
	return traces, t.client.get(ctx, t.path+"/traces", q, &traces)
}

// Trace is a traced tree with its hops.
func (t *Topology) Trace(ctx context.Context, number uint64) (*status.Trace, error) {
	trace := &status.Trace{}
	return trace, t.client.get(ctx, t.path+"/traces/"+strconv.FormatUint(number, 10), nil, trace)
}

// Activate lets the spouts emit tuples.
func (t *Topology) Activate(ctx context.Context) error {
	return t.client.post(ctx, t.path+"/activate", nil, nil)
}

// Deactivate makes it ask them for none.
func (t *Topology) Deactivate(ctx context.Context) error {
	return t.client.post(ctx, t.path+"/deactivate", nil, nil)
}

// Kill deactivates the topology, and ends it after wait, in whole seconds.
func (t *Topology) Kill(ctx context.Context, wait time.Duration) error {
	q := url.Values{"wait": {strconv.Itoa(int(wait.Seconds()))}}
	return t.client.post(ctx, t.path+"/kill", q, nil)
}

// Rebalance changes the number of tasks of components, by name.
func (t *Topology) Rebalance(ctx context.Context, tasks map[string]int) error {
	body, err := json.Marshal(tasks)
	if err != nil {
		return err
	}
	return t.client.post(ctx, t.path+"/rebalance", nil, bytes.NewReader(body))
}

// SetLogLevel sets the lowest level that is logged: "trace" to "error".
func (t *Topology) SetLogLevel(ctx context.Context, level string) error {
	return t.client.post(ctx, t.path+"/loglevel", url.Values{"level": {level}}, nil)
}

// SetDebug logs the tuples that a component emits, or all components if it is "".
func (t *Topology) SetDebug(ctx context.Context, component string, on bool) error {
	path := t.path
	if component != "" {
		path = t.component(component)
	}
	return t.client.post(ctx, path+"/debug", url.Values{"on": {strconv.FormatBool(on)}}, nil)
}

// SetSampling sets the percentage of tuple trees to trace, of a spout or, if the name is
// empty, of all.
func (t *Topology) SetSampling(ctx context.Context, spout string, percent float64) error {
	q := url.Values{"percent": {strconv.FormatFloat(percent, 'f', -1, 64)}}
	set(q, "component", spout)
	return t.client.post(ctx, t.path+"/sampling", q, nil)
}

// RestartTask restarts the process of a task.
func (t *Topology) RestartTask(ctx context.Context, task int) error {
	return t.client.post(ctx, t.path+"/tasks/"+strconv.Itoa(task)+"/restart", nil, nil)
}

// RestartComponent restarts the processes of all tasks of a component.
func (t *Topology) RestartComponent(ctx context.Context, name string) error {
	return t.client.post(ctx, t.component(name)+"/restart", nil, nil)
}

func (t *Topology) component(name string) string {
	return t.path + "/components/" + url.PathEscape(name)
}

func windowQuery(w status.Window) url.Values {
	return url.Values{"window": {strconv.Itoa(int(time.Duration(w).Seconds()))}}
}

func set(q url.Values, name, value string) {
	if strings.TrimSpace(value) != "" {
		q.Set(name, value)
	}
}

func setTime(q url.Values, name string, t time.Time) {
	if !t.IsZero() {
		q.Set(name, t.Format(time.RFC3339Nano))
	}
}

func setNumber(q url.Values, name string, n uint64) {
	if n > 0 {
		q.Set(name, strconv.FormatUint(n, 10))
	}
}
