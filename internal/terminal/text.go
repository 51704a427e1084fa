package terminal

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Thousands writes a number with separators: 1,234,567.
func Thousands[N int | int64 | uint64](n N) string {
	digits := fmt.Sprint(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Count is a number with its noun: "1 process", "2 processes".
func Count[N int | int64 | uint64](n N, noun string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "s"):
		noun += "es"
	default:
		noun += "s"
	}
	return Thousands(n) + " " + noun
}

// Shorten cuts text to a number of characters, the last of which is then an ellipsis.
func Shorten(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// Span is a duration without zero units at its end, such as "500ms", "10s" or "2m".
func Span(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-len(zero)+1]
		}
	}
	return text
}

// Uptime is a span of time as Storm's UI writes it, such as "1d 0h 5m 7s".
func Uptime(secs int) string {
	text := ""
	for _, unit := range []struct {
		secs int
		name string
	}{{24 * 60 * 60, "d"}, {60 * 60, "h"}, {60, "m"}} {
		if n := secs / unit.secs; n > 0 || text != "" {
			text += fmt.Sprintf("%d%s ", n, unit.name)
		}
		secs %= unit.secs
	}
	return fmt.Sprintf("%s%ds", text, secs)
}

// Listed is a list of names in a sentence: "a, b and c".
func Listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// Bytes is a size as people say it.
func Bytes(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000*1000:
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1000/1000)
}

// Millis is a latency in milliseconds, with Storm's three decimals: 1,234.500.
func Millis(ms float64) string {
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(ms, 'f', 3, 64), ".")
	n, err := strconv.Atoi(whole)
	if err != nil {
		return whole
	}
	return Thousands(n) + "." + fraction
}

// Indent moves all lines but the first to the right, so that they are seen to
// belong to it.
func Indent(text string) string {
	return strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}
