package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/terminal"
	"gust/topology/visualize"
)

const visualizeLong = `Draw a topology: its components with their tasks, and its streams with their fields
and groupings. Graphviz is not needed. TOPOLOGY is as for run.

The picture is written to NAME.FORMAT in this directory, where NAME is the topology's.
-f sets the format; without it, the extension of FILE does, else png is used.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

// visualizeOptions are the flags of `visualize`.
type visualizeOptions struct {
	sourceOptions
	format string
	output string
}

// AddFlags declares the flags.
func (o *visualizeOptions) AddFlags(flags *pflag.FlagSet) {
	o.sourceOptions.AddFlags(flags)
	flags.StringVarP(&o.format, "format", "f", "", "draw in this `FORMAT`: "+strings.Join(visualize.Formats(), ", "))
	flags.StringVarP(&o.output, "output_file", "o", "", "write to `FILE`; - is stdout (default: NAME.FORMAT)")
}

func newVisualizeCommand(c *cli) *cobra.Command {
	var o visualizeOptions
	cmd := &cobra.Command{
		Use:   "visualize [TOPOLOGY]",
		Short: "Draw a topology",
		Long:  visualizeLong,
		Example: fmt.Sprintf(`  %[1]s visualize                       # wordcount.png
  %[1]s visualize -n wordcount -f pdf
  %[1]s visualize topology.toml -o docs/topology.svg
  %[1]s visualize -f dot -o - | dot -Tpng > wordcount.png`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := oneTopology(cmd, args)
			if err != nil {
				return err
			}
			if err := checkFormat(o.format, visualize.Formats()); err != nil {
				return wrongUsage(cmd, err)
			}
			return runVisualize(cmd.Context(), c, &o, path)
		},
	}
	o.AddFlags(cmd.Flags())
	completeSource(cmd)
	completeWords(cmd, "format", visualize.Formats())
	return cmd
}

// runVisualize draws the topology and writes the picture.
func runVisualize(ctx context.Context, c *cli, o *visualizeOptions, path string) error {
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	loaded, err := loadSource(ctx, c, &o.sourceOptions, path, consent{ask: somebody(c)})
	if err != nil {
		return err
	}
	file, format := o.destination(loaded.Topology.Name)
	picture, err := visualize.Draw(loaded.Topology, format)
	if err != nil {
		return fmt.Errorf("cannot draw topology %q: %w", loaded.Topology.Name, err)
	}
	if file == "-" {
		_, err := c.stdout.Write(picture)
		return err
	}
	if err := os.WriteFile(file, picture, 0o666); err != nil {
		return fmt.Errorf("cannot write the picture: %w", err)
	}
	fmt.Fprintln(c.stdout, file)
	return nil
}

// destination settles where the picture goes, and as what. As with sparse, a
// format that is given becomes the file's suffix, unless it is that already.
func (o *visualizeOptions) destination(name string) (file, format string) {
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
