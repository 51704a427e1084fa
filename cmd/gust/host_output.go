package main

import (
	"bytes"
	"io"
	"sync"
)

// hostOutput gathers what several machines print at the same time: whole lines,
// with the machine's name before them where there are several.
type hostOutput struct {
	mu   sync.Mutex
	w    io.Writer
	many bool
}

// of is a writer for one machine. Its last line may lack a line feed: then
// [hostWriter.flush] prints it.
func (o *hostOutput) of(host string) *hostWriter {
	prefix := ""
	if o.many {
		prefix = host + ": "
	}
	return &hostWriter{output: o, prefix: prefix}
}

// hostWriter takes what one machine prints.
type hostWriter struct {
	output *hostOutput
	prefix string
	rest   []byte // of a line that has no end yet
}

// Write prints the lines that are complete.
func (w *hostWriter) Write(data []byte) (int, error) {
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
	if len(w.rest) == 0 {
		return nil
	}
	err := w.print(append(w.rest, '\n'))
	w.rest = nil
	return err
}

// print prints whole lines in one go.
func (w *hostWriter) print(lines []byte) error {
	var text []byte
	for line := range bytes.Lines(lines) {
		text = append(append(text, w.prefix...), line...)
	}
	w.output.mu.Lock()
	defer w.output.mu.Unlock()
	_, err := w.output.w.Write(text)
	return err
}
