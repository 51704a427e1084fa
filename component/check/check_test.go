package check_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gust/component/check"
	"gust/multilang"
	"gust/topology"
)

// The time for a fake's answer. On a busy machine an answer may be slow, so the limit is
// long where one comes; it is short for the fakes that give none.
const (
	patience      = time.Minute
	shortPatience = 8 * time.Second
)

// silent are the quirks without an answer.
const silent = `no-pid takes-the-next no-heartbeat no-ack no-tick no-sync-for-activate no-sync-for-next
	no-sync-for-ack no-sync-for-fail no-sync-for-deactivate buffered buffered-later one-at-a-time
	lives-on spins logs-for-ever deaf-to-term`

// declared are the outputs of the fakes.
var declared = []topology.Stream{
	{Name: "default", Fields: []string{"word"}},
	{Name: "hand", Fields: []string{"card"}, Direct: true},
}

// subject is a fake to check.
type subject struct {
	kind, serializer, quirk string
	auto                    bool // the kind is to be found out
}

func (s subject) options(t testing.TB) check.Options {
	codec, ok := multilang.CodecNamed(s.serializer)
	if !ok {
		t.Fatal(s.serializer)
	}
	kind := topology.Bolt
	if s.kind == "spout" {
		kind = topology.Spout
	}
	o := check.Options{
		Command: []string{os.Args[0], "fake", s.kind, s.serializer, s.quirk},
		Env:     append(os.Environ(), "GORACE=atexit_sleep_ms=0"),
		Kind:    &kind, Codec: codec, Timeout: patience, Outputs: declared,
	}
	if s.auto {
		o.Kind = nil
	}
	if slices.Contains(strings.Fields(silent), s.quirk) {
		o.Timeout = shortPatience
	}
	if err := o.Complete(); err != nil {
		t.Fatal(err)
	}
	return o
}

