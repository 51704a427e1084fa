package main

import (
	"context"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gust/storm/generated"
	"gust/storm/stormtest"
)

// logviewerFake hands out one log as Storm's logviewers do, with pages whose text
// is escaped as often as asked. It has no download, as whoever follows a log must
// not load all of it.
type logviewerFake struct {
	escapes int
	path    string // what the paths begin with
	ascii   bool   // it runs in the locale C, in which a byte that is not ASCII is no character

	mu     sync.Mutex
	text   string
	down   bool
	pages  int
	served int // bytes of the log
}

func (f *logviewerFake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pages++
	switch {
	case f.down:
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	case r.URL.Path != f.path+"/log" || r.FormValue("file") != "wordcount-1-17/6700/worker.log":
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
	if f.ascii {
		decoded := make([]rune, len(text))
		for i := range len(text) {
			if decoded[i] = rune(text[i]); text[i] >= 0x80 {
				decoded[i] = '\uFFFD'
			}
		}
		text = string(decoded)
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	for range f.escapes {
		text = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(text)
	}
	fmt.Fprintf(w, "<html><body><pre>menu</pre><pre class=\"logContent\">%s</pre></body></html>", text)
}

func (f *logviewerFake) set(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.text = text
}

func (f *logviewerFake) setDown(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}

// asked is how many pages were asked for, and how many bytes they had.
func (f *logviewerFake) asked() (pages, served int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pages, f.served
}

// start serves the log, and makes a fake Nimbus point there. The topology has
// workers on the machines as well.
func (f *logviewerFake) start(t *testing.T, fake *stormtest.Fake, machines ...string) (port string) {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	host, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	fake.SetConf(fmt.Sprintf(`{"logviewer.port": %s}`, port))
	runWordcount(t, fake, append([]string{host}, machines...)...)
	return port
}

// runWordcount has the topology run, with a worker on each of the machines.
func runWordcount(t *testing.T, fake *stormtest.Fake, machines ...string) {
	t.Helper()
	info := &generated.TopologyInfo{ID: "wordcount-1-17", Name: "wordcount", Status: "ACTIVE", Errors: map[string][]*generated.ErrorInfo{}}
	for _, host := range machines {
		info.Executors = append(info.Executors,
			&generated.ExecutorSummary{ComponentID: "words", Host: host, Port: 6700, ExecutorInfo: &generated.ExecutorInfo{TaskStart: 2, TaskEnd: 2}},
			&generated.ExecutorSummary{ComponentID: "count", Host: host, Port: 6700, ExecutorInfo: &generated.ExecutorInfo{TaskStart: 1, TaskEnd: 1}},
			&generated.ExecutorSummary{ComponentID: "__acker", Host: host, Port: 6700, ExecutorInfo: &generated.ExecutorInfo{TaskStart: 3, TaskEnd: 3}})
	}
	fake.SetTopologies(wordcount())
	fake.SetTopologyInfo("wordcount-1-17", info)
	t.Setenv("STREAMPARSE_NIMBUS", fake.Address())
}

// following is a `tail -f` that runs.
type following struct {
	stdout, stderr *growing
	stop           context.CancelFunc
	ended          chan error
}

func follow(t *testing.T, args ...string) *following {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	f := &following{stdout: newGrowing(), stderr: newGrowing(), stop: stop, ended: make(chan error, 1)}
	t.Cleanup(stop)
	c := newCLI("gust", f.stdout, f.stderr)
	go func() { f.ended <- execute(ctx, c, append([]string{"tail", "-f", "wordcount"}, args...)) }()
	return f
}

// end ends it as Ctrl-C does.
func (f *following) end(t *testing.T) {
	t.Helper()
	f.stop()
	if err := <-f.ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestTailFromLogviewer(t *testing.T) {
	var long strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&long, "line %d of <init> & \"more\" é\n", i)
	}
	last := func(n int) string {
		lines := strings.SplitAfter(long.String(), "\n")
		return strings.Join(lines[len(lines)-1-n:], "")
	}
	tests := []struct {
		name, version, path string
		escapes             int
	}{{"storm 2", "2.8.3", "/api/v1", 1}, {"escaped twice", "2.8.3", "/api/v1", 2}, {"storm 1", "1.2.4", "", 1}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			alone(t)
			fake := stormtest.NewFake(t)
			fake.Version = tt.version
			(&logviewerFake{text: long.String(), escapes: tt.escapes, path: tt.path}).start(t, fake)
			for _, n := range []int{0, 1, 10, 4999, 6000} {
				want := long.String()
				if n < 5000 {
					want = last(n)
				}
				if got := gust(t, "tail", "wordcount", "-l", fmt.Sprint(n)).ok(t).stdout; got != want {
					t.Errorf("%d lines: got %d bytes, want %d", n, len(got), len(want))
				}
			}
		})
	}
}

