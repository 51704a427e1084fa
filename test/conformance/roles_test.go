package conformance_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gust/internal/testrun"
)

// The tasks of a roles topology, numbered like Storm's: components by name, the acker
// first. A direct emit goes to the second sink.
const (
	boltTask = iota + 2
	idleTask
	sinkTask
	secondSinkTask
	sourceTask
	spoutTask
)

// deed is an action of a component, and its expected result.
type deed struct {
	verb  string
	value any
	// first and second are the expected tuples of the two sinks, without the verb.
	first, second []string
	// verdict is the command to the tuple's spout: "ack", "fail" or none.
	verdict string
}

// deeds are those that spouts and bolts share.
func deeds() []deed {
	return []deed{
		{verb: "direct", value: secondSinkTask, second: []string{"direct [\"direct\",5]"}, verdict: "ack"},
		{
			verb: "tasks", value: "both", verdict: "ack",
			first:  []string{`spread ["spread","both"]`, `default ["tasks",[4,5]]`},
			second: []string{`spread ["spread","both"]`},
		},
		{verb: "context", value: sinkTask, first: []string{`default ["context","sink"]`}},
		{verb: "log", value: "a line for the log"},
		{verb: "error", value: "a reported error"},
		{verb: "metric", value: 7},
	}
}

func spoutDeeds() []deed {
	return append(deeds(),
		deed{verb: "reliable", value: "a", first: []string{`default ["reliable","a"]`}, verdict: "ack"},
		deed{verb: "reliable", value: "fail me", first: []string{`default ["reliable","fail me"]`}, verdict: "fail"},
		deed{verb: "unreliable", value: "b", first: []string{`default ["unreliable","b"]`}},
		deed{verb: "unreliable", value: "fail me", first: []string{`default ["unreliable","fail me"]`}},
	)
}

// boltDeeds show the anchors with a tuple that the sink fails: its anchors fail, too.
func boltDeeds() []deed {
	all := append(deeds(),
		deed{verb: "anchored", value: "a", first: []string{`default ["anchored","a"]`}},
		deed{verb: "anchored", value: "fail me", first: []string{`default ["anchored","fail me"]`}, verdict: "fail"},
		deed{verb: "unanchored", value: "b", first: []string{`default ["unanchored","b"]`}},
		deed{verb: "unanchored", value: "fail me", first: []string{`default ["unanchored","fail me"]`}},
		deed{verb: "fail", value: "a failed tuple", verdict: "fail"},
		deed{verb: "hold", value: "one"},
		deed{verb: "join", value: "two", first: []string{`default ["join",["one","two"]]`}},
		deed{verb: "hold", value: "three", verdict: "fail"},
		deed{verb: "join", value: "fail me", first: []string{`default ["join",["three","fail me"]]`}, verdict: "fail"},
	)
	for i := range all {
		if all[i].verdict == "" {
			all[i].verdict = "ack" // each tuple has a verdict, emitted from or not
		}
	}
	return all
}

// only leaves out the deeds that the adapter cannot do.
func (a adapter) only(all []deed) []deed {
	return slices.DeleteFunc(all, func(d deed) bool { return !a.can(d.verb) })
}

// ticksAwaited, one a second, take longer than an idle process may be silent. A busy
// machine delays an adapter less than that.
const (
	ticksAwaited   = 12
	silenceAllowed = 10
)

// TestAdapters runs, for each adapter, a topology of its spout, its bolt and another bolt
// that never gets a tuple, with peers as the other ends.
func TestAdapters(t *testing.T) {
	for _, a := range adapters() {
		t.Run(a.title(), func(t *testing.T) {
			t.Parallel()
			testRoles(t, a)
		})
	}
}

