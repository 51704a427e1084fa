package gust_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// eachFile calls do for each of our files with the extension. Its names are relative
// to the top of the repository, and have slashes.
func eachFile(t *testing.T, extension string, do func(name string)) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return skipDir(name, entry)
		case filepath.Ext(name) == extension:
			files++
			do(filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Fatalf("no files *%s here: this test runs at the top of the repository", extension)
	}
}

// skipDir keeps a walk through the repository out of folders that are not ours.
func skipDir(name string, entry fs.DirEntry) error {
	base := entry.Name()
	if name != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules") {
		return fs.SkipDir
	}
	return nil
}