// firstPage is what is read of the end of a log at first.
const firstPage = 64 << 10

func TestTailFollowsLogviewer(t *testing.T) {
	// With the first line the log does not fit into the first page.
	old := strings.Repeat("#", firstPage) + "\n"
	for _, tt := range []struct {
		name, lines, want string
		escapes           int
		ascii             bool
	}{
		{name: "plain", lines: "two\n", want: "two\n", escapes: 1},
		{name: "characters", lines: "zwö <2> &amp; \"3\"\n", want: "zwö <2> &amp; \"3\"\n", escapes: 2},
		{name: "doubtful escapes", lines: "a &#65; b\n", want: "a A b\n", escapes: 1},
		{name: "locale C", lines: "zwö\n", want: "zw\uFFFD\uFFFD\n", escapes: 1, ascii: true},
		{name: "Latin-1 in UTF-8", lines: "zw\xf6 \xe2\x82\n", want: "zw\uFFFD \uFFFD\n", escapes: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			alone(t)
			fake := stormtest.NewFake(t)
			viewer := &logviewerFake{text: old + "one\n", escapes: tt.escapes, path: "/api/v1", ascii: tt.ascii}
			viewer.start(t, fake)
			f := follow(t, "-l", "1")
			f.stdout.waitFor(t, "one\n")
			viewer.set(old + "one\n" + tt.lines + "half")
			f.stdout.waitFor(t, "one\n"+tt.want)
			viewer.set(old + "one\n" + tt.lines + "half a line\n")
			f.stdout.waitFor(t, "one\n"+tt.want+"half a line\n")
			viewer.set("new\n") // the full log was put away
			f.stdout.waitFor(t, "one\n"+tt.want+"half a line\nnew\n")
			f.end(t)
		})
	}
}

// A log that does not grow costs next to nothing, however large it is.
func TestTailLoadsNoLogTwice(t *testing.T) {
	alone(t)
	fake := stormtest.NewFake(t)
	viewer := &logviewerFake{text: strings.Repeat("a line of 20 bytes.\n", 1<<20), escapes: 1, path: "/api/v1"}
	viewer.start(t, fake)
	f := follow(t, "-l", "1")
	f.stdout.waitFor(t, "a line of 20 bytes.\n")
	pages, served := viewer.asked()
	if served > 4*firstPage {
		t.Errorf("the log's last line took %d bytes in %d pages", served, pages)
	}
	for polls := 0; polls < 2; time.Sleep(10 * time.Millisecond) {
		now, bytes := viewer.asked()
		if polls = now - pages; bytes-served > polls {
			t.Fatalf("%d questions for what is new took %d bytes", polls, bytes-served)
		}
	}
	f.end(t)
}

// A logviewer that fails for a while is reported once, and asked again.
func TestTailSurvivesLogviewer(t *testing.T) {
	alone(t)
	fake := stormtest.NewFake(t)
	viewer := &logviewerFake{text: "one\n", escapes: 1, path: "/api/v1"}
	viewer.start(t, fake)
	f := follow(t)
	f.stdout.waitFor(t, "one\n")
	viewer.setDown(true)
	const words = "gust: warning: 127.0.0.1:6700: no logviewer at 127.0.0.1 (it answered \"503 Service Unavailable\"); retrying every 1s\n"
	f.stderr.waitFor(t, words)
	for before, now := 0, 0; now < before+2; time.Sleep(10 * time.Millisecond) {
		if now, _ = viewer.asked(); before == 0 {
			before = now
		}
	}
	viewer.set("one\ntwo\n")
	viewer.setDown(false)
	f.stderr.waitFor(t, words+"gust: 127.0.0.1:6700: its log is readable again\n")
	f.stdout.waitFor(t, "one\ntwo\n")
	f.end(t)
}

