package testenv

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Sparse runs commands of the real streamparse in a project.
type Sparse struct {
	python, project string
	env             []string
}

// lein stands in for Leiningen, which streamparse asks for the version of Storm.
const lein = "#!/bin/sh\necho '[org.apache.storm/storm-core \"1.2.4\"]'\n"

// NewSparse makes a project with one environment, whose settings these are. The commands have
// the variables env, in the form KEY=VALUE, in addition to those of the tests.
func NewSparse(t testing.TB, environment map[string]any, env ...string) *Sparse {
	t.Helper()
	s := &Sparse{python: Python(t, "fabric", "texttable")}
	config, err := json.Marshal(map[string]any{
		"topology_specs": "topologies/", "virtualenv_specs": "virtualenvs/", "envs": map[string]any{"prod": environment},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.project = Files(t, map[string]string{"bin/lein*": lein, "config.json": string(config)})
	s.env = append(os.Environ(), "PATH="+s.project+"/bin"+string(os.PathListSeparator)+os.Getenv("PATH"), "LEIN_ROOT=1", "NO_PROXY=*", "no_proxy=*")
	s.env = append(s.env, env...)
	return s
}

// Output returns what a command prints.
func (s *Sparse) Output(t testing.TB, args ...string) string {
	t.Helper()
	program := append([]string{"-c", "import sys; from streamparse.cli.sparse import main; sys.argv[0] = 'sparse'; main()"}, args...)
	cmd := exec.CommandContext(t.Context(), s.python, program...)
	cmd.Dir, cmd.Env = s.project, s.env
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		t.Fatalf("sparse %s: %v\n%s%s", strings.Join(args, " "), err, stdout, stderr.String())
	}
	return string(stdout)
}

// Tables returns the tables that a command prints, by their titles.
func (s *Sparse) Tables(t testing.TB, args ...string) map[string]*Table {
	t.Helper()
	return readTables(s.Output(t, args...))
}

// Table is a table that streamparse has printed.
type Table struct {
	Header []string
	Rows   [][]string
}

// Row is the first row with a text in a column, by its columns, or nil.
func (b *Table) Row(column, text string) map[string]string {
	at := slices.Index(b.Header, column)
	for _, cells := range b.Rows {
		if at >= 0 && cells[at] == text {
			row := map[string]string{}
			for i, cell := range cells {
				row[b.Header[i]] = cell
			}
			return row
		}
	}
	return nil
}

// readTables reads tables drawn with boxes, each below a line with "# " and its title. Words that were
// broken to fit are whole again.
func readTables(text string) map[string]*Table {
	tables := map[string]*Table{}
	var table *Table
	var row []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "# "):
			table = &Table{}
			tables[line[2:]] = table
		case table == nil:
		case strings.HasPrefix(line, "+") && row != nil:
			if table.Header == nil {
				table.Header = row
			} else {
				table.Rows = append(table.Rows, row)
			}
			row = nil
		case strings.HasPrefix(line, "|"):
			cells := strings.Split(strings.Trim(line, "|"), "|")
			if row == nil {
				row = make([]string, len(cells))
			}
			for i, cell := range cells {
				row[i] += strings.TrimSpace(cell)
			}
		}
	}
	return tables
}
