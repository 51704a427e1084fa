package proxy

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"gust/status"
	"gust/status/served"
	"gust/topology"
	"gust/ui/api"
	"gust/ui/client"
	"gust/ui/runs"
)

// ended is the source of the topologies that have ended.
type ended struct{ archive *runs.Archive }

// mostEnded is how many topologies that have ended are shown.
const mostEnded = 20

// Topologies are the last ones that have ended. The last is the one that a name means.
func (e ended) Topologies() []served.Served {
	var list []served.Served
	for _, s := range slices.Backward(e.archive.Last(mostEnded)) {
		list = append(list, served.Served{Status: s})
	}
	return list
}

// all is the source of all topologies, for requests that are not about one. Those that run
// have only their view over all time, and the last of gust's own log lines if logs is set.
type all struct {
	ended
	logs bool
}

// mostLines is how many of gust's own log lines of a run are shown among those of all.
const mostLines = 5000

// Topologies are those that have ended, and then those that run.
func (a all) Topologies() []served.Served {
	live := each(context.Background(), every, func(ctx context.Context, run runs.Run) (served.Served, error) {
		var s served.Served
		err := with(run, func(t *client.Topology) error {
			v, err := t.View(ctx, status.AllTime)
			if err != nil {
				return err
			}
			report := &status.Report{Topology: &topology.Topology{Name: v.Name}, View: v, Diagnosis: v.Diagnosis}
			if a.logs {
				if report.Logs, err = t.LastLogs(ctx, status.LogFilter{Components: []string{status.GustLog}}, mostLines); err != nil {
					return err
				}
			}
			s.Status = status.FromReport(report)
			return nil
		})
		return s, err
	})
	runs := map[string]bool{}
	for _, t := range live {
		runs[t.ID()] = true
	}
	// One that has ended just now may be there twice.
	over := slices.DeleteFunc(a.ended.Topologies(), func(t served.Served) bool { return runs[t.ID()] })
	return append(over, live...)
}

// patience is how long a run may take to answer a request about all topologies.
const patience = 2 * time.Second

func every(runs.Run) bool { return true }

// each asks every run that is alive and is among the wanted ones, all at the same time, and
// returns what they answer in the order of the runs. A run that does not answer has just
// ended.
func each[T any](ctx context.Context, wanted func(runs.Run) bool, ask func(context.Context, runs.Run) (T, error)) []T {
	list, err := runs.List()
	if err != nil {
		return nil
	}
	list = slices.DeleteFunc(list, func(run runs.Run) bool { return !wanted(run) })
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answers, failed := make([]T, len(list)), make([]bool, len(list))
	var asked sync.WaitGroup
	for i, run := range list {
		asked.Go(func() {
			var err error
			answers[i], err = ask(ctx, run)
			failed[i] = err != nil
		})
	}
	asked.Wait()
	var got []T
	for i := range answers {
		if !failed[i] {
			got = append(got, answers[i])
		}
	}
	return got
}

// with connects to a run's topology.
func with(run runs.Run, do func(*client.Topology) error) error {
	c, err := client.New(run.API())
	if err != nil {
		return err
	}
	defer c.Close()
	return do(c.Topology(run.ID))
}

// list answers with all topologies, those that run first.
func list(w http.ResponseWriter, r *http.Request, over ended) {
	list := slices.Concat(each(r.Context(), every, func(ctx context.Context, run runs.Run) ([]api.Summary, error) {
		c, err := client.New(run.API())
		if err != nil {
			return nil, err
		}
		defer c.Close()
		return c.Topologies(ctx)
	})...)
	seen := map[string]bool{}
	for _, s := range list {
		seen[s.ID] = true
	}
	for _, s := range slices.Backward(api.Summaries(over)) {
		if !seen[s.ID] { // one that has ended just now may be there twice
			list = append(list, s)
		}
	}
	if list == nil {
		list = []api.Summary{}
	}
	api.Write(w, http.StatusOK, list)
}

// views are the topologies that run, for browsers without JavaScript.
func views() []*status.View {
	return each(context.Background(), every, func(ctx context.Context, run runs.Run) (v *status.View, err error) {
		err = with(run, func(t *client.Topology) error {
			v, err = t.View(ctx, status.AllTime)
			return err
		})
		return v, err
	})
}
