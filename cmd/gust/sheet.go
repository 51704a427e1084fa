package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"

	"gust/internal/terminal"
)

// sheet is the result of a command: a table for people, and a member of a JSON object for
// programs. Invoked as sparse, gust draws the table as streamparse does; invoked as gust,
// so that it is readable at 80 columns.
type sheet struct {
	// key names the sheet in JSON.
	key   string
	title string
	// single sheets have one row, and are an object in JSON; others are a list.
	single  bool
	columns []column
	// rows have strings, numbers, nil and [shown] values.
	rows [][]any
	// all includes gust's rare columns.
	all bool
}

// column is a column of a sheet. Its name is the one that sparse shows: from Storm's UI,
// or from Nimbus's Thrift.
type column struct {
	name     string
	right    bool // flush right
	key      string
	audience audience
}

// audience is who sees a column, besides programs.
type audience uint8

const (
	everybody audience = iota
	nobody             // in neither gust's nor sparse's tables
	rare               // in gust's tables only with --all
	notSparse          // not in sparse's tables
)

// shown is a value that people see in another form than programs.
type shown struct {
	text  string // as sparse writes it
	brief string // as gust does
	value any
}

// columns makes columns from names. A ">" before a name aligns it to the right. After
// that, "-" restricts it to JSON, "+" excludes it from gust's tables without --all, and
// "~" excludes it from sparse's. "=KEY" after the name is its key in JSON.
func columns(names ...string) []column {
	list := make([]column, len(names))
	for i, name := range names {
		name, right := strings.CutPrefix(name, ">")
		who := everybody
		switch name[0] {
		case '-':
			who = nobody
		case '+':
			who = rare
		case '~':
			who = notSparse
		}
		if who != everybody {
			name = name[1:]
		}
		name, key, named := strings.Cut(name, "=")
		if !named {
			key = name
		}
		list[i] = column{name, right, key, who}
	}
	return list
}

// add adds a row.
func (s *sheet) add(cells ...any) { s.rows = append(s.rows, cells) }

// print prints the sheets, as tables or as one JSON object.
func (c *cli) print(asJSON bool, sheets ...*sheet) error {
	if asJSON {
		document := make(map[string]any, len(sheets))
		for _, s := range sheets {
			document[s.key] = s.document()
		}
		return c.writeJSON(document)
	}
	for i, s := range sheets {
		text := ""
		switch {
		case c.name == "sparse":
			text = fmt.Sprintf("# %s\n%s", s.title, s.table(max(sparseWidth, terminal.Width(c.stdout))))
		case i > 0:
			text = "\n"
			fallthrough
		default:
			if len(sheets) > 1 {
				text += "# " + s.title + "\n"
			}
			text += s.plain(cmp.Or(terminal.Width(c.stdout), gustWidth))
		}
		if _, err := io.WriteString(c.stdout, text); err != nil {
			return err
		}
	}
	return nil
}

const (
	// sparseWidth is the width of sparse's tables, so that scripts can read them. If a
	// terminal is wider, gust uses all of it, because broken words cannot be copied.
	sparseWidth = 115
	// gustWidth is the width of gust's tables without a terminal.
	gustWidth = 80
)

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

// table is the sheet as sparse draws it.
func (s *sheet) table(width int) string {
	var t terminal.BoxTable
	var visible []int
	for i, column := range s.columns {
		if column.audience == everybody || column.audience == rare {
			visible = append(visible, i)
			t.Head = append(t.Head, column.name)
			t.Right = append(t.Right, column.right)
		}
	}
	for _, row := range s.rows {
		cells := make([]string, len(visible))
		for i, j := range visible {
			cells[i] = cellText(row[j])
		}
		t.Rows = append(t.Rows, cells)
	}
	return t.Draw(width)
}

// plain is the sheet as gust draws it.
func (s *sheet) plain(width int) string {
	var t terminal.PlainTable
	var visible []int
	for i, column := range s.columns {
		if column.audience != nobody && (column.audience != rare || s.all) {
			visible = append(visible, i)
			t.Head = append(t.Head, plainHead(column.name))
			t.Right = append(t.Right, column.right)
			t.Yields = append(t.Yields, column.audience == rare)
		}
	}
	for _, row := range s.rows {
		cells := make([]string, len(visible))
		for i, j := range visible {
			cells[i] = plainText(row[j])
			if _, text := row[j].(string); text {
				t.Right[i] = false // only numbers are aligned to the right
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	return t.Draw(width)
}

// plainText formats a value for gust's tables: empty if it is unknown, and counts, which
// are Thrift's i64, with separators.
func plainText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case shown:
		return cmp.Or(v.brief, v.text)
	case int64:
		return terminal.Thousands(int(v))
	case float64:
		if v != math.Trunc(v) {
			return terminal.Millis(v)
		}
	case string:
		return terminal.Visible(v)
	}
	return cellText(value)
}

// cellText formats a value for sparse's tables: None if it is unknown, and a number with
// three decimals unless it is whole. Unlike in sparse, a large count keeps all its
// digits.
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

// plainHead is a readable form of a column's name: "complete ms" for completeLatency,
// "tasks" for num_tasks. It has the unit if the cells do not.
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

// briefly is a time span from uptime, in its two largest units.
func briefly(span string) string {
	units := strings.Fields(span)
	units = units[:min(2, len(units))]
	if len(units) == 2 && strings.HasPrefix(units[1], "0") {
		units = units[:1]
	}
	return strings.Join(units, " ")
}

// uptime is a time span in the form of Storm's UI.
func uptime(secs int) shown {
	secs = max(secs, 0)
	text := terminal.Uptime(secs)
	return shown{text: text, brief: briefly(text), value: secs}
}
