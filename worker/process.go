package worker

// process is a child, as the loop deals with it: a [shell.Process].
type process interface {
	PID() int
	// Stdin, Stdout and Stderr are descriptors for the kernel.
	Stdin() int
	Stdout() int
	Stderr() int
	Unread() bool
	CloseStdin()
	CloseOutputs()
	Terminate()
	Kill()
}
