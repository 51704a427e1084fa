package worker

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"gust/conf"
	"gust/internal/poll"
	"gust/multilang"
)

// The pipes of a process, as a token of the poller names them.
const (
	stdin = iota
	stdout
	stderr
)

// A token is the task's id and, in the lowest bits, the pipe.
const pipeBits = 2

func (t *task) token(pipe uint64) uint64 { return uint64(t.id)<<pipeBits | pipe }

// parseToken returns the task id and the pipe of a token.
func parseToken(token uint64) (id, pipe uint64) { return token >> pipeBits, token & (1<<pipeBits - 1) }

// watchOutputs has the poller watch stdout and stderr of a new process.
func (t *task) watchOutputs() error {
	if err := t.loop.kernel.Add(t.proc.Stdout(), t.token(stdout), poll.Read); err != nil {
		return err
	}
	return t.loop.kernel.Add(t.proc.Stderr(), t.token(stderr), poll.Read)
}

// watchStdout sets what the poller watches the task's stdout for.
func (t *task) watchStdout(want poll.Interest) {
	if err := t.loop.kernel.Change(t.proc.Stdout(), t.token(stdout), want); err != nil {
		t.end(err)
	}
}

// closePipes closes all pipes of a process that has ended.
func (t *task) closePipes() {
	t.loop.kernel.Remove(t.proc.Stdout())
	t.loop.kernel.Remove(t.proc.Stderr())
	if t.stdin == stdinFull {
		t.loop.kernel.Remove(t.proc.Stdin())
	}
	t.proc.CloseStdin()
	t.proc.CloseOutputs()
}

// readStdout reads once from stdout.
func (t *task) readStdout(p []byte) (int, error) {
	n, err := t.loop.kernel.Read(t.proc.Stdout(), p)
	n = max(n, 0) // the system call returns -1 with an error
	if t.tap != nil {
		t.tap.Stdout(p[:n])
	}
	return n, err
}

// writeStdin writes once to stdin.
func (t *task) writeStdin(p []byte) (int, error) { return t.loop.kernel.Write(t.proc.Stdin(), p) }

// receive reads once from stdout and handles the messages that came. It returns
// what read returned.
func (t *task) receive() int {
	n, err := t.dec.Fill(t.loop.chunk, t.stdoutReader)
	if n <= 0 {
		t.dec.Keep()
		if err == unix.EAGAIN || err == unix.EINTR {
			return n
		}
		t.endOfOutput()
		return n
	}
	t.loop.now = t.loop.clock.now()
	t.handleRead()
	return n
}

// handleRead handles the messages that have been read. It handles all of them,
// unless gust is to stop reading a spout between two of them.
func (t *task) handleRead() {
	if t.spout != nil {
		t.spout.grant = 0
	}
	m := &t.loop.message
	for t.spout == nil || !t.paused() {
		ok, err := t.dec.Next(m)
		if err != nil {
			if t.garbled(err) {
				continue
			}
			return
		}
		if !ok {
			break
		}
		t.loop.messages++
		t.handle(m)
		if m.Command == multilang.Emit && t.spout != nil && !t.paused() && !t.spout.mayGoOn() {
			t.spout.awaitRoom()
		}
	}
	t.dec.Keep()
	if t.bolt != nil {
		t.bolt.endChunk()
	}
}

// garbled handles bytes that are not a message. It returns false if no message
// can follow. (It is not part of handleRead, because its variable would be an
// allocation for each message there.)
func (t *task) garbled(err error) bool {
	var stray *multilang.StrayError
	if errors.As(err, &stray) {
		t.stray(stray)
		return true
	}
	t.end(fmt.Errorf("%w of %d bytes (%s), or its line \"end\" is missing", err, t.comp.set.maxMessage, conf.GustMaxMessageBytes))
	t.endOfOutput()
	return false
}

// endOfOutput stops reading stdout: it has ended, or makes no sense any more.
// check kills a process that keeps running without it.
func (t *task) endOfOutput() {
	t.eof = true
	t.eofAt = t.loop.now
	t.loop.kernel.Remove(t.proc.Stdout())
	t.touch() // if it is leaving, its input need not wait for answers any more
}

// receiveStderr reads once from stderr. It returns what read returned.
func (t *task) receiveStderr() int {
	n, err := t.loop.kernel.Read(t.proc.Stderr(), t.loop.chunk)
	if n > 0 {
		if t.tap != nil {
			t.tap.Stderr(t.loop.chunk[:n])
		}
		t.lines.Write(t.loop.chunk[:n])
		return n
	}
	if err != unix.EAGAIN && err != unix.EINTR {
		t.loop.kernel.Remove(t.proc.Stderr())
	}
	return n
}

// drain reads what an ended process has left in its pipes: as much as a pipe can
// hold and no more, since a grandchild that holds them open may keep writing.
func (t *task) drain() {
	t.exited = true
	if t.paused() {
		t.unpause()
		t.handleRead()
	}
	readUp(func() int {
		if t.eof {
			return 0
		}
		return t.receive()
	})
	readUp(t.receiveStderr)
	t.endOutput()
}

// readUp calls receive until it returns nothing, or has returned 4 MiB.
func readUp(receive func() int) {
	const most = 4 << 20
	for read := 0; read < most; {
		n := receive()
		if n <= 0 {
			return
		}
		read += n
	}
}

// touch puts the task on the list of those whose outbox is written at the end of the round.
func (t *task) touch() {
	if !t.dirty {
		t.dirty = true
		t.loop.dirty = append(t.loop.dirty, t)
	}
}

// flush writes as much of the outbox as the pipe takes.
func (t *task) flush() {
	if t.proc == nil || t.stdin != stdinOpen || t.state == down {
		return
	}
	left, err := t.hello.WriteTo(t.stdinWriter)
	if !left && err == nil && t.state != greeting {
		t.hello.Release() // a large topology has large handshakes
		t.endPack()
		left, err = t.out.WriteTo(t.stdinWriter)
	}
	switch {
	case err != nil:
		t.stdin = stdinClosed // by the process, which may have ended: detach will tell
	case left:
		t.stdin = stdinFull
		if err := t.loop.kernel.Add(t.proc.Stdin(), t.token(stdin), poll.Write); err != nil {
			t.end(err)
		}
	case t.state == leaving && (t.spout == nil || t.spout.mayEnd()):
		t.proc.CloseStdin()
		t.stdin = stdinClosed
	}
}

// cut ends the input of a process that has read a part of a message whose rest is dropped: nothing
// else may follow it.
func (t *task) cut() {
	if t.stdin == stdinFull && t.hello.Len() == 0 {
		t.loop.kernel.Remove(t.proc.Stdin())
		t.proc.CloseStdin()
		t.stdin = stdinClosed
	}
}

// writable goes on writing to a pipe that was full.
func (t *task) writable() {
	if t.stdin != stdinFull {
		return
	}
	t.stdin = stdinOpen
	t.loop.kernel.Remove(t.proc.Stdin())
	t.touch()
}