// secureLogviewer serves a log through https, and returns a file with the
// certificate.
func secureLogviewer(t *testing.T, viewer *logviewerFake, fake *stormtest.Fake) string {
	t.Helper()
	server := httptest.NewTLSServer(viewer)
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	host, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	fake.SetConf(fmt.Sprintf(`{"logviewer.port": 8000, "logviewer.https.port": %s}`, port))
	runWordcount(t, fake, host)
	file := filepath.Join(t.TempDir(), "trusted.pem")
	writeFile(t, file, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	return file
}

func TestTailFromSecureLogviewer(t *testing.T) {
	alone(t)
	fake := stormtest.NewFake(t)
	trusted := secureLogviewer(t, &logviewerFake{text: "one\n", escapes: 1, path: "/api/v1"}, fake)
	gust(t, "tail", "wordcount").refuses(t, exitFailed, "no logviewer at 127.0.0.1 (tls: failed to verify certificate: x509: certificate signed by unknown authority)")
	if got := gust(t, "worker_uptime", "--json").ok(t).stdout; !strings.Contains(got, `"log":"https://127.0.0.1:`) {
		t.Errorf("got %s", got)
	}
	for _, key := range []string{"logviewer.https.truststore.path", "nimbus.thrift.tls.client.truststore.path"} {
		writeFile(t, filepath.Join(os.Getenv("HOME"), ".storm", "storm.yaml"), key+": "+trusted+"\n")
		if got := gust(t, "tail", "wordcount").ok(t); got.stdout != "one\n" || got.stderr != "" {
			t.Errorf("%s: got %q, %s", key, got.stdout, got.stderr)
		}
	}
}

// dark is a machine where no logviewer listens; its sshd is that of the room.
const dark = "127.0.0.2"

// newHalfDarkRoom is a room whose topology runs on a machine with a logviewer, and
// on a dark one. It returns the dark one's log.
func newHalfDarkRoom(t *testing.T, viewer *logviewerFake) (r *machineRoom, file, port string) {
	r = newMachineRoom(t, "")
	writeFile(t, r.sshd.File("config"), fmt.Sprintf("Host %s\n  HostName %s\n", dark, r.sshd.Host))
	port = viewer.start(t, r.fake, dark)
	r.fake.SetConf(fmt.Sprintf(`{"storm.log.dir": %q, "logviewer.port": %s}`, r.logs, port))
	writeFile(t, "config.json", fmt.Sprintf(`{"envs": {"prod": {"nimbus": %q, "ssh_port": %d}}}`, r.fake.Address(), r.sshd.Port))
	return r, r.log(t, "workers-artifacts/wordcount-1-17/6700/worker.log", "from the file\n"), port
}

// Each machine's logs are read in the way that works there.
func TestTailFollowsBothWays(t *testing.T) {
	viewer := &logviewerFake{text: "from the logviewer\n", escapes: 1, path: "/api/v1"}
	_, file, port := newHalfDarkRoom(t, viewer)
	f := follow(t)
	f.stderr.waitFor(t, "gust: no logviewer at 127.0.0.2 (dial tcp 127.0.0.2:"+port+": connect: connection refused): reading the logs there over SSH\n")
	f.stdout.waitForAll(t, "127.0.0.1:6700: from the logviewer\n", "127.0.0.2: from the file\n")
	viewer.set("from the logviewer\nagain\n")
	writeFile(t, file, "from the file\nonce more\n")
	f.stdout.waitForAll(t, "127.0.0.1:6700: again\n", "127.0.0.2: once more\n")
	f.end(t)
}

// A machine whose logs cannot be followed is reported, although the other goes on.
func TestTailTellsOfAFailedMachine(t *testing.T) {
	viewer := &logviewerFake{text: "from the logviewer\n", escapes: 1, path: "/api/v1"}
	r, _, _ := newHalfDarkRoom(t, viewer)
	writeScript(t, filepath.Join(r.sshd.Bin, "tail"), "#!/bin/sh\nexit 3\n")
	f := follow(t)
	f.stderr.waitForAll(t, "gust: warning: no longer following the logs on 127.0.0.2: no logviewer at 127.0.0.2", "the command on 127.0.0.2 failed: exit status 3\n")
	viewer.set("from the logviewer\nagain\n")
	f.stdout.waitForAll(t, "127.0.0.1:6700: again\n")
	f.end(t)
}
