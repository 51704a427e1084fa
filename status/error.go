package status

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"gust/shell"
	"gust/worker"
)

// Error is an error that a component reported, or how one of its processes died.
type Error struct {
	Time      time.Time `json:"time"`
	Component string    `json:"component"`
	Task      int       `json:"task"`
	Headline  string    `json:"headline"` // the line with the error itself: the last one of a traceback
	Text      string    `json:"text"`     // all of it
}

// ErrorGroup is all errors of a component whose headlines are alike.
type ErrorGroup struct {
	Component string    `json:"component"`
	Headline  string    `json:"headline"` // without the numbers in which they differ
	Count     uint64    `json:"count"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Tasks     []int     `json:"tasks"` // that had it, sorted
	Text      string    `json:"text"`  // of the last
}

// errorLog keeps the last errors, and counts them in groups.
type errorLog struct {
	last   ring[Error]
	groups map[errorKey]*ErrorGroup
}

type errorKey struct{ component, headline string }

const (
	mostErrors      = 500
	mostErrorGroups = 500 // headlines that hold a number or an id would be without end
	errorText       = 16 << 10
)

func newErrorLog() errorLog {
	return errorLog{last: ring[Error]{most: mostErrors}, groups: map[errorKey]*ErrorGroup{}}
}

func (l *errorLog) add(r worker.ErrorReport) {
	e := Error{Time: r.Time, Component: r.Component, Task: r.Task, Headline: headline(r.Text), Text: cut(r.Text, errorText)}
	l.last.add(e)
	key := errorKey{e.Component, alike(e.Headline)}
	g := l.groups[key]
	if g == nil {
		if len(l.groups) >= mostErrorGroups {
			l.dropOldestGroup()
		}
		g = &ErrorGroup{Component: e.Component, Headline: key.headline, First: e.Time}
		l.groups[key] = g
	}
	g.Count++
	g.Last, g.Text = e.Time, e.Text
	if i, found := slices.BinarySearch(g.Tasks, e.Task); !found {
		g.Tasks = slices.Insert(g.Tasks, i, e.Task)
	}
}

func (l *errorLog) dropOldestGroup() {
	var oldest *ErrorGroup
	for _, g := range l.groups {
		if oldest == nil || g.Last.Before(oldest.Last) {
			oldest = g
		}
	}
	delete(l.groups, errorKey{oldest.Component, oldest.Headline})
}

// lastOf is the last error of a component, or nil.
func (l *errorLog) lastOf(component string) *Error {
	all := l.last.last()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Component == component {
			e := all[i]
			return &e
		}
	}
	return nil
}

// Errors are the last errors of a component, or of all if the name is empty, the newest
// first.
func (s *Status) Errors(component string) []Error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var list []Error
	for _, e := range slices.Backward(s.errors.last.last()) {
		if component == "" || e.Component == component {
			list = append(list, e)
		}
	}
	return list
}

// ErrorGroups are the errors of a component, or of all if the name is empty, by headline.
// The group with the newest error is first.
func (s *Status) ErrorGroups(component string) []ErrorGroup {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var list []ErrorGroup
	for _, g := range s.errors.groups {
		if component == "" || g.Component == component {
			one := *g
			one.Tasks = slices.Clone(g.Tasks)
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b ErrorGroup) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Headline, b.Headline))
	})
	return list
}

// process matches the beginning of gust's own errors about a process.
var process = regexp.MustCompile(`^(spout|bolt) "[^"]*" \(task \d+(, pid \d+)?\) `)

// headline is the line with the error itself, without the name of the process, so that
// equal errors have equal headlines.
func headline(text string) string {
	return cut(process.ReplaceAllString(shell.Headline(text), ""), 500)
}

// number is what differs between headlines that are alike: a number of several digits or an
// id in hexadecimal, but not the exit status of a process.
var number = regexp.MustCompile(`exit status \d+|signal \d+|\b[0-9a-f]{8,}(-[0-9a-f]{4,})*\b|\d{2,}`)

// alike is a headline without its numbers: errors that differ in nothing else are alike.
func alike(headline string) string {
	return number.ReplaceAllStringFunc(headline, func(found string) string {
		if strings.HasPrefix(found, "exit ") || strings.HasPrefix(found, "signal ") {
			return found
		}
		return "…"
	})
}

// cut shortens a string to a number of bytes, at the start of a character, and marks the
// cut.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && text[most]&0xC0 == 0x80 {
		most--
	}
	return text[:most] + "…"
}
