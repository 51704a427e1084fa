package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"gust/status"
)

// query reads values of a request's query. It stops at the first invalid one.
type query struct {
	values url.Values
	err    error
}

func queryOf(r *http.Request) *query { return &query{values: r.URL.Query()} }

// number is a whole number that is not negative; the default is 0.
func (q *query) number(name string) uint64 {
	text := q.values.Get(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil && q.err == nil {
		q.err = fmt.Errorf("%s=%q is not a whole number", name, text)
	}
	return n
}

// decimal is a number that is not negative; the default is 0.
func (q *query) decimal(name string) float64 {
	text := q.values.Get(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseFloat(text, 64)
	if (err != nil || !(n >= 0)) && q.err == nil {
		q.err = fmt.Errorf("%s=%q is not a number", name, text)
	}
	return n
}

// percent is a number from 0 to 100, which must be given.
func (q *query) percent(name string) float64 {
	n := q.decimal(name)
	if (q.values.Get(name) == "" || n > 100) && q.err == nil {
		q.err = fmt.Errorf("%s=%q is not a percentage", name, q.values.Get(name))
	}
	return n
}

// limit is the requested number of items, at most most.
func (q *query) limit(unset, most uint64) int {
	n := q.number("limit")
	if n == 0 {
		n = unset
	}
	return int(min(n, most))
}

// window is a window in seconds; the default is all time.
func (q *query) window() status.Window {
	seconds := q.number("window")
	w := status.Window(time.Duration(seconds) * time.Second)
	switch w {
	case status.Minute, status.TenMinutes, status.ThreeHours, status.Day, status.AllTime:
		return w
	}
	if q.err == nil {
		q.err = fmt.Errorf("unknown window=%d (want 60, 600, 10800, 86400, or 0 for all time)", seconds)
	}
	return status.AllTime
}

// bool is true or false; the default is false.
func (q *query) bool(name string) bool {
	text := q.values.Get(name)
	if text == "" {
		return false
	}
	v, err := strconv.ParseBool(text)
	if err != nil && q.err == nil {
		q.err = fmt.Errorf("%s=%q is neither true nor false", name, text)
	}
	return v
}

// time is a time in JSON's form; the default is zero.
func (q *query) time(name string) time.Time {
	text := q.values.Get(name)
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil && q.err == nil {
		q.err = fmt.Errorf("%s=%q is not a time such as 2006-01-02T15:04:05Z", name, text)
	}
	return t
}
