package main

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestRatios(t *testing.T) {
	gust, storm := []float64{20, 30}, []float64{10, 10, 10}
	if got := more.ratios(gust, storm); len(got) != 2 || got[0] != 2 || got[1] != 3 {
		t.Errorf("of throughputs: %v, want a ratio for each pair: [2 3]", got)
	}
	if got := less.ratios(gust, storm); got[0] != 0.5 {
		t.Errorf("of costs: %v, want 0.5 first", got)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 2, 3}, 2.5}} {
		if got := median(c.values); got != c.want {
			t.Errorf("the median of %v is %v, want %v", c.values, got, c.want)
		}
	}
	if !math.IsNaN(median(nil)) {
		t.Error("the median of nothing is a number")
	}
}

func TestShow(t *testing.T) {
	for v, want := range map[float64]string{1263354.4: "1,263,354", 1000: "1,000", 999.4: "999", 11.44: "11.4", 0.456: "0.46", math.NaN(): ""} {
		if got := show(v); got != want {
			t.Errorf("%v is shown as %q, want %q", v, got, want)
		}
	}
}

func TestMsgpackIsComparedWithStormOverJSON(t *testing.T) {
	r := &report{Rounds: 1}
	r.add("wordcount", stormHost{}, "tuples per second", 100, more)
	r.add("wordcount-msgpack", gustHost{}, "tuples per second", 1500, more)
	var text bytes.Buffer
	r.print(&text)
	for _, want := range []string{"1,500", "100*", "15.0", "* Storm's run with"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, &text)
		}
	}
}

func TestWorkloadsOfHosts(t *testing.T) {
	for _, w := range workloads {
		var on []string
		for _, h := range []host{gustHost{}, stormHost{}, bytewaxHost{}} {
			if w.runsOn(h) {
				on = append(on, h.name())
			}
		}
		want := "gust storm"
		switch {
		case strings.HasPrefix(w.name, "bytewax"):
			want = "bytewax"
		case strings.Contains(w.name, "msgpack") || strings.Contains(w.name, "fast"):
			want = "gust"
		}
		if got := strings.Join(on, " "); got != want {
			t.Errorf("%s runs on %s, want %s", w.name, got, want)
		}
	}
}

func TestBytewaxAndPystormAreComparedWithGustsFastRunner(t *testing.T) {
	r := &report{Rounds: 1}
	r.add("wordcount-fast", gustHost{}, "tuples per second", 300, more)
	r.add("bytewax", bytewaxHost{}, "tuples per second", 200, more)
	r.addOf("alone: bolt, json", "gust", cpuPerTuple, 4, less)
	r.addOf("alone: bolt, json", "pystorm", cpuPerTuple, 28, less)
	var text bytes.Buffer
	r.print(&text)
	for _, want := range []string{"200+", "1.50", "+ bytewax", "28.0=", "7.00", "= pystorm"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, &text)
		}
	}
}

func TestTwoWorkersAreComparedWithOne(t *testing.T) {
	r := &report{Rounds: 1}
	r.addOf("two workers", "gust", "tuples per second", 300, more)
	r.addOf("two workers", oneWorker, "tuples per second", 400, more)
	r.addOf("one worker", "gust", "tuples per second", 500, more)
	r.addOf("one worker", earlier, "tuples per second", 250, more)
	var text bytes.Buffer
	r.print(&text)
	for _, want := range []string{"400#", "0.75", "# gust with one worker", "250^", "2.00", "^ an earlier gust"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, &text)
		}
	}
}

