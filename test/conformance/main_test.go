// Package conformance_test runs gust with components that third parties might have
// written: with common adapters, and without any. It compares the results, byte by byte
// if that is promised.
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
