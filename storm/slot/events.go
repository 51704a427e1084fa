package slot

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"gust/worker"
)

// eventLog writes sampled tuples into events.log, as Storm's event loggers do.
type eventLog struct {
	open func() (io.WriteCloser, error)

	mu       sync.Mutex
	debugged map[string]bool // components; "" is all
	file     io.WriteCloser  // nil before the first tuple
}

// debug sets the components whose tuples are written.
func (l *eventLog) debug(components map[string]bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.debugged = components
}

// write writes the tuples of traced trees that the debugged components have emitted.
func (l *eventLog) write(traces []worker.Trace) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.debugged) == 0 || len(traces) == 0 {
		return nil
	}
	var text strings.Builder
	for i := range traces {
		l.append(&text, &traces[i])
	}
	if text.Len() == 0 {
		return nil
	}
	if l.file == nil {
		file, err := l.open()
		if err != nil {
			return err
		}
		l.file = file
	}
	_, err := io.WriteString(l.file, text.String())
	return err
}

// append adds a tree's lines. A tuple that went to several tasks is several hops, one after
// the other, but one line.
func (l *eventLog) append(text *strings.Builder, t *worker.Trace) {
	var before worker.Hop
	for _, hop := range t.Hops {
		same := hop.Parent == before.Parent && hop.From == before.From && hop.FromTask == before.FromTask &&
			hop.Values == before.Values && hop.Task != before.Task
		before = hop
		if same || !l.debugged[""] && !l.debugged[hop.From.Component] {
			continue
		}
		fmt.Fprintf(text, "%s,%s,%d,%s,%s\n",
			t.Time.Add(hop.Given).Format(time.UnixDate), hop.From.Component, hop.FromTask, t.MessageID, hop.Values)
	}
}

func (l *eventLog) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
