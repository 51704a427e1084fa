// Package conformance_test runs gust with components that others might have
// written: on the adapters that people use, and on no adapter at all. What
// came out is compared with what must, to the byte where that is promised.
package conformance_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"

	"gust/internal/testrun"
)

// gust is the path of the program that the tests run; TestMain builds it.
var gust string

func TestMain(m *testing.M) {
	if role := os.Getenv(peerVariable); role != "" {
		os.Exit(peerMain(role))
	}
	os.Exit(testMain(m))
}

func testMain(m *testing.M) int {
	// The runs mostly wait: for children to start, for ticks. An explicit -parallel
	// is set later, and overrides this.
	if err := flag.Set("test.parallel", strconv.Itoa(3*runtime.NumCPU())); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return testrun.Main(m, &gust)
}
