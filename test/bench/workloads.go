package main

import (
	"context"
	"fmt"
)

// workload is something that is measured on each host.
type workload struct {
	name string // also the name for -only
	// rival is set if not every host can run it: the workload of another host with which
	// it is compared. Storm has no fast runner and no serializer for msgpack
	// (streamparse's is a jar that has not been built for years).
	rival   string
	on      string // the one host that it runs on, "" for gust and Storm
	measure func(ctx context.Context, m *measurer, h host, r *report) error
}

func (w *workload) runsOn(h host) bool {
	if w.on == "" {
		return h.name() != "bytewax"
	}
	return h.name() == w.on
}

var (
	word = []string{"word"}
	pair = []string{"word", "count"}
	// none is declared by components that emit nothing: Flux does not accept an empty
	// list.
	none = []string{"nothing"}
)

const (
	pendingC      = 5000
	pendingPython = 1000
)

var workloads = []*workload{
	throughput("acked", cAcked, spoutAcks),
	gustAlone("acked", throughput("acked-msgpack", func(e *env) *flux {
		return newFlux(pendingC).msgpack().spout("spout", e.c("-m", "spout", "100", "1"), word).bolt("bolt", 1, e.c("-m", "bolt", "0"), none, "spout", "SHUFFLE")
	}, spoutAcks)),
	throughput("unacked", cUnacked, boltTuples("bolt")),
	throughput("wordcount", wordCount("json", "stock", usual), spoutAcks),
	gustAlone("wordcount", throughput("wordcount-msgpack", wordCount("msgpack", "stock", usual), spoutAcks)),
	gustAlone("wordcount", throughput("wordcount-fast", wordCount("json", "auto", usual), spoutAcks)),
	gustAlone("wordcount", throughput("wordcount-fast-msgpack", wordCount("msgpack", "auto", usual), spoutAcks)),
	gustAlone("wordcount", throughput("wordcount-fast-msgspec", wordCount("json", "auto", withMsgspec), spoutAcks)),
	gustAlone("wordcount", throughput("wordcount-fast-bare", wordCount("json", "auto", bare), spoutAcks)),
	bytewax("bytewax", "wordcount-fast", "bytewax.run", "counted"),
	bytewax("bytewax-keyed", "wordcount-fast", "bytewax.run", "keyed"),
	bytewax("bytewax-keyed-processes", "wordcount-fast", "bytewax.testing", "-p", "2", "keyed"),
	throughput("chain", func(e *env) *flux {
		f := newFlux(pendingC).spout("spout", e.c("spout", "100", "1"), word)
		from := "spout"
		for i := range 4 {
			to, emit := fmt.Sprint("bolt", i+1), "1"
			if i == 3 {
				emit = "0"
			}
			f.bolt(to, 1, e.c("bolt", emit), pair, from, "SHUFFLE")
			from = to
		}
		return f
	}, spoutAcks),
	throughput("fanout", func(e *env) *flux {
		return newFlux(pendingC).spout("spout", e.c("spout", "100", "1"), word).bolt("bolt", 8, e.c("bolt", "0"), none, "spout", "ALL")
	}, spoutAcks),
	{name: "large", measure: measureLarge},
	{name: "lone", measure: measureLone},
	{name: "latency", measure: measureLatency},
}

// c is a command of the C child.
func (e *env) c(args ...string) []string { return append([]string{e.child}, args...) }

// cAcked and cUnacked are the C child as spout and bolt, with ids and without.
func cAcked(e *env) *flux   { return cPair(e, "1") }
func cUnacked(e *env) *flux { return cPair(e, "0") }

func cPair(e *env, ids string) *flux {
	return newFlux(pendingC).spout("spout", e.c("spout", "100", ids), word).bolt("bolt", 1, e.c("bolt", "0"), none, "spout", "SHUFFLE")
}

// wordCount is wordcount/ in an interpreter, under gust's runner of that name.
func wordCount(serializer, runner string, which interpreter) func(*env) *flux {
	return func(e *env) *flux {
		run := e.streamparse[which]
		if run == "" {
			return nil
		}
		f := newFlux(pendingPython)
		f.Config["gust.runner"] = runner // Storm takes it for a user's key
		if serializer == "msgpack" {
			f.msgpack()
		}
		python := func(class string) []string { return []string{run, "-s", serializer, class} }
		return f.spout("spout", python("words.WordSpout"), word).bolt("count", 2, python("counts.CountBolt"), pair, "spout", "FIELDS", "word")
	}
}

// throughput is a workload at full speed. count selects the figure.
func throughput(name string, topology func(*env) *flux, count func(counts) float64) *workload {
	return &workload{name: name, measure: func(ctx context.Context, m *measurer, h host, r *report) error {
		f := topology(m.env)
		if f == nil {
			return nil
		}
		got, err := m.run(ctx, h, f)
		if err != nil {
			return err
		}
		r.addRun(name, h, got, got.per(count))
		return nil
	}}
}

// addRun adds the figures of a run at full speed.
func (r *report) addRun(name string, h host, got *measured, tuples float64) {
	r.add(name, h, "tuples per second", tuples/got.seconds, more)
	r.add(name, h, "CPU s per million, host alone", got.hostCPU/tuples*1e6, less)
	r.add(name, h, "CPU s per million, all processes", got.treeCPU/tuples*1e6, less)
	r.add(name, h, "memory of all processes, MB", got.treePSS/1e6, less)
	r.add(name, h, "memory of the host alone, MB", got.hostPSS/1e6, less)
	r.add(name, h, "start to first tuple, s", got.first.Seconds(), less)
}

// gustAlone marks a workload that Storm cannot run: it is compared with Storm's
// run of another one.
func gustAlone(rival string, w *workload) *workload {
	w.rival, w.on = rival, "gust"
	return w
}

// spoutAcks counts the trees that were acked to spouts.
func spoutAcks(c counts) float64 { return float64(c["spout"].acks) }

// boltTuples counts the tuples that a bolt has acked.
func boltTuples(name string) func(counts) float64 {
	return func(c counts) float64 { return float64(c[name].tuples) }
}

func partNames() []string {
	var names []string
	for _, w := range workloads {
		names = append(names, w.name)
	}
	return append(names, "workers", "cluster", "storm-workers", "growth", "watched", "alone", "scale", "pressure")
}
