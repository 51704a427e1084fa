package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gust/internal/testenv"
)

// books are the lines of a run's books, by their paths.
type books map[string][]string

// soundBooks are those of one spout with two tuples. The first needs a second
// attempt, because a bolt failed it; the second, because its process died.
func soundBooks() books {
	b := books{
		"ledgers/orders-7": {"b 100", "e 0 1", "f 0", "e 0 2", "e 1 1", "a 0", "b 101", "e 1 2", "a 1", "q"},
		"misdeeds/turn-9":  {"fail 1", "forget"},
	}
	// Only some sinks have got the failed attempts.
	b.receive("orders-7/0", 1, "audit-1", "count-3")
	b.receive("orders-7/1", 1, "pairs-6")
	for _, id := range []string{"orders-7/0", "orders-7/1"} {
		b.receive(id, 2, "audit-1", "audit-2", "count-3", "pairs-6", "archive-8", "finish-5")
	}
	return b
}

// receive lets sinks write down an attempt at a tuple.
func (b books) receive(id string, attempt int, tasks ...string) {
	for _, task := range tasks {
		sink, _, _ := strings.Cut(task, "-")
		for part := range sinkParts[sink] {
			path := "sinks/" + task
			b[path] = append(b[path], fmt.Sprintf("%s %d %d", id, attempt, part))
		}
	}
}

func (b books) write(t *testing.T) (dir string) {
	t.Helper()
	contents := map[string]string{}
	for path, lines := range b {
		for _, line := range lines {
			contents[path] += line + lineEnd
		}
	}
	return testenv.Files(t, contents)
}

// insert puts a line into a book, before another.
func (b books) insert(path, line, before string) {
	b.replace(path, before, before) // it must be there
	b[path] = slices.Insert(b[path], slices.Index(b[path], before), line)
}

// replace changes one line of a book; an empty new one removes it.
func (b books) replace(path, old, new string) {
	i := slices.Index(b[path], old)
	if i < 0 {
		panic(path + " has no line " + old)
	}
	b[path][i] = new
	if new == "" {
		b[path] = slices.Delete(b[path], i, i+1)
	}
}

func (f *findings) kinds() (kinds []string) {
	for _, k := range f.Kinds {
		kinds = append(kinds, k.Kind)
	}
	return kinds
}

func TestVerify(t *testing.T) {
	const (
		lost      = "LOST TUPLES: acked, but not everywhere"
		noVerdict = "emissions without an ack or fail, although their process lived"
		second    = "acks or fails of tuples that are not open"
		unacked   = "tuples that were never acked"
		twice     = "tuples that came twice in one attempt"
		unknown   = "tuples without an emission"
		nothing   = "sinks that got nothing at all"
		homeless  = "keys of a fields grouping that went to several tasks"
		global    = "a global grouping went to several tasks"
	)
	for _, c := range []struct {
		name  string
		spoil func(b books)
		want  []string
	}{
		{"sound", func(b books) {}, nil},
		{"a lost part", func(b books) { b.replace("sinks/count-3", "orders-7/1 2 1", "") }, []string{lost}},
		{"lost at one task of an all grouping", func(b books) { b.replace("sinks/audit-2", "orders-7/0 2 0", "") }, []string{lost}},
		{"another attempt came instead of the one that was acked", func(b books) { b.replace("sinks/finish-5", "orders-7/1 2 0", "orders-7/1 1 0") }, []string{lost}},
		{"twice, in the attempt that was acked", func(b books) { b.receive("orders-7/0", 2, "pairs-6") }, []string{twice}},
		{"twice, in one that was not", func(b books) { b.receive("orders-7/1", 1, "pairs-6") }, []string{twice}},
		{"a sink that got nothing", func(b books) { delete(b, "sinks/archive-8") }, []string{nothing}},
		{"an attempt that was never made", func(b books) { b.receive("orders-7/0", 3, "pairs-6") }, []string{unknown}},
		{"a tuple that was never emitted", func(b books) { b.receive("orders-7/2", 1, "pairs-6") }, []string{unknown}},
		{"an unknown spout", func(b books) { b.receive("orders-9/0", 1, "pairs-6") }, []string{unknown}},
		{"a key at two tasks", func(b books) {
			b.replace("sinks/count-3", "orders-7/0 2 0", "")
			b["sinks/count-4"] = []string{"orders-7/0 2 0"}
		}, []string{homeless}},
		{"a global grouping to two tasks", func(b books) {
			b.replace("sinks/archive-8", "orders-7/0 2 0", "")
			b["sinks/archive-9"] = []string{"orders-7/0 2 0"}
		}, []string{global}},
		{"acked twice", func(b books) { b.insert("ledgers/orders-7", "a 1", "q") }, []string{second}},
		{"acked after it failed", func(b books) { b.insert("ledgers/orders-7", "a 0", "e 0 2") }, []string{second}},
		{"a verdict on what a predecessor emitted", func(b books) { b.insert("ledgers/orders-7", "f 1", "e 1 2") }, []string{second}},
		{"a verdict on nothing", func(b books) { b.replace("ledgers/orders-7", "a 1", "a 5") }, []string{second, noVerdict, unacked}},
		{"no verdict, since it died with its worker", func(b books) {
			b.replace("ledgers/orders-7", "a 1", "")
			b["fallen"] = []string{"101"}
		}, []string{unacked}},
		{"no verdict, though its predecessor died with its worker", func(b books) {
			b.replace("ledgers/orders-7", "a 1", "")
			b["fallen"] = []string{"100"}
		}, []string{noVerdict, unacked}},
		{"no verdict", func(b books) { b.replace("ledgers/orders-7", "a 1", "") }, []string{noVerdict, unacked}},
		{"failed, and not emitted again", func(b books) { b.replace("ledgers/orders-7", "a 1", "f 1") }, []string{unacked}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := soundBooks()
			c.spoil(b)
			found := &findings{}
			if _, err := verify(b.write(t), true, found); err != nil {
				t.Fatal(err)
			}
			got := found.kinds()
			slices.Sort(got)
			want := slices.Compact(slices.Sorted(slices.Values(c.want)))
			if !slices.Equal(got, want) {
				t.Errorf("found:\n%swant %q", found, want)
			}
		})
	}
}

