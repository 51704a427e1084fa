package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gust/internal/hint"
	"gust/topology"
	"gust/topology/convert"
	"gust/topology/load"
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

func newConvertCommand(c *cli) *cobra.Command {
	return rendering{
		use:   "convert [TOPOLOGY]",
		short: "Convert a topology to TOML or Python",
		long:  convertLong,
		example: fmt.Sprintf(`  %[1]s convert                                    # as TOML, on stdout
  %[1]s convert -n wordcount -o wordcount.toml
  %[1]s convert topologies/wordcount.clj -o topologies/wordcount.py
  %[1]s convert topology.yaml --to toml`, c.name),
		formats: convert.Formats(),
		flag:    "to",
		format:  "convert to this `FORMAT`: " + strings.Join(convert.Formats(), " or "),
		output:  "write to `FILE` (default: -, stdout)",
		render:  converted, write: writeNew,
	}.command(c)
}

// converted is the topology in the requested format.
func converted(loaded *load.Loaded, o *renderOptions) (file string, text []byte, err error) {
	format := convertFormat(o)
	if format == "py" && filepath.Ext(loaded.Topology.Source) == ".py" {
		return "", nil, fmt.Errorf("%s is already Python", loaded.Topology.Source)
	}
	file = cmp.Or(o.output, "-")
	place := file
	if file == "-" {
		place = "topology." + format // in this directory
	}
	if text, err = convert.Write(loaded, format, place); err != nil {
		_, unsound := errors.AsType[topology.Problems](err)
		err = fmt.Errorf("topology %q cannot be written as %s:\n%w", loaded.Topology.Name, format, err)
		if format == "py" && !unsound {
			err = hint.With(err, "--to toml can express more")
		}
	}
	return file, text, err
}

// convertFormat is the requested format.
func convertFormat(o *renderOptions) string {
	suffix := formatOf(o.output)
	switch {
	case o.format != "":
		return o.format
	case slices.Contains(convert.Formats(), suffix):
		return suffix
	}
	return "toml"
}

// writeNew writes a file that must not exist yet, so that it never overwrites somebody's
// work.
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