// The components are not the host's own, nor is what only waits.
func TestOwnProcessesOfHosts(t *testing.T) {
	for _, c := range []struct {
		host owner
		line string
		own  bool
	}{
		{gustHost{}, "bin/gust run topology.yaml", true},
		{gustHost{}, "gust __worker", true},
		{gustHost{}, "gust __guard 7", false},
		{gustHost{}, "fastchild spout 100 1", false},
		{clusterHost{}, "java -server org.apache.storm.daemon.worker.Worker bench-1 6700", true},
		{clusterHost{}, "java org.apache.storm.LogWriter java -server org.apache.storm.daemon.worker.Worker bench-1 6700", false},
		{clusterHost{}, "java org.apache.storm.daemon.nimbus.Nimbus", false},
		{slotHost{}, "gust __storm-worker java org.apache.storm.LogWriter java org.apache.storm.daemon.worker.Worker bench-1 6700", true},
		{slotHost{}, "java org.apache.storm.LogWriter java org.apache.storm.daemon.worker.Worker bench-1 6700", true},
		{slotHost{}, "java org.apache.storm.daemon.supervisor.Supervisor", false},
		{slotHost{}, "fastchild spout 100 1", false},
	} {
		if own := c.host.own(strings.Fields(c.line)); own != c.own {
			t.Errorf("%q is the host's own: %v, want %v", c.line, own, c.own)
		}
	}
}

func TestOver(t *testing.T) {
	f := newFlux(7)
	if several := f.over(3); several.Config["topology.workers"] != 3 || f.Config["topology.workers"] != 1 {
		t.Errorf("over three: %v; before: %v", several.Config, f.Config)
	}
}

func TestBuckets(t *testing.T) {
	for nanos := uint64(1); nanos < 1<<38; nanos += 1 + nanos/7 {
		top := bucketTop(bucketOf(nanos))
		if float64(nanos) >= top || top > float64(nanos)*1.04+1 {
			t.Fatalf("%d ns is in a bucket that ends at %g", nanos, top)
		}
	}
}

func TestQuantiles(t *testing.T) {
	var h histogram
	h.add(bucketOf(1000), 98)
	h.add(bucketOf(1_000_000), 2)
	earlier := histogram{bucketOf(1_000_000): 1}
	for q, want := range map[float64]float64{0.5: 1000, 0.98: 1000, 0.99: 1_000_000} {
		if got := h.since(nil).quantile(q); got < want || got > want*1.04 {
			t.Errorf("quantile %v is %v, want about %v", q, got, want)
		}
	}
	if got := h.since(earlier).quantile(0.995); got < 1_000_000 {
		t.Errorf("after a subtraction quantile 0.995 is %v", got)
	}
	if histogram(nil).quantile(0.5) != 0 {
		t.Error("a quantile of nothing")
	}
}

func TestCountsAddUpTasks(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, numbers ...int64) {
		t.Helper()
		var raw []byte
		for _, n := range numbers {
			raw = binary.NativeEndian.AppendUint64(raw, uint64(n))
		}
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("count-11", 5, 0) // a Python component has two numbers
	write("count-12", 7, 0, 0, 80, 0, 3)
	write("spout-13", 12, 9)
	write("half-14") // its file has just been created
	c, err := readCounts(dir)
	if err != nil {
		t.Fatal(err)
	}
	if c["count"].tuples != 12 || c["count"].latency[1] != 3 || c["count"].busy != 80 || c["spout"].acks != 9 || c["half"].tuples != 0 {
		t.Errorf("read %+v", c)
	}
}

func TestOptions(t *testing.T) {
	var o options
	if err := o.parse([]string{"-only", "acked,scale", "-rounds", "1"}); err != nil {
		t.Fatal(err)
	}
	if !o.wants("acked") || !o.wants("scale") || o.wants("large") {
		t.Error("it wants other parts than it was told")
	}
	for _, args := range [][]string{{"-only", "nonsense"}, {"-rounds", "0"}, {"-seconds", "0"}, {"acked"}} {
		if err := new(options).parse(args); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}

// buildChild builds the C child.
func buildChild(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("no C compiler")
	}
	child := filepath.Join(t.TempDir(), "fastchild")
	if text, err := exec.Command("cc", "-O1", "-Wall", "-Wextra", "-Werror", "-o", child, "fastchild/fastchild.c").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return child
}

// Any component can be measured alone; the C child needs no Python.
func TestLoners(t *testing.T) {
	m := &measurer{env: &env{resources: t.TempDir()}, window: 200 * time.Millisecond}
	child := buildChild(t)
	bolt := loner{kind: "bolt", serializer: "json"}
	micros, err := m.runAlone(t.Context(), bolt, []string{child, "bolt", "1"}, false)
	if err != nil {
		t.Fatal(err)
	}
	if micros < 0 || micros > 1000 { // for it had tuples to count
		t.Errorf("a tuple takes the C child %g µs", micros)
	}
	if _, err := m.runAlone(t.Context(), bolt, []string{"false"}, true); err == nil {
		t.Error("a component that ends at once was measured")
	}
}

