package worker

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"gust/conf"
)

// cable is a link to a network of its own, as between two machines.
type cable struct {
	t       *testing.T
	near    string // the name of its end here
	address string // of the machine at the other end
}

// plug makes a network namespace with one cable to it, and calls inside there.
func plug(t *testing.T, inside func(address string)) *cable {
	t.Helper()
	if _, err := exec.LookPath("ip"); err != nil || os.Geteuid() != 0 {
		t.Skip("SKIPPED: a network of its own takes root, and ip of iproute2")
	}
	id := os.Getpid() % 10_000
	c := &cable{t: t, near: fmt.Sprintf("gustn%d", id), address: fmt.Sprintf("10.213.%d.2", id%250)}
	far := fmt.Sprintf("gustf%d", id)
	done, thread := make(chan error), make(chan int)
	go func() {
		// The thread is never unlocked, so that it ends with the goroutine: no other may find
		// itself in this namespace.
		runtime.LockOSThread()
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err != nil {
			close(thread)
			done <- err
			return
		}
		thread <- unix.Gettid()
		err = <-done // the cable is there
		for _, args := range []string{"addr add " + c.address + "/30 dev " + far, "link set " + far + " up", "link set lo up"} {
			if err == nil {
				err = ip(args)
			}
		}
		if err == nil {
			inside(c.address)
		}
		done <- err
	}()
	tid, ok := <-thread
	if !ok {
		t.Skipf("SKIPPED: no network of its own: %v", <-done)
	}
	err := ip(fmt.Sprintf("link add %s type veth peer name %s netns %d", c.near, far, tid))
	if err == nil {
		t.Cleanup(func() { _ = ip("link del " + c.near) }) // it may have gone with the namespace
		err = ip("addr add " + strings.TrimSuffix(c.address, "2") + "1/30 dev " + c.near)
	}
	if err == nil {
		err = ip("link set " + c.near + " up")
	}
	done <- err
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return c
}

// ip runs the program in the namespace of this thread.
func ip(args string) error {
	if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", args, err, out)
	}
	return nil
}

// cut pulls the cable out, mend puts it in again: nothing is told of it at either end.
func (c *cable) cut() { c.set("down") }

func (c *cable) mend() { c.set("up") }

func (c *cable) set(state string) {
	c.t.Helper()
	if err := ip("link set " + c.near + " " + state); err != nil {
		c.t.Fatal(err)
	}
}

// Two machines lose the cable between them, and find each other again.
func TestCableBetweenWorkers(t *testing.T) {
	var listener net.Listener
	cable := plug(t, func(address string) {
		var err error
		if listener, err = net.Listen("tcp", address+":0"); err != nil {
			t.Error(err)
		}
	})
	if t.Failed() {
		return
	}
	b := replaying(2)
	b.listeners = map[int]net.Listener{1: listener}
	r := b.run(t, conf.Conf{conf.GustPeerSilence: int64(1)})
	for range 2 {
		r.lively("acks", 100)
		before := strings.Count(r.log.String(), "it is silent")
		cable.cut()
		r.until("silence at both ends", func(Stats) bool { return strings.Count(r.log.String(), "it is silent") >= before+2 })
		cable.mend()
	}
	r.lively("acks after the cable was put in again", 200)
	stats, _ := r.end()
	if f := stats.Trees.Failed; f.Timeout > 0 || f.Bolt > 0 {
		t.Errorf("trees failed otherwise than by the loss of the connection: %+v", f)
	}
}
