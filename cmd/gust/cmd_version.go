package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"gust/internal/program"
)

func newVersionCommand(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and build information",
		Long: `Print the version, commit, Go release and platform of this binary on one line.

EXIT STATUS

0 success, 2 usage error.`,
		Example: fmt.Sprintf("  %s version", c.name),
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(c.stdout, buildVersion())
			return err
		},
	}
}

// buildVersion is the build information in the binary. It begins with "gust" whatever the
// program's name, because that is what was built.
func buildVersion() string {
	info, ok := program.BuildInfo()
	if !ok {
		return "gust of unknown build"
	}
	return versionText(info)
}

// versionText formats build information, such as "gust v1.2.0 (commit 0123456789ab,
// 2026-01-31T12:00:00Z, changed) go1.26 linux/amd64".
func versionText(info *debug.BuildInfo) string {
	settings := make(map[string]string)
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	text := "gust " + info.Main.Version
	if info.Main.Version == "" || info.Main.Version == "(devel)" {
		text = "gust development"
	}
	if commit := settings["vcs.revision"]; commit != "" {
		text += " (commit " + commit[:min(12, len(commit))]
		if when := settings["vcs.time"]; when != "" {
			text += ", " + when
		}
		if settings["vcs.modified"] == "true" {
			text += ", changed"
		}
		text += ")"
	}
	return fmt.Sprintf("%s %s %s/%s", text, info.GoVersion, runtime.GOOS, runtime.GOARCH)
}
