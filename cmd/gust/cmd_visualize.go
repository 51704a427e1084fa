package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gust/topology/load"
	"gust/topology/visualize"
)

const visualizeLong = `Draw a topology: its components with their tasks, and its streams with their fields
and groupings. Graphviz is not needed. TOPOLOGY is as for run.

The picture is written to NAME.FORMAT in this directory, where NAME is the topology's.
-f sets the format; without it, the extension of FILE does, else png is used.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

func newVisualizeCommand(c *cli) *cobra.Command {
	return rendering{
		use:   "visualize [TOPOLOGY]",
		short: "Draw a topology",
		long:  visualizeLong,
		example: fmt.Sprintf(`  %[1]s visualize                       # wordcount.png
  %[1]s visualize -n wordcount -f pdf
  %[1]s visualize topology.toml -o docs/topology.svg
  %[1]s visualize -f dot -o - | dot -Tpng > wordcount.png`, c.name),
		formats: visualize.Formats(),
		flag:    "format", letter: "f",
		format: "draw in this `FORMAT`: " + strings.Join(visualize.Formats(), ", "),
		output: "write to `FILE`; - is stdout (default: NAME.FORMAT)",
		render: drawn, write: writePicture,
	}.command(c)
}

// drawn is the topology as a picture.
func drawn(loaded *load.Loaded, o *renderOptions) (file string, picture []byte, err error) {
	file, format := destination(o, loaded.Topology.Name)
	if picture, err = visualize.Draw(loaded.Topology, format); err != nil {
		err = fmt.Errorf("cannot draw topology %q: %w", loaded.Topology.Name, err)
	}
	return file, picture, err
}

func writePicture(file string, picture []byte) error {
	if err := os.WriteFile(file, picture, 0o666); err != nil {
		return fmt.Errorf("cannot write the picture: %w", err)
	}
	return nil
}

// destination is the file for the picture, and its format. As with sparse, a given format
// becomes the file's extension, unless the file has it already.
func destination(o *renderOptions, name string) (file, format string) {
	file, format = o.output, o.format
	if file == "" {
		file = strings.ReplaceAll(name, string(filepath.Separator), "_")
	}
	suffix := formatOf(file)
	switch {
	case format == "" && slices.Contains(visualize.Formats(), suffix):
		return file, suffix
	case format == "":
		format = "png"
	}
	if file == "-" || suffix == format {
		return file, format
	}
	return file + "." + format, format
}
