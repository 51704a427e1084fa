package terminal

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// PlainTable lays rows out for people, within a width and with no word broken:
// heads wrap, and where the columns are too wide side by side, some go below their
// row, as "Head: value": first those that may, then the widest. A column that no row
// fills is left out.
type PlainTable struct {
	Head   []string
	Right  []bool // which columns are flush right, their heads too
	Yields []bool // which go below before others do
	Rows   [][]string
}

// Between columns, and in front of what goes below a row.
const (
	columnGap = "  "
	rowIndent = "    "
)

// Draw draws the table.
func (t *PlainTable) Draw(width int) string {
	widths := t.widths()
	beside, below := t.split(widths, width)
	var b strings.Builder
	heads := make([][]string, len(t.Head))
	height := 0
	for _, i := range beside {
		heads[i] = wrapWords(t.Head[i], widths[i])
		height = max(height, len(heads[i]))
	}
	for line := range height {
		t.line(&b, beside, widths, func(i int) string {
			// Heads stand on the first row.
			if skip := height - len(heads[i]); line >= skip {
				return heads[i][line-skip]
			}
			return ""
		})
	}
	for _, row := range t.Rows {
		t.line(&b, beside, widths, func(i int) string { return row[i] })
		t.rest(&b, below, row, width)
	}
	return b.String()
}

// widths are the columns' widths in characters, 0 for one that no row fills.
func (t *PlainTable) widths() []int {
	widths := make([]int, len(t.Head))
	for i := range widths {
		for _, row := range t.Rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
		if widths[i] > 0 || len(t.Rows) == 0 {
			for word := range strings.FieldsSeq(t.Head[i]) {
				widths[i] = max(widths[i], utf8.RuneCountInString(word))
			}
		}
	}
	return widths
}

// split says which columns stand beside each other and which go below their row.
// The first says what the row is about, and stays.
func (t *PlainTable) split(widths []int, width int) (beside, below []int) {
	room := width + len(columnGap)
	for i, w := range widths {
		if w > 0 {
			beside = append(beside, i)
			room -= w + len(columnGap)
		}
	}
	for room < 0 && len(beside) > 1 {
		widest := 1
		for i := range beside {
			if i > 0 && t.rank(beside[i], widths) >= t.rank(beside[widest], widths) {
				widest = i
			}
		}
		column := beside[widest]
		beside = slices.Delete(beside, widest, widest+1)
		below = append(below, column)
		room += widths[column] + len(columnGap)
	}
	slices.Sort(below)
	return beside, below
}

// rank orders the columns by how soon they go below.
func (t *PlainTable) rank(column int, widths []int) int {
	if t.Yields[column] {
		return widths[column] + 1<<16
	}
	return widths[column]
}

// line writes a line of cells.
func (t *PlainTable) line(b *strings.Builder, columns, widths []int, cell func(column int) string) {
	var line strings.Builder
	for n, i := range columns {
		if n > 0 {
			line.WriteString(columnGap)
		}
		text := cell(i)
		gap := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(text)))
		if t.Right[i] {
			line.WriteString(gap + text)
		} else {
			line.WriteString(text + gap)
		}
	}
	b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

// rest writes what goes below a row: as many to a line as fit.
func (t *PlainTable) rest(b *strings.Builder, columns []int, row []string, width int) {
	line := ""
	flush := func() {
		if line != "" {
			b.WriteString(rowIndent + strings.Join(wrapWords(line, width-len(rowIndent+columnGap)), "\n"+rowIndent+columnGap) + "\n")
		}
		line = ""
	}
	for _, i := range columns {
		if row[i] == "" {
			continue
		}
		item := t.Head[i] + ": " + row[i]
		if line != "" && utf8.RuneCountInString(rowIndent+line+columnGap+item) > width {
			flush()
		}
		if line != "" {
			line += columnGap
		}
		line += item
	}
	flush()
}

// wrapWords breaks text between words into lines of a width. A word stays whole,
// however long.
func wrapWords(text string, width int) []string {
	if utf8.RuneCountInString(text) <= width {
		return []string{text}
	}
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && utf8.RuneCountInString(line+" "+word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
