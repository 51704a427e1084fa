package worker

import "gust/shell"

// Tap listens to the pipes of one process, byte by byte, in the order in which gust
// wrote and read them. Its methods are called on the loop and must not block. The
// slices are borrowed, and valid until the method returns.
type Tap interface {
	// Stdin gets what gust wrote to the process's stdin.
	Stdin(p []byte)
	// Stdout and Stderr get what gust read from the process.
	Stdout(p []byte)
	Stderr(p []byte)
	// End is the last call. asked says that gust had closed the process's stdin
	// because the run was over.
	End(died *shell.ExitError, asked bool)
}

// listen asks the options' Tap for a listener.
func (t *task) listen() {
	if t.loop.tap == nil {
		return
	}
	t.tap = t.loop.tap(t.comp.spec, t.id, t.pid)
	if t.tap != nil {
		t.hello.Tap, t.out.Tap = t.tap.Stdin, t.tap.Stdin
	}
}

// hangUp ends the tap.
func (t *task) hangUp(died *shell.ExitError) {
	if t.tap != nil {
		t.tap.End(died, t.state == leaving)
	}
	t.tap, t.hello.Tap, t.out.Tap = nil, nil, nil
}
