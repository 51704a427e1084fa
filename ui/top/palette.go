package top

import (
	"charm.land/lipgloss/v2"

	"gust/status"
)

// palette is the styles of the screen. No meaning depends on a colour only, since NO_COLOR
// turns colours off: words and marks say the same.
type palette struct {
	plain, bold, faint             lipgloss.Style
	accent, good, warning, trouble lipgloss.Style
	match                          lipgloss.Style // what a search has found
}

// newPalette has colours that can be read on a dark or a light background.
func newPalette(dark bool) palette {
	pick := lipgloss.LightDark(dark)
	color := func(light, dark string) lipgloss.Style {
		return lipgloss.NewStyle().Foreground(pick(lipgloss.Color(light), lipgloss.Color(dark)))
	}
	return palette{
		plain:   lipgloss.NewStyle(),
		bold:    lipgloss.NewStyle().Bold(true),
		faint:   color("243", "245"),
		accent:  color("25", "75"),
		good:    color("28", "114"),
		warning: color("130", "221"),
		trouble: color("160", "203"),
		match:   lipgloss.NewStyle().Reverse(true),
	}
}

// severity is the style of a diagnosis, and the mark before it.
func (p *palette) severity(s status.Severity) (lipgloss.Style, string) {
	switch s {
	case status.Trouble:
		return p.trouble, "✖"
	case status.Warning:
		return p.warning, "▲"
	case status.Notice:
		return p.accent, "○"
	}
	return p.good, "●"
}

// level is the style of a log level.
func (p *palette) level(level string) lipgloss.Style {
	switch level {
	case "error", "fatal", "panic":
		return p.trouble
	case "warn":
		return p.warning
	case "info":
		return p.accent
	}
	return p.faint
}

// load is the style for a part of time in which something is busy.
func (p *palette) load(share float64) lipgloss.Style {
	switch {
	case share >= 0.9:
		return p.trouble
	case share >= 0.7:
		return p.warning
	}
	return p.good
}