func testRoles(t *testing.T, a adapter) {
	spoutDeeds, boltDeeds := a.only(spoutDeeds()), a.only(boltDeeds())
	b := newBench(t)
	const outputs = `{ default = ["verb", "value"], spread = ["verb", "value"], direct = { fields = ["verb", "value"], direct = true } }`

	spout := a.component(t, "spout", "spout")
	spout.outputs = outputs
	spout.config = fmt.Sprintf(`"conformance.steps" = %q`, b.write("steps.json", steps(spoutDeeds)))
	b.add(spout)

	bolt := a.component(t, "bolt", "bolt")
	bolt.inputs, bolt.outputs, bolt.config = `["source"]`, outputs, `"topology.tick.tuple.freq.secs" = 1`
	b.add(bolt)

	idle := a.component(t, "bolt", "idle")
	idle.inputs = `["source/silent"]`
	b.add(idle)

	var source script
	for i, d := range boltDeeds {
		source.Steps = append(source.Steps, emission(tuple(d), fmt.Sprintf(`"id":%d`, i)))
	}
	b.addPeer("source", source, component{kind: "spouts", name: "source", outputs: `{ default = ["verb", "value"], silent = ["x"] }`})
	b.addPeer("sink", script{}, component{kind: "bolts", name: "sink", tasks: 2, inputs: `{ bolt = "global", "bolt/spread" = "all", ` +
		`"bolt/direct" = "direct", spout = "global", "spout/spread" = "all", "spout/direct" = "direct" }`})

	b.start("-o", fmt.Sprint("topology.subprocess.timeout.secs=", silenceAllowed), "-o", "pystorm.log.level=trace",
		"-o", "supervisor.worker.shutdown.sleep.secs=1") // petrel and node-storm do not end with their input
	wantSpout, wantBolt := spoutEvidence(spoutDeeds), boltEvidence(boltDeeds)
	b.run.Until("spout and bolt have done all their deeds, and the bolt has ticked", func() bool {
		spout, bolt := b.evidence(t)
		return len(spout.first) >= len(wantSpout.first) && len(spout.second) >= len(wantSpout.second) &&
			len(bolt.first) >= len(wantBolt.first) && len(bolt.second) >= len(wantBolt.second) &&
			len(bolt.verdicts) >= len(wantBolt.verdicts) && bolt.ticks >= ticksAwaited
	})
	stats := b.run.Stop()
	gotSpout, gotBolt := b.evidence(t)

	t.Run("spout", func(t *testing.T) {
		gotSpout.compare(t, wantSpout)
		a.checkReports(t, b, stats, "spout", 0)
		got := stats.Component(t, "spout")
		acked, failed := count(spoutDeeds, "ack"), count(spoutDeeds, "fail")
		if got.Acked != acked || got.Failed != failed || got.Restarts != 0 {
			t.Errorf("%d acked, %d failed, %d restarts; want %d, %d and none", got.Acked, got.Failed, got.Restarts, acked, failed)
		}
	})
	t.Run("bolt", func(t *testing.T) {
		gotBolt.compare(t, wantBolt)
		raised := 0
		if a.failsByError {
			raised = 1
		}
		a.checkReports(t, b, stats, "bolt", raised)
		// A join that fails was acked by the bolt itself: only the sink failed.
		got := stats.Component(t, "bolt")
		if got.Executed != len(boltDeeds) || got.Acked != len(boltDeeds)-1 || got.Failed != 1 || got.Restarts != 0 {
			t.Errorf("%d executed, %d acked, %d failed, %d restarts; want %d, %d, 1 and none",
				got.Executed, got.Acked, got.Failed, got.Restarts, len(boltDeeds), len(boltDeeds)-1)
		}
	})
	t.Run("idle", func(t *testing.T) {
		if got := stats.Component(t, "idle"); got.Restarts != 0 || got.Errors != 0 {
			t.Errorf("%d restarts, %d errors (%s), want none", got.Restarts, got.Errors, got.LastError)
		}
	})
}

// TestDeafBolt shows that silence does not go unnoticed: that the idle bolts
// of TestAdapters are not restarted is because they answer.
func TestDeafBolt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.addPeer("source", script{}, component{kind: "spouts", name: "source", outputs: `["x"]`})
	b.addPeer("deaf", script{}, component{kind: "bolts", name: "deaf", inputs: `["source"]`})
	b.start("-o", "topology.subprocess.timeout.secs=1", "-o", "supervisor.worker.start.timeout.secs=1", "-o", "gust.crash.loop.count=0")
	b.run.Until("the bolt was found to be silent", func() bool {
		return slices.ContainsFunc(b.run.Log(), func(line testrun.LogLine) bool {
			return line.Component == "deaf" && strings.Contains(line.Message, "it sent nothing for")
		})
	})
	b.run.StopFailed()
}

// tuple is the tuple that requests a deed.
func tuple(d deed) string {
	text, err := json.Marshal([]any{d.verb, d.value})
	if err != nil {
		panic(err) // deeds are words and numbers
	}
	return string(text)
}

