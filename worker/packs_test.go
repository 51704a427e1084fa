package worker

import (
	"strings"
	"testing"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/multilang"
	"gust/topology"
)

// packing is a topology in which everybody takes packs.
func packing(wire string) *builder {
	b := build("t")
	b.spout("s", 1, stream("default", "key", "n"))
	b.bolt("b", 2, inputs(from("s", topology.Shuffle)), stream("default", "key", "n"))
	b.bolt("last", 1, inputs(from("b", topology.Fields, "key")))
	b.plays("s", script{Spout: &fakecomponent.Spout{Tuples: 2000, Keys: 7, PerNext: 10, Replay: true}})
	b.plays("b", script{Bolt: &fakecomponent.Bolt{Emit: 2}})
	b.plays("last", script{Bolt: &fakecomponent.Bolt{}})
	shaped(wire, "packs")(b)
	return b
}

// Who takes packs is given them: the conversation has no message for each tuple, and
// every tree is acked all the same.
func TestPacks(t *testing.T) {
	for _, wire := range []string{"json", "msgpack"} {
		t.Run(wire, func(t *testing.T) {
			t.Parallel()
			b := packing(wire)
			r := b.run(t)
			r.until("all acks", acks(2000))
			r.worker.loop.post(func() {
				for _, task := range r.worker.loop.plan.tasks {
					if !task.packs() {
						t.Errorf("%v is not given packs", task)
					}
				}
			})
			stats, _ := r.end()
			if n := failed(stats); n != 0 || stats.component("last").Inputs[0].Executed != 4000 {
				t.Errorf("%d trees failed; %+v", n, stats.component("last"))
			}
		})
	}
}

// Without an offer, and with packs switched off, a component that supports them gets plain messages.
func TestNoPacksWithoutAnOffer(t *testing.T) {
	t.Parallel()
	b := packing("json")
	r := b.run(t, conf.Conf{conf.GustPacks: int64(0)})
	r.until("all acks", acks(2000))
	r.worker.loop.post(func() {
		for _, task := range r.worker.loop.plan.tasks {
			if task.packs() {
				t.Errorf("%v is given packs", task)
			}
		}
	})
	r.end()
}

// A recording has the plain protocol in it.
func TestWhoIsRecordedGetsNoPacks(t *testing.T) {
	t.Parallel()
	b := packing("json")
	var taps []*heard // the loop's, until the run has ended
	b.tap = func(c *topology.Component, _ topology.TaskID, _ int) Tap {
		if c.Name != "b" {
			return nil
		}
		taps = append(taps, &heard{})
		return taps[len(taps)-1]
	}
	r := b.run(t)
	r.until("all acks", acks(2000))
	r.end()
	text := ""
	for _, heard := range taps {
		text += string(heard.stdin) + string(heard.stdout)
	}
	if strings.Contains(text, "gust.packs") || strings.Contains(text, `"pack"`) || strings.Contains(text, `"tuples"`) {
		t.Errorf("there are packs in %.2000s", text)
	}
	if n := strings.Count(text, `"command":"ack"`); n != 2000 {
		t.Errorf("%d acks were heard", n)
	}
}

// runUnder runs packing to its last ack, although the bolt b does something that it
// should not, once.
func runUnder(t *testing.T, deed string) (stats Stats, log string) {
	t.Helper()
	b := packing("json")
	for c, s := range b.scripts {
		if c.Name == "b" {
			s.Deeds = []fakecomponent.Deed{{After: 100, Do: deed, Once: true}}
			b.scripts[c] = s
		}
	}
	r := b.run(t)
	r.until("all acks", acks(2000))
	stats, _ = r.end()
	return stats, r.log.String()
}

// What a process of packs held when it died fails, and its successor, which starts
// with the plain protocol, is given packs again.
func TestPacksAfterADeath(t *testing.T) {
	t.Parallel()
	stats, _ := runUnder(t, "exit 1")
	if stats.component("b").Restarts == 0 || stats.Trees.Failed.Died == 0 {
		t.Errorf("nobody died: %+v", stats.Trees)
	}
}

// A pack that breaks off is an offence, and costs what the bolt holds, no more.
func TestBrokenPack(t *testing.T) {
	t.Parallel()
	stats, log := runUnder(t, "broken pack")
	if stats.Trees.Failed.Bolt == 0 || !strings.Contains(log, "invalid JSON") {
		t.Errorf("the broken pack went unnoticed: %+v", stats.Trees)
	}
	if n := stats.component("b").Restarts; n != 0 {
		t.Errorf("%d restarts, want none", n)
	}
}

// packs says whether the process takes packs.
func (t *task) packs() bool {
	_, ok := t.enc.(*multilang.Packer)
	return ok
}
