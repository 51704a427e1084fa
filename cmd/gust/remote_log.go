package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// remoteLog is a log file that a logviewer hands out. It is read by pages, from
// where it was read to before.
type remoteLog struct {
	viewer logviewer
	host   string
	file   string // such as "wordcount-1-1795402156/6700/worker.log"
	offset int64
}

// noLogviewerError is a machine on which no logviewer answers.
type noLogviewerError struct {
	Host string
	Err  error
}

func (e *noLogviewerError) Error() string {
	return fmt.Sprintf("no logviewer at %s: %v", e.Host, e.Err)
}

func (e *noLogviewerError) Unwrap() error { return e.Err }

const (
	firstPage = 64 << 10
	// mostPage is less than what a logviewer gives out at once (10 MiB).
	mostPage = 4 << 20
)

// errNoFile is a log that does not exist, perhaps not yet.
var errNoFile = errors.New("there is no such log")

// lastLines are the log's last n lines, or those of its last 4 MiB.
func (l *remoteLog) lastLines(ctx context.Context, n int) (string, error) {
	size, err := l.size(ctx)
	if errors.Is(err, errNoFile) {
		return "", nil // the worker has only just been given its place
	}
	if err != nil {
		return "", err
	}
	l.offset = size
	for length := int64(firstPage); ; length *= 8 {
		start := max(0, size-min(length, mostPage))
		text, err := l.page(ctx, start, size-start)
		if err != nil {
			return "", err
		}
		if start == 0 || length >= mostPage || lineCount(text) > n {
			return lastLines(text, n), nil
		}
	}
}

// more is what has come to the log since it was read.
func (l *remoteLog) more(ctx context.Context) (string, error) {
	size, err := l.size(ctx)
	if errors.Is(err, errNoFile) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if size < l.offset {
		l.offset = 0 // a full log was put away, and this is a new one
	}
	length := min(size-l.offset, mostPage)
	if length == 0 {
		return "", nil
	}
	text, err := l.page(ctx, l.offset, length)
	if err == nil {
		l.offset += length
	}
	return text, err
}

// viewerTimeout is how long a logviewer may take for an answer.
const viewerTimeout = 10 * time.Second

// get asks the logviewer for something about the file.
func (l *remoteLog) get(ctx context.Context, what string, query url.Values) (*http.Response, error) {
	query.Set("file", l.file)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, l.viewer.address(l.host, what, query), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Encoding", "identity") // else the size would not be that of the file
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" || errors.Is(err, context.DeadlineExceeded) {
			return nil, &noLogviewerError{l.host, err}
		}
		if name, ok := errors.AsType[*net.DNSError](err); ok {
			return nil, &noLogviewerError{l.host, name}
		}
		return nil, fmt.Errorf("the logviewer at %s: %w", l.host, err)
	}
	switch {
	case response.StatusCode == http.StatusNotFound:
		err = fmt.Errorf("%s at %s: %w", l.file, l.host, errNoFile)
	case response.StatusCode != http.StatusOK:
		err = fmt.Errorf("the logviewer at %s answers %q for %s", l.host, response.Status, l.file)
	}
	if err != nil {
		_ = response.Body.Close()
		return nil, err
	}
	return response, nil
}

// size is the log's size in bytes: that of the download, which is not downloaded.
func (l *remoteLog) size(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, viewerTimeout)
	defer cancel()
	response, err := l.get(ctx, "download", url.Values{})
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.ContentLength >= 0 {
		return response.ContentLength, nil
	}
	return io.Copy(io.Discard, response.Body)
}

// logContent finds the log in a logviewer's page. Storm 1.x marks it by its id,
// 2.x by its class.
var logContent = regexp.MustCompile(`(?s)<pre[^>]*logContent[^>]*>(.*?)</pre>`)

// page reads a part of the log.
func (l *remoteLog) page(ctx context.Context, start, length int64) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, viewerTimeout)
	defer cancel()
	response, err := l.get(ctx, "log", url.Values{
		"start": {strconv.FormatInt(start, 10)}, "length": {strconv.FormatInt(length, 10)}})
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return "", fmt.Errorf("the logviewer at %s: %w", l.host, err)
	}
	match := logContent.FindSubmatch(data)
	if match == nil {
		return "", fmt.Errorf("the page of the logviewer at %s has no log of %s in it", l.host, l.file)
	}
	return unescape(string(match[1])), nil
}

// entity is a character that HTML has escaped.
var entity = regexp.MustCompile(`&(\w+|#\d+|#x[0-9a-fA-F]+);`)

// unescape takes HTML's escapes out of a log. Some logviewers escape it twice:
// then one pass leaves nothing that HTML would have to escape.
func unescape(text string) string {
	once := html.UnescapeString(text)
	if strings.ContainsAny(entity.ReplaceAllString(once, ""), `<>"&`) {
		return once
	}
	return html.UnescapeString(once)
}
