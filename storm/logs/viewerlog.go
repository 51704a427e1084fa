package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// viewerLog is a log file that a logviewer serves. gust reads it in pages, each from the
// end of the last. A logviewer does not report a log's size: a download would have it in
// its header, but Storm 2 sends no length, so that one would have to load the whole log.
// It does report that a page begins after the log's end.
type viewerLog struct {
	viewer Logviewer
	client *http.Client
	host   string
	port   int    // the worker's
	file   string // such as "wordcount-1-1795402156/6700/worker.log"
	begun  bool   // its end has been read
	offset int64  // of the first line that has not been read
}

// noLogviewerError is a machine whose logviewer does not serve its logs, usually because
// there is no logviewer.
type noLogviewerError struct {
	Host string
	Err  error
}

func (e *noLogviewerError) Error() string {
	return fmt.Sprintf("no logviewer at %s (%v)", e.Host, e.Err)
}

func (e *noLogviewerError) Unwrap() error { return e.Err }

const (
	firstPage = 64 << 10
	// mostPage is less than what a logviewer gives out at once (10 MiB).
	mostPage = 4 << 20
	// mostLog is where a log ends that is larger than a logviewer can count.
	mostLog = math.MaxInt32
)

var (
	// errNoFile is a log that does not exist, perhaps not yet.
	errNoFile = errors.New("no such log")
	// errPastEnd is a page that begins after the log's end.
	errPastEnd = errors.New("the log ends before that")
)

// next reads the last n lines of the log at first, and then, with Follow, the new ones.
func (l *viewerLog) next(ctx context.Context, n int, follow bool) (text string, err error) {
	if l.begun {
		return l.more(ctx)
	}
	text, err = l.lastLines(ctx, n, follow)
	l.begun = err == nil
	return text, err
}

// lastLines are the log's last n lines, or those of its last 4 MiB. With Follow, it reads
// up to the end of the last complete line.
func (l *viewerLog) lastLines(ctx context.Context, n int, follow bool) (string, error) {
	near, err := l.nearEnd(ctx)
	if errors.Is(err, errNoFile) {
		return "", nil // the worker has only just been assigned
	}
	if err != nil {
		return "", err
	}
	for length := int64(firstPage); ; length *= 8 {
		start := max(0, near-min(length, mostPage))
		text, err := l.page(ctx, start, near+2*firstPage-start)
		if errors.Is(err, errPastEnd) {
			return "", nil // the log is empty, or has just been rotated
		}
		if err != nil {
			return "", err
		}
		if start > 0 && length < mostPage && lineCount(wholeLines(text)) <= n {
			continue
		}
		if follow {
			text = wholeLines(text)
			read, err := l.bytesOf(ctx, start, text)
			if err != nil {
				return "", err
			}
			l.offset = start + read
		}
		return lastLines(unescape(text), n), nil
	}
}

// wholeLines is a string up to its last line feed.
func wholeLines(text string) string { return text[:strings.LastIndexByte(text, '\n')+1] }

// nearEnd is an offset from which the log has at most [firstPage] bytes.
func (l *viewerLog) nearEnd(ctx context.Context) (int64, error) {
	low, high := int64(0), int64(firstPage)
	for high < mostLog {
		past, err := l.endsBefore(ctx, high)
		if err != nil {
			return 0, err
		}
		if past {
			break
		}
		low, high = high, min(high*8, mostLog)
	}
	for high-low > firstPage {
		middle := low + (high-low)/2
		past, err := l.endsBefore(ctx, middle)
		if err != nil {
			return 0, err
		}
		if past {
			high = middle
		} else {
			low = middle
		}
	}
	return low, nil
}

// endsBefore reports whether the log ends before an offset.
func (l *viewerLog) endsBefore(ctx context.Context, offset int64) (bool, error) {
	_, err := l.page(ctx, offset, 1)
	if errors.Is(err, errPastEnd) {
		return true, nil
	}
	return false, err
}

// more reads the new lines of the log, of its next 4 MiB.
func (l *viewerLog) more(ctx context.Context) (string, error) {
	// The last byte that was read is asked for again: without it, a log that has
	// not grown would be the same as one that was put away for a new one.
	start := max(0, l.offset-1)
	text, err := l.page(ctx, start, mostPage)
	switch {
	case errors.Is(err, errPastEnd):
		l.offset = 0
		return "", nil
	case errors.Is(err, errNoFile):
		return "", nil
	case err != nil:
		return "", err
	}
	whole := wholeLines(text)
	if whole == "" && len(text) >= mostPage {
		whole = text // a line without end
	}
	read, err := l.bytesOf(ctx, start, whole)
	if err != nil || read <= l.offset-start {
		return "", err
	}
	whole = unescape(whole)
	if start < l.offset {
		_, again := utf8.DecodeRuneInString(whole)
		whole = whole[again:]
	}
	l.offset = start + read
	return whole, nil
}

