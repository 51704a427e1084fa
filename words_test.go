package gust_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gust/internal/phrases"
)

// codeBlock is a block of a page that shows code or what a program prints.
var codeBlock = regexp.MustCompile("(?ms)^[ ]*```.*?^[ ]*```|^    .*?$")

// findWords calls found for each avoided phrase in the prose of a page, with its
// line. A phrase may span two lines.
func findWords(page []byte, found func(line int, phrase phrases.Found)) {
	prose := codeBlock.ReplaceAllFunc(page, func(block []byte) []byte {
		return bytes.Repeat([]byte("\n"), bytes.Count(block, []byte("\n")))
	})
	for _, phrase := range phrases.Find(string(prose), phrases.Page) {
		found(1+bytes.Count(prose[:phrase.Offset], []byte("\n")), phrase)
	}
}

func TestWordingOfPages(t *testing.T) {
	eachFile(t, ".md", func(name string) {
		page, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		findWords(page, func(line int, phrase phrases.Found) {
			t.Errorf("%s:%d: %q: write %q", name, line, phrase.Phrase, phrase.Better)
		})
	})
}

// Phrases are found across a line break and with any case, but not in code or
// within a longer word.
func TestWordingIsFoundInProse(t *testing.T) {
	page := "# Page\n```\nfor ever\n```\n\n    for ever\n\nIt waits for\never. As ever, amendments are fine.\n"
	var got []string
	findWords([]byte(page), func(line int, phrase phrases.Found) {
		got = append(got, strconv.Itoa(line)+" "+phrase.Phrase)
	})
	if want := []string{"9 As ever", "8 for ever"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// silent are folders whose strings nobody reads: tests' and generated ones.
var silent = []string{"generated", "stormtest", "remotetest", "testdata"}

// All strings of the program are searched, also those that only look like messages.
func TestWordingOfMessages(t *testing.T) {
	seen := 0
	for _, row := range rooms {
		for _, room := range row {
			if room == "." || room == "test" {
				continue
			}
			err := filepath.WalkDir(room, func(path string, entry fs.DirEntry, err error) error {
				if err != nil {
					return err
				}
				if name := entry.Name(); entry.IsDir() && (slices.Contains(silent, name) || path == "internal/phrases") {
					return filepath.SkipDir
				}
				switch {
				case strings.HasSuffix(path, "_test.go"):
				case filepath.Ext(path) == ".go":
					seen += checkMessages(t, path)
				case filepath.Ext(path) == ".py", filepath.Ext(path) == ".tmpl":
					checkText(t, path)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if seen < 1000 {
		t.Errorf("only %d strings were seen", seen)
	}
}

// checkText checks a whole file, in which messages and comments are not told apart.
func checkText(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, phrase := range phrases.Find(string(text), phrases.Message) {
		t.Errorf("%s:%d: %q: write %q", path, 1+bytes.Count(text[:phrase.Offset], []byte("\n")), phrase.Phrase, phrase.Better)
	}
}

// checkMessages checks the strings of a Go file that have a space, and counts them.
func checkMessages(t *testing.T, path string) (seen int) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil || !strings.Contains(text, " ") {
			return true
		}
		seen++
		for _, phrase := range phrases.Find(text, phrases.Message) {
			t.Errorf("%s: %q: write %q\n\t%s", files.Position(literal.Pos()), phrase.Phrase, phrase.Better, text)
		}
		return true
	})
	return seen
}
