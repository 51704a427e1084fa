package rest

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const (
	pageSize    = 51200    // LogviewerConstant.DEFAULT_BYTES_PER_PAGE
	longestPage = 10 << 20 // as in LogviewerLogPageHandler
)

//go:embed log_page.html
var logPageHTML string

var logPageTemplate = template.Must(template.New("log").Parse(logPageHTML))

// logPage is a part of a log in HTML: LogviewerLogPageHandler.logPage. Programs cut the
// text out of it, as `gust tail` does.
type logPage struct {
	File                           string
	Text                           string
	Grep                           string // if it is not empty, the text is the lines with it
	Prev, First, Last, Next, Whole string // addresses; empty if there is nothing
}

// showLog shows a log, from the byte "start" on, or its end.
func (a *api) showLog(find func(string) (logFile, bool)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		log, err := a.findLog(r, find)
		if err != nil {
			fail(w, "", err)
			return
		}
		page, err := newLogPage(log, r)
		if err != nil {
			fail(w, "", err)
			return
		}
		header := w.Header()
		header.Set("Content-Type", "text/html;charset=utf-8")
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		header.Set("Cache-Control", "no-cache, no-store")
		header.Set("X-Content-Type-Options", "nosniff")
		_ = logPageTemplate.Execute(w, page) // the client is gone
	}
}

func newLogPage(log logFile, r *http.Request) (*logPage, error) {
	page := &logPage{File: log.name, Grep: r.URL.Query().Get("grep")}
	page.Whole = strings.Replace(r.URL.Path, "log", "download", 1) + "?" + url.Values{"file": {log.name}}.Encode()
	if page.Grep != "" {
		page.Text = validText(log.grep(page.Grep))
		return page, nil
	}
	length, err := offsetOf(r, "length", pageSize)
	if err != nil {
		return nil, err
	}
	size := log.size()
	length = min(length, longestPage)
	start, err := offsetOf(r, "start", max(0, size-length))
	if err != nil {
		return nil, err
	}
	if start >= size && size > 0 {
		return nil, failure(http.StatusBadRequest, "cannot start at byte %d: the log has %d bytes", start, size)
	}
	page.Text = validText(log.slice(start, start+length))
	at := func(start int) string {
		query := url.Values{"file": {log.name}, "length": {strconv.Itoa(length)}}
		if start >= 0 {
			query.Set("start", strconv.Itoa(start))
		}
		return r.URL.Path + "?" + query.Encode()
	}
	page.First, page.Last = at(0), at(-1)
	if start > 0 {
		page.Prev = at(max(0, start-length))
	}
	if start+length < size {
		page.Next = at(min(start+length, size-length))
	}
	return page, nil
}

// grep is the lines that contain a string.
func (f logFile) grep(text string) []byte {
	var found []byte
	for line := range f.each {
		for one := range bytes.Lines(line) {
			if len(found) < longestPage && bytes.Contains(one, []byte(text)) {
				found = append(found, one...)
			}
		}
	}
	return found
}

// validText replaces the characters that the ends of a part have cut.
func validText(text []byte) string { return strings.ToValidUTF8(string(text), "\uFFFD") }

// offsetOf is a number of bytes in the query.
func offsetOf(r *http.Request, name string, unset int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return unset, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, failure(http.StatusBadRequest, "%s=%q is not a number", name, text)
	}
	return n, nil
}
