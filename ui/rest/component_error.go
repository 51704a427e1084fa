package rest

import (
	"net/http"
	"slices"
	"time"

	"gust/internal/terminal"
	"gust/status"
	"gust/status/served"
)

// LastError is the last error of a component on its topology's page:
// UIHelpers.getComponentLastErrorInfo. Numbers are null if there was none.
type LastError struct {
	LastError          string `json:"lastError"`
	ErrorHost          string `json:"errorHost"`
	ErrorPort          *int   `json:"errorPort"`
	ErrorTime          *int64 `json:"errorTime"`
	ErrorLapsedSecs    *int64 `json:"errorLapsedSecs"`
	ErrorWorkerLogLink string `json:"errorWorkerLogLink"`
}

// ComponentError is an error on a page: UIHelpers.getComponentErrorInfo.
type ComponentError struct {
	Component          string `json:"component"` // gust's own
	Task               int    `json:"task"`      // gust's own
	ErrorTime          int64  `json:"errorTime"` // in seconds
	ErrorHost          string `json:"errorHost"`
	ErrorPort          int    `json:"errorPort"`
	ErrorLapsedSecs    int64  `json:"errorLapsedSecs"`
	ErrorWorkerLogLink string `json:"errorWorkerLogLink"`
	Error              string `json:"error"`
}

const (
	mostErrors    = 10  // of a component, as Storm keeps
	lastErrorSize = 200 // characters
)

// headline is the line that says what the error was. Storm shows the first characters
// instead, which say nothing if the error is a Python traceback.
func headline(e *status.Error) string {
	if e == nil {
		return ""
	}
	return terminal.Shorten(e.Headline, lastErrorSize)
}

func (a *api) lastError(t topology, e *status.Error, r *http.Request) LastError {
	if e == nil {
		return LastError{}
	}
	when, ago := e.Time.Unix(), lapsed(e.Time)
	host, port := a.place(t, t.of.WorkerOf(e.Task))
	return LastError{headline(e), host, &port, &when, &ago, t.logLink(r)}
}

// errors are the last errors of a component, or of all if it is "", the oldest first.
func (a *api) errors(s served.Served, t topology, component string, r *http.Request) []ComponentError {
	list := []ComponentError{}
	all := s.Errors(component)
	for _, e := range slices.Backward(all[:min(len(all), mostErrors)]) {
		host, port := a.place(t, s.WorkerOf(e.Task))
		list = append(list, ComponentError{
			Component: e.Component, Task: e.Task, ErrorTime: e.Time.Unix(), ErrorHost: host, ErrorPort: port,
			ErrorLapsedSecs: lapsed(e.Time), ErrorWorkerLogLink: t.logLink(r), Error: e.Text,
		})
	}
	return list
}

// lapsed is the time since then, in seconds.
func lapsed(when time.Time) int64 { return int64(time.Since(when).Seconds()) }
