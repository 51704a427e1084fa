package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/phrases"
)

// maxShort is the length of a command's line in the list of commands, and maxFlag that
// of a flag's line, without the column of names.
const (
	maxShort = 60
	maxFlag  = 66
)

// notImperative are beginnings of what describes, and commands nothing.
var notImperative = regexp.MustCompile("^(?i:an?|the|its?|these|those|this|that|names?|how|what|whether|[a-z]+ing|for|`[^`]*`)(\\s|$)")

// TestWordingOfHelp walks all commands: their help is short, imperative and plain.
func TestWordingOfHelp(t *testing.T) {
	root := newRootCommand(newCLI("gust", nil, nil))
	root.InitDefaultHelpCmd()
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, child := range cmd.Commands() {
			walk(child)
		}
		plain := func(what, text string) {
			place := cmd.CommandPath() + "'s " + what
			for _, phrase := range phrases.Find(text, phrases.Help) {
				t.Errorf("%s: %q: write %q\n\t%s", place, phrase.Phrase, phrase.Better, text)
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
