package guard

import (
	"bufio"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary plays every part: the guard, and a program that starts one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case Command:
			os.Exit(Main(os.Args[2:]))
		case "run":
			run(os.Args[2], os.Args[3])
		}
	}
	os.Exit(m.Run())
}

// run is a program with a guard and one child, a shell that runs script. It prints its
// guard's pid, and waits to be killed. The child, but not the program itself, has its
// stdout as fd 3: a reader of that sees the end when all children are gone.
func run(script, watch string) {
	g, err := Start(executable())
	if err != nil {
		panic(err)
	}
	alive := os.NewFile(3, "alive")
	child := exec.Command("/bin/sh", "-c", script)
	child.Stdout = alive
	child.Env = append(os.Environ(), g.NewMark())
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := child.Start(); err != nil {
		panic(err)
	}
	alive.Close()
	if watch == "watch" {
		g.Watch(child.Process.Pid)
	}
	dir, err := g.TempDir("guard-test-")
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "4711"), nil, 0o600); err != nil {
		panic(err)
	}
	os.Stdout.WriteString(strconv.Itoa(g.process.Process.Pid) + " " + dir + "\n")
	select {}
}

func executable() string {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return path
}

// When a run is killed, all its descendants die, wherever they are.
func TestKilledRun(t *testing.T) {
	tests := []struct {
		name   string
		script string // says "up" on stdout when everything stands
		watch  string
	}{
		{"child", "echo up; exec sleep 1000", "-"},
		{"grandchild", "sleep 1000 & echo up; wait", "-"},
		{"orphan", "(trap '' HUP TERM INT; sleep 1000 & echo up) & ", "-"},
		{"session", "setsid sh -c 'echo up; sleep 1000'", "-"},
		{"session of an orphan", "setsid -f sh -c 'echo up; sleep 1000; :'", "-"},
		{"no environment, in the group", "exec env -i sh -c 'echo up; sleep 1000'", "watch"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if strings.Contains(test.script, "setsid") {
				needs(t, "setsid")
			}
			alive, aliveWriter := pipe(t)
			program := exec.Command(executable(), "run", test.script, test.watch)
			program.ExtraFiles = []*os.File{aliveWriter}
			program.Stderr = os.Stderr
			stdout, err := program.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := program.Start(); err != nil {
				t.Fatal(err)
			}
			aliveWriter.Close()
			line, err := bufio.NewReader(stdout).ReadString('\n')
			if err != nil {
				t.Fatalf("the run did not start: %v", err)
			}
			alive.SetReadDeadline(time.Now().Add(20 * time.Second))
			children := bufio.NewReader(alive)
			if up, err := children.ReadString('\n'); err != nil || up != "up\n" {
				t.Fatalf("the run's child said %q, %v", up, err)
			}

			program.Process.Kill()
			program.Wait()

			if _, err := io.ReadAll(children); err != nil {
				t.Errorf("a process of the run is still alive: %v", err)
			}
			pid, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
			waitGone(t, pid)
			if _, err := os.Stat(dir); !os.IsNotExist(err) {
				t.Errorf("its temporary directory is still there: %v", err)
			}
		})
	}
}

// waitGone waits until a process that is not our child has ended.
func waitGone(t *testing.T, pid string) {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); syscall.Kill(n, 0) == nil && !zombie(n); {
		if time.Now().After(deadline) {
			t.Fatalf("the guard %d is still there", n)
		}
		time.Sleep(time.Millisecond)
	}
}

// zombie reports whether a process has ended and is not reaped yet.
func zombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("there is no %s here", program)
	}
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

// start runs a child with a mark, in a session of its own, that prints "up".
func start(t *testing.T, mark string) *exec.Cmd {
	t.Helper()
	child := exec.Command("/bin/sh", "-c", "echo up; exec sleep 1000")
	child.Env = append(os.Environ(), mark)
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { child.Process.Kill(); child.Wait() })
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return child
}

func alive(child *exec.Cmd) bool {
	pid := child.Process.Pid
	return syscall.Kill(pid, 0) == nil && !zombie(pid)
}

