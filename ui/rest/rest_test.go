package rest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gust/internal/fakecomponent"
	"gust/status"
	"gust/status/served"
	"gust/status/statustest"
	"gust/ui/rest"
)

// The test binary is also the components.
func TestMain(m *testing.M) {
	fakecomponent.Main()
	os.Exit(m.Run())
}

// source is topologies that may change.
type source struct {
	mu   sync.Mutex
	list []served.Served
}

func (s *source) Topologies() []served.Served {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.list)
}

func (s *source) add(t served.Served) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, t)
}

// site is a server of the API.
type site struct {
	*httptest.Server
	source *source
}

func serve(t *testing.T, topologies ...served.Served) *site {
	t.Helper()
	s := &site{source: &source{list: topologies}}
	s.Server = httptest.NewServer(rest.Handler(s.source))
	t.Cleanup(s.Close)
	return s
}

// answer is the answer to a request.
type answer struct {
	code   int
	header http.Header
	body   string
}

func (s *site) do(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}

// get reads an answer that must be a success.
func (s *site) get(t *testing.T, path string, into any) {
	t.Helper()
	s.do(t, http.MethodGet, path, "").decode(t, into)
}

func (s *site) post(t *testing.T, path, body string, into any) {
	t.Helper()
	s.do(t, http.MethodPost, path, body).decode(t, into)
}

func (a answer) decode(t *testing.T, into any) {
	t.Helper()
	if a.code != http.StatusOK {
		t.Fatalf("HTTP status %d: %s", a.code, a.body)
	}
	if kind := a.header.Get("Content-Type"); kind != "application/json;charset=utf-8" {
		t.Errorf("content type %q", kind)
	}
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
}

// fails checks that a request is refused as Storm refuses one.
func (a answer) fails(t *testing.T, code int, because string) {
	t.Helper()
	var failure rest.Failure
	if err := json.Unmarshal([]byte(a.body), &failure); err != nil || a.code != code {
		t.Fatalf("HTTP status %d, want %d: %s", a.code, code, a.body)
	}
	if !strings.HasPrefix(failure.Error, http.StatusText(code)) && !strings.HasSuffix(failure.Error, http.StatusText(code)) || !strings.Contains(failure.ErrorMessage, because) {
		t.Errorf("got %+v, want %q in it", failure, because)
	}
}

// quiet runs a word count of 100 sentences until all of them are acked: its counts stay as they are.
func quiet(t *testing.T) *statustest.Live {
	t.Helper()
	components := statustest.WordCount()
	components[0].Script.Spout = &fakecomponent.Spout{Tuples: 100, Keys: 20}
	live := statustest.Start(t, "words", components)
	live.Until(t, "a hundred acked trees", func(v *status.View) bool { return v.Trees.Acked == 100 && v.Trees.Pending == 0 })
	return live
}

// failing runs a topology each of whose counting tasks dies once.
func failing(t *testing.T) *statustest.Live {
	t.Helper()
	components := statustest.WordCount()
	components[2].Script.Ledger = filepath.Join(t.TempDir(), "ledger")
	components[2].Script.Deeds = []fakecomponent.Deed{{After: 5, Do: "exit", Once: true}}
	live := statustest.Start(t, "failing", components)
	live.Until(t, "an error of count", func(v *status.View) bool { return v.Component("count").LastError != nil })
	return live
}

// ended runs a topology to its end.
func ended(t *testing.T, name string) *statustest.Live {
	t.Helper()
	live := statustest.Start(t, name, statustest.WordCount())
	live.Until(t, "an acked tree", func(v *status.View) bool { return v.Trees.Acked > 0 })
	if err := live.Control.Kill(0); err != nil {
		t.Fatal(err)
	}
	<-live.Ended
	return live
}

func escaped(name string) string { return url.PathEscape(name) }

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come", what)
		}
	}
}