func TestVerifyCutOff(t *testing.T) {
	b := soundBooks()
	b.replace("ledgers/orders-7", "a 1", "f 1")
	found := &findings{}
	if _, err := verify(b.write(t), false, found); err != nil || len(found.Kinds) > 0 {
		t.Errorf("a run that was cut off need not be through: %v\n%s", err, found)
	}
}

func TestVerifyAddsUp(t *testing.T) {
	got, err := verify(soundBooks().write(t), true, &findings{})
	if err != nil {
		t.Fatal(err)
	}
	want := figures{Tuples: 2, Emissions: 4, Acked: 2, Failed: 1, Orphans: 1, Replayed: 2, Received: 4 + 1 + 2*9, FailedOnPurpose: 1, Forgotten: 1}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestVerifyRejectsOtherFiles(t *testing.T) {
	for path, line := range map[string]string{
		"ledgers/orders-7": "x 1",
		"sinks/pairs-6":    "orders-7/0 2",
		"misdeeds/turn-9":  "fail",
	} {
		b := soundBooks()
		b[path] = append(b[path], line)
		if _, err := verify(b.write(t), true, &findings{}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("with the line %q in %s: %v", line, path, err)
		}
	}
}

func TestCompare(t *testing.T) {
	f := figures{Emissions: 100, Acked: 60, Failed: 30, Orphans: 10, FailedOnPurpose: 25, Forgotten: 20}
	sound := trees{Emitted: 95, Acked: 62, Failed: reasons{Bolt: 20, Timeout: 3, Died: 10}}
	for _, c := range []struct {
		name   string
		gust   func(g *trees)
		agrees bool
	}{
		{"they agree", func(g *trees) {}, true},
		{"trees that do not add up", func(g *trees) { g.Emitted++ }, false},
		{"more emitted than the spouts know of", func(g *trees) { g.Emitted, g.Acked, g.Failed.Died = 101, 65, 13 }, false},
		{"fewer emitted than had verdicts", func(g *trees) { g.Emitted, g.Acked, g.Failed.Died = 89, 58, 8 }, false},
		{"more acked than can be", func(g *trees) { g.Acked, g.Failed.Died = 71, 1 }, false},
		{"fewer acked than the spouts got", func(g *trees) { g.Acked, g.Failed.Died = 59, 13 }, false},
		{"some are pending", func(g *trees) { g.Acked, g.Pending = 61, 1 }, false},
		{"bolts failed more than they meant to", func(g *trees) { g.Failed.Bolt, g.Failed.Died = 26, 4 }, false},
		{"bolts failed nothing", func(g *trees) { g.Failed.Bolt, g.Failed.Died = 0, 30 }, false},
		{"none died", func(g *trees) { g.Failed.Died, g.Failed.Timeout = 0, 13 }, false},
		{"none timed out", func(g *trees) { g.Failed.Died, g.Failed.Timeout = 13, 0 }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, found := sound, &findings{}
			c.gust(&g)
			f.compare(g, circumstances{deaths: 10, settled: true}, found)
			if agrees := len(found.Kinds) == 0; agrees != c.agrees {
				t.Errorf("agrees: %v, want %v\n%s", agrees, c.agrees, found)
			}
		})
	}
}
