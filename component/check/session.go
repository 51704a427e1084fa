package check

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"gust/multilang"
	"gust/shell"
)

// outcome is the result of waiting.
type outcome uint8

const (
	heard  outcome = iota // it has happened
	silent                // the time is over
	ended                 // the process has, before it happened
)

// lastLines is how much of stderr a finding about a death shows.
const lastLines = 12

// session is the conversation with one process.
type session struct {
	*checker
	step   string
	notes  notebook
	proc   *shell.Process
	exited chan shell.Exit
	// bell is a pipe whose other end is closed when the process has exited, so
	// that poll sees it.
	bell *os.File
	gone bool // the process has exited; exit has its status
	exit shell.Exit

	in       reader
	heardAt  time.Time // the last time that stdout had bytes
	noOutput bool      // stdout has ended
	noErrors bool      // stderr has
	stderr   *shell.LastWords
	lines    *shell.Lines

	out      []byte    // unwritten input of the program
	asked    []byte    // the last message that must be answered
	endAt    time.Time // when stdin was closed
	afterEnd int       // bytes of output since

	pidDir string
	books  books
}

// converse starts a process, runs a step with it, and ends it. It returns the step's
// findings. An error means that the process did not start.
func (c *checker) converse(ctx context.Context, step string, talk func(*session)) (notebook, error) {
	pidDir, err := os.MkdirTemp("", "gust-check-")
	if err != nil {
		return nil, fmt.Errorf("cannot make a directory for the program's pid: %w", err)
	}
	defer os.RemoveAll(pidDir)
	bell, ring, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer bell.Close()
	proc, err := c.launcher.Start(shell.Spec{Component: checkedName, Task: checkedTask, Args: c.Command, Dir: c.Dir, Env: c.Env})
	if err != nil {
		ring.Close()
		return nil, err
	}
	s := &session{
		checker: c, step: step, notes: notebook{}, proc: proc, exited: make(chan shell.Exit, 1), bell: bell,
		pidDir: pidDir, heardAt: time.Now(), stderr: shell.NewLastWords(lastLines), books: newBooks(),
	}
	s.lines = shell.NewLines(s.stderr.Add)
	s.in = &msgpackReader{}
	if c.Codec == multilang.JSON {
		s.in = &jsonReader{endless: c.endless.Load()}
	}
	go func() {
		s.exited <- proc.Wait()
		ring.Close()
	}()
	stop := context.AfterFunc(ctx, proc.Kill)
	defer stop()
	talk(s)
	s.leave()
	if r, ok := s.in.(*jsonReader); ok && r.endless {
		c.endless.Store(true)
	}
	return s.notes, nil
}

// leave ends the process, and reads its output until then.
func (s *session) leave() {
	s.closeStdin()
	patience := min(s.Timeout, time.Second)
	if s.facts.spins.Load() {
		patience /= 4
	}
	s.hearUntil(s.endAt.Add(patience))
	s.judge()
	s.proc.Kill()
	for !s.gone {
		s.turn(time.Now().Add(time.Second))
	}
	s.proc.CloseStdin()
	s.proc.CloseOutputs()
}

// hearUntil reads output until then, or until the process has ended.
func (s *session) hearUntil(then time.Time) {
	for time.Now().Before(then) {
		if s.hear(then) != heard {
			return
		}
	}
}

// await reads the program's output until done, which it calls after each message, within
// the time for a step's answer.
func (s *session) await(done func() bool) outcome {
	return s.awaitFor(s.Timeout, done)
}

func (s *session) awaitFor(patience time.Duration, done func() bool) outcome {
	deadline := time.Now().Add(patience)
	for !done() {
		if time.Now().After(deadline) {
			return silent
		}
		if o := s.hear(deadline); o == ended {
			return ended
		}
	}
	return heard
}

// hear reads the next frame before the deadline.
func (s *session) hear(deadline time.Time) outcome {
	for {
		if f, ok := s.in.next(); ok {
			s.observe(f)
			return heard
		}
		over := s.gone && s.noOutput
		if grace := s.heardAt.Add(s.grace()); len(s.in.rest()) > 0 && (over || !time.Now().Before(grace)) {
			if f, ok := s.in.settle(over); ok {
				s.observe(f)
				return heard
			}
		}
		switch {
		case over:
			return ended
		case !time.Now().Before(deadline):
			return silent
		case len(s.in.rest()) > maxUnread:
			s.fault(endLine, fmt.Sprintf("more than %d bytes without the end of a message", maxUnread), s.in.rest())
			s.proc.Kill()
			s.in.settle(true)
		}
		until := deadline
		if grace := s.heardAt.Add(s.grace()); len(s.in.rest()) > 0 && time.Now().Before(grace) && grace.Before(until) {
			until = grace
		}
		s.turn(until)
	}
}

// grace is how long an incomplete message may wait for its rest.
func (s *session) grace() time.Duration {
	if r, ok := s.in.(*jsonReader); ok && r.endless {
		return 50 * time.Millisecond // its messages lack their ends: there is nothing to wait for
	}
	return min(s.Timeout/4, 2*time.Second)
}

