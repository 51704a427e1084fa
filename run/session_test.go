package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gust/conf"
	"gust/internal/guard"
	"gust/topology"
	"gust/topology/load"
)

// TestMain lets the test binary be the guard of the sessions' processes, and their workers.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == MemberCommand {
		os.Exit(MemberMain())
	}
	if len(os.Args) > 1 && os.Args[1] == guard.Command {
		os.Exit(guard.Main(os.Args[2:]))
	}
	os.Exit(m.Run())
}

func TestOutline(t *testing.T) {
	wordcount := &topology.Topology{Name: "wordcount", Components: []*topology.Component{
		{Name: "words", Kind: topology.Spout, Parallelism: 1},
		{Name: "split", Kind: topology.Bolt, Parallelism: 3},
		{Name: "count", Kind: topology.Bolt, Parallelism: 8},
	}}
	var talk strings.Builder
	o := &Options{Topology: wordcount, Conf: conf.Conf{conf.TopologyMaxTaskParallelism: int64(4)}, Warn: func(text string) { talk.WriteString(text) }}
	tasks, err := o.processes()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := outline(wordcount, len(tasks), 3), "wordcount: 1 spout, 2 bolts, 8 processes in 3 workers; press Ctrl-C to stop"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := "topology.max.task.parallelism caps the tasks of count"; talk.String() != want {
		t.Errorf("the warning is %q, want %q", talk.String(), want)
	}
	if got, want := actorWidth(tasks), len("count[2]"); got != want {
		t.Errorf("actorWidth = %d, want %d", got, want)
	}
}

// loadWatched is a topology of a spout and a bolt in a folder of its own, and its conf.
func loadWatched(t *testing.T) (*watched, *topology.Topology, conf.Conf) {
	t.Helper()
	w := &watched{t: t, dir: t.TempDir(), log: &writerLog{}}
	w.save("watched.toml", watchedTopology)
	w.save("words.sh", watchedSpout)
	w.save("count.bash", watchedBolt)
	loaded, err := load.Load(t.Context(), load.Request{Path: filepath.Join(w.dir, "watched.toml")})
	if err != nil {
		t.Fatal(err)
	}
	merged, err := Conf(loaded.Topology, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	return w, loaded.Topology, merged
}

// session is a session with a spout and a bolt, and its log.
func session(t *testing.T) (*Session, *writerLog) {
	t.Helper()
	w, top, merged := loadWatched(t)
	s, err := New(Options{Topology: top, Conf: merged, Log: w.log, Name: "gust"})
	if err != nil {
		t.Fatal(err)
	}
	return s, w.log
}

// acked waits until tuple trees of the session have been acked.
func acked(t *testing.T, s *Session, log *writerLog) {
	t.Helper()
	for end := time.Now().Add(time.Minute); s.Stats().Trees.Acked < 5; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no tree is acked:\n%s", log)
		}
	}
}

func TestSession(t *testing.T) {
	s, log := session(t)
	if before := s.Stats(); before.Topology != "watched" || before.Trees.Emitted != 0 {
		t.Errorf("the stats before the run are %+v", before)
	}
	type result struct {
		acked uint64
		err   error
	}
	ended := make(chan result, 1)
	go func() {
		stats, err := s.Run(t.Context())
		ended <- result{stats.Trees.Acked, err}
	}()
	acked(t, s, log)
	s.Stop(errors.New("enough"))
	s.Stop(errors.New("one more reason, which comes too late"))
	got := <-ended
	if got.err != nil || got.acked < 5 {
		t.Errorf("it ended with %+v", got)
	}
	if after := s.Stats().Trees; after.Acked != got.acked || after.Pending != 0 {
		t.Errorf("the stats after the run are %+v, want %d acked", after, got.acked)
	}
	for _, words := range []string{"watched: 1 spout, 1 bolt, 2 processes", "running after ", "stopping (enough): waiting up to "} {
		if !strings.Contains(log.String(), words) {
			t.Errorf("the log lacks %q:\n%s", words, log)
		}
	}
}

func TestSessionIsAborted(t *testing.T) {
	s, log := session(t)
	ended := make(chan error, 1)
	go func() {
		_, err := s.Run(t.Context())
		ended <- err
	}()
	acked(t, s, log)
	s.Abort()
	s.Abort()
	if err := <-ended; !errors.Is(err, errAborted) {
		t.Errorf("it ended with %v, want %v", err, errAborted)
	}
}

// A stop before the run begins counts for it.
func TestSessionIsStoppedBeforehand(t *testing.T) {
	s, log := session(t)
	s.Stop(errors.New("no need"))
	if _, err := s.Run(t.Context()); err != nil || !strings.Contains(log.String(), "stopping (no need)") {
		t.Errorf("it ended with %v:\n%s", err, log)
	}
	s, log = session(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Run(ctx); err == nil || !strings.Contains(log.String(), "stopping (context canceled)") {
		t.Errorf("it ended with %v:\n%s", err, log)
	}
}
