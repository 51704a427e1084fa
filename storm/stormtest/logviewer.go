package stormtest

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Logviewer serves one log as Storm's logviewers do, in pages whose text is escaped a
// given number of times. It has no download, because a client that follows a log must not
// load all of it.
type Logviewer struct {
	// File is the name of the log, such as "wordcount-1-17/6700/worker.log".
	File    string
	Escapes int
	Path    string // what the paths begin with: "/api/v1" since Storm 2, else ""
	// ASCII is the locale C, in which a byte that is not ASCII is not a character.
	ASCII bool

	mu     sync.Mutex
	text   string
	down   bool
	pages  int
	served int // bytes of the log
}

// NewLogviewer makes a logviewer of Storm 2 that serves a text under the name of a file.
func NewLogviewer(file, text string) *Logviewer {
	return &Logviewer{File: file, Escapes: 1, Path: "/api/v1", text: text}
}

// ServeHTTP answers as a logviewer does.
func (f *Logviewer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pages++
	switch {
	case f.down:
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	case r.URL.Path != f.Path+"/log" || r.FormValue("file") != f.File:
		http.NotFound(w, r)
		return
	}
	var start, length int
	fmt.Sscan(r.FormValue("start"), &start)
	fmt.Sscan(r.FormValue("length"), &length)
	if start >= len(f.text) {
		http.Error(w, "Cannot start past the end of the file", http.StatusBadRequest)
		return
	}
	text := f.text[start:min(start+length, len(f.text))]
	f.served += len(text)
	if f.ASCII {
		decoded := make([]rune, len(text))
		for i := range len(text) {
			if decoded[i] = rune(text[i]); text[i] >= 0x80 {
				decoded[i] = '\uFFFD'
			}
		}
		text = string(decoded)
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	for range f.Escapes {
		text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(text)
	}
	fmt.Fprintf(w, "<html><body><pre>menu</pre><pre class=\"logContent\">%s</pre></body></html>", text)
}

// Set replaces the log.
func (f *Logviewer) Set(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.text = text
}

// SetDown makes it fail, or work again.
func (f *Logviewer) SetDown(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}

// Asked is the number of requested pages, and of the bytes in them.
func (f *Logviewer) Asked() (pages, served int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pages, f.served
}

// Start serves the log, on a port of its own.
func (f *Logviewer) Start(t testing.TB) (host, port string) {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	host, port, _ = net.SplitHostPort(server.Listener.Addr().String())
	return host, port
}
