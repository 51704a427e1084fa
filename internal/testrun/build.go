// Package testrun runs gust for tests as a user would: as a program, of which only
// the command line, the log and --json are known.
package testrun

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"testing"
)

// Main builds gust, stores the program's path in program, and runs the tests. It
// returns the exit status. gust has the race detector if the tests have it: after a
// race its exit status is not 0, so the test fails.
func Main(m *testing.M, program *string) int {
	dir, err := os.MkdirTemp("", "gust-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	*program = filepath.Join(dir, "gust")
	if out, err := exec.Command("go", "build", raceFlag(), "-ldflags=-s -w", "-o", *program, "gust/cmd/gust").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "cannot build gust: %v\n%s", err, out)
		return 1
	}
	return m.Run()
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
