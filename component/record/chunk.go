package record

import (
	"fmt"
	"strconv"
	"time"
)

// Pipe is the pipe of a chunk.
type Pipe uint8

// The pipes, and other records with a place among their bytes.
const (
	// Stdin is gust's output to the process, Stdout and Stderr are the process's.
	Stdin Pipe = iota
	Stdout
	Stderr
	// Hello is the handshake, repeated at the beginning of a later part.
	Hello
	// Lost replaces bytes that could not be kept: its bytes are their number, in digits.
	Lost
	// Exit is the end of the process; its bytes are an [End] as JSON.
	Exit
)

var pipeNames = [...]string{Stdin: "stdin", Stdout: "stdout", Stderr: "stderr", Hello: "hello", Lost: "lost", Exit: "exit"}

// String is the pipe's word in a recording.
func (p Pipe) String() string { return pipeNames[p] }

func parsePipe(name string) (Pipe, bool) {
	for p, n := range pipeNames {
		if n == name {
			return Pipe(p), true
		}
	}
	return 0, false
}

// Chunk is the bytes of one system call on a pipe.
type Chunk struct {
	Pipe Pipe
	// At is the time since the process was started, in microseconds' precision.
	At    time.Duration
	Bytes []byte
}

// End is how a process ended.
type End struct {
	// Exit is such as "exit status 1" and "signal: killed".
	Exit string `json:"exit"`
	// Cause is why gust killed it; empty if it ended by itself.
	Cause string `json:"cause,omitempty"`
	// Asked is set if gust had closed its stdin, because the run was over.
	Asked bool `json:"asked,omitempty"`
}

// append appends the chunk in the form of a file.
func (c Chunk) append(dst []byte) []byte {
	dst = append(dst, c.Pipe.String()...)
	dst = append(dst, ' ')
	dst = strconv.AppendFloat(dst, c.At.Seconds(), 'f', 6, 64)
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, int64(len(c.Bytes)), 10)
	dst = append(dst, '\n')
	dst = append(dst, c.Bytes...)
	return append(dst, '\n')
}

// parseHead reads the line before a chunk's bytes.
func parseHead(line string) (c Chunk, size int, err error) {
	var pipe string
	var seconds float64
	if _, err := fmt.Sscanf(line, "%s %f %d", &pipe, &seconds, &size); err != nil || size < 0 {
		return c, 0, fmt.Errorf("%q does not begin a chunk", line)
	}
	var ok bool
	if c.Pipe, ok = parsePipe(pipe); !ok {
		return c, 0, fmt.Errorf("unknown pipe %q", pipe)
	}
	c.At = time.Duration(seconds * float64(time.Second))
	return c, size, nil
}
