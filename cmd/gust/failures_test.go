package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"gust/internal/fakecomponent"
	"gust/status"
	"gust/status/statustest"
	"gust/topology"
	"gust/ui/runs"
)

// failuresOf are the failures that a command prints as JSON.
func failuresOf(t *testing.T, args ...string) (list []status.DeadLetter) {
	t.Helper()
	for line := range strings.Lines(gust(t, append([]string{"failures", "--json"}, args...)...).ok(t).stdout) {
		var f status.DeadLetter
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		list = append(list, f)
	}
	return list
}

// failing is a topology whose bolt fails its third tuple, and no other.
func failing() []statustest.Component {
	return []statustest.Component{
		{Name: "words", Script: fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: 3, Keys: 20}}},
		{Name: "count", From: map[string]topology.Grouping{"words": statustest.Shuffle}, Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{FailEvery: 3}}},
	}
}

func TestFailuresReplay(t *testing.T) {
	live := runIt(t, "wordcount", failing())
	live.Until(t, "the failure", func(v *status.View) bool { return v.Trees.Failed.Bolt == 1 && v.Trees.Acked == 2 })
	list := failuresOf(t)
	if len(list) != 1 || list[0].Topology != live.ID() || list[0].Cause == nil || !list[0].Cause.Whole {
		t.Fatalf("failures: %+v", list)
	}
	whole := gust(t, "failures", "1").ok(t).stdout
	for _, want := range []string{"1  20", "emitted  [", "at       count[", "attempts 1"} {
		if !strings.Contains(whole, want) {
			t.Errorf("it shows no %q:\n%s", want, whole)
		}
	}
	if got, want := gust(t, "failures", "--input").ok(t).stdout, fmt.Sprintf(`{"tuple":%s,"comp":"words","stream":"default"}`+"\n", list[0].Cause.Values); got != want {
		t.Errorf("the input for try is %s, want %s", got, want)
	}
	gust(t, "failures", "7").refuses(t, exitFailed, "wordcount has no failure 7, or no longer\nhint: `gust failures wordcount` lists them")
	gust(t, "failures", "--replay", "1", "7").refuses(t, exitFailed, "has no failure 7")
	if got := gust(t, "failures", "wordcount", "--replay", "1").ok(t).stdout; !strings.HasPrefix(got, "1  acked after ") {
		t.Errorf("the replay prints %q", got)
	}
	if got := gust(t, "failures", "1").ok(t).stdout; !strings.Contains(got, "replay acked") || !strings.Contains(got, "replay   acked after") {
		t.Errorf("after the replay it shows %s", got)
	}
	if got := gust(t, "failures", "--park", "1").ok(t).stdout; !strings.HasPrefix(got, "Parked 1 failure: ") {
		t.Errorf("it prints %q", got)
	}
	if list := failuresOf(t); len(list) != 1 || !list[0].Dead {
		t.Errorf("after it was parked: %+v", list)
	}
	gust(t, "failures", "--replay", "1").ok(t) // the fifth tuple
	refused := gust(t, "failures", "--replay-all")
	refused.refuses(t, exitFailed, "replays failed: 1 of 1")
	if got := refused.stdout; !strings.HasPrefix(got, "1  failed again by count[") || !strings.Contains(got, "(bolt)") {
		t.Errorf("the replay prints %q", got)
	}
	if v := live.View(status.AllTime); v.Trees.Emitted != 3 || v.Trees.Failed.Sum() != 1 {
		t.Errorf("the trees are %+v", v.Trees)
	}
	if got := gust(t, "failures", "--discard-all").ok(t).stdout; got != "Discarded 1 failure.\n" {
		t.Errorf("it prints %q", got)
	}
	if list := failuresOf(t); len(list) != 0 {
		t.Errorf("after that there are %+v", list)
	}
	if got := gust(t, "failures", "--replay-all").ok(t).stdout; got != "No failures to replay.\n" {
		t.Errorf("it prints %q", got)
	}
}

// Of a run that has ended, the report has the failures, and they can be replayed in another.
func TestFailuresOfARunThatHasEnded(t *testing.T) {
	noRuns(t)
	first := statustest.Start(t, "wordcount", failing())
	first.Until(t, "the failure", func(v *status.View) bool { return v.Trees.Failed.Bolt == 1 })
	if err := first.Control.Kill(0); err != nil {
		t.Fatal(err)
	}
	<-first.Ended
	if err := runs.Keep(first.Report()); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{nil, {"wordcount"}, {first.ID()}} {
		got := gust(t, append([]string{"failures"}, args...)...).ok(t)
		if !strings.Contains(got.stdout, "words[") || !strings.Contains(got.stderr, "gust: wordcount ended at ") {
			t.Errorf("%v: %s%s", args, got.stdout, got.stderr)
		}
	}
	gust(t, "failures", "-c", "cuont").refuses(t, exitFailed, `did you mean "count"?`)
	gust(t, "failures", "other").refuses(t, exitFailed, "no topology runs on this machine")
	gust(t, "failures", "--replay-all").refuses(t, exitFailed, `topology "wordcount" does not run`, "hint: `gust run` runs it")
	gust(t, "failures", "--discard-all").refuses(t, exitFailed, first.ID()+" has ended: only dead letters")
}

