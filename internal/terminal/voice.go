package terminal

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// Voice is what gust says to the user, usually on stderr: lines that stay, and
// below them one that moves while something takes its time. What moves is on
// terminals only, and any line that stays takes its place. All methods may be
// called concurrently.
type Voice struct {
	name  string
	w     io.Writer
	width int // of the terminal, 0 where w is not one

	mu     sync.Mutex
	moving string // the line that moves, if one is shown
	tool   toolOutput
}

// defaultWidth is that of a terminal that does not know its own.
const defaultWidth = 80

// NewVoice makes a voice that speaks to w under the program's name.
func NewVoice(name string, w io.Writer) *Voice {
	v := &Voice{name: name, w: w}
	if Is(w) {
		v.width = cmp.Or(Width(w), defaultWidth)
	}
	return v
}

// Say says a line under the program's name: lower case, no full stop.
func (v *Voice) Say(format string, args ...any) {
	v.stay("%s: %s\n", v.name, Visible(fmt.Sprintf(format, args...)))
}

// Line says a line without the name, one of several in which a command tells how
// far it is.
func (v *Voice) Line(format string, args ...any) {
	v.stay("%s\n", Visible(fmt.Sprintf(format, args...)))
}

// Warn prints a problem that does not stop the command.
func (v *Voice) Warn(text string) {
	v.stay("%s: warning: %s\n", v.name, Indent(Visible(text)))
}

func (v *Voice) stay(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.erase()
	fmt.Fprintf(v.w, format, args...)
}

// Show replaces the line that moves. It is cut at the terminal's width: what wraps
// cannot be erased.
func (v *Voice) Show(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.show(Visible(fmt.Sprintf(format, args...)))
}

// Clear takes the line that moves away.
func (v *Voice) Clear() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.erase()
}

// Above is a writer to w for lines that stay, such as a log's. They scroll above the line
// that moves, which stays at the bottom of the terminal. Each write must consist of whole
// lines, and w must be the terminal that the voice speaks to.
func (v *Voice) Above(w io.Writer) io.Writer { return &above{v, w} }

type above struct {
	voice *Voice
	w     io.Writer
}

func (a *above) Write(p []byte) (int, error) {
	v := a.voice
	v.mu.Lock()
	defer v.mu.Unlock()
	moving := v.moving
	v.erase()
	n, err := a.w.Write(p)
	if moving != "" {
		v.show(moving)
	}
	return n, err
}

// show cuts the text at the terminal's current width, which changes with its window.
func (v *Voice) show(text string) {
	if v.width == 0 {
		return
	}
	v.width = cmp.Or(Width(v.w), v.width)
	v.erase()
	fmt.Fprint(v.w, Shorten(text, v.width-1))
	v.moving = text
}

// erase goes to the beginning of the line that moves, and erases it.
func (v *Voice) erase() {
	if v.moving != "" {
		fmt.Fprint(v.w, "\r\x1b[K")
		v.moving = ""
	}
}

// Bar draws done of total bytes, such as "#####-----  50 %  1.2 of 2.4 MB".
func Bar(done, total int64) string {
	const width = 30
	if total <= 0 {
		total = 1
	}
	full := int(done * width / total)
	return fmt.Sprintf("%s%s %3d %%  %s of %s",
		strings.Repeat("#", full), strings.Repeat("-", width-full), done*100/total, Bytes(done), Bytes(total))
}

// Step says that a tool begins a step, whose output goes to [Voice.Output].
func (v *Voice) Step(text string) {
	v.Say("%s", text)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tool.began = time.Now()
	v.tool.next = v.tool.began
}

// Output takes what a tool prints. On a terminal its latest line moves; elsewhere,
// as in CI, a line of it follows every second.
func (v *Voice) Output() io.Writer { return (*output)(v) }
