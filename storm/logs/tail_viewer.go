package logs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"time"

	"gust/storm"
	"gust/storm/operate"
)

// slot is a place in which a worker of a topology runs.
type slot struct {
	host string
	port int
}

// workers are the topology's workers that match the pattern, by machine.
func (t *Tail) workers(ctx context.Context) (id string, workers map[string][]slot, err error) {
	wanted, err := regexp.CompilePOSIX(t.Pattern)
	if err != nil {
		return "", nil, fmt.Errorf("--pattern: %w", err)
	}
	topology, err := operate.Find(ctx, t.Client, t.Topology)
	if err != nil {
		return "", nil, err
	}
	info, err := t.Client.TopologyInfo(ctx, topology.ID)
	if err != nil {
		return "", nil, err
	}
	workers = map[string][]slot{}
	for _, e := range info.Executors {
		w := slot{e.Host, int(e.Port)}
		if !slices.Contains(workers[w.host], w) && wanted.MatchString(workerLog(topology.ID, w.port)) {
			workers[w.host] = append(workers[w.host], w)
		}
	}
	if len(workers) == 0 {
		return "", nil, fmt.Errorf("topology %q: %w: no workers match", t.Topology, errNoLogs)
	}
	return topology.ID, workers, nil
}

// ofWorkers prints the logs of the topology's workers, for each machine from its
// logviewer, or through SSH if there is no logviewer.
func (t *Tail) ofWorkers(ctx context.Context) error {
	id, workers, err := t.workers(ctx)
	if err != nil {
		return err
	}
	viewer, err := FindLogviewer(ctx, t.Client)
	if err != nil {
		return err
	}
	web, err := viewer.client()
	if err != nil {
		return err
	}
	hosts := slices.Sorted(maps.Keys(workers))
	t.Output.Named = len(hosts) > 1 || len(workers[hosts[0]]) > 1
	return t.each(ctx, hosts, func(i int) error {
		logs := make([]*viewerLog, len(workers[hosts[i]]))
		for j, w := range workers[hosts[i]] {
			logs[j] = &viewerLog{viewer: viewer, client: web, host: w.host, port: w.port, file: workerLog(id, w.port)}
		}
		err := t.fromLogviewer(ctx, logs)
		none, ok := errors.AsType[*noLogviewerError](err)
		if !ok || ctx.Err() != nil {
			return err
		}
		t.Voice.Say("%v: reading the logs there over SSH", none)
		target, err := t.Cluster.Machine(hosts[i])
		if err == nil {
			err = t.overSSH(ctx, target)
		}
		if err != nil {
			err = fmt.Errorf("%w\n%w", none, err)
		}
		return err
	})
}

// fromLogviewer prints the logs of a machine. If the logviewer does not serve the first
// of them, the error is a [*noLogviewerError], and nothing was printed.
func (t *Tail) fromLogviewer(ctx context.Context, logs []*viewerLog) error {
	first, err := logs[0].next(ctx, t.Lines, t.Follow)
	if err != nil {
		return err
	}
	t.found.Add(1)
	var reading sync.WaitGroup
	errs := make([]error, len(logs))
	for i, log := range logs {
		reading.Go(func() {
			text, err := first, error(nil)
			if i > 0 {
				text, err = log.next(ctx, t.Lines, t.Follow)
			}
			errs[i] = t.tailLog(ctx, log, text, err)
		})
	}
	reading.Wait()
	return errors.Join(errs...)
}

// followInterval is the time between two requests for new lines.
const followInterval = time.Second

// tailLog prints the end of a log, or reports why it cannot. With Follow it continues
// with new lines, and retries after errors, since the logviewer may be restarting.
func (t *Tail) tailLog(ctx context.Context, log *viewerLog, text string, err error) error {
	name := fmt.Sprintf("%s:%d", log.host, log.port)
	output := t.Output.Of(name)
	for failing := false; ; text, err = log.next(ctx, t.Lines, true) {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil && !t.Follow:
			return err
		case err != nil && !failing:
			t.Voice.Warn(fmt.Sprintf("%s: %v; retrying every %v", name, err, followInterval))
		case err == nil && failing:
			t.Voice.Say("%s: its log is readable again", name)
		}
		failing = err != nil
		if _, err := output.Write([]byte(text)); err != nil {
			return err
		}
		if !t.Follow {
			return output.Flush()
		}
		if err := storm.Pause(ctx, followInterval); err != nil {
			return err
		}
	}
}
