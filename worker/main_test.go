package worker

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"gust/internal/fakecomponent"
)

// The test binary is also the components.
func TestMain(m *testing.M) {
	fakecomponent.Main()
	// The runs wait most of the time, so that more of them fit than there are processors.
	flag.Parse()
	if err := flag.Set("test.parallel", strconv.Itoa(max(4, runtime.GOMAXPROCS(0)))); err != nil {
		panic(err)
	}
	goroutines, files := runtime.NumGoroutine(), openFiles()
	code := m.Run()
	if code == 0 {
		code = leaks(goroutines, files)
	}
	os.Exit(code)
}

// leaks looks for what the runs have left behind: processes, goroutines, descriptors.
func leaks(goroutines, files int) (code int) {
	if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); err != syscall.ECHILD {
		fmt.Printf("a process is left: %d, %v\n", pid, err)
		code = 1
	}
	// A goroutine that has done its work may not have ended yet.
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > goroutines && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		fmt.Printf("%d goroutines are left:\n%s", n-goroutines, stacks())
		code = 1
	}
	// The runtime's own poller takes a few when it is needed for the first time.
	if n := openFiles(); n > files+4 {
		fmt.Printf("%d open files, %d at the beginning\n", n, files)
		code = 1
	}
	return code
}

func openFiles() int {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

func stacks() []byte {
	text := make([]byte, 1<<20)
	return text[:runtime.Stack(text, true)]
}
