package shell

import (
	"errors"
	"strings"
	"syscall"
	"testing"
)

func TestOutOfDescriptors(t *testing.T) {
	l := launcher(t, nil)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	before := countDescriptors(t)
	free, err := syscall.Dup(0)
	if err != nil {
		t.Fatal(err)
	}
	syscall.Close(free)
	tight := limit
	tight.Cur = uint64(free + 3) // enough for one pipe, not for three
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &tight); err != nil {
		t.Fatal(err)
	}
	_, err = l.Start(Spec{Component: "c", Args: []string{"/bin/true"}})
	if restored := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); restored != nil {
		t.Fatal(restored)
	}
	if !errors.Is(err, syscall.EMFILE) || !strings.Contains(err.Error(), "ulimit -n") {
		t.Errorf("got %v", err)
	}
	if after := countDescriptors(t); after != before {
		t.Errorf("%d descriptors were left open", after-before)
	}
}
