package manual

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// Markdown returns a page for each command, by the names of their files: README.md for the
// root, which lists the others, and run.md for `gust run`. The pages belong into a folder
// below the other pages of the documentation, to which their links lead. Each ends with the
// notice, as a comment.
func Markdown(root *cobra.Command, notice string) map[string]string {
	pages := map[string]string{}
	for _, command := range commandsOf(root) {
		var b strings.Builder
		name := "README.md"
		if command == root {
			rootMarkdown(&b, root)
		} else {
			p := pageOf(command)
			name = command.Name() + ".md"
			fmt.Fprintf(&b, "# %s\n\n", p.title)
			fmt.Fprintf(&b, "```text\n%s\n```\n", p.synopsis)
			writeBody(&b, p)
			b.WriteString("\n[All commands](README.md)\n")
		}
		fmt.Fprintf(&b, "\n<!-- %s -->\n", notice)
		pages[name] = b.String()
	}
	return pages
}

// rootMarkdown writes the page that lists all commands.
func rootMarkdown(b *strings.Builder, root *cobra.Command) {
	fmt.Fprintf(b, "# Commands\n\n`%[1]s help COMMAND` and `%[1]s COMMAND --help` print what these pages say.\n", root.Name())
	for _, group := range groupsOf(root) {
		fmt.Fprintf(b, "\n## %s\n\n| | |\n|---|---|\n", group.title)
		for _, command := range group.commands {
			fmt.Fprintf(b, "| [`%s`](%s.md) | %s |\n", command.CommandPath(), command.Name(), cell(command.Short))
		}
	}
	p := pageOf(root)
	for i, block := range p.body { // what gust is, other pages say
		if block.kind == heading {
			p.body = p.body[i:]
			break
		}
	}
	writeBody(b, p)
}

// writeBody writes what a page has below its title.
func writeBody(b *strings.Builder, p page) {
	var headings, text strings.Builder // a page has its examples and flags before its headings
	out := &text
	for _, block := range p.body {
		switch block.kind {
		case heading:
			out = &headings
			title := strings.ToLower(block.lines[0])
			fmt.Fprintf(out, "\n## %s\n", strings.ToUpper(title[:1])+title[1:])
		case paragraph:
			fmt.Fprintf(out, "\n%s\n", prose(strings.Join(block.lines, "\n")))
		case list:
			out.WriteString("\n| | |\n|---|---|\n")
			for _, term := range block.terms {
				fmt.Fprintf(out, "| `%s` | %s |\n", code(term.name), cell(term.text))
			}
		case literal:
			fmt.Fprintf(out, "\n```text\n%s\n```\n", strings.Join(block.lines, "\n"))
		}
	}
	b.WriteString(text.String())
	if p.examples != "" {
		fmt.Fprintf(b, "\n## Examples\n\n```sh\n%s\n```\n", p.examples)
	}
	if len(p.flags) > 0 {
		b.WriteString("\n## Flags\n\n| | |\n|---|---|\n")
		for _, f := range p.flags {
			name := "`" + code(f.withValue()) + "`"
			if f.short != "" {
				name = "`" + f.short + "`, " + name
			}
			fmt.Fprintf(b, "| %s | %s |\n", name, cell(f.text))
		}
	}
	b.WriteString(headings.String())
}

// code is text within backquotes in a cell of a table.
func code(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// cell is prose in a cell of a table.
func cell(text string) string { return strings.ReplaceAll(prose(text), "|", `\|`) }

// marked finds in the text of a help what a page shows otherwise: code in backquotes or
// double quotes, flags, variables, paths of pages, and characters with a meaning in Markdown.
var marked = regexp.MustCompile("`[^`\n]+`" +
	`|"[a-z][a-z ]+[-a-z]*"` +
	`|\$[A-Z_]+` +
	`|docs/[a-z-]+\.md` +
	`|--?[a-zA-Z][a-zA-Z_-]*` +
	`|[*<>\[\]\\]`)

// prose is the text of a help in Markdown.
func prose(text string) string {
	var b strings.Builder
	end := 0
	for _, at := range marked.FindAllStringIndex(text, -1) {
		b.WriteString(text[end:at[0]])
		b.WriteString(inMarkdown(text[at[0]:at[1]], at[0] > 0 && isWord(text[at[0]-1])))
		end = at[1]
	}
	b.WriteString(text[end:])
	return b.String()
}

// inMarkdown is what marked has found, which may follow directly on a word.
func inMarkdown(found string, inWord bool) string {
	switch page, isPage := strings.CutPrefix(found, "docs/"); {
	case isPage && !inWord:
		return "[" + strings.TrimSuffix(page, ".md") + "](../" + page + ")"
	case found[0] == '`', isPage:
		return found
	case found[0] == '"':
		if strings.Contains(found, " ") { // a command line, not a word of a file
			return "`" + strings.Trim(found, `"`) + "`"
		}
		return found
	case found[0] == '-' && inWord: // in-flight
		return found
	case found[0] == '-', found[0] == '$':
		return "`" + found + "`"
	}
	return `\` + found
}

// isWord reports whether a flag cannot begin after this character.
func isWord(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c == '/' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
