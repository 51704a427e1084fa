package main

import (
	"strings"
	"testing"

	fast "gust/runner"
)

func TestRunnerFlag(t *testing.T) {
	var flag runnerFlag
	for _, mode := range []fast.Mode{fast.Stock, fast.Fast, fast.Auto} {
		if err := flag.Set(string(mode)); err != nil || fast.Mode(flag) != mode {
			t.Errorf("%s: it is %q, %v", mode, flag, err)
		}
	}
	if err := flag.Set("quick"); err == nil || !strings.Contains(err.Error(), "stock, fast or auto") {
		t.Errorf("quick: %v", err)
	}
}
