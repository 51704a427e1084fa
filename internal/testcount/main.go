// Testcount runs `go test` with its arguments. It prints a line for each package when
// that finishes, failures with their output, skipped tests with the reason, and at last
//
//	N passed, N failed, N skipped
//
// with the slowest tests before that line. A test with subtests counts by its subtests. The
// exit status is 1 if anything failed or, if the variable CI is set, if anything was skipped.
//
// More packages run at a time than go test would run, because tests often wait: for processes
// to start, for JVMs, for ticks. They start in the order of the arguments, so the packages
// that take longest should come first; then none of them is left for the end.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"

	"gust/internal/testenv"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	count := newCount(os.Stdout)
	atOnce := "-p=" + strconv.Itoa(runtime.NumCPU()+1) // a -p of the arguments takes precedence
	cmd := exec.Command("go", append([]string{"test", "-json", atOnce}, args...)...)
	cmd.Stderr = os.Stderr
	if os.Getenv("GORACE") == "" {
		// Each program with the race detector would sleep for a second at its end.
		cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	}
	events, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "testcount: cannot run go test:", err)
		return 1
	}
	err = count.read(events)
	if waitErr := cmd.Wait(); err == nil {
		err = waitErr
	}
	if err != nil && count.failed == 0 {
		// go test failed before there was a test to blame.
		fmt.Println("FAIL go test:", err)
		count.failed++
	}
	code := 0
	if count.failed > 0 {
		code = 1
	}
	if count.skipped > 0 && testenv.InCI() {
		fmt.Println("FAIL in CI a test may not be skipped")
		code = 1
	}
	count.printSlowest()
	fmt.Println(count)
	return code
}
