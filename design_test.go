package gust_test

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

var (
	// codeInDesign finds what DESIGN.md writes in backquotes.
	codeInDesign = regexp.MustCompile("`([^`\n]+)`")

	// A file is named by its path, or by its base name after another one of its folder.
	fileInDesign = regexp.MustCompile(`^[\w./-]+\.(go|py|js|md|thrift)$`)
	testInDesign = regexp.MustCompile(`^Test[A-Z]\w+$`)
)

// The files, tests and packages that DESIGN.md names exist.
func TestDesignNamesWhatExists(t *testing.T) {
	text, err := os.ReadFile("DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]bool{} // by path, and by base name
	for _, extension := range []string{".go", ".py", ".js", ".md", ".thrift"} {
		eachFile(t, extension, func(name string) { files[name], files[path.Base(name)] = true, true })
	}
	var tests strings.Builder
	eachFile(t, ".go", func(name string) {
		if strings.HasSuffix(name, "_test.go") {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(source)
		}
	})
	found := 0
	for _, match := range codeInDesign.FindAllStringSubmatch(string(text), -1) {
		switch name := match[1]; {
		case strings.Contains(name, "NAME"): // a placeholder
		case fileInDesign.MatchString(name):
			found++
			if !files[name] {
				t.Errorf("DESIGN.md names the file %s, which does not exist", name)
			}
		case testInDesign.MatchString(name):
			found++
			if !strings.Contains(tests.String(), "func "+name+"(") {
				t.Errorf("DESIGN.md names the test %s, which does not exist", name)
			}
		}
	}
	if found < 50 {
		t.Errorf("DESIGN.md names only %d files and tests", found)
	}
	_, table, ok := strings.Cut(string(text), "\n| package | contents |\n|---|---|\n")
	if !ok {
		t.Fatal("DESIGN.md has no table of packages")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	for row := range strings.Lines(table) {
		names, _, _ := strings.Cut(strings.TrimPrefix(row, "| "), " |")
		for name := range strings.SplitSeq(names, ", ") {
			if entry, err := os.Stat(name); err != nil || !entry.IsDir() {
				t.Errorf("DESIGN.md has a row for %s, which is not a folder", name)
			}
		}
	}
}
