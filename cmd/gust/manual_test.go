package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gust/internal/manual"
	"gust/internal/testenv"
)

// The pages of docs/cli are those that the commands' help makes.
func TestReferenceIsUpToDate(t *testing.T) {
	root := newRootCommand(newCLI("gust", nil, nil))
	dir := filepath.Join(testenv.Top(t), "docs", "cli")
	pages := manual.Markdown(root, manualNotice)
	for name, want := range pages {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("docs/cli/%s is not what the help says: run `make reference`", name)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if _, ok := pages[entry.Name()]; !ok {
			t.Errorf("docs/cli/%s is the page of no command: run `make reference`", entry.Name())
		}
	}
}

// requestOrText matches a line of a man page that is one of our requests, or text.
var requestOrText = regexp.MustCompile(`^(\.(TH|SH|SS|TP|PP|RS|RE|nf|fi)( |$)|[^.'])`)

// Each command that the help lists has a man page, and no line of its help is read as a
// request.
func TestManPages(t *testing.T) {
	root := newRootCommand(newCLI("gust", nil, nil))
	pages := manual.Man(root, "gust 1.0")
	for _, command := range root.Commands() {
		name := "gust-" + command.Name() + ".1"
		if _, ok := pages[name]; ok == command.Hidden {
			t.Errorf("%s: a page is %v, the command is hidden: %v", name, ok, command.Hidden)
		}
	}
	for name, page := range pages {
		for i, line := range strings.Split(page, "\n") {
			if line != "" && !requestOrText.MatchString(line) {
				t.Errorf("%s:%d: the help makes a request: %s", name, i+1, line)
			}
		}
	}
}
