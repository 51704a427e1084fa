package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"time"

	"gust/ui/api"
)

// watchedHost is gust with its page open and its metrics fetched each second.
type watchedHost struct {
	env  *env
	addr string
}

func (watchedHost) name() string { return "gust" }

func (h watchedHost) command(file, dir string) *exec.Cmd {
	return exec.Command(h.env.gust, "run", "--ui="+h.addr, "--resources", h.env.resources, file)
}

// measureWatched compares gust that is watched with gust that nobody watches, in turn.
func measureWatched(ctx context.Context, m *measurer, round int, r *report) error {
	for _, part := range []struct {
		name     string
		topology func(*env) *flux
	}{
		{"acked", cAcked},
		{"wordcount-fast", wordCount("json", "auto", usual)},
	} {
		f := part.topology(m.env)
		if f == nil {
			continue
		}
		for turn := range 2 {
			of := "gust"
			if (turn+round)%2 == 1 { // a machine that becomes slower favours neither
				of = unwatched
			}
			got, err := m.runWatched(ctx, of == "gust", f)
			if err != nil {
				return fmt.Errorf("watched, %s: %w", part.name, err)
			}
			name, acks := "watched: "+part.name, got.per(spoutAcks)
			r.addOf(name, of, "tuples per second", acks/got.seconds, more)
			r.addOf(name, of, "CPU s per million, host alone", got.hostCPU/acks*1e6, less)
			r.addOf(name, of, "memory of the host alone, MB", got.hostPSS/1e6, less)
		}
	}
	return nil
}

// unwatched is the other side of the rows.
const unwatched = "unwatched"

// runWatched runs a topology, with a browser's requests and Prometheus' if it is watched.
func (m *measurer) runWatched(ctx context.Context, watched bool, f *flux) (*measured, error) {
	if !watched {
		return m.run(ctx, gustHost{m.env}, f)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := free.Addr().String()
	free.Close()
	ctx, stop := context.WithCancel(ctx)
	var readers sync.WaitGroup
	defer readers.Wait()
	defer stop()
	const topology = api.Prefix + "topologies/bench"
	readers.Go(func() { follow(ctx, "http://"+addr+topology+"/stream?window=600") })
	for _, path := range []string{"/metrics", topology + "/history?window=600", topology + "/events", topology + "/failures", api.Prefix + "topologies"} {
		readers.Go(func() { poll(ctx, "http://"+addr+path) })
	}
	return m.run(ctx, watchedHost{m.env, addr}, f)
}

// follow reads a stream, from when it can be opened until the context ends.
func follow(ctx context.Context, url string) {
	for ctx.Err() == nil {
		fetch(ctx, url)
		pause(ctx, 100*time.Millisecond)
	}
}

// poll fetches a URL each second.
func poll(ctx context.Context, url string) {
	for ctx.Err() == nil {
		fetch(ctx, url)
		pause(ctx, time.Second)
	}
}

// fetch reads an answer. While the run starts, and when it ends, there is none.
func fetch(ctx context.Context, url string) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
