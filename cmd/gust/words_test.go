package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/testenv"
)

// oddWords are words that read as translated, each with a better one.
var oddWords = []struct {
	pattern *regexp.Regexp
	better  string
}{
	{regexp.MustCompile(`(?i)\bbehind\b`), "after"},
	{regexp.MustCompile(`(?i)\bmend(s|ed|ing)?\b`), "fix"},
	{regexp.MustCompile(`(?i)\b(as ever|for ever|of late)\b`), "as before, forever, recently"},
	{regexp.MustCompile(`(?i)\b(nobody|somebody)\b`), "the actor, or the passive: not set, unknown"},
	{regexp.MustCompile(`(?i)\banew\b`), "again, or re-"},
	{regexp.MustCompile(`(?i)\b(is|are|was) told\b|\btold of\b|\bhears? of\b`), "is reported, is notified"},
	{regexp.MustCompile(`(?i)\b(is|are) none\b|\b(it|that|this|which|and) is no [a-z]`), "unknown, is not a"},
	{regexp.MustCompile(`(?i)\bgoes (before|for|by)\b`), "takes precedence over, overrides, follows"},
	{regexp.MustCompile(`(?i)\bstarts? again\b|\bstarted again\b`), "restart"},
	{regexp.MustCompile(`(?i)\btime-out\b`), "timeout"},
	{regexp.MustCompile(`\b[012] where\b`), "if"},
}

// helpWords are odd in the help, and may have another sense elsewhere.
var helpWords = regexp.MustCompile(`(?i)\balone\b|\bwhere (all|there|it|nothing)\b|\b(a|of) texts?\b|\bmay be repeated\b`)

// reported fails for odd words in text, which the place names.
func reported(t *testing.T, place, text string) {
	t.Helper()
	for _, odd := range oddWords {
		if found := odd.pattern.FindString(text); found != "" {
			t.Errorf("%s says %q; better: %s\n\t%s", place, found, odd.better, text)
		}
	}
}

// maxShort is the length of a command's line in the list of commands, and maxFlag that
// of a flag's line, without the column of names.
const (
	maxShort = 60
	maxFlag  = 66
)

// notImperative are beginnings of what describes, and commands nothing.
var notImperative = regexp.MustCompile("^(?i:an?|the|its?|these|those|this|that|names?|how|what|whether|[a-z]+ing|for|`[^`]*`)(\\s|$)")

// TestHelpIsPlain walks all commands: their help commands, briefly, in plain words.
func TestHelpIsPlain(t *testing.T) {
	root := newRootCommand(newCLI("gust", nil, nil))
	root.InitDefaultHelpCmd()
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, child := range cmd.Commands() {
			walk(child)
		}
		plain := func(what, text string) {
			place := cmd.CommandPath() + "'s " + what
			reported(t, place, text)
			if found := helpWords.FindString(text); found != "" {
				t.Errorf("%s says %q: %s", place, found, text)
			}
		}
		plain("long help", cmd.Long)
		plain("short help", cmd.Short)
		if short := cmd.Short; len(short) >= maxShort || strings.HasSuffix(short, ".") || strings.ToUpper(short[:1]) != short[:1] || notImperative.MatchString(short) {
			t.Errorf("%s's short help is not an imperative of fewer than %d characters: %s", cmd.CommandPath(), maxShort, short)
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			plain("--"+f.Name, f.Usage)
			_, usage := pflag.UnquoteUsage(f)
			if strings.HasSuffix(usage, ".") || strings.ToLower(usage[:1]) != usage[:1] || notImperative.MatchString(f.Usage) {
				t.Errorf("%s --%s is not an imperative: %s", cmd.CommandPath(), f.Name, usage)
			}
			for line := range strings.Lines(usage) {
				if line = strings.TrimSuffix(line, "\n"); len(line) > maxFlag {
					t.Errorf("%s --%s has a line of %d characters, above %d: %s", cmd.CommandPath(), f.Name, len(line), maxFlag, line)
				}
			}
		})
	}
	walk(root)
}

// speaking are the folders whose strings people read.
var speaking = []string{"cmd", "component", "conf", "multilang", "internal/terminal", "project", "run", "runner", "shell", "storm", "supervisor", "topology", "worker"}

// TestMessagesArePlain looks for odd words in all strings of the rooms that print.
func TestMessagesArePlain(t *testing.T) {
	seen := 0
	for _, room := range speaking {
		err := filepath.WalkDir(filepath.Join(testenv.Top(t), room), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if name := entry.Name(); entry.IsDir() && (name == "generated" || name == "stormtest" || name == "testdata") {
				return filepath.SkipDir
			}
			if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				literal, ok := n.(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(literal.Value)
				if err == nil && strings.Contains(text, " ") {
					seen++
					reported(t, files.Position(literal.Pos()).String(), text)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 1000 {
		t.Errorf("only %d strings were seen", seen)
	}
}

func TestOddWords(t *testing.T) {
	for _, text := range []string{
		"a line behind the message", "the serializer is none", "it is no jar", "0 where all went well", "the spout is told",
		".venv goes before it", "the task starts again", "nobody says", "for ever",
	} {
		found := false
		for _, odd := range oddWords {
			found = found || odd.pattern.MatchString(text)
		}
		if !found {
			t.Errorf("no pattern finds the odd word in %q", text)
		}
	}
}
