package shell

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gust/internal/guard"
)

// launch starts a process in the way of the tests: with the test's environment.
func launch(t *testing.T, l *Launcher, args ...string) *Process {
	t.Helper()
	p, err := l.Start(Spec{Kind: "bolt", Component: "count", Task: 7, Args: args, Env: os.Environ()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		p.Wait()
		p.CloseStdin()
		p.CloseOutputs()
	})
	return p
}

func sh(t *testing.T, l *Launcher, script string) *Process {
	t.Helper()
	return launch(t, l, "/bin/sh", "-c", script)
}

// launcher makes one that is closed after everything that it has started.
func launcher(t *testing.T, g *guard.Guard) *Launcher {
	l := NewLauncher(g)
	t.Cleanup(l.Close)
	return l
}

func guarded(t *testing.T) *guard.Guard {
	t.Helper()
	g, err := guard.Start(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// nonblocking reads a descriptor that does not block, and waits for it, for the
// time that a test may take.
type nonblocking int

func (fd nonblocking) Read(p []byte) (int, error) {
	for {
		n, err := unix.Read(int(fd), p)
		switch {
		case err == unix.EAGAIN:
			events := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
			if ready, err := unix.Poll(events, 20_000); ready == 0 && err == nil {
				return 0, os.ErrDeadlineExceeded
			}
		case err == unix.EINTR:
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// rest reads a descriptor to its end.
func rest(t *testing.T, fd int) string {
	t.Helper()
	text, err := io.ReadAll(nonblocking(fd))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// up waits until a process has said its first line, and returns it.
func up(t *testing.T, p *Process) string {
	t.Helper()
	line, err := bufio.NewReader(nonblocking(p.Stdout())).ReadString('\n')
	if err != nil {
		t.Fatalf("the process did not come up: %v", err)
	}
	return strings.TrimSpace(line)
}

// alive reports whether a process is there, and is no zombie.
func alive(pid int) bool {
	if unix.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

func TestConversation(t *testing.T) {
	p := sh(t, launcher(t, nil), `cat; echo "$GREETING $0" >&2`)
	if n, err := unix.Write(p.Stdin(), []byte("hello\n")); n != 6 || err != nil {
		t.Fatal(n, err)
	}
	p.CloseStdin()
	if got := rest(t, p.Stdout()); got != "hello\n" {
		t.Errorf("stdout is %q", got)
	}
	if got := rest(t, p.Stderr()); got != " /bin/sh\n" {
		t.Errorf("stderr is %q", got)
	}
	if exit := p.Wait(); !exit.Success() {
		t.Error(exit)
	}
}

func TestExit(t *testing.T) {
	tests := []struct {
		script string
		code   int
		signal syscall.Signal
		text   string
	}{
		{"exit 0", 0, 0, "exit status 0"},
		{"exit 3", 3, 0, "exit status 3"},
		{"exit 255", 255, 0, "exit status 255"},
		{"kill -9 $$", -1, syscall.SIGKILL, "signal: killed"},
		{"kill -TERM $$", -1, syscall.SIGTERM, "signal: terminated"},
		{"ulimit -c 0; kill -SEGV $$", -1, syscall.SIGSEGV, "signal: segmentation fault"},
	}
	l := launcher(t, nil)
	for _, test := range tests {
		t.Run(test.script, func(t *testing.T) {
			p := sh(t, l, test.script)
			exit := p.Wait()
			if exit.Code != test.code || exit.Signal != test.signal || exit.String() != test.text {
				t.Errorf("got %#v (%v)", exit, exit)
			}
			if exit.Success() != (test.text == "exit status 0") {
				t.Errorf("Success is %v", exit.Success())
			}
			if again := p.Wait(); again != exit {
				t.Errorf("waiting again gave %v", again)
			}
		})
	}
	dumped := Exit{Code: -1, Signal: syscall.SIGABRT, Core: true}
	if want := "signal: aborted (core dumped)"; dumped.String() != want && runtime.GOOS == "linux" {
		t.Errorf("got %q, want %q", dumped, want)
	}
}

func TestExitTimes(t *testing.T) {
	p := sh(t, launcher(t, nil), "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done")
	if exit := p.Wait(); exit.UserTime <= 0 || exit.UserTime > time.Minute {
		t.Errorf("a busy shell took %v", exit.UserTime)
	}
}

func TestTerminate(t *testing.T) {
	p := sh(t, launcher(t, nil), "echo up; sleep 1000 & wait")
	up(t, p)
	p.Terminate()
	exit := p.Wait()
	if exit.Signal != syscall.SIGTERM {
		t.Errorf("got %v", exit)
	}
	if got := rest(t, p.Stdout()); got != "" { // ends when the sleep has ended, too
		t.Errorf("got %q", got)
	}
	// The id may be anybody's now: no signal goes out.
	p.Terminate()
	p.Kill()
}

// The ladder: the end of stdin and SIGTERM are ignored, SIGKILL is not.
func TestKillTheDeaf(t *testing.T) {
	p := launch(t, launcher(t, nil), part("deaf")...)
	up(t, p)
	p.CloseStdin()
	p.Terminate()
	if !alive(p.PID()) {
		t.Fatal("the deaf heard SIGTERM")
	}
	p.Kill()
	p.Terminate()
	if exit := p.Wait(); exit.Signal != syscall.SIGKILL {
		t.Errorf("got %v", exit)
	}
}

// What a process leaves behind in its group is killed when it ends.
func TestLeftBehindInGroup(t *testing.T) {
	p := sh(t, launcher(t, nil), "sleep 1000 & exit 4")
	if exit := p.Wait(); exit.Code != 4 {
		t.Errorf("got %v", exit)
	}
	if got := rest(t, p.Stdout()); got != "" { // the sleep holds it open
		t.Errorf("got %q", got)
	}
}

// What a process leaves behind in another session is killed, by its mark, and
// its sibling's is not.
func TestLeftBehindInSession(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("marks can be read on Linux only")
	}
	l := launcher(t, guarded(t))
	sibling := sh(t, l, "setsid -f sh -c 'echo up; exec sleep 1000'; read x")
	up(t, sibling)
	p := sh(t, l, "setsid -f sh -c 'echo up; exec sleep 1000'; read x; exit 5")
	up(t, p)
	p.CloseStdin()
	if exit := p.Wait(); exit.Code != 5 {
		t.Errorf("got %v", exit)
	}
	if got := rest(t, p.Stdout()); got != "" {
		t.Errorf("got %q", got)
	}
	events := []unix.PollFd{{Fd: int32(sibling.Stdout()), Events: unix.POLLIN}}
	if n, err := unix.Poll(events, 0); n != 0 || err != nil {
		t.Errorf("the sibling's grandchild is gone, too (%d, %v)", n, err)
	}
	sibling.Kill()
	sibling.Wait()
	if got := rest(t, sibling.Stdout()); got != "" {
		t.Errorf("got %q", got)
	}
}

// A run that is killed leaves no child, even without a guard.
func TestParentDeath(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is a parent-death signal on Linux only")
	}
	killRun(t, "exec 9>$FIFO; echo up >&9; exec sleep 1000", "alone")
}

// With a guard, it leaves no grandchild either.
func TestParentDeathGuarded(t *testing.T) {
	for name, script := range map[string]string{
		"bash":   "bash -c 'exec 9>$FIFO; echo up >&9; sleep 1000; :'; :",
		"setsid": "setsid -f sh -c 'exec 9>$FIFO; echo up >&9; exec sleep 1000'; read x",
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS != "linux" && name == "setsid" {
				t.Skip("marks can be read on Linux only")
			}
			killRun(t, script, "guarded")
		})
	}
}

// killRun kills a run, and waits until nobody has the FIFO open for writing.
func killRun(t *testing.T, script, how string) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := unix.Open(fifo, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(reader)
	args := part("run", script, how)
	run := exec.Command(args[0], args[1:]...)
	run.Env = append(os.Environ(), "FIFO="+fifo)
	run.Stderr = os.Stderr
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	events := []unix.PollFd{{Fd: int32(reader), Events: unix.POLLIN}}
	for n := 0; n == 0; { // before the first writer has come, a FIFO is at its end
		if n, err = unix.Poll(events, 20_000); n == 0 || err != nil && err != unix.EINTR {
			t.Fatalf("the run did not come up: %v", err)
		}
	}
	run.Process.Kill()
	run.Wait()
	if got := rest(t, reader); got != "up\n" {
		t.Errorf("got %q", got)
	}
}

// Our ends of the pipes do not block, and the child's do; it inherits no others.
func TestDescriptors(t *testing.T) {
	l := launcher(t, nil)
	launch(t, l, "/bin/cat") // another's pipes are open meanwhile
	p := launch(t, l, part("descriptors")...)
	for _, fd := range []int{p.Stdin(), p.Stdout(), p.Stderr()} {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
		if err != nil || flags&unix.O_NONBLOCK == 0 {
			t.Errorf("descriptor %d blocks (%v)", fd, err)
		}
	}
	want := "0 nonblock=false\n1 nonblock=false\n2 nonblock=false\n" + inheritable(3) // what whoever runs the test left open
	if got := rest(t, p.Stdout()); got != want {
		t.Errorf("the child has the descriptors\n%swant\n%s", got, want)
	}
	p.CloseStdin()
	p.CloseStdin()
	p.CloseOutputs()
	p.CloseOutputs()
	if p.Stdin() != -1 || p.Stdout() != -1 || p.Stderr() != -1 {
		t.Error("a closed descriptor is still there")
	}
}

func TestProcessGroup(t *testing.T) {
	p := sh(t, launcher(t, nil), "echo $$; read x")
	if got := up(t, p); got != strconv.Itoa(p.PID()) {
		t.Errorf("PID is %d, the process says %s", p.PID(), got)
	}
	if group, err := unix.Getpgid(p.PID()); err != nil || group != p.PID() {
		t.Errorf("the group is %d (%v), want %d", group, err, p.PID())
	}
}

// The child's environment is the spec's, and nothing else, but for the mark,
// which takes the place of that of an outer run.
func TestEnvironment(t *testing.T) {
	for _, g := range []*guard.Guard{nil, guarded(t)} {
		l := launcher(t, g)
		p, err := l.Start(Spec{Component: "c", Args: []string{"env"}, Env: []string{"A=1", "PATH=/usr/bin:/bin", guard.Variable + "=outer.3"}})
		if err != nil {
			t.Fatal(err)
		}
		defer p.CloseOutputs()
		defer p.CloseStdin()
		got := strings.Fields(rest(t, p.Stdout()))
		p.Wait()
		mark := guard.Variable + "=outer.3"
		if g != nil {
			mark = g.Env() + ".1"
		}
		slices.Sort(got)
		if want := []string{"A=1", mark, "PATH=/usr/bin:/bin"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestLauncherClosed(t *testing.T) {
	l := NewLauncher(nil)
	p := sh(t, l, "read x")
	closed := make(chan struct{})
	go func() {
		l.Close()
		close(closed)
	}()
	for { // until Close has got as far as refusing
		q, err := l.Start(Spec{Component: "c", Args: []string{"/bin/true"}})
		if err != nil {
			if want := `cannot start component "c" (task 0): the launcher is closed` + "\ncommand: /bin/true"; err.Error() != want {
				t.Errorf("got %q, want %q", err, want)
			}
			break
		}
		q.Wait()
		q.CloseStdin()
		q.CloseOutputs()
	}
	select {
	case <-closed:
		t.Error("Close did not wait for a child")
	default:
	}
	p.CloseStdin()
	p.Wait()
	<-closed
	l.Close()
}

// Starting and ending leaves nothing behind, in descriptors, goroutines or
// processes, whether it works or not, and however many do it at once.
func TestNoLeaks(t *testing.T) {
	const rounds, together = 50, 4
	goroutines := runtime.NumGoroutine()
	descriptors := countDescriptors(t)
	l := NewLauncher(nil)
	var all sync.WaitGroup
	for range together {
		all.Go(func() {
			for range rounds {
				p, err := l.Start(Spec{Component: "c", Args: []string{"/bin/true"}})
				if err != nil {
					t.Error(err)
					return
				}
				p.CloseStdin()
				p.Wait()
				p.CloseOutputs()
				if alive(p.PID()) {
					t.Error("a process is left")
				}
				if _, err := l.Start(Spec{Component: "c", Args: []string{"/does/not/exist"}}); err == nil {
					t.Error("there is a program that is not")
				}
			}
		})
	}
	all.Wait()
	l.Close()
	if n := countDescriptors(t); n > descriptors {
		t.Errorf("%d descriptors were left open", n-descriptors)
	}
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > goroutines; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines were left", runtime.NumGoroutine()-goroutines)
		}
	}
}

func countDescriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
