package shell

import (
	"os"

	"golang.org/x/sys/unix"
)

// The pipes of a process, by their file descriptors there.
const (
	stdin = iota
	stdout
	stderr
)

// pipeSize is the size in bytes to which the pipes of stdin and stdout are enlarged. It
// is the most that Linux allows every user (fs.pipe-max-size): the fuller a pipe may
// get, the more messages share one system call and one wake-up.
const pipeSize = 1 << 20

// pipes are the three pipes of a process, as raw descriptors, closed on exec.
// Our ends do not block, because one goroutine serves many of them; the child's ends do,
// because programs expect that. Each end has its own mode.
type pipes struct {
	ours, theirs [3]int
}

func openPipes() (*pipes, error) {
	p := &pipes{ours: [3]int{-1, -1, -1}, theirs: [3]int{-1, -1, -1}}
	for i := range p.ours {
		reader, writer, err := pipe()
		if err != nil {
			p.closeOurs()
			p.closeTheirs()
			return nil, os.NewSyscallError("pipe", err)
		}
		p.ours[i], p.theirs[i] = reader, writer
		if i == stdin {
			p.ours[i], p.theirs[i] = writer, reader
		}
		if err := unix.SetNonblock(p.ours[i], true); err != nil {
			p.closeOurs()
			p.closeTheirs()
			return nil, os.NewSyscallError("fcntl", err)
		}
	}
	return p, nil
}

// files are the child's ends, in the order of its descriptors.
func (p *pipes) files() []uintptr {
	return []uintptr{uintptr(p.theirs[stdin]), uintptr(p.theirs[stdout]), uintptr(p.theirs[stderr])}
}

func (p *pipes) closeOurs()   { closeAll(p.ours[:]) }
func (p *pipes) closeTheirs() { closeAll(p.theirs[:]) }

// closeAll closes descriptors, and sets them to -1.
func closeAll(fds []int) {
	for i, fd := range fds {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
		fds[i] = -1
	}
}
