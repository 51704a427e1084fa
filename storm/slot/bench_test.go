package slot_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gust/storm/stormtest"
)

// BenchmarkWorkers measures the word count of test/bench on gust's workers and on Java ones, on one
// cluster: acked tuples per second, the memory of the worker and of the Python processes, and how
// long a submission takes until the topology runs. `make bench BENCH=cluster` runs it.
func BenchmarkWorkers(b *testing.B) {
	c := newCluster(b, stormtest.Options{})
	c.project = filepath.Join("..", "..", "test", "bench", "wordcount")
	for _, host := range []struct {
		name  string
		flags []string
	}{{"gust", []string{"--gust-workers"}}, {"java", nil}} {
		b.Run(host.name, func(b *testing.B) {
			at := *c
			at.t = b
			for range b.N {
				l := &ledger{cluster: &at, name: "wordcount"}
				began := time.Now()
				args := append([]string{"submit", "-f", "--wait", "1", "-w", "1", "-a", "1", "--python", c.python, "-o", "topology.max.spout.pending=1000", "-o", "topology.stats.sample.rate=1.0"}, host.flags...)
				l.id = strings.TrimSpace(at.gust(append(args, "-N", l.name)...))
				b.ReportMetric(time.Since(began).Seconds(), "s-to-run")
				time.Sleep(warmUp)
				before := l.acked()
				time.Sleep(measured)
				b.ReportMetric((l.acked()-before)/measured.Seconds(), "acked/s")
				b.ReportMetric(pss(tree(l.pid()))/(1<<20), "MB")
				at.gust("kill", l.name, "--wait", "0")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// A Java worker is fast after some seconds, and reports its figures once a second.
const warmUp, measured = 10 * time.Second, 10 * time.Second

// acked is how many tuple trees have been acked.
func (l *ledger) acked() float64 {
	var s topologyStats
	l.stats(&s)
	return float64(s.Spouts[0].Acked)
}

// tree is a process with its descendants, and the process that starts it for the supervisor.
func tree(root int) map[int]bool {
	parents := map[int]int{}
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		status, _ := os.ReadFile(filepath.Join("/proc", entry.Name(), "stat"))
		_, rest, _ := strings.Cut(string(status), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 {
			parents[pid], _ = strconv.Atoi(fields[1])
		}
	}
	in := map[int]bool{root: true}
	for range parents { // generations
		for pid, parent := range parents {
			if in[parent] {
				in[pid] = true
			}
		}
	}
	if line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", parents[root])); strings.Contains(string(line), "org.apache.storm.LogWriter") {
		in[parents[root]] = true
	}
	return in
}

// pss adds up the proportional set sizes of processes, in bytes.
func pss(pids map[int]bool) (bytes float64) {
	for pid := range pids {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		for line := range strings.Lines(string(text)) {
			if size, is := strings.CutPrefix(line, "Pss:"); is {
				kB, _ := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(size), "kB")), 64)
				bytes += kB * 1024
			}
		}
	}
	return bytes
}
