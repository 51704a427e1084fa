package top

import (
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"gust/internal/terminal"
)

// fit cuts a string to a width, or pads it with blanks: on its left if it is to be flush
// right. It makes control characters visible.
func fit(text string, width int, right bool) string {
	if width <= 0 {
		return ""
	}
	text = ansi.Truncate(visible(text), width, "…")
	gap := strings.Repeat(" ", max(0, width-ansi.StringWidth(text)))
	if right {
		return gap + text
	}
	return text + gap
}

// visible makes a string from elsewhere safe to show in a line of the screen.
func visible(text string) string {
	return strings.NewReplacer("\n", " ", "\t", "    ").Replace(terminal.Visible(text))
}

// sides puts one string at the left of a line and another at its right. It cuts the left
// one if there is not room for both.
func sides(left, right string, width int) string {
	room := width - ansi.StringWidth(right)
	if room < 10 {
		return ansi.Truncate(left, width, "…")
	}
	if right != "" {
		room--
		right = " " + right
	}
	left = ansi.Truncate(left, room, "…")
	return left + strings.Repeat(" ", room-ansi.StringWidth(left)) + right
}

// wrapped breaks a string between words, into at most so many lines. It cuts the last.
func wrapped(text string, width, most int) []string {
	lines := strings.Split(ansi.Wrap(text, max(1, width), " "), "\n")
	if len(lines) > most {
		lines[most-1] = ansi.Truncate(lines[most-1], width-1, "") + "…"
		lines = lines[:most]
	}
	return lines
}

// clock is the time of day.
func clock(t time.Time) string { return t.Local().Format("15:04:05") }

// joined joins the strings that are not empty.
func joined(separator string, texts ...string) string {
	var list []string
	for _, text := range texts {
		if text != "" {
			list = append(list, text)
		}
	}
	return strings.Join(list, separator)
}

// actor is a task as the log names it.
func actor(component string, task int) string {
	if task == 0 {
		return component
	}
	return fmt.Sprintf("%s[%d]", component, task)
}

// styled renders a string, unless it is empty.
func styled(style lipgloss.Style, text string) string {
	if text == "" {
		return ""
	}
	return style.Render(text)
}
