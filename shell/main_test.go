package shell

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"gust/internal/guard"
)

// The test binary plays every part: it is started again as a child, as a guard,
// and as a run that gets killed.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == guard.Command {
		os.Exit(guard.Main(os.Args[2:]))
	}
	if len(os.Args) > 2 && os.Args[1] == "part" {
		parts[os.Args[2]](os.Args[3:])
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var parts = map[string]func(args []string){
	// descriptors says what it has inherited.
	"descriptors": func([]string) { fmt.Print(inheritable(0)) },
	// deaf ignores SIGTERM, and lives on when its stdin has ended.
	"deaf": func([]string) {
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("up")
		select {}
	},
	// run starts a shell with a script, with a guard if args say so, and waits to
	// be killed.
	"run": func(args []string) {
		script, guarded := args[0], args[1] == "guarded"
		var g *guard.Guard
		if guarded {
			var err error
			if g, err = guard.Start(os.Args[0]); err != nil {
				panic(err)
			}
		}
		_, err := NewLauncher(g).Start(Spec{Component: "c", Args: []string{"/bin/sh", "-c", script}, Env: os.Environ()})
		if err != nil {
			panic(err)
		}
		select {}
	},
}

// inheritable lists the descriptors, from the given one on, that children inherit
// from this process, and so, in a child, those that it has inherited: whatever Go
// opens is closed on exec.
func inheritable(from int) string {
	var list strings.Builder
	for fd := from; fd < 200; fd++ {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err != nil || flags&unix.FD_CLOEXEC != 0 {
			continue
		}
		mode, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
		fmt.Fprintf(&list, "%d nonblock=%v\n", fd, mode&unix.O_NONBLOCK != 0)
	}
	return list.String()
}

// part is the command line of a part.
func part(name string, args ...string) []string {
	return append([]string{os.Args[0], "part", name}, args...)
}
