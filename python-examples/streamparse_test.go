package examples_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gust/internal/testenv"
	"gust/internal/testrun"
)

func TestSentences(t *testing.T) {
	text, err := os.ReadFile("sentences/src/sentences.txt")
	if err != nil {
		t.Fatal(err)
	}
	sentences := strings.Split(strings.TrimSpace(string(text)), "\n")
	const (
		count  = 200
		rounds = 3 // how often the spout emits a sentence that always fails
	)
	var words, rejected []string
	flaky, wordless := 0, 0
	for number := range count {
		sentence := sentences[number%len(sentences)]
		if number%10 == 0 {
			flaky++
		}
		switch found := regexp.MustCompile(`\w+`).FindAllString(strings.ToLower(sentence), -1); {
		case len(found) == 0 && number%10 == 0:
			t.Fatalf("sentence %d fails for two reasons: the figures below do not hold", number)
		case len(found) == 0:
			wordless++
		case len(found) > 12:
			rejected = append(rejected, spell(number, sentence))
		default:
			words = append(words, found...)
		}
	}
	slices.Sort(words)
	slices.Sort(rejected)
	if wordless == 0 || len(rejected) == 0 {
		t.Fatal("sentences.txt has no line without words, or none that is too long")
	}

	eachSerializer(t, func(t *testing.T, serializer, python string) {
		r := start(t, project(t, "sentences", serializer), "--python", python)
		r.Until("all sentences are split or given up", func() bool {
			return len(r.all("words")) >= len(words) && len(r.all("rejected")) >= len(rejected) &&
				strings.Count(r.Stderr(), "exceeded retry limit") == wordless
		})
		s := r.Stop()

		if got := r.all("words"); !slices.Equal(got, words) {
			t.Errorf("%d words were counted, want %d: %v", len(got), len(words), got)
		}
		if got := r.all("rejected"); !slices.Equal(got, rejected) {
			t.Errorf("rejected: %q, want %q", got, rejected)
		}
		task := map[string]string{}
		for file, words := range r.recorded("words") {
			for _, word := range words {
				if before := task[word]; before != "" && before != file {
					t.Errorf("fields grouping: the word %q is in %s and in %s", word, before, file)
				}
				task[word] = file
			}
		}

		failures := flaky + rounds*wordless
		if want := (testrun.FailedStats{Bolt: failures}); s.Trees.Failed != want {
			t.Errorf("failed trees %+v, want %+v", s.Trees.Failed, want)
		}
		if s.Trees.Acked != count-wordless {
			t.Errorf("%d trees acked, want %d", s.Trees.Acked, count-wordless)
		}
		for _, c := range []struct {
			component                        string
			emitted, executed, failed, error int
		}{
			{"sentences", count - wordless + failures, 0, failures, 0},
			{"flaky", count - wordless + failures - flaky, count - wordless + failures, flaky, 0},
			{"split", len(words) + len(rejected), count - wordless + failures - flaky, rounds * wordless, rounds * wordless},
			{"words", 0, len(words), 0, 0},
			{"rejected", 0, len(rejected), 0, 0},
		} {
			got := s.Component(t, c.component)
			if got.Emitted != c.emitted || got.Executed != c.executed || got.Failed != c.failed || got.Errors != c.error {
				t.Errorf("%+v, want %+v", got, c)
			}
		}
	})
}

func TestBatching(t *testing.T) {
	eachSerializer(t, func(t *testing.T, serializer, python string) {
		const views, pages = 700, 7
		viewed := func(r *run) (sum int, byPage map[string]int) {
			byPage = map[string]int{}
			for _, record := range r.all("record") {
				var page string
				var n int
				if _, err := fmt.Sscan(record, &page, &n); err != nil {
					t.Fatalf("record %q: %v", record, err)
				}
				byPage[page] += n
				sum += n
			}
			return sum, byPage
		}
		r := start(t, project(t, "batching", serializer), "--python", python, "-o", fmt.Sprint("views.count=", views))
		r.Until("all views are counted", func() bool {
			sum, _ := viewed(r)
			return sum >= views
		})
		s := r.Stop()

		_, byPage := viewed(r)
		for page := range pages {
			name := fmt.Sprint("/page/", page)
			if byPage[name] != views/pages {
				t.Errorf("%s was viewed %d times, want %d", name, byPage[name], views/pages)
			}
		}
		if s.Trees.Acked != views || s.Trees.Emitted != views {
			t.Errorf("trees %+v, want %d, all acked", s.Trees, views)
		}
		if batches := s.Component(t, "record").Executed; batches >= views {
			t.Errorf("%d views came in %d batches", views, batches)
		}
	})
}

