package logs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gust/internal/terminal"
	"gust/internal/testenv"
	"gust/storm"
	"gust/storm/access"
	"gust/storm/generated"
	"gust/storm/remote"
	"gust/storm/stormtest"
)

// workerLogFile is the logviewers' name for the log of wordcount's only worker.
const workerLogFile = "wordcount-1-17/6700/worker.log"

// runWordcount connects to a cluster on which the topology runs, with the logviewer on
// its worker's machine. No storm.yaml mentions the logviewer.
func runWordcount(t *testing.T, viewer *stormtest.Logviewer, version string) *storm.Client {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("STORM_CONF_DIR", "")
	t.Setenv("STORM_HOME", "")
	host, port := viewer.Start(t)
	fake := stormtest.NewFake(t)
	fake.Version = version
	fake.SetConf(fmt.Sprintf(`{"logviewer.port": %s}`, port))
	fake.SetTopologies(&generated.TopologySummary{ID: "wordcount-1-17", Name: "wordcount", Status: "ACTIVE"})
	fake.SetTopologyInfo("wordcount-1-17", &generated.TopologyInfo{
		ID: "wordcount-1-17", Name: "wordcount", Status: "ACTIVE", Errors: map[string][]*generated.ErrorInfo{},
		Executors: []*generated.ExecutorSummary{
			{ComponentID: "words", Host: host, Port: 6700, ExecutorInfo: &generated.ExecutorInfo{TaskStart: 2, TaskEnd: 2}},
			{ComponentID: "__acker", Host: host, Port: 6700, ExecutorInfo: &generated.ExecutorInfo{TaskStart: 3, TaskEnd: 3}},
		},
	})
	client, err := storm.Dial(t.Context(), storm.Options{Seeds: []string{fake.Address()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// following is a tail that follows, from the log's last line on.
type following struct {
	stdout, stderr *testenv.Growing
	stop           context.CancelFunc
	ended          chan error
}

func follow(t *testing.T, viewer *stormtest.Logviewer) *following {
	t.Helper()
	client := runWordcount(t, viewer, "2.8.3")
	ctx, stop := context.WithCancel(t.Context())
	f := &following{stdout: testenv.NewGrowing(), stderr: testenv.NewGrowing(), stop: stop, ended: make(chan error, 1)}
	t.Cleanup(stop)
	tail := &Tail{
		Cluster: &access.Cluster{}, Client: client, Topology: "wordcount", Lines: 1, Follow: true,
		Output: &remote.Output{W: f.stdout}, Stderr: f.stderr, Voice: terminal.NewVoice("gust", f.stderr),
	}
	go func() { f.ended <- tail.Run(ctx) }()
	return f
}

// end ends it as Ctrl-C does.
func (f *following) end(t *testing.T) {
	t.Helper()
	f.stop()
	if err := <-f.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

func TestTailFromLogviewer(t *testing.T) {
	var long strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&long, "line %d of <init> & \"more\" é\n", i)
	}
	last := func(n int) string {
		lines := strings.SplitAfter(long.String(), "\n")
		return strings.Join(lines[len(lines)-1-n:], "")
	}
	tests := []struct {
		name, version, path string
		escapes             int
	}{{"storm 2", "2.8.3", "/api/v1", 1}, {"escaped twice", "2.8.3", "/api/v1", 2}, {"storm 1", "1.2.4", "", 1}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			viewer := stormtest.NewLogviewer(workerLogFile, long.String())
			viewer.Escapes, viewer.Path = tt.escapes, tt.path
			client := runWordcount(t, viewer, tt.version)
			for _, n := range []int{0, 1, 10, 4999, 6000} {
				want := long.String()
				if n < 5000 {
					want = last(n)
				}
				var got strings.Builder
				tail := &Tail{Cluster: &access.Cluster{}, Client: client, Topology: "wordcount", Lines: n, Output: &remote.Output{W: &got}}
				if err := tail.Run(t.Context()); err != nil || got.String() != want {
					t.Errorf("%d lines: got %d bytes, %v, want %d", n, got.Len(), err, len(want))
				}
			}
		})
	}
}

func TestTailFollowsLogviewer(t *testing.T) {
	// With the first line the log does not fit into the first page.
	old := strings.Repeat("#", firstPage) + "\n"
	for _, tt := range []struct {
		name, lines, want string
		escapes           int
		ascii             bool
	}{
		{name: "plain", lines: "two\n", want: "two\n", escapes: 1},
		{name: "characters", lines: "zwö <2> &amp; \"3\"\n", want: "zwö <2> &amp; \"3\"\n", escapes: 2},
		{name: "doubtful escapes", lines: "a &#65; b\n", want: "a A b\n", escapes: 1},
		{name: "locale C", lines: "zwö\n", want: "zw\uFFFD\uFFFD\n", escapes: 1, ascii: true},
		{name: "Latin-1 in UTF-8", lines: "zw\xf6 \xe2\x82\n", want: "zw\uFFFD \uFFFD\n", escapes: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			viewer := stormtest.NewLogviewer(workerLogFile, old+"one\n")
			viewer.Escapes, viewer.ASCII = tt.escapes, tt.ascii
			f := follow(t, viewer)
			f.stdout.WaitFor(t, "one\n")
			viewer.Set(old + "one\n" + tt.lines + "half")
			f.stdout.WaitFor(t, "one\n"+tt.want)
			viewer.Set(old + "one\n" + tt.lines + "half a line\n")
			f.stdout.WaitFor(t, "one\n"+tt.want+"half a line\n")
			viewer.Set("new\n") // the full log was rotated
			f.stdout.WaitFor(t, "one\n"+tt.want+"half a line\nnew\n")
			f.end(t)
		})
	}
}

// Following a log that does not grow costs next to nothing, however large it is.
func TestTailLoadsNoLogTwice(t *testing.T) {
	viewer := stormtest.NewLogviewer(workerLogFile, strings.Repeat("a line of 20 bytes.\n", 1<<20))
	f := follow(t, viewer)
	f.stdout.WaitFor(t, "a line of 20 bytes.\n")
	pages, served := viewer.Asked()
	if served > 4*firstPage {
		t.Errorf("the log's last line took %d bytes in %d pages", served, pages)
	}
	for polls := 0; polls < 2; time.Sleep(10 * time.Millisecond) {
		now, bytes := viewer.Asked()
		if polls = now - pages; bytes-served > polls {
			t.Fatalf("%d requests for new lines took %d bytes", polls, bytes-served)
		}
	}
	f.end(t)
}

// A failing logviewer is reported once, and retried.
func TestTailSurvivesLogviewer(t *testing.T) {
	viewer := stormtest.NewLogviewer(workerLogFile, "one\n")
	f := follow(t, viewer)
	f.stdout.WaitFor(t, "one\n")
	viewer.SetDown(true)
	const words = "gust: warning: 127.0.0.1:6700: no logviewer at 127.0.0.1 (it answered \"503 Service Unavailable\"); retrying every 1s\n"
	f.stderr.WaitFor(t, words)
	for before, now := 0, 0; now < before+2; time.Sleep(10 * time.Millisecond) {
		if now, _ = viewer.Asked(); before == 0 {
			before = now
		}
	}
	viewer.Set("one\ntwo\n")
	viewer.SetDown(false)
	f.stderr.WaitFor(t, words+"gust: 127.0.0.1:6700: its log is readable again\n")
	f.stdout.WaitFor(t, "one\ntwo\n")
	f.end(t)
}
