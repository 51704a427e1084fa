package rest_test

import (
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gust/conf"
	"gust/status"
	"gust/status/served"
	"gust/topology"
	"gust/ui/rest"
)

// logged serves a topology that has logged some lines.
func logged(t *testing.T, name string, lines ...string) (*site, string) {
	t.Helper()
	s := status.New(&topology.Topology{Name: name}, conf.Conf{}, time.Unix(17, 0))
	for _, line := range lines {
		_, _ = s.Logs().Write([]byte(line + "\n"))
	}
	return serve(t, served.Served{Status: s}), url.QueryEscape(name + "-1-17/6700/worker.log")
}

func line(level, component string, task int, message string) string {
	return fmt.Sprintf(`{"time":"2026-11-29T09:25:08.123Z","level":%q,"component":%q,"task":%d,"message":%q}`, level, component, task, message)
}

// text cuts the log out of a page.
func (a answer) text(t *testing.T) string {
	t.Helper()
	_, text, ok := strings.Cut(a.body, `<pre class="logContent">`)
	if a.code != 200 || !ok {
		t.Fatalf("HTTP status %d: %s", a.code, a.body)
	}
	text, _, _ = strings.Cut(text, "</pre>")
	return html.UnescapeString(text)
}

func TestLog(t *testing.T) {
	when := time.Date(2026, 11, 29, 9, 25, 8, 123e6, time.UTC).Local().Format("2006-01-02 15:04:05.000 ")
	s, file := logged(t, "words",
		line("info", "", 0, "up"), line("warn", "count", 3, "a <b> & é"), line("error", "count", 4, "Traceback:\n  boom"))
	whole := when + "gust [INFO] up\n" + when + "count[3] [WARN] a <b> & é\n" + when + "count[4] [ERROR] Traceback:\n  boom\n"
	for _, prefix := range []string{"", "/api/v1"} {
		if got := s.do(t, "GET", prefix+"/log?file="+file, "").text(t); got != whole {
			t.Errorf("got\n%swant\n%s", got, whole)
		}
		if got := s.do(t, "GET", prefix+"/log?file="+url.QueryEscape(file), "").text(t); got != whole {
			t.Errorf("a name that is escaped twice: got\n%s", got)
		}
		got := s.do(t, "GET", prefix+"/download?file="+file, "")
		if got.body != whole || got.header.Get("Content-Disposition") != "attachment; filename*=UTF-8''words-1-17-6700-worker.log" {
			t.Errorf("download: %v, got\n%s", got.header, got.body)
		}
		var names []string
		for query, want := range map[string]int{"": 1, "?topoId=words-1-17": 1, "?topoId=words-1-17&port=6700": 1, "?port=6701": 0, "?topoId=other": 0} {
			for _, path := range []string{"/listLogs", "/searchLogs"} {
				if s.get(t, prefix+path+query, &names); len(names) != want || want == 1 && names[0] != "words-1-17/6700/worker.log" {
					t.Errorf("%s%s: %q", path, query, names)
				}
			}
		}
		if got := s.do(t, "GET", prefix+"/daemonlog?file=nimbus.log", "").text(t); got != when+"gust [INFO] up\n" {
			t.Errorf("nimbus.log: got\n%s", got)
		}
	}
	// All pages together are the log, wherever they begin.
	for _, length := range []int{1, 7, 50, 1000} {
		got := ""
		for start := 0; start < len(whole); start += length {
			page := s.do(t, "GET", fmt.Sprintf("/api/v1/log?file=%s&start=%d&length=%d", file, start, length), "").text(t)
			want := strings.ToValidUTF8(whole[start:min(len(whole), start+length)], "\uFFFD")
			if page != want {
				t.Fatalf("start=%d length=%d: got %q, want %q", start, length, page, want)
			}
			got += page
		}
		if length == 1000 && got != whole {
			t.Errorf("got\n%s", got)
		}
	}
	if got := s.do(t, "GET", "/api/v1/log?length=7&file="+file, "").text(t); got != whole[len(whole)-7:] {
		t.Errorf("the end: got %q", got)
	}
	if got := s.do(t, "GET", "/api/v1/log?grep=boom&file="+file, ""); !strings.Contains(got.body, "<pre id=\"logContent\">  boom\n</pre>") {
		t.Errorf("grep: %s", got.body)
	}
	s.do(t, "GET", "/api/v1/log?start="+strconv.Itoa(len(whole))+"&file="+file, "").fails(t, 400, "cannot start at byte")
	s.do(t, "GET", "/api/v1/log?start=x&file="+file, "").fails(t, 400, "is not a number")
	for _, other := range []string{"", "words-1-17/6701/worker.log", "../../etc/passwd", "words-1-17%2F6700%2Fgc.log"} {
		s.do(t, "GET", "/api/v1/log?file="+other, "").fails(t, 404, "no log")
		s.do(t, "GET", "/download?file="+other, "").fails(t, 404, "no log")
	}
}

