package gust_test

import (
	"go/parser"
	"go/token"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
)

// rooms are the packages of the repository, ordered: a room imports only from
// rows above its own. A package below a room belongs to the room, unless it
// has a row of its own.
var rooms = [][]string{
	{"internal"},
	{"conf", "topology", "multilang", "python-examples"},
	{"topology/load", "topology/visualize", "shell", "runner"},
	{"topology/convert", "worker"},
	{"status"},
	{"ui"},
	{"project", "component"},
	{"run"},   // reloads a project that has changed
	{"storm"}, // packs and submits a project, and runs one for a supervisor as run does
	{"cmd"},
	{".", "test", "release"}, // no package imports these
}

// roomOf returns the room of a folder, and the number of its row or -1.
func roomOf(dir string) (room string, row int) {
	row = -1
	for i, names := range rooms {
		for _, name := range names {
			if (dir == name || strings.HasPrefix(dir, name+"/")) && len(name) > len(room) {
				room, row = name, i
			}
		}
	}
	return room, row
}

// Every room of the table is a folder, so that none stays in the table after a move.
func TestRoomsExist(t *testing.T) {
	for _, row := range rooms {
		for _, room := range row {
			if entry, err := os.Stat(room); err != nil || !entry.IsDir() {
				t.Errorf("imports_test.go names the room %q, but there is no such folder", room)
			}
		}
	}
}

// This parses the files in the test's own process, since the test cache would miss a new
// import if it called `go list`.
func TestRoomsImportOnlyFromTheirLeft(t *testing.T) {
	eachFile(t, ".go", func(name string) { checkImports(t, name) })
}

func checkImports(t *testing.T, file string) {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	room, row := roomOf(path.Dir(file))
	if row < 0 {
		t.Errorf("%s belongs to no room: give it a row in imports_test.go", file)
		return
	}
	for _, spec := range tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		dir, ours := strings.CutPrefix(imported, "gust/")
		if !ours {
			continue
		}
		if from, fromRow := roomOf(dir); from != room && fromRow >= row {
			t.Errorf("%s imports %s: %s may import only from the rooms before it, %v", file, imported, room, rooms[:row])
		}
	}
}
