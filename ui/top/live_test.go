package top

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"gust/internal/terminal"
	"gust/internal/testenv"
	"gust/status"
	"gust/status/served"
	"gust/status/statustest"
	"gust/ui/api"
	"gust/ui/client"
	"gust/worker"
)

// playsTop has the test binary be top for the topology on a socket. If playsPanic is set,
// it panics at the key x.
const (
	playsTop   = "GUST_TEST_TOP"
	playsPanic = "GUST_TEST_TOP_PANICS"
)

func playTop() int {
	ctx, release := terminal.UntilSignal(context.Background())
	defer release()
	c, err := client.New("unix:" + os.Getenv(playsTop))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	var source Source = c.Topology("wordcount")
	if os.Getenv(playsPanic) != "" {
		source = panicking{source}
	}
	if err := Run(ctx, source, Options{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// panicking panics when it is asked to deactivate.
type panicking struct{ Source }

func (panicking) Deactivate(context.Context) error { panic("a bug") }

// sequence are the commands of a message of tea.Sequence, whose type is not exported.
func sequence(msg tea.Msg) (list []tea.Cmd) {
	v := reflect.ValueOf(msg)
	if v.Kind() != reflect.Slice || v.Type().Elem() != reflect.TypeFor[tea.Cmd]() {
		return nil
	}
	for i := range v.Len() {
		list = append(list, v.Index(i).Interface().(tea.Cmd))
	}
	return list
}

// session is a tmux of its own, in which a shell runs.
type session struct {
	t      *testing.T
	socket string
}

func newSession(t *testing.T, width, height int) *session {
	t.Helper()
	testenv.Program(t, "tmux")
	dir, err := os.MkdirTemp("/tmp", "gust")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &session{t, filepath.Join(dir, "tmux")}
	t.Setenv("TMUX", "")
	t.Setenv("PS1", "prompt> ")
	t.Setenv("NO_COLOR", "")
	s.tmux("-f", "/dev/null", "-u", "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height), "sh")
	t.Cleanup(func() { s.tmux("kill-server") })
	return s
}

func (s *session) tmux(args ...string) string {
	s.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", s.socket}, args...)...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("tmux %v: %v: %s", args, err, out)
	}
	return string(out)
}

func (s *session) keys(keys ...string) {
	s.t.Helper()
	s.tmux(append([]string{"send-keys"}, keys...)...)
}

// until waits until the screen is as it should be.
func (s *session) until(what string, enough func(screen string) bool) string {
	s.t.Helper()
	screen := ""
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if screen = s.tmux("capture-pane", "-p"); enough(screen) {
			return screen
		}
	}
	s.t.Fatalf("%s does not come:\n%s", what, screen)
	return ""
}

func (s *session) shows(words ...string) string {
	s.t.Helper()
	return s.until(strings.Join(words, " and "), func(screen string) bool {
		for _, word := range words {
			if !strings.Contains(screen, word) {
				return false
			}
		}
		return true
	})
}

// state is whether the alternate screen is on and the cursor is shown.
func (s *session) state() string {
	return strings.TrimSpace(s.tmux("display-message", "-p", "alternate=#{alternate_on} cursor=#{cursor_flag}"))
}

// start starts top in the shell.
func (s *session) start(socket string, env ...string) {
	s.t.Helper()
	program, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	// Bubble Tea's reader of the terminal has a data race at its end (ultraviolet's
	// TerminalReader, at its release of 2026-10). The race detector must not choose the status.
	s.keys(fmt.Sprintf("clear; GORACE=exitcode=0 %s=%s %s %s; echo ended with $?", playsTop, socket, strings.Join(env, " "), program), "Enter")
}

// restored waits until top has ended with a status, and the terminal is as it was.
func (s *session) restored(status int) {
	s.t.Helper()
	s.shows(fmt.Sprintf("ended with %d", status))
	if got := s.state(); got != "alternate=0 cursor=1" {
		s.t.Errorf("after top the terminal has %s", got)
	}
	s.keys("clear; stty -a; echo all of $((20+5))", "Enter")
	modes := strings.Fields(s.shows("all of 25"))
	for _, mode := range []string{"echo", "icanon", "isig"} {
		if !slices.Contains(modes, mode) {
			s.t.Errorf("after top the terminal has not %s: %v", mode, modes)
		}
	}
}

func serveOnSocket(t *testing.T, source served.Source) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "gust")
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: api.Handler(source)}
	go server.Serve(listener)
	t.Cleanup(func() {
		server.Close()
		os.RemoveAll(dir)
	})
	return socket
}

