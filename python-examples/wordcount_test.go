package examples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gust/internal/testenv"
)

const proverb = "the storm bent the reed but the reed kept its root"

// cycleOf returns the first n words of an endlessly repeated text.
func cycleOf(text string, n int) []string {
	words := strings.Fields(text)
	said := make([]string, n)
	for i := range said {
		said[i] = words[i%len(words)]
	}
	return said
}

func TestWordcount(t *testing.T) {
	eachSerializer(t, func(t *testing.T, serializer, python string) {
		checkWordcount(t, project(t, "wordcount", serializer), python, proverb, func(string) int { return 1 })
	})
}

// TestQuickstart runs the project that `sparse quickstart` makes: streamparse's
// own code writes it, and nothing in it is changed but the serializer.
func TestQuickstart(t *testing.T) {
	eachSerializer(t, func(t *testing.T, serializer, python string) {
		parent := t.TempDir()
		quickstart := exec.Command(python, "-c", "from streamparse.bootstrap import quickstart; quickstart('demo')")
		quickstart.Dir = parent
		if out, err := quickstart.CombinedOutput(); err != nil {
			t.Fatalf("quickstart: %v\n%s", err, out)
		}
		dir := filepath.Join(parent, "demo")
		setSerializer(t, dir, serializer)

		r := start(t, dir, "--python", python)
		r.Until("a bolt says how much it has counted", func() bool { return strings.Contains(r.Stderr(), "counted [") })
		s := r.Stop()
		spout, bolt := s.Component(t, "word_spout"), s.Component(t, "count_bolt")
		if spout.Emitted == 0 || bolt.Executed != spout.Emitted || bolt.Acked != spout.Emitted || bolt.Emitted != spout.Emitted {
			t.Errorf("the spout emitted %d words; the bolt executed %d, acked %d, emitted %d",
				spout.Emitted, bolt.Executed, bolt.Acked, bolt.Emitted)
		}

		// The quickstart counts each dog as ten.
		checkWordcount(t, dir, python, "dog cat zebra elephant", func(word string) int {
			if word == "dog" {
				return 10
			}
			return 1
		})
	})
}

// audit is a topology of the same spout and bolt, and one more bolt that
// records each count.
const audit = `
from streamparse import Grouping, Topology

from bolts.record import RecordBolt
from bolts.wordcount import WordCountBolt
from spouts.words import WordSpout


class Audit(Topology):
    word_spout = WordSpout.spec()
    count_bolt = WordCountBolt.spec(inputs={word_spout: Grouping.fields("word")}, par=2)
    record = RecordBolt.spec(inputs=[count_bolt])
`

// checkWordcount runs a word count whose spout repeats a text, and compares every count
// that the bolt emits.
func checkWordcount(t *testing.T, dir, python, text string, increment func(word string) int) {
	t.Helper()
	record, err := os.ReadFile("sentences/src/bolts/record.py")
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{"src/bolts/record.py": string(record), "topologies/audit.py": audit} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := start(t, dir, "topologies/audit.py", "--python", python)
	r.Until("two thousand words are counted", func() bool { return len(r.all("record")) >= 2000 })
	s := r.Stop()

	emitted := s.Component(t, "word_spout").Emitted
	for _, name := range []string{"count_bolt", "record"} {
		if got := s.Component(t, name).Executed; got != emitted {
			t.Errorf("%s executed %d tuples, the spout emitted %d", name, got, emitted)
		}
	}
	counts := map[string]int{}
	for _, word := range cycleOf(text, emitted) {
		counts[word] += increment(word)
	}
	// A word's counts come from one task, in order.
	last := map[string]int{}
	for _, records := range r.recorded("record") {
		for _, line := range records {
			word, text, _ := strings.Cut(line, " ")
			count, err := strconv.Atoi(text)
			if err != nil || count != last[word]+increment(word) {
				t.Fatalf("after %d of %q came %q", last[word], word, line)
			}
			last[word] = count
		}
	}
	for word, want := range counts {
		if last[word] != want {
			t.Errorf("of %d words %q was counted to %d, want %d", emitted, word, last[word], want)
		}
	}
}

// TestPlainRun runs the word count as its README does, to the end of -t.
func TestPlainRun(t *testing.T) {
	t.Parallel()
	python := testenv.Python(t)
	cmd := exec.Command(gust, "run", "-t", "2", "--python", python)
	cmd.Dir = project(t, "wordcount", "json")
	var table, log strings.Builder
	cmd.Stdout, cmd.Stderr = &table, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	for _, name := range []string{"word_spout", "count_bolt"} {
		if !strings.Contains(table.String(), name) {
			t.Errorf("the table does not name %s:\n%s", name, table.String())
		}
	}
}
