package terminal

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// BoxTable draws a table with lines around its cells, exactly as the Python
// package does that sparse uses (texttable): where the columns do not fit, the
// narrow ones keep their width, the others share the rest, and their texts wrap.
type BoxTable struct {
	Head  []string
	Right []bool // which columns are flush right; heads are centred
	Rows  [][]string
}

// Draw draws the table, at most width characters wide.
func (t *BoxTable) Draw(width int) string {
	widths := t.widths(width)
	var b strings.Builder
	t.rule(&b, widths, '-')
	t.row(&b, widths, t.Head, centred)
	t.rule(&b, widths, '=')
	for _, row := range t.Rows {
		t.row(&b, widths, row, t.aligned)
		t.rule(&b, widths, '-')
	}
	if len(t.Rows) == 0 {
		t.rule(&b, widths, '-')
	}
	return b.String()
}

// widths are the columns' widths in characters.
func (t *BoxTable) widths(width int) []int {
	wanted := make([]int, len(t.Head))
	sum := 0
	for i := range wanted {
		for _, row := range append([][]string{t.Head}, t.Rows...) {
			for line := range strings.SplitSeq(row[i], "\n") {
				wanted[i] = max(wanted[i], utf8.RuneCountInString(line))
			}
		}
		sum += wanted[i]
	}
	room := width - 3*len(wanted) - 1
	if sum <= room {
		return wanted
	}
	// Each column gets a character in turn, until nothing is left. No column is
	// narrower than one, even if that is too wide.
	widths := make([]int, len(wanted))
	for i := range widths {
		widths[i] = min(1, wanted[i])
		room -= widths[i]
	}
	for room > 0 {
		for i := range widths {
			if room > 0 && widths[i] < wanted[i] {
				widths[i]++
				room--
			}
		}
	}
	return widths
}

func (t *BoxTable) rule(b *strings.Builder, widths []int, line rune) {
	b.WriteByte('+')
	for _, width := range widths {
		b.WriteString(strings.Repeat(string(line), width+2))
		b.WriteByte('+')
	}
	b.WriteByte('\n')
}

// row draws one row, which is as high as its highest cell.
func (t *BoxTable) row(b *strings.Builder, widths []int, row []string, align func(column int, text string, gap int) string) {
	cells := make([][]string, len(widths))
	height := 1
	for i, width := range widths {
		for line := range strings.SplitSeq(row[i], "\n") {
			cells[i] = append(cells[i], wrap(line, width)...)
		}
		height = max(height, len(cells[i]))
	}
	for line := range height {
		b.WriteByte('|')
		for i, width := range widths {
			text := ""
			if line < len(cells[i]) {
				text = cells[i][line]
			}
			b.WriteString(" " + align(i, text, width-utf8.RuneCountInString(text)) + " |")
		}
		b.WriteByte('\n')
	}
}

// aligned puts a cell's line to its column's side.
func (t *BoxTable) aligned(column int, text string, gap int) string {
	if t.Right[column] {
		return strings.Repeat(" ", gap) + text
	}
	return text + strings.Repeat(" ", gap)
}

// centred puts a line into the middle, or a character to the left of it.
func centred(_ int, text string, gap int) string {
	return strings.Repeat(" ", gap/2) + text + strings.Repeat(" ", gap-gap/2)
}

// wrap breaks a line between words, after hyphens within them, and in the middle
// of those that are longer than the width, as Python's textwrap does.
func wrap(text string, width int) []string {
	if utf8.RuneCountInString(text) <= width {
		return []string{text}
	}
	var lines []string
	var line []rune
	for _, chunk := range chunks(text) {
		blank := unicode.IsSpace(chunk[0])
		if blank && len(line) == 0 && len(lines) > 0 {
			continue // a line does not begin with what stands between words
		}
		if len(line)+len(chunk) > width {
			if blank {
				lines, line = append(lines, trimmed(line)), nil
				continue
			}
			if len(chunk) <= width && len(line) > 0 {
				lines, line = append(lines, trimmed(line)), nil
			}
		}
		for len(line)+len(chunk) > width {
			if len(line) == width {
				lines, line = append(lines, trimmed(line)), nil
				continue
			}
			cut := cutAt(chunk, width-len(line))
			lines = append(lines, trimmed(append(line, chunk[:cut]...)))
			line, chunk = nil, chunk[cut:]
		}
		line = append(line, chunk...)
	}
	if text := trimmed(line); text != "" || len(lines) == 0 {
		lines = append(lines, text)
	}
	return lines
}

// chunks are what a line may be broken between.
func chunks(text string) [][]rune {
	runes := []rune(text)
	var list [][]rune
	start := 0
	for i := 1; i <= len(runes); i++ {
		if i == len(runes) || unicode.IsSpace(runes[i]) != unicode.IsSpace(runes[i-1]) || afterHyphen(runes, i) {
			list = append(list, runes[start:i])
			start = i
		}
	}
	return list
}

// afterHyphen reports whether a hyphen between two parts of a word of at least two
// letters each ends before i.
func afterHyphen(runes []rune, i int) bool {
	return i >= 3 && i+1 < len(runes) && runes[i-1] == '-' &&
		unicode.IsLetter(runes[i-2]) && unicode.IsLetter(runes[i-3]) &&
		unicode.IsLetter(runes[i]) && unicode.IsLetter(runes[i+1])
}

// cutAt is where a word is cut that is too long for the room: after its last
// hyphen there, if it has one.
func cutAt(word []rune, room int) int {
	for i := room - 1; i > 0; i-- {
		if word[i] == '-' && strings.Trim(string(word[:i]), "-") != "" {
			return i + 1
		}
	}
	return room
}

func trimmed(line []rune) string { return strings.TrimRightFunc(string(line), unicode.IsSpace) }
