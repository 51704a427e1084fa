package runs

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// shortDir is a directory whose path is short enough for sockets.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "gust")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// alone lets the test find only its own runs, in the returned directory.
func alone(t *testing.T) string {
	t.Helper()
	dir := shortDir(t)
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("TMPDIR", shortDir(t))
	return filepath.Join(dir, "gust")
}

func names(t *testing.T) string {
	t.Helper()
	list, err := List()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, run := range list {
		names = append(names, run.Name)
	}
	return strings.Join(names, " ")
}

// deadPID is the pid of a process that has ended.
func deadPID(t *testing.T) int {
	t.Helper()
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

func TestPublish(t *testing.T) {
	dir := alone(t)
	if got := names(t); got != "" {
		t.Errorf("before any run there is %q", got)
	}
	started := time.Now().Truncate(time.Second)
	run := Run{PID: os.Getpid(), Name: "wordcount", ID: "wordcount-1-17", Started: started, Dir: "/demo", Address: "127.0.0.1:8080"}
	p, err := Publish(run)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	list, err := List()
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	got := list[0]
	run.Socket = filepath.Join(dir, strconv.Itoa(run.PID)+".sock")
	if !got.Started.Equal(started) {
		t.Errorf("started at %v, not at %v", got.Started, started)
	}
	if got.Started = started; got != run {
		t.Errorf("got  %+v\nwant %+v", got, run)
	}
	for name, want := range map[string]fs.FileMode{dir: 0o700, got.Socket: 0o600, filepath.Join(dir, strconv.Itoa(run.PID)+".json"): 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("the mode of %s is %v, want %v (%v)", name, info.Mode().Perm(), want, err)
		}
	}
	run.Name = "renamed"
	if err := p.Describe(run); err != nil || names(t) != "renamed" {
		t.Errorf("described again: %q (%v)", names(t), err)
	}
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 || names(t) != "" {
		t.Errorf("after its end there are %v", files)
	}
	if err := p.Describe(run); err != nil {
		t.Error(err)
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("a run that has ended is described in %v", files)
	}
}

// A run that was killed leaves its files, which the next one to look removes.
func TestDeadRuns(t *testing.T) {
	dir := alone(t)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	dead := strconv.Itoa(deadPID(t))
	listener, err := net.Listen("unix", filepath.Join(dir, dead+".sock"))
	if err != nil {
		t.Fatal(err)
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	write(dead+".json", `{"pid": `+dead+`, "name": "old"}`)
	write(dead+".json.part", "{")
	own := write(strconv.Itoa(os.Getpid())+".json", `{"pid": 1, "name": "without a socket"}`)
	other := write("notes.json", "mine")

	// What answers is alive, whatever its pid: it may be in another container.
	if got := names(t); got != "old" {
		t.Errorf("while its socket answers, there is %q", got)
	}
	listener.Close()
	if got := names(t); got != "" {
		t.Errorf("after its death, there is %q", got)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{own, other}
	if strings.Join(left, " ") != strings.Join(want, " ") {
		t.Errorf("left are %q, want %q", left, want)
	}
}

// The directory in the temporary directory is used if there is no other, unless someone
// else could have made it.
func TestUnsafeDirectory(t *testing.T) {
	alone(t)
	t.Setenv("XDG_RUNTIME_DIR", "")
	run := Run{PID: os.Getpid(), Name: "wordcount"}
	p, err := Publish(run)
	if err != nil {
		t.Fatal(err)
	}
	if got := names(t); got != "wordcount" {
		t.Errorf("there is %q", got)
	}
	p.Close()
	dir := dirs()[0]
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, what := range []struct {
		name string
		try  func() error
	}{
		{"Publish", func() error { _, err := Publish(run); return err }},
		{"List", func() error { _, err := List(); return err }},
	} {
		if err := what.try(); err == nil || !strings.Contains(err.Error(), "open to other users: its mode is 0755") {
			t.Errorf("%s in a directory of mode 0755: %v", what.name, err)
		}
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(shortDir(t), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := Publish(run); err == nil || !strings.Contains(err.Error(), "is not a directory") {
		t.Errorf("through a link: %v", err)
	}
	// It does not hide the runs in the user's own directory.
	t.Setenv("XDG_RUNTIME_DIR", shortDir(t))
	if p, err = Publish(run); err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if got := names(t); got != "wordcount" {
		t.Errorf("beside an unsafe directory there is %q", got)
	}
	if os.Getuid() == 0 {
		if err := os.Chown(dirs()[0], 1, 1); err != nil {
			t.Fatal(err)
		}
		if err := check(dirs()[0]); err == nil || !strings.Contains(err.Error(), "belongs to another user") {
			t.Errorf("of another user: %v", err)
		}
	}
}

// A directory whose path is too long for sockets is not used.
func TestLongPath(t *testing.T) {
	alone(t)
	long := filepath.Join(shortDir(t), strings.Repeat("x", 100))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", long)
	p, err := Publish(Run{PID: os.Getpid(), Name: "wordcount"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if got := names(t); got != "wordcount" {
		t.Errorf("there is %q", got)
	}
	if _, err := os.Stat(filepath.Join(long, "gust")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the long directory is used: %v", err)
	}
}
