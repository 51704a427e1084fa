package api

import (
	"net/http"

	"gust/status"
	"gust/status/served"
	"gust/topology/visualize"
)

// Component is a component in detail.
type Component struct {
	*status.ComponentView
	TaskList []status.TaskView   `json:"task_list"`
	Groups   []status.ErrorGroup `json:"error_groups"`
	Conf     []status.ConfValue  `json:"conf"`
}

func view(t served.Served, r *http.Request) (any, error) {
	q := queryOf(r)
	w := q.window()
	return t.View(w), q.err
}

func history(t served.Served, r *http.Request) (any, error) {
	q := queryOf(r)
	w := q.window()
	if q.err != nil {
		return nil, q.err
	}
	name := r.PathValue("component")
	if name != "" && t.Topology().Component(name) == nil {
		return nil, unknownComponent(t, name)
	}
	return t.History(name, w), nil
}

func events(t served.Served, _ *http.Request) (any, error) { return t.Events(), nil }

func breakpoints(t served.Served, _ *http.Request) (any, error) { return t.Breakpoints(), nil }

func errorGroups(t served.Served, _ *http.Request) (any, error) { return t.ErrorGroups(""), nil }

func component(t served.Served, r *http.Request) (any, error) {
	q := queryOf(r)
	w := q.window()
	if q.err != nil {
		return nil, q.err
	}
	name := r.PathValue("component")
	c := t.View(w).Component(name)
	if c == nil {
		return nil, unknownComponent(t, name)
	}
	return &Component{ComponentView: c, TaskList: t.Tasks(name, w), Groups: t.ErrorGroups(name), Conf: t.ComponentConf(name)}, nil
}

func unknownComponent(t served.Served, name string) error {
	return notFound("topology %q has no component %q", t.Topology().Name, name)
}

// graph is the topology's layout, which the page draws.
func graph(t served.Served, _ *http.Request) (any, error) { return visualize.Lay(t.Topology()), nil }
