package worker

import "gust/shell"

// Tap listens to the conversation with one process, byte by byte, in the order
// in which gust wrote and read it. Its methods are called on the loop, and must
// not block; the slices are borrowed, and valid until the method returns.
type Tap interface {
	// Stdin hears what was written to the process's stdin.
	Stdin(p []byte)
	// Stdout and Stderr hear what was read from it.
	Stdout(p []byte)
	Stderr(p []byte)
	// End is the last call. asked tells that gust had closed the process's
	// stdin, because the run is over.
	End(died *shell.ExitError, asked bool)
}

// listen lets somebody listen to the process, if anybody wants to.
func (t *task) listen() {
	if t.w.tap == nil {
		return
	}
	t.tap = t.w.tap(t.comp.spec, t.id, t.pid)
	if t.tap != nil {
		t.hello.Tap, t.out.Tap = t.tap.Stdin, t.tap.Stdin
	}
}

// hangUp ends the listening.
func (t *task) hangUp(died *shell.ExitError) {
	if t.tap != nil {
		t.tap.End(died, t.state == leaving)
	}
	t.tap, t.hello.Tap, t.out.Tap = nil, nil, nil
}
