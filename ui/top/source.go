package top

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gust/status"
	"gust/status/served"
	"gust/ui/api"
	"gust/ui/client"
)

// Source is the topology that is shown. Its methods may be called from any goroutine, and
// may take their time.
type Source interface {
	// Stream calls show with the topology's view, now and whenever it has changed, and lost
	// if no views come for a while. It returns nil when the topology has ended.
	Stream(ctx context.Context, w status.Window, show func(*status.View), lost func(error)) error
	History(ctx context.Context, component string, w status.Window) ([]status.Point, error)
	Component(ctx context.Context, name string, w status.Window) (*api.Component, error)
	Failures(ctx context.Context, filter status.FailureFilter) (*api.Failures, error)
	Logs(ctx context.Context, filter status.LogFilter) ([]status.LogLine, error)

	Activate(ctx context.Context) error
	Deactivate(ctx context.Context) error
	Kill(ctx context.Context, wait time.Duration) error
	RestartComponent(ctx context.Context, name string) error
}

var _ Source = (*client.Topology)(nil)

// Local is the source of a topology in this process.
func Local(t served.Served) Source { return local{t} }

type local struct{ served.Served }

// streamEvery is how often a local source shows the topology.
const streamEvery = time.Second

// Stream shows the topology as ui/api's stream does.
func (l local) Stream(ctx context.Context, w status.Window, show func(*status.View), _ func(error)) error {
	for {
		changed := l.Changed()
		v := l.View(w)
		show(v)
		if v.Ended != nil {
			return nil
		}
		next := time.NewTimer(streamEvery)
		select {
		case <-next.C:
		case <-ctx.Done():
			next.Stop()
			return ctx.Err()
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (l local) History(_ context.Context, component string, w status.Window) ([]status.Point, error) {
	return l.Served.History(component, w), nil
}

func (l local) Component(_ context.Context, name string, w status.Window) (*api.Component, error) {
	c := l.View(w).Component(name)
	if c == nil {
		return nil, fmt.Errorf("topology %q has no component %q", l.Topology().Name, name)
	}
	return &api.Component{ComponentView: c, TaskList: l.Tasks(name, w), Groups: l.ErrorGroups(name)}, nil
}

func (l local) Failures(_ context.Context, filter status.FailureFilter) (*api.Failures, error) {
	return &api.Failures{Facets: l.FailureFacets(status.FailureFilter{}), Failures: l.Served.Failures(filter)}, nil
}

func (l local) Logs(_ context.Context, filter status.LogFilter) ([]status.LogLine, error) {
	return l.Served.Logs().Find(filter), nil
}

// operate does something to the topology, unless it has ended.
func (l local) operate(do func(served.Control) error) error {
	if l.Control == nil {
		return errors.New("the topology has ended")
	}
	return do(l.Control)
}

func (l local) Activate(context.Context) error   { return l.operate(served.Control.Activate) }
func (l local) Deactivate(context.Context) error { return l.operate(served.Control.Deactivate) }

func (l local) Kill(_ context.Context, wait time.Duration) error {
	return l.operate(func(c served.Control) error { return c.Kill(wait) })
}

func (l local) RestartComponent(_ context.Context, name string) error {
	return l.operate(func(c served.Control) error { return c.RestartComponent(name) })
}
