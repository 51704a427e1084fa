package slot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"gust/internal/hint"
)

// Command is the word after the program's name with which the hooks start gust; main then calls
// [Main] with what follows, a supervisor's command.
const Command = "__storm-worker"

// RealJava is the link from the directory of a stand-in for Java to the directory of the real one.
const RealJava = "gust-real-java"

// Main runs the worker that a supervisor's command starts, or executes the command. It returns
// the exit status if it could do neither, or when the worker has ended.
func Main(command []string) int {
	if len(command) == 0 {
		fmt.Fprintf(os.Stderr, "gust %s: no command\n", Command)
		return 2
	}
	return start(command, func() {})
}

// start is Main. forWorkers is called if the command starts a worker.
func start(command []string, forWorkers func()) int {
	launch, err := ParseLaunch(command)
	if err != nil {
		return execute(command)
	}
	forWorkers()
	job, fatal, err := launch.Decide()
	switch {
	case errors.Is(err, errNotAsked):
		return execute(command)
	case fatal:
		return fail(launch, err)
	case err != nil:
		fmt.Fprintf(os.Stderr, "gust: a worker of Storm's runs topology %s: %v\n", launch.Topology, err)
		return execute(command)
	}
	if err := job.Run(context.Background()); err != nil {
		return fail(launch, err)
	}
	return 0
}

// fail says why a worker does not run, or no longer.
func fail(l *Launch, err error) int {
	fmt.Fprintf(os.Stderr, "gust: cannot run a worker of topology %s: %s\n", l.Topology, hint.Text(err))
	return 1
}

// execute makes this process another program.
func execute(command []string) int {
	program, err := exec.LookPath(command[0])
	if err == nil {
		err = syscall.Exec(program, command, os.Environ())
	}
	fmt.Fprintf(os.Stderr, "gust: cannot execute %s: %v\n", command[0], err)
	return 127
}

// StandIn reports whether a program was started as the stand-in for java.
func StandIn(program string) bool { return filepath.Base(program) == "java" }

// JavaMain is Main for the stand-in for java. program is the path by which it was started.
func JavaMain(program string, args []string) int {
	if !filepath.IsAbs(program) {
		found, err := exec.LookPath(program)
		if err == nil {
			found, err = filepath.Abs(found)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "gust: the stand-in for java cannot find itself: %v\n", err)
			return 127
		}
		program = found
	}
	standIn := filepath.Dir(filepath.Dir(program))
	home, err := filepath.EvalSymlinks(filepath.Join(standIn, RealJava))
	if err != nil {
		fmt.Fprintf(os.Stderr, "gust: the stand-in for java cannot find the real one: %v\n", err)
		return 127
	}
	return start(append([]string{filepath.Join(home, "bin", "java")}, args...), func() {
		if os.Getenv("JAVA_HOME") == standIn { // the supervisor needs it, components do not
			os.Setenv("JAVA_HOME", home)
		}
	})
}
