// Testcount runs `go test` with its arguments. It prints a line for each package when
// that finishes, failures with their output, skipped tests with the reason, and at last
//
//	N passed, N failed, N skipped
//
// A test with subtests counts by its subtests. The exit status is 1 if anything failed
// or, if the variable CI is set, if anything was skipped.
package main

import (
	"fmt"
	"os"
	"os/exec"

	"gust/internal/testenv"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	count := newCount(os.Stdout)
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
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
	fmt.Println(count)
	return code
}