func steps(deeds []deed) string {
	var all []string
	for _, d := range deeds {
		all = append(all, tuple(d))
	}
	return "[" + strings.Join(all, ",\n") + "]"
}

func count(deeds []deed, verdict string) (n int) {
	for _, d := range deeds {
		if d.verdict == verdict {
			n++
		}
	}
	return n
}

// evidence is the peers' records of a component.
type evidence struct {
	first, second []string // of the two sinks, "STREAM TUPLE"
	verdicts      []string // the commands to the source
	ticks         int
}

// spoutEvidence is the expected record of the spout: it emits the acks and fails itself.
func spoutEvidence(deeds []deed) (want evidence) {
	for number, d := range deeds {
		want.first = append(want.first, d.first...)
		want.second = append(want.second, d.second...)
		if d.verdict != "" {
			want.first = append(want.first, fmt.Sprintf(`default ["%sed",%d]`, d.verdict, number))
		}
	}
	return want
}

func boltEvidence(deeds []deed) (want evidence) {
	for number, d := range deeds {
		want.first = append(want.first, d.first...)
		want.second = append(want.second, d.second...)
		want.verdicts = append(want.verdicts, fmt.Sprintf("%s %d", d.verdict, number))
	}
	return want
}

// evidence sorts the sinks' records by the component that they are about.
func (b *bench) evidence(t *testing.T) (spout, bolt evidence) {
	t.Helper()
	bolt.verdicts = b.recorded(fmt.Sprint("source-", sourceTask))
	for _, line := range b.recorded(fmt.Sprint("sink-", sinkTask)) {
		of, what := b.attribute(line, &spout, &bolt)
		if what == `default ["tick",1]` || what == `default ["tick",1.0]` {
			of.ticks++
			continue
		}
		of.first = append(of.first, what)
	}
	for _, line := range b.recorded(fmt.Sprint("sink-", secondSinkTask)) {
		of, what := b.attribute(line, &spout, &bolt)
		of.second = append(of.second, what)
	}
	return spout, bolt
}

// attribute finds the component of a record, and removes the spaces from its tuple, which
// depend on the adapter.
func (b *bench) attribute(line string, spout, bolt *evidence) (of *evidence, what string) {
	origin, tuple, _ := strings.Cut(line, " ")
	component, stream, _ := strings.Cut(origin, "/")
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(tuple)); err != nil {
		b.t.Fatalf("%s: %v", line, err)
	}
	what = stream + " " + compact.String()
	if component == "spout" {
		return spout, what
	}
	return bolt, what
}

func (e evidence) compare(t *testing.T, want evidence) {
	t.Helper()
	compare(t, "the first sink", e.first, want.first)
	compare(t, "the second sink", e.second, want.second)
	compare(t, "the source's verdicts", e.verdicts, want.verdicts)
}

// checkReports compares a component's log lines, errors, of which more were raised, and
// metrics.
func (a adapter) checkReports(t *testing.T, b *bench, stats testrun.Stats, name string, raised int) {
	t.Helper()
	var levels, errors []string
	for _, line := range b.run.Log() {
		switch {
		case line.Component != name:
		case line.Message == "a line for the log":
			levels = append(levels, line.Level)
		case line.Level == "error" && strings.Contains(line.Message, "a reported error"):
			errors = append(errors, line.Message)
		}
	}
	want := []string{"trace", "debug", "info", "warn", "error"}
	if a.oneLevel {
		want = []string{"info"}
	}
	if !slices.Equal(levels, want) {
		t.Errorf("logged at %v, want %v", levels, want)
	}

	got := stats.Component(t, name)
	reported := 0
	if a.can("error") {
		reported = 1
	}
	if len(errors) != reported || got.Errors != reported+raised {
		t.Errorf("%d errors logged, %d counted (%s), want %d and %d", len(errors), got.Errors, got.LastError, reported, reported+raised)
	}

	var metrics []testrun.MetricStats
	if a.can("metric") {
		metrics = []testrun.MetricStats{{Name: "conformance", Reports: 1, Last: "7"}}
	}
	if !slices.Equal(got.Metrics, metrics) {
		t.Errorf("metrics %+v, want %+v", got.Metrics, metrics)
	}
}
