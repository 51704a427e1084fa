package testenv

import (
	"os"
	"path/filepath"
	"testing"
)

// shadowed are modules of Python's standard library that gust's own programs, or their
// imports, import.
var shadowed = []string{
	"ast", "base64", "decimal", "inspect", "json", "linecache", "logging", "runpy", "token", "tokenize", "traceback", "types", "typing",
}

// Shadows writes files into folders of a new directory that have names of
// modules of the standard library, and cannot be imported. It returns the directory.
func Shadows(t testing.TB, folders ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, folder := range folders {
		folder = filepath.Join(dir, folder)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range shadowed {
			file := filepath.Join(folder, name+".py")
			if err := os.WriteFile(file, []byte("raise SystemExit(__file__ + ' was imported for the standard library')\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}
