package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gust/internal/terminal"
	"gust/topology"
	"gust/topology/load"
)

// rendering is a command that writes a topology in another form to a file or stdout:
// convert or visualize.
type rendering struct {
	use, short, long, example string
	formats                   []string
	// format and output are the usages of the flags for them. flag is the name of the
	// format's flag, and letter its short form.
	format, output string
	flag, letter   string
	// render renders the topology in a format, and returns the file to write; "-" is
	// stdout.
	render func(loaded *load.Loaded, o *renderOptions) (file string, text []byte, err error)
	// write writes the file.
	write func(file string, text []byte) error
}

// renderOptions are the flags of a rendering.
type renderOptions struct {
	sourceOptions
	format string
	output string
}

// command is the command of a rendering.
func (r rendering) command(c *cli) *cobra.Command {
	var o renderOptions
	cmd := &cobra.Command{
		Use: r.use, Short: r.short, Long: r.long, Example: r.example,
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := oneTopology(cmd, args)
			if err != nil {
				return err
			}
			if err := checkFormat(o.format, r.formats); err != nil {
				return wrongUsage(cmd, err)
			}
			return r.run(cmd.Context(), c, &o, path)
		},
	}
	o.AddFlags(cmd.Flags())
	cmd.Flags().StringVarP(&o.format, r.flag, r.letter, "", r.format)
	cmd.Flags().StringVarP(&o.output, "output_file", "o", "", r.output)
	completeSource(cmd)
	completeWords(cmd, r.flag, r.formats)
	return cmd
}

func (r rendering) run(ctx context.Context, c *cli, o *renderOptions, path string) error {
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	loaded, err := loadSource(ctx, c, &o.sourceOptions, path, consent{ask: somebody(c)})
	if err != nil {
		return err
	}
	file, text, err := r.render(loaded, o)
	if err != nil {
		return err
	}
	if file == "-" {
		_, err := c.stdout.Write(text)
		return err
	}
	if err := r.write(file, text); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.stdout, file)
	return err
}

// checkFormat returns an error if the given format is unknown.
func checkFormat(format string, known []string) error {
	if format == "" || slices.Contains(known, format) {
		return nil
	}
	return fmt.Errorf("unknown format %q (want %s)%s", format, strings.Join(known, ", "), topology.DidYouMean(format, known))
}

// formatOf is the format in a file's extension, as in "wordcount.svg".
func formatOf(file string) string {
	return strings.ToLower(strings.TrimPrefix(filepath.Ext(file), "."))
}
