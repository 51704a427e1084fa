package api

import (
	"bufio"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gust/status"
	"gust/status/served"
)

func logs(t served.Served, r *http.Request) (any, error) {
	filter, err := logFilter(r, 200, 5000)
	if err != nil {
		return nil, err
	}
	return t.Logs().Find(filter), nil
}

// logFilter is the filter of a request's query.
func logFilter(r *http.Request, unset, most uint64) (status.LogFilter, error) {
	q := queryOf(r)
	filter := status.LogFilter{
		Components: q.values["component"],
		Task:       int(q.number("task")),
		Level:      q.values.Get("level"),
		Before:     q.number("before"),
		After:      q.number("after"),
		Since:      q.time("since"),
		Until:      q.time("until"),
		Limit:      q.limit(unset, most),
	}
	if q.err != nil {
		return filter, q.err
	}
	if search := q.values.Get("search"); search != "" {
		pattern, err := regexp.Compile("(?i)" + search)
		if err != nil {
			return filter, fmt.Errorf("search: %w", err)
		}
		filter.Search = pattern
	}
	return filter, nil
}

// download responds with log lines as a text file.
func download(w http.ResponseWriter, r *http.Request, source served.Source) {
	t, err := find(source, r)
	if err != nil {
		fail(w, err)
		return
	}
	filter, err := logFilter(r, 0, 0) // all kept lines
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": t.ID() + ".log"}))
	out := bufio.NewWriter(w)
	for _, line := range t.Logs().Find(filter) {
		from := line.Component
		if line.Task != 0 {
			from += "[" + strconv.Itoa(line.Task) + "]"
		}
		if from == "" {
			from = status.GustLog
		}
		_, _ = fmt.Fprintf(out, "%s %-5s %s: %s\n", line.Time.Format(time.RFC3339Nano), strings.ToUpper(line.Level), from, line.Text)
	}
	_ = out.Flush() // the client is gone
}
