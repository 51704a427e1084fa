package manual

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// Man returns a man page of section 1 for each command, by the names of their files, such
// as gust.1 and gust-run.1. Their footers show the release. The same commands always give
// the same pages, which have no date.
func Man(root *cobra.Command, release string) map[string]string {
	pages := map[string]string{}
	for _, command := range commandsOf(root) {
		p := pageOf(command)
		name := strings.ReplaceAll(p.title, " ", "-")
		var b strings.Builder
		fmt.Fprintf(&b, ".TH %q 1 \"\" %q %q\n", strings.ToUpper(name), release, root.Name()+" manual")
		fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(name), lowerFirst(roff(command.Short)))
		b.WriteString(".SH SYNOPSIS\n" + synopsis(p) + "\n")
		p.roff(&b)
		seeAlso(&b, p, root)
		pages[name+".1"] = b.String()
	}
	return pages
}

// roff writes the sections from DESCRIPTION on.
func (p page) roff(b *strings.Builder) {
	var headings, text strings.Builder // a man page has its options before EXIT STATUS
	text.WriteString(".SH DESCRIPTION\n")
	out := &text
	begun := true // directly below a heading
	for _, block := range p.body {
		switch block.kind {
		case heading:
			out, begun = &headings, true
			fmt.Fprintf(out, ".SH %s\n", block.lines[0])
			continue
		case paragraph:
			if !begun {
				out.WriteString(".PP\n")
			}
			out.WriteString(roffProse(strings.Join(block.lines, "\n")) + "\n")
		case list:
			for _, term := range block.terms {
				fmt.Fprintf(out, ".TP\n\\fB%s\\fP\n%s\n", roff(term.name), roffProse(term.text))
			}
		case literal:
			out.WriteString(literalRoff(strings.Join(block.lines, "\n")))
		}
		begun = false
	}
	b.WriteString(text.String())
	if !p.command.HasParent() {
		for _, group := range groupsOf(p.command) {
			fmt.Fprintf(b, ".SS %s\n", roff(group.title))
			for _, command := range group.commands {
				fmt.Fprintf(b, ".TP\n\\fB%s\\fP(1)\n%s\n", roff(strings.ReplaceAll(command.CommandPath(), " ", "-")), roffProse(command.Short))
			}
		}
	}
	if len(p.flags) > 0 {
		b.WriteString(".SH OPTIONS\n")
		for _, f := range p.flags {
			name := "\\fB" + roff(f.long) + "\\fP"
			if f.short != "" {
				name = "\\fB" + roff(f.short) + "\\fP, " + name
			}
			switch {
			case strings.HasPrefix(f.value, "[="):
				name += "[=\\fI" + roff(strings.Trim(f.value, "[=]")) + "\\fP]"
			case f.value != "":
				name += " \\fI" + roff(f.value) + "\\fP"
			}
			fmt.Fprintf(b, ".TP\n%s\n%s\n", name, roffProse(f.text))
		}
	}
	b.WriteString(headings.String())
	if p.examples != "" {
		b.WriteString(".SH EXAMPLES\n" + literalRoff(p.examples))
	}
}

// seeAlso refers from a command to the root, and to the other commands of its group.
func seeAlso(b *strings.Builder, p page, root *cobra.Command) {
	if p.command == root {
		return
	}
	others := []string{"\\fB" + roff(root.Name()) + "\\fP(1)"}
	for _, group := range groupsOf(root) {
		for _, command := range group.commands {
			if command != p.command && command.GroupID != "" && command.GroupID == p.command.GroupID {
				others = append(others, "\\fB"+roff(root.Name()+"-"+command.Name())+"\\fP(1)")
			}
		}
	}
	b.WriteString(".SH SEE ALSO\n" + strings.Join(others, ",\n") + "\n")
}

// placeholder is what a command line has in capitals for what the user writes.
var placeholder = regexp.MustCompile(`[A-Z][A-Z:]*[A-Z]`)

// synopsis is a command's usage line, with the command in bold.
func synopsis(p page) string {
	rest := strings.TrimPrefix(p.synopsis, p.title)
	return "\\fB" + roff(p.title) + "\\fP" + placeholder.ReplaceAllString(roff(rest), `\fI$0\fP`)
}

// literalRoff is text that keeps its lines.
func literalRoff(text string) string {
	return ".PP\n.RS 4\n.nf\n" + roff(text) + "\n.fi\n.RE\n"
}

// bold finds in the text of a help what a man page shows in bold.
var bold = regexp.MustCompile("`[^`\n]+`" + `|(?:^|[\s(])--?[a-zA-Z][a-zA-Z_-]*`)

// roffProse is the text of a help for a man page.
func roffProse(text string) string {
	var b strings.Builder
	end := 0
	for _, at := range bold.FindAllStringIndex(text, -1) {
		found := text[at[0]:at[1]]
		before := ""
		if found[0] != '`' && found[0] != '-' {
			before, found = found[:1], found[1:]
		}
		b.WriteString(text[end:at[0]] + before + "\x00" + strings.Trim(found, "`") + "\x01")
		end = at[1]
	}
	b.WriteString(text[end:])
	return strings.NewReplacer("\x00", `\fB`, "\x01", `\fP`).Replace(roff(b.String()))
}

// roff escapes text: a backslash begins an escape, a hyphen may be broken or replaced, and
// a line that begins with a dot or a quote is a request.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n.", "\n\\&.", "\n'", "\n\\&'").Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}

// lowerFirst is a text with a small first letter, as the NAME of a man page has it.
func lowerFirst(text string) string { return strings.ToLower(text[:1]) + text[1:] }
