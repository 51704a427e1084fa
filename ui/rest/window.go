package rest

import (
	"net/http"
	"strconv"
	"time"

	"gust/internal/terminal"
	"gust/status"
)

// allTime is Storm's name for the window since the start of a topology.
const allTime = ":all-time"

// windowOf is the window that a request asks for: all time if it names none.
func windowOf(r *http.Request) (status.Window, error) {
	text := r.URL.Query().Get("window")
	if text == "" || text == allTime {
		return status.AllTime, nil
	}
	if seconds, err := strconv.Atoi(text); err == nil {
		switch w := status.Window(time.Duration(seconds) * time.Second); w {
		case status.Minute, status.TenMinutes, status.ThreeHours, status.Day:
			return w, nil
		}
	}
	return 0, failure(http.StatusBadRequest, "no window %q: gust counts over 60, 600, 10800 and 86400 seconds, and %s", text, allTime)
}

// windows are those of Storm's UI in its order. The last minute comes first if it is asked for.
func windows(asked status.Window) []status.Window {
	list := status.StormWindows[:]
	if asked == status.Minute {
		list = append([]status.Window{asked}, list...)
	}
	return list
}

// windowName is a window as the API writes it: its seconds.
func windowName(w status.Window) string {
	if w == status.AllTime {
		return allTime
	}
	return strconv.Itoa(int(time.Duration(w).Seconds()))
}

// windowHint is a window as people read it: UIHelpers.getWindowHint.
func windowHint(w status.Window) string {
	if w == status.AllTime {
		return "All time"
	}
	return terminal.Uptime(int(time.Duration(w).Seconds()))
}
