package gust_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// words are phrases that our pages avoid, each with the term that an
// English-speaking engineer expects. Only phrases that have no good use are here.
var words = []struct{ phrase, better string }{
	{"a text", "a string"},
	{"anew", "again"},
	{"are told", "are notified, or are reported"},
	{"as ever", "as before"},
	{"exit code", "exit status"},
	{"for ever", "forever"},
	{"goes before", "takes precedence over"},
	{"goes by", "follows"},
	{"goes for", "overrides"},
	{"goes over", "overrides"},
	{"hears of", "is notified of"},
	{"in the mean", "on average"},
	{"is told", "is notified, or is reported"},
	{"mend", "fix"},
	{"mended", "fixed"},
	{"nobody asked for", "unsolicited, or unexpected"},
	{"nobody says", "is not set"},
	{"nothing is said", "is not set"},
	{"of late", "recently"},
	{"start again", "restart"},
	{"started again", "restarted"},
	{"starts again", "restarts"},
	{"texts", "strings"},
	{"time-out", "timeout"},
	{"under way", "in flight, or running"},
	{"what went wrong", "the error"},
	{"where all went well", "for success"},
	{"who calls", "the caller"},
	{"whoever", "anyone who, or regardless of who"},
}

// codeBlock is a block of a page that shows code or what a program prints.
var codeBlock = regexp.MustCompile("(?ms)^[ ]*```.*?^[ ]*```|^    .*?$")

// findWords calls found for each phrase in the prose of a page, with its line.
// A phrase may span two lines.
func findWords(page []byte, found func(line int, phrase, better string)) {
	prose := codeBlock.ReplaceAllFunc(page, func(block []byte) []byte {
		return bytes.Repeat([]byte("\n"), bytes.Count(block, []byte("\n")))
	})
	for _, word := range words {
		pattern := regexp.MustCompile(`(?i)\b` + strings.ReplaceAll(word.phrase, " ", `\s+`) + `\b`)
		for _, at := range pattern.FindAllIndex(prose, -1) {
			found(1+bytes.Count(prose[:at[0]], []byte("\n")), word.phrase, word.better)
		}
	}
}

// The pages use the field's standard terms.
func TestPagesUseStandardTerms(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) == 0 {
		t.Fatal("no pages in docs: this test runs at the top of the repository")
	}
	for _, name := range append(pages, "README.md", "CHANGELOG.md", "DESIGN.md") {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		findWords(page, func(line int, phrase, better string) {
			t.Errorf("%s:%d: %q: write %q", name, line, phrase, better)
		})
	}
}

// Phrases are found across a line break and with any case, but not in code or
// within a longer word.
func TestFindWords(t *testing.T) {
	page := "# Page\n```\nfor ever\n```\n\n    for ever\n\nIt waits for\never. As ever, amendments are fine.\n"
	var got []string
	findWords([]byte(page), func(line int, phrase, better string) {
		got = append(got, phrase+" -> "+better)
		if line != 8 && phrase == "for ever" || line != 9 && phrase == "as ever" {
			t.Errorf("%q is on line %d", phrase, line)
		}
	})
	if want := "as ever -> as before, for ever -> forever"; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, ", "), want)
	}
}