// turn waits until then for something to happen on the pipes, and serves them.
func (s *session) turn(until time.Time) {
	fds := make([]unix.PollFd, 0, 4)
	watch := func(fd int, events int16, wanted bool) int {
		if !wanted || fd < 0 {
			return -1
		}
		fds = append(fds, unix.PollFd{Fd: int32(fd), Events: events})
		return len(fds) - 1
	}
	in := watch(s.proc.Stdin(), unix.POLLOUT, len(s.out) > 0)
	out := watch(s.proc.Stdout(), unix.POLLIN, !s.noOutput)
	err := watch(s.proc.Stderr(), unix.POLLIN, !s.noErrors)
	bell := watch(int(s.bell.Fd()), unix.POLLIN, !s.gone)
	wait := max(0, (time.Until(until)+time.Millisecond-1)/time.Millisecond)
	if n, _ := unix.Poll(fds, int(wait)); n <= 0 {
		return // the time has passed, or a signal came
	}
	ready := func(i int) bool { return i >= 0 && fds[i].Revents != 0 }
	if ready(in) {
		s.write()
	}
	if ready(err) {
		s.readErrors()
	}
	if ready(out) {
		s.read()
	}
	if ready(bell) {
		s.exit, s.gone = <-s.exited, true
		// Other writers have been killed, so the pipes have all output.
		for s.read() {
		}
		s.noOutput = true
		for s.readErrors() {
		}
		s.noErrors = true
		s.lines.Flush()
	}
}

// write writes as much as the pipe accepts, in one call.
func (s *session) write() {
	n, err := unix.Write(s.proc.Stdin(), s.out)
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
	case err != nil:
		s.out = nil // it has closed its stdin: its end, or a missing answer, will show that
		s.proc.CloseStdin()
	default:
		s.out = s.out[n:]
	}
}

// read reads from stdout, and reports whether there may be more.
func (s *session) read() bool {
	var chunk [64 << 10]byte
	n, err := unix.Read(s.proc.Stdout(), chunk[:])
	if n > 0 {
		s.heardAt = time.Now()
		if !s.endAt.IsZero() {
			s.afterEnd += n
		}
		s.in.feed(chunk[:n])
		return len(s.in.rest()) <= maxUnread
	}
	if err != unix.EAGAIN && err != unix.EINTR {
		s.noOutput = true
	}
	return false
}

func (s *session) readErrors() bool {
	var chunk [16 << 10]byte
	n, err := unix.Read(s.proc.Stderr(), chunk[:])
	if n > 0 {
		s.lines.Write(chunk[:n])
		return true
	}
	if err != unix.EAGAIN && err != unix.EINTR {
		s.noErrors = true
	}
	return false
}

// closeStdin ends the program's input, after what is still to be written.
func (s *session) closeStdin() {
	if !s.endAt.IsZero() {
		return
	}
	deadline := time.Now().Add(min(s.Timeout, time.Second))
	for len(s.out) > 0 && !s.gone && time.Now().Before(deadline) {
		s.turn(deadline)
	}
	s.out = nil
	s.proc.CloseStdin()
	s.endAt = time.Now()
}

// keep notes that the program followed a rule.
func (s *session) keep(rule string) { s.notes.keep(rule) }

// fault notes that the program broke a rule by writing b.
func (s *session) fault(rule, says string, b []byte) {
	s.notes.fault(rule, Finding{Step: s.step, Says: says, Bytes: excerpt(b)})
}

// blame notes that the program broke a rule by not doing something, such as "no sync". If
// it does it after its stdin is closed, it has only not flushed.
func (s *session) blame(rule string, o outcome, what string, done func() bool) {
	f := Finding{Step: s.step, Sent: excerpt(s.asked)}
	switch {
	case o == ended:
		f.Says = what + ": it ended, with " + s.exit.String() + s.words()
	case s.late(done):
		rule = flush
		f.Says = fmt.Sprintf("%s within %v, only when its stdin was closed (or it is slow: see --timeout)", what, s.Timeout)
	default:
		f.Says = fmt.Sprintf("%s within %v", what, s.Timeout) + s.words()
		if rest := s.in.rest(); len(rest) > 0 {
			f.Says += "; it has written only the beginning of a message"
			f.Bytes = excerpt(rest)
		}
	}
	s.notes.fault(rule, f)
}

// late closes stdin, and reports whether the missing output then comes, or any output if
// there was none.
func (s *session) late(done func() bool) bool {
	none := s.books.answers == s.books.before
	s.closeStdin()
	s.awaitFor(min(s.Timeout, 2*time.Second), never)
	return done() || none && s.books.answers > s.books.before
}

// never is the condition for waiting until a process ends.
func never() bool { return false }

// words are the last ones of the program, for the end of a finding: on stderr,
// else in its last error.
func (s *session) words() string {
	lines := s.stderr.Lines()
	if len(lines) == 0 && s.books.reported != "" {
		lines = strings.Split(strings.TrimRight(s.books.reported, "\n"), "\n")
		lines = lines[max(0, len(lines)-lastLines):]
	}
	if len(lines) == 0 {
		return ""
	}
	return "; last stderr lines:\n" + strings.Join(lines, "\n")
}