// A sweep kills exactly the processes with the mark: no other child of the run, no
// process of another run.
func TestSweep(t *testing.T) {
	needs(t, "setsid")
	g, err := Start(executable())
	if err != nil {
		t.Fatal(err)
	}
	other, err := Start(executable())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	marks := make([]string, 11)
	for i := range marks {
		marks[i] = g.NewMark()
	}
	one, ten, eleven, stranger := start(t, marks[0]), start(t, marks[9]), start(t, marks[10]), start(t, other.NewMark())
	bare := start(t, g.Env())

	if n := g.SweepMark(marks[0]); n != 1 {
		t.Errorf("SweepMark killed %d processes, want 1", n)
	}
	if alive(one) {
		t.Error("SweepMark left the child alive")
	}
	if !alive(ten) || !alive(eleven) || !alive(bare) {
		t.Error("SweepMark killed a child with another mark")
	}
	if n := g.Sweep(); n != 3 {
		t.Errorf("Sweep killed %d processes, want 3", n)
	}
	if alive(ten) || alive(eleven) || alive(bare) {
		t.Error("Sweep left a child alive")
	}
	if n := g.Sweep(); n != 0 {
		t.Errorf("a second Sweep killed %d processes, want 0", n)
	}

	last := start(t, g.NewMark())
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if alive(last) {
		t.Error("Close left a child alive")
	}
	if !alive(stranger) {
		t.Error("a process of another run was killed")
	}
}

// Sweeps at the same time share scans, and each still counts its own.
func TestSweepTogether(t *testing.T) {
	needs(t, "setsid")
	g, err := Start(executable())
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	const n = 8
	counts := make(chan int, n)
	for range n {
		mark := g.NewMark()
		start(t, mark)
		go func() { counts <- g.SweepMark(mark) }()
	}
	for range n {
		if count := <-counts; count != 1 {
			t.Errorf("a sweep counted %d, want 1", count)
		}
	}
}

// Without a guard process, the run works, and a sweep ends it.
func TestStartFails(t *testing.T) {
	g, err := Start("/does/not/exist")
	if err == nil {
		t.Fatal("Start found a program that is not there")
	}
	child := start(t, g.NewMark())
	g.Watch(child.Process.Pid)
	g.Forget(child.Process.Pid)
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if alive(child) {
		t.Error("Close left a child alive")
	}
}

// If the guard process has died, Close reports that and does its work.
func TestGuardKilled(t *testing.T) {
	g, err := Start(executable())
	if err != nil {
		t.Fatal(err)
	}
	child := start(t, g.NewMark())
	g.process.Process.Kill()
	if err := g.Close(); err == nil {
		t.Error("Close was content with a guard that had been killed")
	}
	g.Watch(child.Process.Pid)
	if alive(child) {
		t.Error("Close left a child alive")
	}
}

// A guard receives no signal for the run, and has no mark of a run that contains its own.
func TestGuardIsSeparate(t *testing.T) {
	t.Setenv(Variable, "outer.1")
	g, err := Start(executable())
	if err != nil {
		t.Fatal(err)
	}
	pid := g.process.Process.Pid
	if sid, err := syscall.Getpgid(pid); err != nil || sid != pid {
		t.Errorf("the guard is in group %d (%v), want its own, %d", sid, err, pid)
	}
	if environ, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ"); err == nil && strings.Contains(string(environ), Variable) {
		t.Errorf("the guard bears a mark: %q", environ)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

func TestNilGuard(t *testing.T) {
	var g *Guard
	g.Watch(5)
	g.Forget(5)
	if g.Env() != "" || g.NewMark() != "" || g.Sweep() != 0 || g.SweepMark("x") != 0 || g.Close() != nil {
		t.Error("a nil Guard did something")
	}
}

func TestRead(t *testing.T) {
	tests := []struct {
		name, lines string
		groups      []int
	}{
		{"nothing", "", nil},
		{"one", "+123\n", []int{123}},
		{"forgotten", "+123\n+456\n-123\n", []int{456}},
		{"forgotten and watched again", "+123\n-123\n+123\n", []int{123}},
		{"never watched", "-123\n", nil},
		{"own group, everybody", "+0\n+1\n-0\n-1\n+-1\n--1\n", nil},
		{"garbage", "\n+\n-\n+x\n+99999999999999999999\n+7 \n+8\n", []int{8}},
		{"no line feed at the end", "+123", []int{123}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			groups, dirs := read(strings.NewReader(test.lines))
			if got := slices.Sorted(maps.Keys(groups)); !slices.Equal(got, test.groups) || dirs != nil {
				t.Errorf("got %v and %q, want %v", got, dirs, test.groups)
			}
		})
	}
}

func TestReadDirectories(t *testing.T) {
	_, dirs := read(strings.NewReader("\"/tmp/a b\"\n+5\n\"relative\"\n\"/tmp/c\\nd\"\n\"\"\n\"/tmp/cut sho"))
	if want := []string{"/tmp/a b", "/tmp/c\nd"}; !slices.Equal(dirs, want) {
		t.Errorf("got %q, want %q", dirs, want)
	}
}

func TestMainByHand(t *testing.T) {
	for _, args := range [][]string{nil, {""}, {"a", "b"}} {
		if code := Main(args); code != 2 {
			t.Errorf("Main(%q) = %d, want 2", args, code)
		}
	}
}