// The C child and this package must agree on struct counts, and the child must
// speak as gust expects it to.
func TestFastchild(t *testing.T) {
	child := buildChild(t)
	pids := t.TempDir()
	hello := `{"pidDir":` + strconv.Quote(pids) + `,"conf":{},"context":{"componentid":"me"}}` + "\nend\n"
	tell := func(t *testing.T, conversation string, args ...string) (said string, counted tally) {
		t.Helper()
		dir := t.TempDir()
		cmd := exec.Command(child, args...)
		cmd.Env = append(os.Environ(), "BENCH_DIR="+dir)
		cmd.Stdin = strings.NewReader(hello + conversation)
		text, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		c, err := readCounts(dir)
		if err != nil {
			t.Fatal(err)
		}
		pid, said, _ := strings.Cut(string(text), "\nend\n")
		if !strings.HasPrefix(pid, `{"pid": `) {
			t.Errorf("its first message is %s", pid)
		}
		if left, _ := os.ReadDir(pids); len(left) == 0 {
			t.Error("it has left no file with its pid")
		}
		return said, c["me"]
	}
	const sync = `{"command":"sync"}` + "\nend\n"
	next := `{"command":"next","id":""}` + "\nend\n"
	tuple := func(value string) string {
		return `{"id":"77","comp":"c","stream":"default","task":1,"tuple":["` + value + `"]}` + "\nend\n"
	}
	t.Run("spout", func(t *testing.T) {
		said, counted := tell(t, next+`{"command":"ack","id":"0"}`+"\nend\n", "spout", "2", "1")
		if strings.Count(said, `"command":"emit"`) != 2 || strings.Count(said, sync) != 2 || !strings.Contains(said, `"id":"1"`) {
			t.Errorf("it said %s", said)
		}
		if counted.tuples != 2 || counted.acks != 1 {
			t.Errorf("it counted %+v", counted)
		}
	})
	t.Run("bolt", func(t *testing.T) {
		said, counted := tell(t, `{"id":"5","comp":null,"stream":"__heartbeat","task":-1,"tuple":[]}`+"\nend\n"+tuple("dog"), "bolt", "1")
		want := sync + `{"command":"emit","anchors":["77"],"need_task_ids":false,"tuple":["dog",1]}` + "\nend\n" + `{"command":"ack","id":"77"}` + "\nend\n"
		if said != want || counted.tuples != 1 {
			t.Errorf("it said %s\nwant %s\nand counted %+v", said, want, counted)
		}
	})
	t.Run("large", func(t *testing.T) {
		// Its id may come after its values, as Storm writes them.
		blob := strings.Repeat("x", 3<<20)
		said, _ := tell(t, tuple(blob)+`{"comp":"c","tuple":["`+blob+`"],"task":1,"stream":"default","id":"-78"}`+"\nend\n", "bolt", "0")
		if !strings.Contains(said, `"id":"77"`) || !strings.Contains(said, `"id":"-78"`) {
			t.Errorf("it said %s", said)
		}
	})
	t.Run("relay", func(t *testing.T) {
		if said, _ := tell(t, tuple("12345"), "relay"); !strings.Contains(said, `"tuple":["12345"]`) {
			t.Errorf("it said %s", said)
		}
	})
	t.Run("gauge", func(t *testing.T) {
		if _, counted := tell(t, tuple("1")+tuple("2"), "gauge"); counted.tuples != 2 || counted.latency.quantile(0.5) == 0 {
			t.Errorf("it counted %+v", counted)
		}
	})
	t.Run("paced", func(t *testing.T) {
		said, counted := tell(t, next+next+next, "paced", "1000", "100")
		if counted.tuples < 3 || strings.Count(said, sync) != 3 {
			t.Errorf("it counted %d tuples and said %s", counted.tuples, said)
		}
	})
}
