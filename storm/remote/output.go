package remote

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// Output gathers what several machines print at the same time, as whole lines.
type Output struct {
	W io.Writer
	// Named puts the machine's name before each line.
	Named bool
	// JSON writes each line as an object, with its machine.
	JSON bool
	// Clean changes text before it is written, such as for a terminal. It may be nil.
	Clean func(text string) string

	mu sync.Mutex // held while W is written to
}

// Of is a writer for one machine. Its last line may lack a line feed: then
// [LineWriter.Flush] writes it.
func (o *Output) Of(machine string) *LineWriter {
	return &LineWriter{output: o, machine: machine}
}

// LineWriter takes what one machine prints.
type LineWriter struct {
	output  *Output
	machine string

	mu   sync.Mutex // a machine may print on two streams at once
	rest []byte     // of a line that has no end yet
	last string     // the last line that said something
}

// Write writes the lines that are complete.
func (w *LineWriter) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = append(w.rest, data...)
	end := bytes.LastIndexByte(w.rest, '\n') + 1
	if end == 0 {
		return len(data), nil
	}
	err := w.print(w.rest[:end])
	w.rest = append(w.rest[:0], w.rest[end:]...)
	return len(data), err
}

// Flush writes what is left.
func (w *LineWriter) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.rest) == 0 {
		return nil
	}
	err := w.print(append(w.rest, '\n'))
	w.rest = nil
	return err
}

// LastLine is the last line that said something, which tells why a program failed.
func (w *LineWriter) LastLine() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// print writes whole lines in one go.
func (w *LineWriter) print(lines []byte) error {
	var text bytes.Buffer
	for line := range bytes.Lines(lines) {
		if said := bytes.TrimSpace(line); len(said) > 0 {
			w.last = string(said)
		}
		switch {
		case w.output.JSON:
			line := struct {
				Host string `json:"host"`
				Line string `json:"line"`
			}{w.machine, string(bytes.TrimRight(line, "\r\n"))}
			if err := json.NewEncoder(&text).Encode(line); err != nil {
				return err
			}
		case w.output.Named:
			fmt.Fprintf(&text, "%s: %s", w.machine, line)
		default:
			text.Write(line)
		}
	}
	said := text.String()
	if w.output.Clean != nil {
		said = w.output.Clean(said)
	}
	w.output.mu.Lock()
	defer w.output.mu.Unlock()
	_, err := io.WriteString(w.output.W, said)
	return err
}
