package poll

import (
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// After Close, the number of the waker's descriptor may be another file's, into which
// Wake must not write.
func TestWakeDuringCloseTouchesNoOtherFile(t *testing.T) {
	for range 300 {
		p, err := New()
		if err != nil {
			t.Fatal(err)
		}
		var closed atomic.Bool
		var wakers sync.WaitGroup
		for range 4 {
			wakers.Go(func() {
				for !closed.Load() {
					p.Wake()
				}
			})
		}
		for range 20 {
			if _, err := p.Wait(0); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		var files [4]*os.File // they get the numbers that have just become free
		for i := range files {
			fd, err := unix.MemfdCreate("other", unix.MFD_CLOEXEC)
			if err != nil {
				t.Skip("no anonymous files here: ", err)
			}
			files[i] = os.NewFile(uintptr(fd), "other")
		}
		closed.Store(true)
		wakers.Wait()
		for _, f := range files {
			if info, err := f.Stat(); err != nil || info.Size() > 0 {
				t.Fatalf("a wake-up has written %d bytes into another file (%v)", info.Size(), err)
			}
			f.Close()
		}
	}
}
