package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/component"
	"gust/component/record"
	"gust/internal/terminal"
)

const showLong = `Show a recording made by run --record: the messages that gust sent to a process (in),
those that the process sent (out), and its stderr (err), each with the seconds since
the process started. Given a directory, list the recordings in it.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

// showOptions are the flags of `show`.
type showOptions struct {
	full bool
	json bool
}

// AddFlags declares the flags.
func (o *showOptions) AddFlags(flags *pflag.FlagSet) {
	flags.BoolVar(&o.full, "full", false, "show long messages in full")
	flags.BoolVar(&o.json, "json", false, "print each message as a JSON object (docs/record.md)")
}

func newShowCommand(c *cli) *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use:   "show FILE...|DIR",
		Short: "Show the recording of a component's process",
		Long:  showLong,
		Example: fmt.Sprintf(`  %[1]s show rec
  %[1]s show rec/count-task4-life001-part001.rec
  %[1]s show --json rec/*.rec | jq 'select(.message.command == "fail")'`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return wrongUsage(cmd, errors.New("missing argument: want recordings or a directory of them"))
			}
			return runShow(c, &o, args)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// runShow shows each file, and lists each directory.
func runShow(c *cli, o *showOptions, paths []string) error {
	out := bufio.NewWriter(c.stdout)
	err := showAll(out, o, paths)
	if err = errors.Join(out.Flush(), err); errors.Is(err, syscall.EPIPE) {
		return nil // the user has closed the pager
	}
	return err
}

func showAll(out io.Writer, o *showOptions, paths []string) error {
	for _, path := range paths {
		show := showFile
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			show = func(w io.Writer, o *showOptions, path string) error { return listRecordings(w, path) }
		}
		if err := show(out, o, path); err != nil {
			return fmt.Errorf("cannot show %s: %w", path, err)
		}
	}
	return nil
}

// showFile shows one part.
func showFile(w io.Writer, o *showOptions, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return plainPathError(err)
	}
	defer file.Close()
	r, err := record.NewReader(file)
	if err != nil {
		return err
	}
	return component.Show(w, r, component.ShowOptions{JSON: o.json, Full: o.full})
}

// plainPathError is the error without the path, which the caller adds.
func plainPathError(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// listRecordings lists the recordings in a directory, and how each life ended.
func listRecordings(w io.Writer, dir string) error {
	parts, err := record.List(dir)
	if err != nil {
		return plainPathError(err)
	}
	if len(parts) == 0 {
		return fmt.Errorf("no recordings (*%s) in it", record.Extension)
	}
	t := terminal.Table{Head: []string{"recording", "kind", "begun", "end", "bytes"}, Texts: 4}
	for _, p := range parts {
		if p.Err != nil {
			t.Add(p.Name, "", "", p.Err.Error())
			continue
		}
		h := p.Life.Header
		t.Add(p.Name, h.Kind, h.Begun.Format("2006-01-02 15:04:05"), p.Life.Fate(), terminal.Thousands(p.Bytes))
	}
	_, err = io.WriteString(w, t.String())
	return err
}
