package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// better says which of two values of a measure is better.
type better bool

const (
	more better = true
	less better = false
)

// report collects the measurements.
type report struct {
	Began   time.Time `json:"began"`
	CPUs    int       `json:"cpus"`
	Load    string    `json:"load_before"` // /proc/loadavg at the start: the load of other programs
	Rounds  int       `json:"rounds"`
	Seconds float64   `json:"seconds"`
	Rows    []*row    `json:"rows"`
}

// row is one measure of one workload, with a value for each host and round.
type row struct {
	Workload string               `json:"workload"`
	Measure  string               `json:"measure"`
	Better   better               `json:"more_is_better"`
	Values   map[string][]float64 `json:"values"`
}

func newReport(o *options) *report {
	load, _ := os.ReadFile("/proc/loadavg")
	return &report{
		Began: time.Now(), CPUs: runtime.NumCPU(), Load: strings.TrimSpace(string(load)),
		Rounds: o.rounds, Seconds: o.seconds,
	}
}

func (r *report) add(workload string, h host, measure string, value float64, b better) {
	r.addOf(workload, h.name(), measure, value, b)
}

// addOf adds a value of a host, or of anything else that is measured, by its name.
func (r *report) addOf(workload, of, measure string, value float64, b better) {
	have := r.find(workload, measure)
	if have == nil {
		have = &row{Workload: workload, Measure: measure, Better: b, Values: map[string][]float64{}}
		r.Rows = append(r.Rows, have)
	}
	have.Values[of] = append(have.Values[of], value)
}

func (r *report) find(workload, measure string) *row {
	for _, have := range r.Rows {
		if have.Workload == workload && have.Measure == measure {
			return have
		}
	}
	return nil
}

// The notes of the table's second column.
const (
	noteStorm   = "*"
	noteBytewax = "+"
	notePystorm = "="
	noteWatched = "~"
	noteOne     = "#"
	noteEarlier = "^"
)

var notes = []struct{ mark, text string }{
	{noteStorm, "Storm's run with stock pystorm over JSON, or the C child over JSON: it has neither msgpack nor a fast runner"},
	{noteBytewax, "bytewax, an item at a time and without acks, in place of Storm; gust's run is wordcount-fast"},
	{noteWatched, "gust that nobody watches, in place of Storm; the other gust has its page open and its metrics fetched each second"},
	{noteOne, "gust with one worker, in place of Storm; the other gust has two"},
	{noteEarlier, "an earlier gust (-earlier), in place of Storm"},
	{notePystorm, "pystorm unchanged, in place of Storm; gust's is the fast runner"},
}

// sides are gust's values for a row, and those that they are compared with: of
// the same workload, or of the one that is its rival.
func (r *report) sides(of *row) (gust, other []float64, note string) {
	for _, side := range []struct{ of, note string }{
		{"pystorm", notePystorm}, {unwatched, noteWatched}, {oneWorker, noteOne}, {earlier, noteEarlier},
	} {
		if other := of.Values[side.of]; other != nil {
			return of.Values["gust"], other, side.note
		}
	}
	var rival row
	for _, w := range workloads {
		if w.name == of.Workload && w.rival != "" {
			if found := r.find(w.rival, of.Measure); found != nil {
				rival = *found
			}
		}
	}
	switch {
	case of.Values["bytewax"] != nil:
		return rival.Values["gust"], of.Values["bytewax"], noteBytewax
	case of.Values["storm"] == nil && rival.Values["storm"] != nil:
		return of.Values["gust"], rival.Values["storm"], noteStorm
	}
	return of.Values["gust"], of.Values["storm"], ""
}

// ratios are how many times better gust was than the other, run by run.
func (b better) ratios(gust, other []float64) (ratios []float64) {
	for i := range min(len(gust), len(other)) {
		ratio := gust[i] / other[i]
		if b == less {
			ratio = 1 / ratio
		}
		ratios = append(ratios, ratio)
	}
	return ratios
}

// print writes the table.
func (r *report) print(to io.Writer) {
	if len(r.Rows) == 0 {
		return
	}
	fmt.Fprintf(to, "%d rounds of %g s, %d CPUs, load before: %s\n\n", r.Rounds, r.Seconds, r.CPUs, r.Load)
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tmedians: gust\tstorm\ttimes better: min\tmedian\tmax\t")
	workload, noted := "", map[string]bool{}
	for _, row := range r.Rows {
		if row.Workload != workload {
			workload = row.Workload
			fmt.Fprintf(table, "%s\t\t\t\t\t\t\n", strings.ToUpper(workload))
		}
		gust, other, note := r.sides(row)
		noted[note] = true
		fmt.Fprintf(table, "%s\t%s\t%s%s\t", row.Measure, show(median(gust)), show(median(other)), note)
		if ratios := row.Better.ratios(gust, other); len(ratios) > 0 {
			fmt.Fprintf(table, "%s\t%s\t%s\t\n", show(slices.Min(ratios)), show(median(ratios)), show(slices.Max(ratios)))
		} else {
			fmt.Fprint(table, "\t\t\t\n")
		}
	}
	_ = table.Flush() // to the terminal
	for _, n := range notes {
		if noted[n.mark] {
			fmt.Fprintf(to, "\n%s %s\n", n.mark, n.text)
		}
	}
}

// median is NaN if there are no values.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

// show writes a number with three significant digits.
func show(v float64) string {
	switch {
	case math.IsNaN(v):
		return ""
	case math.Abs(v) >= 1000:
		text := strconv.FormatFloat(v, 'f', 0, 64)
		for i := len(text) - 3; i > 0; i -= 3 {
			text = text[:i] + "," + text[i:]
		}
		return text
	case math.Abs(v) >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case math.Abs(v) >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// save writes everything into a new file.
func (r *report) save(dir string) error {
	if len(r.Rows) == 0 {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	name := filepath.Join(dir, r.Began.UTC().Format("20060102-150405")+".json")
	say("all results are in %s", name)
	return os.WriteFile(name, append(text, '\n'), 0o644)
}