// bytesOf is the number of the log's bytes in a page that was read from an offset. It may
// differ from the size of the page's text: the logviewer has decoded the bytes in the
// locale that it runs in, and it is not certain how often it has escaped them.
func (l *viewerLog) bytesOf(ctx context.Context, start int64, text string) (int64, error) {
	if isPlain(text) {
		return int64(len(text)), nil
	}
	said := unescape(text)
	for _, guess := range []int{len(said), utf8.RuneCountInString(said)} {
		if again, err := l.page(ctx, start, int64(guess)); err != nil || again == text {
			return int64(guess), err
		}
	}
	// What ends with the same line feed has as many of them.
	lines := strings.Count(text, "\n")
	var failed error
	read := sort.Search(mostPage+2*firstPage, func(length int) bool {
		if failed != nil || length == 0 {
			return failed != nil
		}
		var part string
		part, failed = l.page(ctx, start, int64(length))
		return strings.Count(part, "\n") >= lines
	})
	return int64(read), failed
}

// isPlain reports whether each byte of a page's text is a byte of the log, in every
// locale and with any number of escapes.
func isPlain(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf || r == '&' }) < 0
}

// viewerTimeout limits each request to a logviewer.
const viewerTimeout = 10 * time.Second

// logContent finds the log in a logviewer's page. Storm 1.x marks it with an id, 2.x with
// a class.
var logContent = regexp.MustCompile(`(?s)<pre[^>]*logContent[^>]*>(.*?)</pre>`)

// pastEnd is in a logviewer's answer to a page that begins after the log's end.
const pastEnd = "past the end"

// page reads a part of the log, and leaves it escaped.
func (l *viewerLog) page(ctx context.Context, start, length int64) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, viewerTimeout)
	defer cancel()
	query := url.Values{"file": {l.file}, "start": {strconv.FormatInt(start, 10)}, "length": {strconv.FormatInt(length, 10)}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, l.viewer.address(l.host, "log", query), nil)
	if err != nil {
		return "", err
	}
	response, err := l.client.Do(request)
	if err != nil {
		if failed, ok := errors.AsType[*url.Error](err); ok {
			err = failed.Err // without the address, which is long
		}
		return "", &noLogviewerError{l.host, err}
	}
	defer response.Body.Close()
	// A character takes ten at most when it is escaped twice (&amp;quot;); around
	// the log are the names of all the topology's logs.
	data, err := io.ReadAll(io.LimitReader(response.Body, 10*length+mostPage))
	if err != nil {
		return "", &noLogviewerError{l.host, err}
	}
	switch {
	case response.StatusCode == http.StatusNotFound:
		return "", fmt.Errorf("%s at %s: %w", l.file, l.host, errNoFile)
	case response.StatusCode == http.StatusBadRequest && bytes.Contains(data, []byte(pastEnd)):
		return "", fmt.Errorf("%s at %s: %w", l.file, l.host, errPastEnd)
	case response.StatusCode != http.StatusOK:
		return "", &noLogviewerError{l.host, fmt.Errorf("it answered %q", response.Status)}
	}
	match := logContent.FindSubmatch(data)
	if match == nil {
		return "", &noLogviewerError{l.host, fmt.Errorf("its page contains no log of %s", l.file)}
	}
	return string(match[1]), nil
}

// entity is an escaped character in HTML.
var entity = regexp.MustCompile(`&(\w+|#\d+|#x[0-9a-fA-F]+);`)

// unescape removes HTML's escapes from a log. Some logviewers escape it twice: then one
// pass leaves nothing that HTML would have to escape.
func unescape(text string) string {
	once := html.UnescapeString(text)
	if strings.ContainsAny(entity.ReplaceAllString(once, ""), `<>"&`) {
		return once
	}
	return html.UnescapeString(once)
}

// lastLines are the last n lines of a string. Its last line may lack a line feed.
func lastLines(text string, n int) string {
	if n == 0 {
		return ""
	}
	for i := len(text) - 2; i >= 0; i-- {
		if text[i] == '\n' {
			if n--; n == 0 {
				return text[i+1:]
			}
		}
	}
	return text
}

// lineCount is the number of lines of a string. Its last line may lack a line feed.
func lineCount(text string) int {
	n := strings.Count(text, "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		n++
	}
	return n
}
