package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"gust/storm"
)

// slot is where a worker of a topology runs.
type slot struct {
	host string
	port int
}

// fromLogviewers prints the logs of a topology's workers. Unserved are the
// machines that have no logviewer.
func (t *tailing) fromLogviewers(ctx context.Context, client *storm.Client) (unserved []string, err error) {
	wanted, err := regexp.CompilePOSIX(t.o.pattern)
	if err != nil {
		return nil, fmt.Errorf("--pattern: %w", err)
	}
	topology, err := findTopology(ctx, t.c, client, t.topology)
	if err != nil {
		return nil, err
	}
	info, err := client.TopologyInfo(ctx, topology.ID)
	if err != nil {
		return nil, err
	}
	logs, err := findLogviewer(ctx, client)
	if err != nil {
		return nil, err
	}
	var workers []slot
	for _, e := range info.Executors {
		w := slot{e.Host, int(e.Port)}
		if !slices.Contains(workers, w) && wanted.MatchString(workerLog(topology.ID, w.port)) {
			workers = append(workers, w)
		}
	}
	if len(workers) == 0 {
		return nil, fmt.Errorf("topology %q: %w: it has no workers that match", t.topology, errNoLogs)
	}
	slices.SortFunc(workers, func(a, b slot) int { return cmp.Or(cmp.Compare(a.host, b.host), cmp.Compare(a.port, b.port)) })
	t.output.many = len(workers) > 1

	var reading sync.WaitGroup
	errs := make([]error, len(workers))
	for i, w := range workers {
		reading.Go(func() {
			log := &remoteLog{viewer: logs, host: w.host, file: workerLog(topology.ID, w.port)}
			errs[i] = t.tailLog(ctx, log, fmt.Sprintf("%s:%d", w.host, w.port))
		})
	}
	reading.Wait()
	for i, err := range errs {
		if _, ok := errors.AsType[*noLogviewerError](err); ok {
			if !slices.Contains(unserved, workers[i].host) {
				unserved = append(unserved, workers[i].host)
			}
			errs[i] = nil
		}
	}
	return unserved, errors.Join(errs...)
}

// followInterval is how often a logviewer is asked whether a log has grown.
const followInterval = time.Second

// tailLog prints the end of a log, and where it is to be followed what comes to it.
func (t *tailing) tailLog(ctx context.Context, log *remoteLog, name string) error {
	output := t.output.of(name)
	text, err := log.lastLines(ctx, t.o.lines)
	for {
		if err != nil {
			return err
		}
		if _, err := output.Write([]byte(text)); err != nil {
			return err
		}
		if !t.o.follow {
			return output.flush()
		}
		if err := sleep(ctx, followInterval); err != nil {
			return err
		}
		text, err = log.more(ctx)
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
