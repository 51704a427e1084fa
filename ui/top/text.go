package top

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"gust/internal/terminal"
)

// fit cuts a text at a width, or fills it up with blanks, which stand before it where it is
// to be flush right. Text from elsewhere is made visible.
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

// visible is a text from elsewhere as a line of the screen can have it.
func visible(text string) string {
	return strings.NewReplacer("\n", " ", "\t", "    ").Replace(terminal.Visible(text))
}

// sides puts a text to the left of a line and one to the right. The left one is cut where
// there is not room for both.
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

// wrapped breaks a text into lines between words, at most so many: the last is cut.
func wrapped(text string, width, most int) []string {
	lines := strings.Split(ansi.Wrap(text, max(1, width), " "), "\n")
	if len(lines) > most {
		lines[most-1] = ansi.Truncate(lines[most-1], width-1, "") + "…"
		lines = lines[:most]
	}
	return lines
}

// number writes a count in few characters: 999, 12.3k, 4.5M.
func number(n float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if n < 0.9995*unit.size || unit.size == 1e3 && n < 9999.5 {
			continue
		}
		if n >= 99.95*unit.size {
			return strconv.FormatFloat(n/unit.size, 'f', 0, 64) + unit.name
		}
		return strconv.FormatFloat(n/unit.size, 'f', 1, 64) + unit.name
	}
	return strconv.FormatFloat(math.Round(n), 'f', 0, 64)
}

// rate writes a number per second. A rate below one is not nothing.
func rate(perSecond float32) string {
	if 0 < perSecond && perSecond < 9.95 && perSecond != float32(math.Round(float64(perSecond))) {
		return strconv.FormatFloat(float64(perSecond), 'f', 1, 64)
	}
	return number(float64(perSecond))
}

// millis writes a latency in three digits or so, with its unit.
func millis(ms float64) string {
	switch {
	case ms <= 0:
		return "0"
	case ms < 0.95:
		return fmt.Sprintf("%.0fµs", ms*1000)
	case ms < 9.95:
		return fmt.Sprintf("%.1fms", ms)
	case ms < 999.5:
		return fmt.Sprintf("%.0fms", ms)
	case ms < 99_950:
		return fmt.Sprintf("%.1fs", ms/1000)
	}
	return fmt.Sprintf("%.0fs", ms/1000)
}

// span writes a number of seconds in its two largest units: 5s, 12m 4s, 3h 7m, 2d 1h.
func span(seconds float64) string {
	secs := int(max(0, seconds))
	units := []struct {
		secs int
		name string
	}{{24 * 60 * 60, "d"}, {60 * 60, "h"}, {60, "m"}, {1, "s"}}
	for i, unit := range units {
		if secs < unit.secs && unit.secs > 1 {
			continue
		}
		text := fmt.Sprintf("%d%s", secs/unit.secs, unit.name)
		if i+1 < len(units) {
			if rest := secs % unit.secs / units[i+1].secs; rest > 0 {
				text += fmt.Sprintf(" %d%s", rest, units[i+1].name)
			}
		}
		return text
	}
	return "0s"
}

// clock is the time of day.
func clock(t time.Time) string { return t.Local().Format("15:04:05") }

// joined joins the texts that are not empty.
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

// styled renders a text, unless it is empty.
func styled(style lipgloss.Style, text string) string {
	if text == "" {
		return ""
	}
	return style.Render(text)
}
