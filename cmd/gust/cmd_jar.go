package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/conf"
	"gust/internal/terminal"
	"gust/storm/jar"
)

const jarLong = `Build the jar of the project in this directory for Storm. src/ becomes resources/,
the directory that components run in. The same files always produce the same jar.
Neither Java nor lein is needed; --add copies the classes of another jar.

.gustignore, in .gitignore's syntax, lists files to leave out; __pycache__ and the
like are always left out. A symbolic link out of the project is an error.

With --bundle the jar also contains the project's Python packages, so that workers
need only Python: no virtualenv and no streamparse. Submit such a jar with
` + "`submit --bundle -j FILE`" + `. See docs/submit.md.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

// jarCommand are the flags of `jar`.
type jarCommand struct {
	jarOptions
	name        string
	environment string
	configFile  string
	python      string
	resources   string
	output      string
	list        bool
	json        bool
	simple      bool
}

// AddFlags declares the flags.
func (o *jarCommand) AddFlags(flags *pflag.FlagSet) {
	o.jarOptions.AddFlags(flags)
	flags.StringVarP(&o.output, "output", "o", "", "write the jar to `FILE` (default: _build/PROJECT.jar)")
	flags.BoolVarP(&o.list, "list", "l", false, "print the files of the jar")
	flags.BoolVar(&o.json, "json", false, "print the jar's path, size and files as one JSON object")
	flags.StringVarP(&o.name, "name", "n", "", "bundle the packages of the topology `NAME`")
	flags.StringVarP(&o.environment, "environment", "e", "", "use environment `ENV` of config.json (default: the only one)")
	flags.StringVar(&o.configFile, "config", "", "read `FILE` as the project's config.json")
	flags.StringVar(&o.python, "python", "", "use the Python at `PATH`\n(default: the project's virtualenv, else python3)")
	flags.StringVar(&o.resources, "resources", "src", "pack the directory `DIR`")
	flags.BoolVarP(&o.simple, "simple_jar", "s", false, "accepted for compatibility with sparse, and ignored")
}

func newJarCommand(c *cli) *cobra.Command {
	var o jarCommand
	cmd := &cobra.Command{
		Use:   "jar",
		Short: "Build the project's jar for a Storm cluster",
		Long:  jarLong,
		Example: fmt.Sprintf(`  %[1]s jar
  %[1]s jar -o wordcount.jar --list
  %[1]s jar --bundle -n wordcount --python-version 3.11 --platform manylinux2014_x86_64`, c.name),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return wrongUsage(cmd, err)
			}
			ctx, release := terminal.UntilSignal(cmd.Context())
			defer release()
			return runJar(ctx, c, &o)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// runJar makes the jar of the project in the working directory.
func runJar(ctx context.Context, c *cli, o *jarCommand) error {
	recipe := o.recipe()
	recipe.Dir, recipe.Resources, recipe.Name, recipe.Python = ".", o.resources, o.name, o.python
	project, err := conf.ReadProject(cmp.Or(o.configFile, "config.json"))
	switch {
	case errors.Is(err, fs.ErrNotExist) && o.configFile == "": // src/ is enough
	case err != nil:
		return err
	default:
		recipe.Project = project
		// Which environment is meant matters to --bundle, for its interpreter.
		if recipe.Environment, err = project.Environment(o.environment); err != nil && (o.bundle || o.environment != "") {
			return err
		}
	}
	recipe.Step = func(text string) { c.Show("%s", text) }
	j, err := recipe.Make(ctx)
	c.Clear()
	if err != nil {
		return err
	}
	output, err := o.outputFile()
	if err != nil {
		return err
	}
	size, err := j.WriteFile(output)
	if err != nil {
		return err
	}
	return printJar(c, o, output, size, j.Entries())
}

// outputFile is the path of the jar. gust creates only the default folder, which is
// sparse's.
func (o *jarCommand) outputFile() (string, error) {
	if o.output != "" {
		return o.output, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll("_build", 0o755); err != nil {
		return "", err
	}
	return filepath.Join("_build", filepath.Base(dir)+".jar"), nil
}

// jarReport is what --json prints.
type jarReport struct {
	File  string    `json:"file"`
	Bytes int64     `json:"bytes"`
	Files []jarFile `json:"files"`
}

type jarFile struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

func printJar(c *cli, o *jarCommand, file string, size int64, entries []jar.Entry) error {
	if o.json {
		report := jarReport{File: file, Bytes: size}
		for _, e := range entries {
			report.Files = append(report.Files, jarFile{e.Name, e.Size})
		}
		return c.writeJSON(report)
	}
	if o.list {
		for _, e := range entries {
			if _, err := fmt.Fprintf(c.stdout, "%9d  %s\n", e.Size, e.Name); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintf(c.stdout, "%s: %s, %s\n", file, terminal.Count(len(entries), "file"), terminal.Bytes(size))
	return err
}