// Dead letters outlive their run, and leave the file by a replay or a command.
func TestFailuresDead(t *testing.T) {
	live := runIt(t, "wordcount", failing())
	live.Until(t, "the failure", func(v *status.View) bool { return v.Trees.Failed.Bolt == 1 })
	file, err := runs.DeadLettersOf("wordcount")
	if err != nil {
		t.Fatal(err)
	}
	if got := gust(t, "failures", "--dead").ok(t).stdout; got != "No dead letters.\n" {
		t.Errorf("without any it prints %q", got)
	}
	hostile := &status.FailedTuple{Component: "count", Task: 2, From: "words", Stream: "default", Values: `["\u001b]0;x\u0007<script>", 1]`, Whole: true, Size: 30}
	letters := []status.DeadLetter{
		{Topology: "wordcount-1-100", Failure: &status.Failure{Number: 1, Dead: true, Reason: "bolt", Headline: "ValueError: x", Cause: hostile}},
		{Topology: "wordcount-1-100", Failure: &status.Failure{Number: 2, Dead: true, Reason: "bolt", Headline: "ValueError: x", Cause: hostile}},
		{Topology: "wordcount-1-200", Failure: &status.Failure{Number: 1, Dead: true, Reason: "died", Cause: &status.FailedTuple{Component: "count", From: "words", Stream: "default", Values: `["x…`, Size: 50_000_000}}},
		{Topology: "wordcount-1-200", Failure: &status.Failure{Number: 2, Dead: true, Reason: "died", Cause: &status.FailedTuple{
			Component: "count", From: "words", Stream: "default", Values: `[b"\xff", 1]`, Size: 5, Raw: []byte("\x92\xc4\x01\xff\x01"), Serializer: "msgpack"}}},
	}
	if err := file.Append(letters); err != nil {
		t.Fatal(err)
	}
	got := gust(t, "failures", "--dead").ok(t).stdout
	if !strings.Contains(got, "2  died") || !strings.Contains(got, "ValueError: x") || strings.Index(got, "200-2  ") > strings.Index(got, "100-1  ") {
		t.Errorf("it prints %s", got)
	}
	if whole := gust(t, "failures", "--dead", "200-1").ok(t).stdout; !strings.Contains(whole, "size     50.0 MB") || !strings.Contains(whole, "replay   impossible: the values, 50000000 bytes, were too large to keep") {
		t.Errorf("it shows %s", whole)
	}
	input := gust(t, "failures", "--dead", "--input").ok(t)
	if strings.Count(input.stdout, "\n") != 2 || !strings.Contains(input.stdout, `<script>`) || !strings.Contains(input.stderr, "2 failures left out") {
		t.Errorf("the input for try is %s%s", input.stdout, input.stderr)
	}
	if got := gust(t, "failures", "--dead", "--replay", "100-1").ok(t).stdout; !strings.HasPrefix(got, "100-1  acked after") {
		t.Errorf("the replay prints %q", got)
	}
	refused := gust(t, "failures", "--dead", "--replay", "200-1", "200-2")
	refused.refuses(t, exitFailed, "replays failed: 2 of 2")
	for _, want := range []string{"200-1  failure 1 cannot be replayed: the values, 50000000 bytes", `200-2  failure 2 cannot be replayed: "count" cannot read the tuple, since it uses json`} {
		if !strings.Contains(refused.stdout, want) {
			t.Errorf("the replays print %q", refused.stdout)
		}
	}
	if got := gust(t, "failures", "--dead", "--discard", "100-2", "200-1").ok(t).stdout; got != "Discarded 2 dead letters.\n" {
		t.Errorf("it prints %q", got)
	}
	if list := failuresOf(t, "--dead"); len(list) != 2 || list[0].Number != 1 || list[1].Topology != "wordcount-1-200" {
		t.Errorf("after that there are %+v", list)
	}
}

func TestFailuresUsage(t *testing.T) {
	noRuns(t)
	gust(t, "failures", "--replay").refuses(t, exitUsage, "--replay needs the numbers of failures")
	gust(t, "failures", "--discard", "wordcount").refuses(t, exitUsage, "--discard needs the numbers of failures")
	gust(t, "failures", "--park").refuses(t, exitUsage, "--park needs the numbers of failures")
	gust(t, "failures", "--replay-all", "3").refuses(t, exitUsage, "numbers of failures given")
	gust(t, "failures", "--json", "--input").refuses(t, exitUsage, "want one of --json and --input")
	gust(t, "failures", "wordcount", "x").refuses(t, exitUsage, `"x" is not the number of a failure`)
	gust(t, "failures", "wordcount", "1-2-3").refuses(t, exitUsage, `"1-2-3" is not the number of a failure`)
}
