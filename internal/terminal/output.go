package terminal

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// toolOutput is what a voice knows of the tool that it shows the output of.
type toolOutput struct {
	began time.Time // the tool's step
	next  time.Time // when the next line may follow, without a terminal
	line  []byte    // what the tool has printed of its current line
}

// output is the voice as a writer for a tool.
type output Voice

// Write takes what the tool prints. It never fails: a tool is not to stop
// because nobody watches.
func (o *output) Write(data []byte) (int, error) {
	v := (*Voice)(o)
	v.mu.Lock()
	defer v.mu.Unlock()
	t := &v.tool
	t.line = append(t.line, data...)
	for {
		end := bytes.IndexAny(t.line, "\r\n")
		if end < 0 {
			return len(data), nil
		}
		if text := strings.TrimSpace(Visible(string(t.line[:end]))); text != "" {
			v.toolLine(fmt.Sprintf("  %3.0f s  %s", time.Since(t.began).Seconds(), text))
		}
		t.line = t.line[end+1:]
	}
}

func (v *Voice) toolLine(text string) {
	if v.width > 0 {
		v.show(text)
		return
	}
	if now := time.Now(); !now.Before(v.tool.next) {
		v.tool.next = now.Add(time.Second)
		fmt.Fprintln(v.w, text)
	}
}