func run(t testing.TB, o check.Options) *check.Report {
	t.Helper()
	report, err := check.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// with returns the ids of the rules with a verdict.
func with(r *check.Report, v check.Verdict) (ids []string) {
	for _, result := range r.Results {
		if result.Verdict == v {
			ids = append(ids, result.ID)
		}
	}
	return ids
}

// explain prints the findings.
func explain(r *check.Report) string {
	var b strings.Builder
	for _, result := range r.Results {
		for _, f := range result.Findings {
			fmt.Fprintf(&b, "%s: in %q: %s\n\twrote: %s\n\twas sent: %s\n", result.ID, f.Step, f.Says, f.Bytes, f.Sent)
		}
		if result.Verdict == check.Unseen {
			fmt.Fprintf(&b, "%s: not seen: %s\n", result.ID, result.Note)
		}
	}
	return b.String()
}

// A correct program follows every rule, and every rule is seen.
func TestCorrectPrograms(t *testing.T) {
	for _, kind := range []string{"spout", "bolt"} {
		for _, serializer := range []string{"json", "msgpack"} {
			t.Run(kind+" "+serializer, func(t *testing.T) {
				report := run(t, subject{kind, serializer, "none", true}.options(t))
				if report.Kind != kind || report.Serializer != serializer {
					t.Errorf("taken for a %s that speaks %s", report.Kind, report.Serializer)
				}
				if kept := report.Count(check.Kept); kept != len(report.Results) {
					t.Errorf("%d of %d rules are kept:\n%s", kept, len(report.Results), explain(report))
				}
			})
		}
	}
}

// misdeeds are the errors of a fake, and the one rule that each breaks.
var misdeeds = []struct {
	quirk string
	kinds string
	rule  string
	both  bool // it looks different in msgpack, and is tried there, too
}{
	{"dies-at-once", "spout bolt", "pid", true},
	{"no-pid", "spout bolt", "pid", true},
	{"bad-pid", "bolt", "pid", false},
	{"log-first", "spout bolt", "pid-first", false},
	{"pid-twice", "spout bolt", "pid-once", false},
	{"no-file", "spout bolt", "pid-file", false},
	{"prints", "spout bolt", "stray-output", true},
	{"half-message", "spout bolt", "well-formed", true},
	{"list-message", "bolt", "well-formed", false},
	{"no-end", "spout bolt", "end-line", false},
	{"end-with-spaces", "bolt", "end-line", false},
	{"end-glued", "bolt", "end-line", false},
	{"end-without-line-feed", "bolt", "end-line", false},
	{"crlf", "bolt", "line-feed", false},
	{"buffered", "spout bolt", "flush", true},
	{"buffered-later", "spout bolt", "flush", false},
	{"bad-command", "spout bolt", "known-command", false},
	{"no-command", "bolt", "known-command", false},
	{"spout-acks", "spout", "known-command", false},
	{"number-stream", "bolt", "field-types", false},
	{"text-task", "bolt", "field-types", false},
	{"no-tuple", "spout", "field-types", false},
	{"number-anchor", "bolt", "field-types", true},
	{"log-level", "bolt", "log-level", false},
	{"nameless-metric", "bolt", "metric-name", false},
	{"undeclared", "spout bolt", "emit-stream", false},
	{"too-many-values", "spout bolt", "emit-values", false},
	{"aimed", "bolt", "emit-direct", false},
	{"aimed-at-nobody", "spout", "emit-direct", false},
	{"not-aimed", "bolt", "emit-direct", false},
	{"ignores-ids", "spout bolt", "task-ids", true},
	{"takes-the-next", "bolt", "task-ids-queue", true},
	{"no-heartbeat", "bolt", "heartbeat", false},
	{"ack-heartbeat", "bolt", "heartbeat-ack", false},
	{"no-ack", "bolt", "answer", false},
	{"unknown-id", "bolt", "answer-known", false},
	{"null-id", "bolt", "answer-known", false},
	{"ack-twice", "bolt", "answer-once", false},
	{"fail-after-ack", "bolt", "answer-once", false},
	{"unknown-anchor", "bolt", "anchor-held", false},
	{"late-anchor", "bolt", "anchor-held", false},
	{"no-tick", "bolt", "tick", false},
	{"no-sync-for-activate", "spout", "activate-sync", false},
	{"no-sync-for-next", "spout", "next-sync", false},
	{"no-sync-for-ack", "spout", "verdict-sync", false},
	{"no-sync-for-fail", "spout", "verdict-sync", false},
	{"no-sync-for-deactivate", "spout", "deactivate-sync", false},
	{"extra-sync", "spout bolt", "extra-sync", false},
	{"takes-the-next", "spout", "ahead", true},
	{"one-at-a-time", "bolt", "one-write", false},
	{"impatient", "spout bolt", "pieces", true},
	{"small-buffer", "bolt", "large-tuple", true},
	{"strict-fields", "spout bolt", "unknown-fields", false},
	{"ascii", "bolt", "unicode", true},
	{"utf-8", "bolt", "surrogates", false},
	{"doubles", "bolt", "big-integers", true},
	{"whole-floats", "bolt", "floats", true},
	{"no-nan", "bolt", "nan", true},
	{"nan-is-null", "bolt", "nan", true},
	{"lives-on", "spout bolt", "input-end", false},
	{"spins", "bolt", "input-end", false},
	{"logs-for-ever", "spout", "input-end", false},
	{"deaf-to-term", "spout bolt", "terminate", false},
}

// Each misdeed breaks one rule, and no other is blamed for it.
func TestMisdeeds(t *testing.T) {
	t.Parallel()
	type trial struct {
		subject
		rule   string
		report *check.Report
		err    error
	}
	var trials []*trial
	for _, m := range misdeeds {
		for _, kind := range strings.Fields(m.kinds) {
			trials = append(trials, &trial{subject: subject{kind, "json", m.quirk, false}, rule: m.rule})
			if m.both {
				trials = append(trials, &trial{subject: subject{kind, "msgpack", m.quirk, false}, rule: m.rule})
			}
		}
	}
	// Most of these wait for something that does not come, so more of them can run than
	// there are processors.
	const abreast = 8
	free := make(chan struct{}, abreast)
	var all sync.WaitGroup
	for _, tr := range trials {
		options := tr.options(t)
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			tr.report, tr.err = check.Run(t.Context(), options)
		})
	}
	all.Wait()
	for _, tr := range trials {
		t.Run(fmt.Sprintf("%s/%s/%s", tr.quirk, tr.kind, tr.serializer), func(t *testing.T) {
			if tr.err != nil {
				t.Fatal(tr.err)
			}
			if broken := with(tr.report, check.Broken); !slices.Equal(broken, []string{tr.rule}) {
				t.Errorf("broken: %v, want %s alone\n%s", broken, tr.rule, explain(tr.report))
			}
		})
	}
}

// Each rule is broken by some misdeed.
func TestEachRuleHasItsMisdeed(t *testing.T) {
	for _, rule := range check.Rules() {
		found := false
		for _, m := range misdeeds {
			found = found || m.rule == rule.ID
		}
		if !found {
			t.Errorf("nothing breaks %s", rule.ID)
		}
	}
}
