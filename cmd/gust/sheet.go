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

// sheet is what a command reports of a cluster: a table for people, and a member of a
// JSON object for programs. Called as sparse, the table is drawn as streamparse's
// commands draw theirs; called as gust, so that it can be read at 80 columns.
type sheet struct {
	// key names the sheet in JSON.
	key   string
	title string
	// single sheets have one row, and are an object in JSON; others are a list.
	single  bool
	columns []column
	// rows hold texts, numbers, nil and [shown] values.
	rows [][]any
	// all shows gust's rare columns, too.
	all bool
}

// column is a column of a sheet. Its name is that of Storm's UI or of Nimbus'
// Thrift, whichever sparse shows.
type column struct {
	name     string
	right    bool // flush right
	key      string
	audience audience
}

// audience is who sees a column, beside programs.
type audience uint8

const (
	everybody audience = iota
	nobody             // neither gust's nor sparse's tables have it
	rare               // gust's have it with --all
	notSparse          // sparse's do not have it
)

// shown is a value that people read otherwise than programs do.
type shown struct {
	text  string // as sparse writes it
	brief string // as gust does
	value any
}

// columns are those of the names. A ">" before a name puts it flush right. After
// that, a "-" keeps it to JSON, a "+" keeps it from gust's tables without --all, and
// a "~" from sparse's. A "=KEY" behind it names it in JSON.
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

// print prints the sheets: as tables below each other, or as one JSON object.
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
	// sparseWidth is how wide sparse draws its tables everywhere, so that scripts
	// find what they know. A terminal may have more room: words that break cannot
	// be copied.
	sparseWidth = 115
	// gustWidth is how wide gust draws them where there is no terminal.
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

// table is the sheet for people who called sparse.
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

// plain is the sheet for people who called gust.
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
				t.Right[i] = false // only numbers are, whatever sparse does
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	return t.Draw(width)
}

// plainText writes a value as gust's tables do: nothing for what is not known,
// counts, which are Thrift's i64, with separators.
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

// briefly is a span of time, as uptime writes it, in its two largest units.
func briefly(span string) string {
	units := strings.Fields(span)
	units = units[:min(2, len(units))]
	if len(units) == 2 && strings.HasPrefix(units[1], "0") {
		units = units[:1]
	}
	return strings.Join(units, " ")
}

// uptime is a span of time as Storm's UI writes it.
func uptime(secs int) shown {
	secs = max(secs, 0)
	text := terminal.Uptime(secs)
	return shown{text: text, brief: briefly(text), value: secs}
}
