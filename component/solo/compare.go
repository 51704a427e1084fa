package solo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"gust/shell"
)

// Line is an event in a comparison: its JSON, and the decoded object.
type Line struct {
	Text string
	// object is nil if the text is not JSON, as with Python's NaN: then the text is
	// compared.
	object map[string]any
}

// LineOf is the event as a line. An error is only its headline: a traceback changes with
// each edit of the code.
func LineOf(e Event) Line {
	if e.Command == "error" {
		e.Msg = shell.Headline(e.Msg)
	}
	return newLine(e.String())
}

func newLine(text string) Line {
	l := Line{Text: text}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber() // 1.0 is not 1, and no digit is lost
	if d.Decode(&l.object) != nil {
		l.object = nil
	}
	return l
}

// ParseLines reads the expected lines: JSON objects, blank lines and lines that begin
// with #. An error names the line.
func ParseLines(text []byte) ([]Line, error) {
	var lines []Line
	number := 0
	for raw := range bytes.Lines(text) {
		number++
		raw = bytes.TrimSpace(raw)
		if len(raw) == 0 || raw[0] == '#' {
			continue
		}
		if raw[0] != '{' {
			return nil, fmt.Errorf("line %d is not a JSON object: %s", number, raw)
		}
		lines = append(lines, newLine(string(raw)))
	}
	return lines, nil
}

// meets reports whether an event is the expected one. Keys that the expected line does
// not have are not compared: a person may write only what matters.
func (want Line) meets(got Line) bool {
	if want.Text == got.Text {
		return true
	}
	if want.object == nil || got.object == nil {
		return false
	}
	for key, value := range want.object {
		other, ok := got.object[key]
		if !ok {
			return false
		}
		if text, isText := value.(string); isText && key == "msg" {
			value = shell.Headline(text)
		}
		if !reflect.DeepEqual(value, other) {
			return false
		}
	}
	return true
}

// Difference is a line of a comparison.
type Difference struct {
	// Sign is '-' for an expected line that did not come, '+' for one that was not
	// expected, ' ' for one that came as expected.
	Sign byte
	Line Line
}

// maxTable limits the work of a comparison: it grows with the product of the lengths of
// the differing parts.
const maxTable = 16 << 20

// Compare finds the fewest differing lines. equal is true if there are none.
func Compare(want, got []Line) (lines []Difference, equal bool) {
	head := 0
	for head < min(len(want), len(got)) && want[head].meets(got[head]) {
		head++
	}
	tail := 0
	for tail < min(len(want), len(got))-head && want[len(want)-1-tail].meets(got[len(got)-1-tail]) {
		tail++
	}
	for _, l := range got[:head] {
		lines = append(lines, Difference{' ', l})
	}
	w, g := want[head:len(want)-tail], got[head:len(got)-tail]
	equal = len(w) == 0 && len(g) == 0
	lines = append(lines, middle(w, g)...)
	for _, l := range got[len(got)-tail:] {
		lines = append(lines, Difference{' ', l})
	}
	return lines, equal
}

// middle compares the lines between the common beginning and end: by the longest common
// subsequence, if that is not too much work.
func middle(want, got []Line) (lines []Difference) {
	if len(want)*len(got) > maxTable {
		return replaced(want, got)
	}
	// longest[i][j] is the length of the longest common subsequence of
	// want[i:] and got[j:].
	longest := make([][]int32, len(want)+1)
	for i := range longest {
		longest[i] = make([]int32, len(got)+1)
	}
	for i := len(want) - 1; i >= 0; i-- {
		for j := len(got) - 1; j >= 0; j-- {
			if want[i].meets(got[j]) {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(want) && j < len(got) {
		switch {
		case want[i].meets(got[j]):
			lines = append(lines, Difference{' ', got[j]})
			i++
			j++
		case longest[i+1][j] >= longest[i][j+1]:
			lines = append(lines, Difference{'-', want[i]})
			i++
		default:
			lines = append(lines, Difference{'+', got[j]})
			j++
		}
	}
	return append(lines, replaced(want[i:], got[j:])...)
}

// replaced is all of the one instead of all of the other.
func replaced(want, got []Line) (lines []Difference) {
	for _, l := range want {
		lines = append(lines, Difference{'-', l})
	}
	for _, l := range got {
		lines = append(lines, Difference{'+', l})
	}
	return lines
}

// Unified formats a comparison like diff -u: the differences, with a few lines before and
// after each.
func Unified(lines []Difference) string {
	const context = 3
	near := make([]bool, len(lines))
	for i, l := range lines {
		if l.Sign == ' ' {
			continue
		}
		for k := max(0, i-context); k <= min(len(lines)-1, i+context); k++ {
			near[k] = true
		}
	}
	var b strings.Builder
	skipped := 0
	for i, l := range lines {
		if !near[i] {
			skipped++
			continue
		}
		if skipped > 0 {
			fmt.Fprintf(&b, "@@ %d more @@\n", skipped)
			skipped = 0
		}
		fmt.Fprintf(&b, "%c%s\n", l.Sign, l.Line.Text)
	}
	if skipped > 0 {
		fmt.Fprintf(&b, "@@ %d more @@\n", skipped)
	}
	return b.String()
}