// A real terminal shows a real topology, which the keys operate.
func TestOnTerminal(t *testing.T) {
	live := statustest.Start(t, "wordcount", statustest.WordCount())
	socket := serveOnSocket(t, served.One(live.Served))
	s := newSession(t, 80, 24)
	s.start(socket)
	s.shows("wordcount  ACTIVE", "words", "split", "count", "┤ Logs ├", "q quit")
	if got := s.state(); got != "alternate=1 cursor=0" {
		t.Errorf("top's terminal has %s", got)
	}
	s.keys("j", "j", "Enter")
	s.shows("┤ Tasks ├", "running", "no errors")
	s.tmux("resize-window", "-x", "200", "-y", "50")
	s.shows("LAST MINUTE", "RESTARTS", "executed/s")
	s.tmux("resize-window", "-x", "40", "-y", "12")
	s.until("a small screen", func(screen string) bool { return !strings.Contains(screen, "KIND") })
	s.tmux("resize-window", "-x", "80", "-y", "24")
	s.shows("KIND", "┤ Tasks ├")

	fmt.Fprintf(live.Logs(), `{"level":"error","component":"count","task":4,"time":"2026-01-31T12:00:00.000Z","message":"planted \u001b]0;title\u0007"}`+"\n")
	s.keys("Tab", "/")
	s.keys("PLANTED", "Enter")
	s.shows("/PLANTED", `planted \x1b]0;title\a`)
	s.keys("Escape") // and not a key with Alt
	s.until("no search", func(screen string) bool { return !strings.Contains(screen, "/PLANTED") })
	s.keys("a")
	s.shows("wordcount  INACTIVE")
	s.keys("a")
	s.shows("wordcount  ACTIVE")
	s.keys("R")
	live.Until(t, "the restart", func(*status.View) bool {
		return slices.ContainsFunc(live.Events(), func(e status.Event) bool {
			return e.Kind == worker.EventRestarted && e.Component == "count"
		})
	})
	s.keys("K")
	s.shows("Kill topology wordcount?")
	s.keys("n")
	s.shows("q quit")
	s.keys("K")
	s.shows("Kill topology wordcount?")
	s.keys("y")
	s.shows("wordcount  ENDED", "the topology has ended")
	s.keys("q")
	s.restored(0)
}

// However top ends, the terminal is as it was.
func TestTerminalIsRestored(t *testing.T) {
	testenv.Program(t, "pkill")
	live := statustest.Start(t, "wordcount", statustest.WordCount())
	socket := serveOnSocket(t, served.One(live.Served))
	s := newSession(t, 80, 24)
	kill := func(signal string) func() {
		return func() {
			pid := strings.Fields(s.tmux("list-panes", "-F", "#{pane_pid}"))[0]
			if out, err := exec.Command("pkill", "-"+signal, "-P", pid).CombinedOutput(); err != nil {
				t.Fatalf("pkill: %v: %s", err, out)
			}
		}
	}
	for _, tt := range []struct {
		name   string
		end    func()
		status int
		env    []string
	}{
		{"q", func() { s.keys("q") }, 0, nil},
		{"Ctrl-C", func() { s.keys("C-c") }, 0, nil},
		{"SIGTERM", kill("TERM"), 0, nil},
		{"SIGHUP", kill("HUP"), 0, nil},
		{"SIGINT", kill("INT"), 0, nil},
		{"a panic", func() { s.keys("a") }, 1, []string{playsPanic + "=1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.t = t
			s.start(socket, tt.env...)
			s.shows("wordcount  ACTIVE", "q quit")
			tt.end()
			s.restored(tt.status)
		})
	}
}

// NO_COLOR turns the colours off, and nothing else.
func TestNoColor(t *testing.T) {
	live := statustest.Start(t, "wordcount", statustest.WordCount())
	socket := serveOnSocket(t, served.One(live.Served))
	s := newSession(t, 80, 24)
	colored := regexp.MustCompile(`\x1b\[(\d+;)*[34]8;`)
	for _, tt := range []struct {
		env  string
		want bool
	}{{"TERM=xterm-256color", true}, {"NO_COLOR=1", false}} {
		s.start(socket, tt.env)
		s.shows("wordcount  ACTIVE", "q quit")
		if got := colored.MatchString(s.tmux("capture-pane", "-p", "-e")); got != tt.want {
			t.Errorf("with %s there are colours: %v", tt.env, got)
		}
		s.keys("q")
		s.restored(0)
	}
}
