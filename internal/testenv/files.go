package testenv

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Files writes files into a new folder and returns it: see [Write].
func Files(t testing.TB, contents map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	Write(t, dir, contents)
	return dir
}

// Write writes files below dir, and makes the folders that they are in. The files
// whose names here end in * are executable.
func Write(t testing.TB, dir string, contents map[string]string) {
	t.Helper()
	for name, content := range contents {
		mode := os.FileMode(0o644)
		if plain, ok := strings.CutSuffix(name, "*"); ok {
			name, mode = plain, 0o755
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
}
