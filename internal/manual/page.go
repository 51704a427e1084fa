// Package manual writes the help of a program's commands as a reference: as pages in
// Markdown, and as man pages. Both have what the terminal shows and no more, so that a
// command is described in one place, its own source.
package manual

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// page is the help of one command.
type page struct {
	command  *cobra.Command
	title    string // such as "gust run"
	synopsis string
	body     []block
	examples string
	flags    []flag
}

// block is a part of a command's long help: a heading, a paragraph, a list of terms, or
// lines that keep their form.
type block struct {
	kind  kind
	lines []string
	terms []term // of a list
}

// kind is the kind of a block.
type kind uint8

const (
	paragraph kind = iota
	heading        // such as EXIT STATUS
	list
	literal
)

// term is an entry of a list.
type term struct{ name, text string }

// flag is a flag with its short form and value, and its help on one line.
type flag struct{ short, long, value, text string }

var (
	// headingLine is a line in capitals.
	headingLine = regexp.MustCompile(`^[A-Z][A-Z ]+$`)

	// termLine is a line of a list: a term, two or more spaces, and its text. Further
	// lines of the text are indented deeper.
	termLine = regexp.MustCompile(`^  (\S.*?)  +(\S.*)$`)
)

// pageOf reads the help of a command.
func pageOf(command *cobra.Command) page {
	synopsis := command.UseLine()
	if command.HasAvailableSubCommands() {
		synopsis = command.CommandPath() + " COMMAND [flags]"
	}
	return page{
		command:  command,
		title:    command.CommandPath(),
		synopsis: synopsis,
		body:     blocksOf(command.Long),
		examples: unindent(command.Example),
		flags:    flagsOf(command),
	}
}

// blocksOf splits a long help at its empty lines.
func blocksOf(long string) (blocks []block) {
	for text := range strings.SplitSeq(strings.Trim(long, "\n"), "\n\n") {
		lines := strings.Split(strings.Trim(text, "\n"), "\n")
		b := block{lines: lines}
		switch {
		case len(lines) == 1 && headingLine.MatchString(lines[0]):
			b.kind = heading
		case strings.HasPrefix(lines[0], "  "):
			b.kind, b.terms = list, termsOf(lines)
			if b.terms == nil {
				b.kind, b.lines = literal, strings.Split(unindent(text), "\n")
			}
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// termsOf reads a list, or returns nil if the lines are something else.
func termsOf(lines []string) (terms []term) {
	for _, line := range lines {
		indented := strings.HasPrefix(line, "   ")
		switch match := termLine.FindStringSubmatch(line); {
		case match != nil && !indented:
			terms = append(terms, term{match[1], match[2]})
		case indented && len(terms) > 0:
			terms[len(terms)-1].text += " " + strings.TrimSpace(line)
		default:
			return nil
		}
	}
	return terms
}

// unindent removes the two spaces with which cobra's examples and lists begin.
func unindent(text string) string {
	return strings.TrimPrefix(strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n  ", "\n"), "  ")
}

// flagsOf lists a command's flags. All have --help, which says nothing.
func flagsOf(command *cobra.Command) (flags []flag) {
	command.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		value, text := pflag.UnquoteUsage(f)
		text = strings.Join(strings.Fields(text), " ")
		switch f.DefValue {
		case "", "false", "0", "[]", "<nil>":
		default:
			if f.Value.Type() == "string" {
				text += fmt.Sprintf(" (default %q)", f.DefValue)
			} else {
				text += fmt.Sprintf(" (default %s)", f.DefValue)
			}
		}
		one := flag{long: "--" + f.Name, value: value, text: text}
		if f.Shorthand != "" {
			one.short = "-" + f.Shorthand
		}
		switch optional, _ := strconv.ParseBool(f.NoOptDefVal); {
		case f.NoOptDefVal == "":
		case value == "": // a switch
		case optional:
			one.value = "[=" + value + "]"
		default:
			one.value = "[=" + value + "]"
			one.text += " (without " + value + ": " + f.NoOptDefVal + ")"
		}
		flags = append(flags, one)
	})
	return flags
}

// withValue is a flag with the name of its value, such as "--name NAME".
func (f flag) withValue() string {
	switch {
	case f.value == "":
		return f.long
	case strings.HasPrefix(f.value, "["):
		return f.long + f.value
	}
	return f.long + " " + f.value
}

// commandsOf lists the root and its commands, without hidden ones.
func commandsOf(root *cobra.Command) []*cobra.Command {
	root.InitDefaultHelpCmd() // as cobra does before it runs a command
	commands := []*cobra.Command{root}
	for _, command := range root.Commands() {
		if !command.Hidden {
			commands = append(commands, command)
		}
	}
	return commands
}

// group is a title with the commands that the root's help lists under it.
type group struct {
	title    string
	commands []*cobra.Command
}

// groupsOf lists a root's commands by their groups; those without one come last.
func groupsOf(root *cobra.Command) (groups []group) {
	byID := map[string]int{}
	for i, g := range root.Groups() {
		groups = append(groups, group{title: strings.TrimSuffix(g.Title, ":")})
		byID[g.ID] = i
	}
	last := group{title: "Other"}
	for _, command := range commandsOf(root)[1:] {
		if i, ok := byID[command.GroupID]; ok {
			groups[i].commands = append(groups[i].commands, command)
		} else {
			last.commands = append(last.commands, command)
		}
	}
	return append(groups, last)
}

// Write writes pages to files in a directory, which it makes if needed.
func Write(dir string, pages map[string]string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}
