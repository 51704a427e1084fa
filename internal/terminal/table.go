package main

import (
	"strings"
	"unicode/utf8"
)

// table lays rows of cells out in columns that are as wide as their widest
// cell. A column that no row fills is left out.
type table struct {
	head []string
	// texts is how many columns, from the left, hold texts. The others hold
	// numbers, which stand flush right so that they can be compared.
	texts int
	rows  [][]string
}

// add adds a row; cells that are missing at its end are empty.
func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// String is the table, each line with its line feed.
func (t *table) String() string {
	widths := t.widths()
	var b strings.Builder
	t.writeRow(&b, widths, t.head)
	for _, row := range t.rows {
		t.writeRow(&b, widths, row)
	}
	return b.String()
}

// widths are the columns' widths in characters, 0 for a column that is left out.
func (t *table) widths() []int {
	widths := make([]int, len(t.head))
	for _, row := range t.rows {
		for i, cell := range row {
			if cell != "" {
				widths[i] = max(widths[i], utf8.RuneCountInString(cell), utf8.RuneCountInString(t.head[i]))
			}
		}
	}
	return widths
}

func (t *table) writeRow(b *strings.Builder, widths []int, row []string) {
	var line strings.Builder
	for i, width := range widths {
		if width == 0 {
			continue
		}
		cell := ""
		if i < len(row) {
			cell = row[i]
		}
		gap := strings.Repeat(" ", width-utf8.RuneCountInString(cell))
		if line.Len() > 0 {
			line.WriteString("  ")
		}
		if i < t.texts {
			line.WriteString(cell + gap)
		} else {
			line.WriteString(gap + cell)
		}
	}
	b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}
