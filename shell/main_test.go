package shell

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
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
	// descriptors says what it has inherited: each open descriptor and its flags.
	"descriptors": func([]string) {
		for fd := range 200 {
			if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); err == nil && !ownDescriptor(fd) {
				fmt.Printf("%d nonblock=%v\n", fd, flags&unix.O_NONBLOCK != 0)
			}
		}
	},
	// deaf ignores SIGTERM, and lives on when its stdin has ended.
	"deaf": func([]string) {
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("up")
		select {}
	},
	// run starts a shell with a script, with a guard if args say so, passes on
	// the first line that it says, and waits to be killed.
	"run": func(args []string) {
		script, guarded := args[0], args[1] == "guarded"
		var g *guard.Guard
		if guarded {
			var err error
			if g, err = guard.Start(os.Args[0]); err != nil {
				panic(err)
			}
		}
		// The child's stdin is a pipe that we write to, and ends with us: what
		// says that it lives must be something else. Descriptor 3 is not passed
		// on by the launcher, so the script opens it by its path.
		p, err := NewLauncher(g).Start(Spec{Component: "c", Args: []string{"/bin/sh", "-c", script}, Env: os.Environ()})
		if err != nil {
			panic(err)
		}
		fmt.Println(strconv.Itoa(p.PID()))
		select {}
	},
}

// ownDescriptor reports whether a descriptor is one of the Go runtime's own.
func ownDescriptor(fd int) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil && flags&unix.FD_CLOEXEC != 0
}

// part is the command line of a part.
func part(name string, args ...string) []string {
	return append([]string{os.Args[0], "part", name}, args...)
}
