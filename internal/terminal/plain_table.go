package main

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plainTable lays rows out for people, within a width and with no word broken:
// heads wrap, and where the columns are too wide side by side, some go below their
// row, as "head: value": first those that may, then the widest. A column that no row
// fills is left out.
type plainTable struct {
	head  []string
	right []bool // which columns are flush right, their heads too
	may   []bool // which go below before others do
	rows  [][]string
}

// Between columns, and in front of what goes below a row.
const (
	columnGap = "  "
	rowIndent = "    "
)

// draw draws the table.
func (t *plainTable) draw(width int) string {
	widths := t.widths()
	beside, below := t.split(widths, width)
	var b strings.Builder
	heads := make([][]string, len(t.head))
	height := 0
	for _, i := range beside {
		heads[i] = wrapWords(t.head[i], widths[i])
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
	for _, row := range t.rows {
		t.line(&b, beside, widths, func(i int) string { return row[i] })
		t.rest(&b, below, row, width)
	}
	return b.String()
}

// widths are the columns' widths in characters, 0 for one that no row fills.
func (t *plainTable) widths() []int {
	widths := make([]int, len(t.head))
	for i := range widths {
		for _, row := range t.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
		if widths[i] > 0 || len(t.rows) == 0 {
			for word := range strings.FieldsSeq(t.head[i]) {
				widths[i] = max(widths[i], utf8.RuneCountInString(word))
			}
		}
	}
	return widths
}

// split says which columns stand beside each other and which go below their row.
// The first says what the row is about, and stays.
func (t *plainTable) split(widths []int, width int) (beside, below []int) {
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
func (t *plainTable) rank(column int, widths []int) int {
	if t.may[column] {
		return widths[column] + 1<<16
	}
	return widths[column]
}

// line writes a line of cells.
func (t *plainTable) line(b *strings.Builder, columns, widths []int, cell func(column int) string) {
	var line strings.Builder
	for n, i := range columns {
		if n > 0 {
			line.WriteString(columnGap)
		}
		text := cell(i)
		gap := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(text)))
		if t.right[i] {
			line.WriteString(gap + text)
		} else {
			line.WriteString(text + gap)
		}
	}
	b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

// rest writes what goes below a row: as many to a line as fit.
func (t *plainTable) rest(b *strings.Builder, columns []int, row []string, width int) {
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
		item := t.head[i] + ": " + row[i]
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

// plainHead is how people read a column's name: "complete ms" for completeLatency,
// "tasks" for num_tasks. Units are said where they are not in the cells.
func plainHead(name string) string {
	var words []string
	start := 0
	for i, r := range name {
		switch {
		case r == '_' || r == ' ':
			words = append(words, name[start:i])
			start = i + 1
		case i > start && unicode.IsUpper(r) && !unicode.IsUpper(rune(name[i-1])):
			words = append(words, name[start:i])
			start = i
		}
	}
	words = append(words, name[start:])
	if len(words) > 1 {
		words = slices.DeleteFunc(words, func(word string) bool {
			switch strings.ToLower(word) {
			case "num", "total", "pretty", "secs":
				return true
			}
			return false
		})
	}
	head := strings.ToLower(strings.Join(words, " "))
	return strings.Replace(head, "latency", "ms", 1)
}
