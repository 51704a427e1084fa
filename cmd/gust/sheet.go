package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"

	"golang.org/x/term"
)

// sheet is what a command tells of a cluster: a table for people, drawn as
// streamparse's commands draw theirs, and a member of a JSON object for programs.
type sheet struct {
	// key names the sheet in JSON.
	key   string
	title string
	// single sheets have one row, and are an object in JSON; others are a list.
	single  bool
	columns []column
	// rows hold texts, numbers, nil and [shown] values.
	rows [][]any
	// hidden sheets and columns are for programs only.
	hidden bool
}

// column is a column of a sheet. Its name is that of Storm's UI or of Nimbus'
// Thrift, whichever sparse shows.
type column struct {
	name   string
	right  bool // flush right
	key    string
	hidden bool
}

// shown is a value that people read otherwise than programs do.
type shown struct {
	text  string
	value any
}

// columns are those of the names. A ">" before a name puts it flush right, a "-"
// keeps it to JSON, and a "=KEY" behind it names it in JSON.
func columns(names ...string) []column {
	list := make([]column, len(names))
	for i, name := range names {
		name, right := strings.CutPrefix(name, ">")
		name, hidden := strings.CutPrefix(name, "-")
		name, key, named := strings.Cut(name, "=")
		if !named {
			key = name
		}
		list[i] = column{name, right, key, hidden}
	}
	return list
}

// add adds a row.
func (s *sheet) add(cells ...any) { s.rows = append(s.rows, cells) }

// print prints the sheets: as tables below each other, or as one JSON object.
func (c *cli) print(asJSON bool, sheets ...*sheet) error {
	if asJSON {
		document := make(map[string]any, len(sheets))
		for _, s := range sheets {
			document[s.key] = s.document()
		}
		return json.NewEncoder(c.stdout).Encode(document)
	}
	width := c.tableWidth()
	for _, s := range sheets {
		if s.hidden {
			continue
		}
		if _, err := fmt.Fprintf(c.stdout, "# %s\n%s", s.title, s.table(width)); err != nil {
			return err
		}
	}
	return nil
}

// sparseWidth is how wide sparse draws its tables everywhere.
const sparseWidth = 115

// tableWidth is sparse's, so that scripts find what they know, and where a
// terminal has more room all of that: words that break cannot be copied.
func (c *cli) tableWidth() int {
	if file, ok := c.stdout.(*os.File); ok && isTerminal(file) {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			return max(width, sparseWidth)
		}
	}
	return sparseWidth
}

// document is the sheet for JSON.
func (s *sheet) document() any {
	rows := make([]map[string]any, len(s.rows))
	for i, row := range s.rows {
		rows[i] = make(map[string]any, len(row))
		for j, cell := range row {
			if v, ok := cell.(shown); ok {
				cell = v.value
			}
			rows[i][s.columns[j].key] = cell
		}
	}
	if s.single && len(rows) == 1 {
		return rows[0]
	}
	return rows
}

// table is the sheet for people.
func (s *sheet) table(width int) string {
	var t boxTable
	var visible []int
	for i, column := range s.columns {
		if !column.hidden {
			visible = append(visible, i)
			t.head = append(t.head, column.name)
			t.right = append(t.right, column.right)
		}
	}
	for _, row := range s.rows {
		cells := make([]string, len(visible))
		for i, j := range visible {
			cells[i] = cellText(row[j])
		}
		t.rows = append(t.rows, cells)
	}
	return t.draw(width)
}

// cellText writes a value as sparse's tables do: None for what is not known, and
// a number with three decimals unless it is whole. Unlike there, a large count
// keeps all of its digits.
func cellText(value any) string {
	switch v := value.(type) {
	case nil:
		return "None"
	case shown:
		return v.text
	case float64:
		if v == math.Trunc(v) {
			return fmt.Sprintf("%.0f", v)
		}
		if text := fmt.Sprintf("%.3f", v); text != "0.000" {
			return text
		}
		return "0"
	}
	return fmt.Sprint(value)
}

// uptime is a span of time as Storm's UI writes it, such as "1d 0h 5m 7s".
func uptime(secs int) shown {
	secs = max(secs, 0)
	all := secs
	text := ""
	for _, unit := range []struct {
		secs int
		name string
	}{{24 * 60 * 60, "d"}, {60 * 60, "h"}, {60, "m"}} {
		if n := secs / unit.secs; n > 0 || text != "" {
			text += fmt.Sprintf("%d%s ", n, unit.name)
		}
		secs %= unit.secs
	}
	return shown{fmt.Sprintf("%s%ds", text, secs), all}
}
