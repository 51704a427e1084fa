package shell

import (
	"testing"

	"golang.org/x/sys/unix"
)

func size(t *testing.T, fd int) int {
	t.Helper()
	n, err := unix.FcntlInt(uintptr(fd), unix.F_GETPIPE_SZ, 0)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAllowance(t *testing.T) {
	p, err := openPipes()
	if err != nil {
		t.Fatal(err)
	}
	defer p.closeOurs()
	defer p.closeTheirs()
	usual := size(t, p.ours[stdin])

	a := &allowance{left: pipeSize + pipeSize/2}
	taken := a.enlarge(p.ours[stdin], p.ours[stdout])
	if taken == 0 {
		t.Skip("the kernel gives this user no larger pipes")
	}
	if n := size(t, p.ours[stdin]); n != pipeSize {
		t.Errorf("the first pipe has %d bytes, want %d", n, pipeSize)
	}
	if n := size(t, p.ours[stdout]); n != usual {
		t.Errorf("the second pipe, for which nothing was left, has %d bytes, want %d", n, usual)
	}
	if taken != pipeSize || a.left != pipeSize/2 {
		t.Errorf("taken %d, left %d", taken, a.left)
	}
	a.give(taken)
	if a.left != pipeSize+pipeSize/2 {
		t.Errorf("%d are left after giving back", a.left)
	}
}

// A pipe that the kernel does not enlarge stays as it is, and costs nothing.
func TestAllowanceRefused(t *testing.T) {
	a := &allowance{left: 10 * pipeSize}
	if taken := a.enlarge(-1); taken != 0 || a.left != 10*pipeSize {
		t.Errorf("taken %d, left %d", taken, a.left)
	}
}
