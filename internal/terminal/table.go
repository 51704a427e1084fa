package terminal

import (
	"strings"
	"unicode/utf8"
)

// Table lays rows of cells out in columns that are as wide as their widest
// cell. A column that no row fills is left out.
type Table struct {
	Head []string
	// Texts is how many columns, from the left, hold texts. The others hold
	// numbers, which stand flush right so that they can be compared.
	Texts int
	Rows  [][]string
}

// Add adds a row; cells that are missing at its end are empty.
func (t *Table) Add(cells ...string) { t.Rows = append(t.Rows, cells) }

// String is the table, each line with its line feed.
func (t *Table) String() string {
	widths := t.widths()
	var b strings.Builder
	t.writeRow(&b, widths, t.Head)
	for _, row := range t.Rows {
		t.writeRow(&b, widths, row)
	}
	return b.String()
}

// widths are the columns' widths in characters, 0 for a column that is left out.
func (t *Table) widths() []int {
	widths := make([]int, len(t.Head))
	for _, row := range t.Rows {
		for i, cell := range row {
			if cell != "" {
				widths[i] = max(widths[i], utf8.RuneCountInString(cell), utf8.RuneCountInString(t.Head[i]))
			}
		}
	}
	return widths
}

func (t *Table) writeRow(b *strings.Builder, widths []int, row []string) {
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
		if i < t.Texts {
			line.WriteString(cell + gap)
		} else {
			line.WriteString(gap + cell)
		}
	}
	b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}