func TestDirect(t *testing.T) {
	eachSerializer(t, func(t *testing.T, serializer, python string) {
		const cards, players = 52, 4
		r := start(t, project(t, "direct", serializer), "--python", python)
		r.Until("all cards are dealt", func() bool {
			return len(r.all("player")) >= cards && len(r.all("observer")) >= cards && len(r.all("notes")) >= cards
		})
		s := r.Stop()

		// The dealer's records, computed from those of the others.
		player, observer := map[string]string{}, map[string]string{}
		for file, cards := range r.recorded("player") {
			if len(cards) != 13 {
				t.Errorf("%s has %d cards, want 13", file, len(cards))
			}
			for _, card := range cards {
				player[card] = taskOf(file)
			}
		}
		for file, cards := range r.recorded("observer") {
			for _, card := range cards {
				observer[card] = taskOf(file)
			}
		}
		var notes []string
		for card := range player {
			notes = append(notes, fmt.Sprintf("%s %s [%s]", card, player[card], observer[card]))
		}
		slices.Sort(notes)
		if got := r.all("notes"); !slices.Equal(got, notes) {
			t.Errorf("the dealer's notes %q, but dealt were %q", got, notes)
		}
		if len(notes) != cards || len(r.recorded("player")) != players {
			t.Errorf("%d cards went to %d players, want %d and %d", len(notes), len(r.recorded("player")), cards, players)
		}
		if s.Trees.Acked != cards || s.Trees.Emitted != cards {
			t.Errorf("trees %+v, want %d, all acked", s.Trees, cards)
		}
	})
}

// taskOf returns the task id in the name of a file of records.
func taskOf(file string) string {
	_, task, _ := strings.Cut(strings.TrimSuffix(file, ".jsonl"), "-")
	return task
}

func TestCycle(t *testing.T) {
	eachSerializer(t, func(t *testing.T, serializer, python string) {
		const jobs = 400
		done, givenUp := jobsAfter(jobs)
		r := start(t, project(t, "cycle", serializer), "--python", python, "-o", fmt.Sprint("jobs.count=", jobs))
		r.Until("all jobs are done or given up", func() bool {
			return len(r.all("done")) >= len(done) && len(r.all("given_up")) >= len(givenUp)
		})
		s := r.Stop()

		if got := r.all("done"); !slices.Equal(got, done) {
			t.Errorf("done: %q, want %q", got, done)
		}
		if got := r.all("given_up"); !slices.Equal(got, givenUp) {
			t.Errorf("given up: %q, want %q", got, givenUp)
		}
		if s.Trees.Acked != jobs || s.Trees.Emitted != jobs {
			t.Errorf("trees %+v, want %d, all acked", s.Trees, jobs)
		}
		// Of four jobs, one needs one attempt, one two, and two three.
		if got, want := s.Component(t, "work").Executed, jobs/4*(1+2+3+3); got != want {
			t.Errorf("work took %d attempts, want %d", got, want)
		}
	})
}

// jobsAfter returns the results of so many jobs of the example cycle.
func jobsAfter(jobs int) (done, givenUp []string) {
	for job := range jobs {
		if attempt := job%4 + 1; attempt <= 3 {
			done = append(done, spell(job, attempt))
		} else {
			givenUp = append(givenUp, spell(job, 3))
		}
	}
	slices.Sort(done)
	slices.Sort(givenUp)
	return done, givenUp
}

// A project of streamparse 2, whose topology is in Clojure, and its conversion by gust
// convert.
func TestVotes(t *testing.T) {
	t.Parallel()
	python := testenv.Python(t)
	dir := project(t, "clojure", "json")
	for _, form := range []string{"py", "toml"} {
		file := filepath.Join(dir, "topologies", "converted."+form)
		cmd := exec.Command(gust, "convert", "topologies/votes.clj", "-o", file)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	for _, form := range []string{"votes.clj", "converted.py", "converted.toml"} {
		const ballots = 200
		r := start(t, dir, "topologies/"+form, "--python", python, "-o", fmt.Sprint("votes.count=", ballots), "-o", "votes.counters=3")
		r.Until("all ballots are counted", func() bool { return len(r.all("record-bolt")) >= ballots })
		s := r.Stop()

		records := r.all("record-bolt")
		for _, record := range []string{"north", "north tea 10", "east coffee 10", "west milk 10", "south tea 20"} {
			if !slices.Contains(records, record) {
				t.Errorf("%s: no record %q", form, record)
			}
		}
		if blank := slices.DeleteFunc(records, func(r string) bool { return strings.Contains(r, " ") }); len(blank) != ballots/5 {
			t.Errorf("%s: %d blank ballots, want %d", form, len(blank), ballots/5)
		}
		if s.Trees.Acked != ballots {
			t.Errorf("%s: %d trees acked, want %d", form, s.Trees.Acked, ballots)
		}
		counters := 2
		if form == "votes.clj" {
			counters = 3 // its function is called with the options
		}
		if got := s.Component(t, "tally-bolt").Tasks; got != counters {
			t.Errorf("%s: tally-bolt has %d tasks, want %d", form, got, counters)
		}
	}
}