func TestLogPagesAreLinked(t *testing.T) {
	s, file := logged(t, "words", slices.Repeat([]string{line("info", "count", 3, strings.Repeat("x", 60))}, 10)...)
	page := s.do(t, "GET", "/log?start=200&length=100&file="+file, "").body
	for name, query := range map[string]string{"Prev": "start=100", "First": "start=0", "Next": "start=300", "Last": ""} {
		link := ""
		for one := range strings.SplitSeq(page, "<a href=\"") {
			if target, rest, _ := strings.Cut(one, `">`); strings.HasPrefix(rest, name+"</a>") {
				link = html.UnescapeString(target)
			}
		}
		if !strings.HasPrefix(link, "/log?") || query != "" && !strings.Contains(link, query) || query == "" && strings.Contains(link, "start=") {
			t.Errorf("%s leads to %q", name, link)
		} else if got := s.do(t, "GET", link, "").text(t); len(got) != 100 {
			t.Errorf("%s has %d bytes", name, len(got))
		}
	}
}

func TestLogsAreInert(t *testing.T) {
	const evil = `</pre><script>alert(1)</script>`
	s, _ := logged(t, evil, line("info", evil, 1, evil))
	file := url.QueryEscape(evil + "-1-17/6700/worker.log")
	for _, path := range []string{"/api/v1/log?file=" + file, "/api/v1/log?file=" + file + "&grep=" + url.QueryEscape("<script>")} {
		got := s.do(t, "GET", path, "")
		if got.code != 200 || strings.Contains(got.body, "<script>") || !strings.HasPrefix(got.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("HTTP status %d, %v: %s", got.code, got.header, got.body)
		}
	}
	got := s.do(t, "GET", "/download?file="+file, "")
	if kind := got.header.Get("Content-Type"); got.code != 200 || kind != "application/octet-stream" {
		t.Errorf("HTTP status %d, %s", got.code, kind)
	}
}

func TestSearch(t *testing.T) {
	s, file := logged(t, "words",
		line("info", "count", 3, "one needle"), line("info", "count", 3, "hay"), line("info", "count", 3, "two needle"), line("info", "", 0, "needle of gust"))
	whole := s.do(t, "GET", "/api/v1/download?file="+file, "").body
	var found rest.Search
	s.get(t, "/api/v1/search?search-string=needle&num-matches=2&file="+file, &found)
	if found.IsDaemon != "no" || found.SearchString != "needle" || len(found.Matches) != 2 || found.NextByteOffset == nil {
		t.Fatalf("got %+v", found)
	}
	for _, m := range found.Matches {
		if whole[m.ByteOffset:m.ByteOffset+6] != "needle" || m.MatchString != "needle" || !strings.HasSuffix(whole[:m.ByteOffset], m.BeforeString) ||
			!strings.HasPrefix(whole[m.ByteOffset+6:], m.AfterString) || len(m.AfterString) == 0 {
			t.Errorf("match %+v", m)
		}
		if page := s.do(t, "GET", strings.TrimPrefix(m.LogviewerURL, s.URL), "").text(t); !strings.Contains(page, "needle") {
			t.Errorf("%s shows %s", m.LogviewerURL, page)
		}
	}
	next := *found.NextByteOffset
	found = rest.Search{}
	s.get(t, fmt.Sprintf("/api/v1/search?search-string=needle&start-byte-offset=%d&file=%s", next, file), &found)
	if len(found.Matches) != 1 || found.StartByteOffset != next || found.NextByteOffset != nil {
		t.Errorf("got %+v", found)
	}
	s.get(t, "/api/v1/search?is-daemon=yes&search-string=needle&file=supervisor.log", &found)
	if found.IsDaemon != "yes" || len(found.Matches) != 1 {
		t.Errorf("got %+v", found)
	}
	s.do(t, "GET", "/api/v1/search?file="+file, "").fails(t, 400, "search-string must have")
	s.do(t, "GET", "/api/v1/search?search-string=x&start-byte-offset=99999&file="+file, "").fails(t, 400, "cannot search from byte")

	var all []rest.DeepSearch
	s.get(t, "/api/v1/deepSearch/words-1-17?search-string=needle&num-matches=5", &all)
	if len(all) != 1 || len(all[0].Matches) != 1 || all[0].Matches[0].FileName != "words-1-17/6700/worker.log" || len(all[0].Matches[0].LogMatches.Matches) != 3 {
		t.Errorf("got %+v", all)
	}
	var one rest.DeepSearch
	s.get(t, "/deepSearch/words-1-17?search-string=needle&port=6700", &one)
	if len(one.Matches) != 1 || one.Matches[0].Port != "6700" || len(one.Matches[0].LogMatches.Matches) != 1 || one.FileOffset != 0 {
		t.Errorf("got %+v", one)
	}
	for _, query := range []string{"?search-string=needle&port=6701", "", "?search-string="} {
		if s.get(t, "/api/v1/deepSearch/words-1-17"+query, &all); len(all) != 0 {
			t.Errorf("%s: got %+v", query, all)
		}
	}
}
