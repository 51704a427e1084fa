package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"gust/storm"
	"gust/storm/operate"
)

// slot is where a worker of a topology runs.
type slot struct {
	host string
	port int
}

// workers are the topology's workers whose logs are wanted, by their machines.
func (t *tailing) workers(ctx context.Context, client *storm.Client) (id string, workers map[string][]slot, err error) {
	wanted, err := regexp.CompilePOSIX(t.o.pattern)
	if err != nil {
		return "", nil, fmt.Errorf("--pattern: %w", err)
	}
	topology, err := operate.Find(ctx, client, t.topology)
	if err != nil {
		return "", nil, err
	}
	info, err := client.TopologyInfo(ctx, topology.ID)
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
		return "", nil, fmt.Errorf("topology %q: %w: no workers match", t.topology, errNoLogs)
	}
	return topology.ID, workers, nil
}

// ofWorkers prints the logs of the topology's workers: of each machine from its
// logviewer where that hands them out, else through SSH.
func (t *tailing) ofWorkers(ctx context.Context, client *storm.Client) error {
	id, workers, err := t.workers(ctx, client)
	if err != nil {
		return err
	}
	viewer, err := findLogviewer(ctx, client)
	if err != nil {
		return err
	}
	web, err := viewer.client()
	if err != nil {
		return err
	}
	hosts := slices.Sorted(maps.Keys(workers))
	t.output.Named = len(hosts) > 1 || len(workers[hosts[0]]) > 1
	return t.each(ctx, client, hosts, func(i int) error {
		logs := make([]*remoteLog, len(workers[hosts[i]]))
		for j, w := range workers[hosts[i]] {
			logs[j] = &remoteLog{viewer: viewer, client: web, host: w.host, port: w.port, file: workerLog(id, w.port)}
		}
		err := t.fromLogviewer(ctx, logs)
		none, ok := errors.AsType[*noLogviewerError](err)
		if !ok || ctx.Err() != nil {
			return err
		}
		t.c.Say("%v: reading the logs there over SSH", none)
		target, err := t.cluster.Machine(hosts[i])
		if err == nil {
			err = t.overSSH(ctx, client, target)
		}
		if err != nil {
			err = fmt.Errorf("%w\n%w", none, err)
		}
		return err
	})
}

// fromLogviewer prints the logs of a machine. It is a [*noLogviewerError], and has
// printed nothing, where the logviewer does not hand out the first.
func (t *tailing) fromLogviewer(ctx context.Context, logs []*remoteLog) error {
	first, err := logs[0].next(ctx, t.o.lines, t.o.follow)
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
				text, err = log.next(ctx, t.o.lines, t.o.follow)
			}
			errs[i] = t.tailLog(ctx, log, text, err)
		})
	}
	reading.Wait()
	return errors.Join(errs...)
}

// followInterval is how often a logviewer is asked whether a log has grown.
const followInterval = time.Second

// tailLog prints what was read of a log, or tells why it was not. Where the log is
// to be followed it goes on with what comes to it: a logviewer that fails may be
// one that is just restarting.
func (t *tailing) tailLog(ctx context.Context, log *remoteLog, text string, err error) error {
	name := fmt.Sprintf("%s:%d", log.host, log.port)
	output := t.output.Of(name)
	for failing := false; ; text, err = log.next(ctx, t.o.lines, true) {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil && !t.o.follow:
			return err
		case err != nil && !failing:
			t.c.Warn(fmt.Sprintf("%s: %v; retrying every %v", name, err, followInterval))
		case err == nil && failing:
			t.c.Say("%s: its log is readable again", name)
		}
		failing = err != nil
		if _, err := output.Write([]byte(text)); err != nil {
			return err
		}
		if !t.o.follow {
			return output.Flush()
		}
		if err := storm.Pause(ctx, followInterval); err != nil {
			return err
		}
	}
}

// lastLines are the last n lines of a text, whose last one may lack a line feed.
func lastLines(text string, n int) string {
	if n == 0 {
		return ""
	}
	for i := len(text) - 2; i >= 0; i-- {
		if text[i] == '\n' {
			if n--; n == 0 {
				return text[i+1:]
			}
		}
	}
	return text
}

// lineCount is how many lines a text has, the last of which may lack a line feed.
func lineCount(text string) int {
	n := strings.Count(text, "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		n++
	}
	return n
}
