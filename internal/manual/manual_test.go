package manual

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
)

// zoo is a program with what the help of a command can have.
func zoo() *cobra.Command {
	root := &cobra.Command{Use: "zoo", Short: "Keep animals", Long: "zoo keeps animals.\n\nEXIT STATUS\n\n0 success."}
	root.AddGroup(&cobra.Group{ID: "day", Title: "By day:"})
	feed := &cobra.Command{
		Use:     "feed ANIMAL...",
		Short:   "Feed animals | fish",
		GroupID: "day",
		Long: `Feed animals, which --all or "zoo feed" names (docs/food.md). A well-fed animal
\ sleeps *well*; 'zoo' reads $FOOD.

  hay    is for
         horses
  a | b  is for others

  drawn
    as it is

EXIT STATUS

0 if all are fed.

FILES

.zoo`,
		Example: "  zoo feed ape   # one\n  zoo feed -a",
		Run:     func(*cobra.Command, []string) {},
	}
	feed.Flags().BoolP("all", "a", false, "feed all animals")
	feed.Flags().String("food", "hay", "feed them `FOOD`,\nsuch as hay")
	feed.Flags().Int("times", 0, "feed them `N` times")
	feed.Flags().String("log", "", "log to `FILE`")
	feed.Flags().Lookup("log").NoOptDefVal = "zoo.log"
	feed.Flags().Bool("secret", false, "do something else")
	if err := feed.Flags().MarkHidden("secret"); err != nil {
		panic(err)
	}
	run := func(*cobra.Command, []string) {}
	root.AddCommand(feed, &cobra.Command{Use: "open", Short: "Open the zoo", GroupID: "day", Run: run},
		&cobra.Command{Use: "hidden", Hidden: true, Run: run}, &cobra.Command{Use: "version", Short: "Print it", Run: run})
	root.SetHelpCommand(&cobra.Command{Hidden: true})
	root.CompletionOptions.DisableDefaultCmd = true
	return root
}

func TestMarkdown(t *testing.T) {
	pages := Markdown(zoo(), "A notice.")
	for name, want := range map[string]string{
		"README.md": "# Commands\n\n`zoo help COMMAND` and `zoo COMMAND --help` print what these pages say.\n" + `
## By day

| | |
|---|---|
| [` + "`zoo feed`" + `](feed.md) | Feed animals \| fish |
| [` + "`zoo open`" + `](open.md) | Open the zoo |

## Other

| | |
|---|---|
| [` + "`zoo version`" + `](version.md) | Print it |

## Exit status

0 success.

<!-- A notice. -->
`,
		"feed.md": "# zoo feed\n\n```text\nzoo feed ANIMAL... [flags]\n```\n" + `
Feed animals, which ` + "`--all` or `zoo feed`" + ` names ([food](../food.md)). A well-fed animal
\\ sleeps \*well\*; 'zoo' reads ` + "`$FOOD`" + `.

| | |
|---|---|
| ` + "`hay`" + ` | is for horses |
| ` + "`a \\| b`" + ` | is for others |

` + "```text\ndrawn\n  as it is\n```" + `

## Examples

` + "```sh\nzoo feed ape   # one\nzoo feed -a\n```" + `

## Flags

| | |
|---|---|
| ` + "`-a`, `--all`" + ` | feed all animals |
| ` + "`--food FOOD`" + ` | feed them FOOD, such as hay (default "hay") |
| ` + "`--log[=FILE]`" + ` | log to FILE (without FILE: zoo.log) |
| ` + "`--times N`" + ` | feed them N times |

## Exit status

0 if all are fed.

## Files

.zoo

[All commands](README.md)

<!-- A notice. -->
`,
	} {
		if pages[name] != want {
			t.Errorf("%s:\n%s\nwant:\n%s", name, pages[name], want)
		}
	}
	if len(pages) != 4 {
		t.Errorf("got %d pages, want those of the root, feed, open and version", len(pages))
	}
}

func TestMan(t *testing.T) {
	pages := Man(zoo(), "zoo 1.0")
	for name, want := range map[string]string{
		"zoo.1": `.TH "ZOO" 1 "" "zoo 1.0" "zoo manual"
.SH NAME
zoo \- keep animals
.SH SYNOPSIS
\fBzoo\fP \fICOMMAND\fP [flags]
.SH DESCRIPTION
zoo keeps animals.
.SS By day
.TP
\fBzoo\-feed\fP(1)
Feed animals | fish
.TP
\fBzoo\-open\fP(1)
Open the zoo
.SS Other
.TP
\fBzoo\-version\fP(1)
Print it
.SH EXIT STATUS
0 success.
`,
		"zoo-feed.1": `.TH "ZOO-FEED" 1 "" "zoo 1.0" "zoo manual"
.SH NAME
zoo\-feed \- feed animals | fish
.SH SYNOPSIS
\fBzoo feed\fP \fIANIMAL\fP... [flags]
.SH DESCRIPTION
Feed animals, which \fB\-\-all\fP or "zoo feed" names (docs/food.md). A well\-fed animal
\e sleeps *well*; 'zoo' reads $FOOD.
.TP
\fBhay\fP
is for horses
.TP
\fBa | b\fP
is for others
.PP
.RS 4
.nf
drawn
  as it is
.fi
.RE
.SH OPTIONS
.TP
\fB\-a\fP, \fB\-\-all\fP
feed all animals
.TP
\fB\-\-food\fP \fIFOOD\fP
feed them FOOD, such as hay (default "hay")
.TP
\fB\-\-log\fP[=\fIFILE\fP]
log to FILE (without FILE: zoo.log)
.TP
\fB\-\-times\fP \fIN\fP
feed them N times
.SH EXIT STATUS
0 if all are fed.
.SH FILES
\&.zoo
.SH EXAMPLES
.PP
.RS 4
.nf
zoo feed ape   # one
zoo feed \-a
.fi
.RE
.SH SEE ALSO
\fBzoo\fP(1),
\fBzoo\-open\fP(1)
`,
	} {
		if pages[name] != want {
			t.Errorf("%s:\n%s\nwant:\n%s", name, pages[name], want)
		}
	}
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "man1")
	if err := Write(dir, map[string]string{"zoo.1": "page\n"}); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "zoo.1")); err != nil || string(text) != "page\n" {
		t.Errorf("%q, %v", text, err)
	}
}
