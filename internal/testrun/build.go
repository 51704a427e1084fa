// Package testrun runs gust for tests as a user would: as a program of its
// own, of which only the command line, the log and --json are known.
package testrun

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime/debug"
)

// Build builds gust into dir and returns the program's path. It has the race
// detector where the tests have it: a race makes gust exit with a code that is
// not 0, and so the test fail.
func Build(dir string) (string, error) {
	program := filepath.Join(dir, "gust")
	if out, err := exec.Command("go", "build", raceFlag(), "-o", program, "gust/cmd/gust").CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build gust: %w\n%s", err, out)
	}
	return program, nil
}

func raceFlag() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "-race" {
				return "-race=" + setting.Value
			}
		}
	}
	return "-race=false"
}
