package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"gust/internal/terminal"
)

// hostOutput gathers what several machines print at the same time: whole lines,
// with the machine's name before them where there are several.
type hostOutput struct {
	mu   sync.Mutex
	w    io.Writer
	many bool
	json bool // each line is printed as an object
	safe bool // lines go through [visible]
}

// of is a writer for one machine. Its last line may lack a line feed: then
// [hostWriter.flush] prints it.
func (o *hostOutput) of(host string) *hostWriter {
	return &hostWriter{output: o, host: host}
}

// hostWriter takes what one machine prints.
type hostWriter struct {
	output *hostOutput
	host   string

	mu   sync.Mutex // a machine may print on two streams at once
	rest []byte     // of a line that has no end yet
	last string     // the last line that said something
}

// Write prints the lines that are complete.
func (w *hostWriter) Write(data []byte) (int, error) {
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

// flush prints what is left.
func (w *hostWriter) flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.rest) == 0 {
		return nil
	}
	err := w.print(append(w.rest, '\n'))
	w.rest = nil
	return err
}

// lastLine is the last line that said something, which tells why a program failed.
func (w *hostWriter) lastLine() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// print prints whole lines in one go.
func (w *hostWriter) print(lines []byte) error {
	var text bytes.Buffer
	for line := range bytes.Lines(lines) {
		if said := bytes.TrimSpace(line); len(said) > 0 {
			w.last = string(said)
		}
		switch {
		case w.output.json:
			line := struct {
				Host string `json:"host"`
				Line string `json:"line"`
			}{w.host, string(bytes.TrimRight(line, "\r\n"))}
			if err := json.NewEncoder(&text).Encode(line); err != nil {
				return err
			}
		case w.output.many:
			fmt.Fprintf(&text, "%s: %s", w.host, line)
		default:
			text.Write(line)
		}
	}
	if w.output.safe {
		safe := terminal.Visible(text.String())
		text.Reset()
		text.WriteString(safe)
	}
	w.output.mu.Lock()
	defer w.output.mu.Unlock()
	_, err := w.output.w.Write(text.Bytes())
	return err
}

// sharedWriter is a writer that several goroutines may use.
type sharedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *sharedWriter) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}
