package guard

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"syscall"
)

// Main is the guard process. args are the arguments after [Command]: the run's id. It
// reads stdin to its end, then kills what is left of the run, and returns the exit
// status.
func Main(args []string) int {
	if len(args) != 1 || args[0] == "" {
		fmt.Fprintf(os.Stderr, "%s is started by gust itself, with the id of a run: do not run it by hand\n", Command)
		return 2
	}
	// A signal to all processes of the session must not end the guard.
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	// From here it only sleeps, so it frees the memory of its start.
	debug.FreeOSMemory()

	groups, dirs := read(os.Stdin)
	for group := range groups {
		_ = syscall.Kill(-group, syscall.SIGKILL)
	}
	killMarked([]string{Variable + "=" + args[0]})
	for _, dir := range dirs {
		_ = os.RemoveAll(dir)
	}
	return 0
}

// read reads lines "+PGID" and "-PGID" to the end of r, and returns the remaining groups;
// and lines with a quoted path, the directories to remove. It skips other lines, above
// all the ids 0 and 1, since kill takes -0 for the caller's own group and -1 for all
// processes; and a path that is relative or incomplete.
func read(r io.Reader) (groups map[int]bool, dirs []string) {
	groups = map[int]bool{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if dir, err := strconv.Unquote(lines.Text()); err == nil && filepath.IsAbs(dir) {
			dirs = append(dirs, dir)
			continue
		}
		switch n, err := strconv.ParseInt(lines.Text(), 10, 32); {
		case err != nil:
		case n > 1:
			groups[int(n)] = true
		case n < -1:
			delete(groups, int(-n))
		}
	}
	return groups, dirs
}
