package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/topology"
	"gust/topology/convert"
)

const convertLong = `Convert a topology to another format. The result loads as the same topology.

  toml  gust's own format (docs/topology-toml.md)
  py    a streamparse topology in Python, for example from one in Clojure,
        which streamparse 3 and later do not read

--to sets the format; without it, the extension of FILE does, else toml is used.
The output goes to stdout, or with -o to FILE, which must not exist yet. The
environment's settings stay in config.json. TOPOLOGY is as for run.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

// convertOptions are the flags of `convert`.
type convertOptions struct {
	sourceOptions
	to     string
	output string
}

// AddFlags declares the flags.
func (o *convertOptions) AddFlags(flags *pflag.FlagSet) {
	o.sourceOptions.AddFlags(flags)
	flags.StringVar(&o.to, "to", "", "convert to this `FORMAT`: "+strings.Join(convert.Formats(), " or "))
	flags.StringVarP(&o.output, "output_file", "o", "", "write to `FILE` (default: -, stdout)")
}

func newConvertCommand(c *cli) *cobra.Command {
	var o convertOptions
	cmd := &cobra.Command{
		Use:   "convert [TOPOLOGY]",
		Short: "Convert a topology to TOML or Python",
		Long:  convertLong,
		Example: fmt.Sprintf(`  %[1]s convert                                    # as TOML, on stdout
  %[1]s convert -n wordcount -o wordcount.toml
  %[1]s convert topologies/wordcount.clj -o topologies/wordcount.py
  %[1]s convert topology.yaml --to toml`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := oneTopology(cmd, args)
			if err != nil {
				return err
			}
			if err := checkFormat(o.to, convert.Formats()); err != nil {
				return wrongUsage(cmd, err)
			}
			return runConvert(cmd.Context(), c, &o, path)
		},
	}
	o.AddFlags(cmd.Flags())
	completeSource(cmd)
	completeWords(cmd, "to", convert.Formats())
	return cmd
}

// runConvert writes the topology.
func runConvert(ctx context.Context, c *cli, o *convertOptions, path string) error {
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	loaded, err := loadSource(ctx, c, &o.sourceOptions, path, consent{ask: somebody(c)})
	if err != nil {
		return err
	}
	format := o.format()
	if format == "py" && filepath.Ext(loaded.Topology.Source) == ".py" {
		return fmt.Errorf("%s is already Python", loaded.Topology.Source)
	}
	file := o.output
	if o.toStdout() {
		file = "topology." + format // in this directory
	}
	text, err := convert.Write(loaded, format, file)
	if err != nil {
		_, unsound := errors.AsType[topology.Problems](err)
		err = fmt.Errorf("topology %q cannot be written as %s:\n%w", loaded.Topology.Name, format, err)
		if format == "py" && !unsound {
			err = hint.With(err, "--to toml can express more")
		}
		return err
	}
	if o.toStdout() {
		_, err := c.stdout.Write(text)
		return err
	}
	if err := writeNew(o.output, text); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.stdout, o.output)
	return err
}

func (o *convertOptions) toStdout() bool { return o.output == "" || o.output == "-" }

// format is the form that is wanted.
func (o *convertOptions) format() string {
	suffix := formatOf(o.output)
	switch {
	case o.to != "":
		return o.to
	case slices.Contains(convert.Formats(), suffix):
		return suffix
	}
	return "toml"
}

// writeNew writes a file that does not exist yet: it may hold somebody's work.
func writeNew(file string, text []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return hint.With(fmt.Errorf("%s already exists", file), "name another file, or remove it first")
	}
	if err != nil {
		return fmt.Errorf("cannot write the topology: %w", err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("cannot write the topology: %w", err)
	}
	return nil
}
