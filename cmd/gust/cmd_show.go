package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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
		return nil // a pager that has been closed has seen enough
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
	var shown conversation
	if shown, err = newConversation(w, r.Header(), o); err != nil {
		return err
	}
	for {
		c, err := r.Next()
		switch {
		case err == io.EOF:
			return shown.end(nil)
		case errors.Is(err, record.ErrTruncated):
			return shown.end(err)
		case err != nil:
			return err
		}
		if err := shown.chunk(c); err != nil {
			return err
		}
	}
}

// plainPathError is the error without the path, which the caller names.
func plainPathError(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// listRecordings lists what lies in a directory, with how each life ended.
func listRecordings(w io.Writer, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return plainPathError(err)
	}
	t := terminal.Table{Head: []string{"recording", "kind", "begun", "end", "bytes"}, Texts: 4}
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != record.Extension {
			continue
		}
		life, err := record.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Add(entry.Name(), "", "", err.Error())
			continue
		}
		size := int64(0)
		if info, err := entry.Info(); err == nil {
			size = info.Size()
		}
		t.Add(entry.Name(), life.Header.Kind, life.Header.Begun.Format("2006-01-02 15:04:05"), endOfLife(life), terminal.Thousands(uint64(size)))
	}
	if len(t.Rows) == 0 {
		return fmt.Errorf("no recordings (*%s) in it", record.Extension)
	}
	_, err = io.WriteString(w, t.String())
	return err
}

// endOfLife words how a part of a life ends.
func endOfLife(l *record.Life) string {
	switch {
	case l.Broken != nil:
		return l.Broken.Error()
	case l.End == nil:
		return "continues"
	case l.End.Asked:
		return "stopped"
	case l.End.Cause != "":
		return terminal.Shorten("killed: "+strings.TrimSpace(l.End.Cause), 60)
	}
	return l.End.Exit
}
