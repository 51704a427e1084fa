package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"gust/internal/testenv"
	"gust/storm/remote/remotetest"
	"gust/storm/stormtest"
)

// machineRoom is a project whose cluster has one machine, with a fake Nimbus.
type machineRoom struct {
	sshd *remotetest.Server
	fake *stormtest.Fake
	logs string // log.path of the environment
}

// newMachineRoom makes a project in the working directory. Settings are further
// ones of the environment, in JSON.
func newMachineRoom(t *testing.T, settings string) *machineRoom {
	t.Helper()
	r := &machineRoom{sshd: remotetest.Start(t), fake: stormtest.NewFake(t), logs: t.TempDir()}
	alone(t)
	t.Setenv("HOME", r.sshd.Home)
	writeFile(t, "config.json", fmt.Sprintf(`{"envs": {"prod": {"nimbus": %q, "ssh_port": %d, "workers": [%q], "log": {"path": %q}%s}}}`,
		r.fake.Address(), r.sshd.Port, r.sshd.Host, r.logs, settings))
	r.fake.SetTopologies(wordcount())
	return r
}

// log writes a log file on the machine.
func (r *machineRoom) log(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(r.logs, name)
	writeFile(t, file, text)
	return file
}

func TestTunnel(t *testing.T) {
	r := newMachineRoom(t, `, "use_ssh_for_nimbus": true`)
	if got := gust(t, "list", "--json").ok(t).stdout; !strings.Contains(got, "wordcount") {
		t.Errorf("got %s", got)
	}
	// It is the tunnel that carries: without the machine there is no way.
	if err := os.Remove(r.sshd.File("known_hosts")); err != nil {
		t.Fatal(err)
	}
	calls := r.fake.Calls()["getClusterInfo"]
	gust(t, "list").refuses(t, exitFailed, "unknown host key of 127.0.0.1", "use_ssh_for_nimbus")
	if r.fake.Calls()["getClusterInfo"] != calls {
		t.Error("Nimbus was asked all the same")
	}
	gust(t, "list", "--nimbus", r.fake.Address()).ok(t)
}

func TestTunnelToNimbusThatHangs(t *testing.T) {
	r := newMachineRoom(t, `, "use_ssh_for_nimbus": true`)
	r.fake.Next("getClusterInfo", stormtest.Hang)
	began := time.Now()
	gust(t, "list", "--timeout", "2000").refuses(t, exitFailed, "did not answer getClusterInfo within 2s")
	if time.Since(began) > time.Minute {
		t.Error("the time-out does not hold through the tunnel")
	}
}

func TestTailOverSSH(t *testing.T) {
	r := newMachineRoom(t, "")
	r.log(t, "pystorm_wordcount_count_5_99.log", "1\n2\n3\n")
	r.log(t, "pystorm_mywordcount_count_5_99.log", "another topology's\n")
	r.log(t, "sub dir/wordcount-1-17/6700/worker.log", "it's a worker\n")
	r.log(t, "wordcount.log.1", "old\n")
	if got := gust(t, "tail", "wordcount", "-l", "2", "--pattern", "pystorm").ok(t).stdout; got != "2\n3\n" {
		t.Errorf("got %q", got)
	}
	got := gust(t, "tail", "wordcount").ok(t).stdout
	if !strings.Contains(got, "it's a worker\n") || strings.Contains(got, "another") || strings.Contains(got, "old") {
		t.Errorf("got %q", got)
	}
	want := `{"host":"127.0.0.1","line":"3"}` + "\n"
	if got := gust(t, "tail", "wordcount", "-l", "1", "--pattern", "pystorm", "--json").ok(t).stdout; got != want {
		t.Errorf("got %q", got)
	}
	gust(t, "tail", "ghost").refuses(t, exitFailed, `topology "ghost": no logs found in `+r.logs, `"path"`)
	gust(t, "tail", "wordcount", "--pattern", "(").refuses(t, exitFailed, "--pattern")
}

func TestTailFollowsOverSSH(t *testing.T) {
	r := newMachineRoom(t, "")
	file := r.log(t, "pystorm_wordcount_count_5_99.log", "one\n")
	out := testenv.NewGrowing()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- execute(ctx, newCLI("gust", out, &bytes.Buffer{}), []string{"tail", "-f", "wordcount"})
	}()
	out.WaitFor(t, "one\n")
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("two\n"); err != nil {
		t.Fatal(err)
	}
	out.WaitFor(t, "one\ntwo\n")
	if runtime.GOOS == "linux" && !tailOf(t, file) {
		t.Fatal("no tail is seen on the machine while it is followed: the check below could not fail")
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
	if runtime.GOOS != "linux" {
		t.Skip("what is left behind is looked for in /proc")
	}
	for end := time.Now().Add(30 * time.Second); tailOf(t, file); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("a tail was left behind on the machine")
		}
	}
}

// A tail that is followed ends with who reads it, as with `head -1`.
func TestTailEndsWithItsReader(t *testing.T) {
	r := newMachineRoom(t, "")
	file := r.log(t, "pystorm_wordcount_count_5_99.log", "one\n")
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	ended := make(chan error, 1)
	go func() {
		ended <- execute(t.Context(), newCLI("gust", out, &bytes.Buffer{}), []string{"tail", "-f", "wordcount"})
	}()
	if _, err := bufio.NewReader(in).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	in.Close()
	r.log(t, filepath.Base(file), "one\ntwo\n")
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
	if err := execute(t.Context(), newCLI("gust", out, &bytes.Buffer{}), []string{"tail", "wordcount"}); err != nil {
		t.Errorf("one that is not followed ended with %v", err)
	}
}

// tailOf tells whether a tail of the file runs.
func tailOf(t *testing.T, file string) bool {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range lines {
		if line, err := os.ReadFile(name); err == nil && bytes.HasPrefix(line, []byte("tail\x00")) && bytes.Contains(line, []byte(file)) {
			return true
		}
	}
	return false
}

func TestTailWithoutLogviewer(t *testing.T) {
	r := newMachineRoom(t, "")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens there
	runWordcount(t, r.fake, "127.0.0.1")
	r.fake.SetConf(fmt.Sprintf(`{"logviewer.port": %d, "storm.log.dir": %q}`, l.Addr().(*net.TCPAddr).Port, r.logs))
	writeFile(t, "config.json", fmt.Sprintf(`{"envs": {"prod": {"nimbus": %q, "ssh_port": %d}}}`, r.fake.Address(), r.sshd.Port))
	r.log(t, "workers-artifacts/wordcount-1-17/6700/worker.log", "from the file\n")
	got := gust(t, "tail", "wordcount").ok(t)
	if got.stdout != "from the file\n" || !strings.Contains(got.stderr, ": connect: connection refused): reading the logs there over SSH\n") {
		t.Errorf("got %q, %s", got.stdout, got.stderr)
	}
}

func TestRemoveLogs(t *testing.T) {
	r := newMachineRoom(t, "")
	mine := []string{
		r.log(t, "pystorm_wordcount_count_5_99.log", ""),
		r.log(t, "it's a \"name\"/wordcount-1-17/6700/worker.log", ""),
		r.log(t, "new\nline_wordcount_x.log", ""),
	}
	artifacts := []string{r.log(t, "pystorm_wordcount_count_5_99.log.1", ""), r.log(t, "workers-artifacts/wordcount-1-17/6700/gc.out", "")}
	others := []string{r.log(t, "pystorm_mywordcount_x.log", ""), r.log(t, "pystorm_wordcounts_x.log", ""), r.log(t, "supervisor.log", "")}

	got := gust(t, "remove_logs", "wordcount", "--pattern", "pystorm").ok(t)
	if want := "127.0.0.1:" + mine[0] + "\n"; got.stdout != want || !strings.Contains(got.stderr, `deleting 1 file of topology "wordcount"`) {
		t.Errorf("got %q, %s", got.stdout, got.stderr)
	}
	exist(t, mine[:1], false)
	exist(t, mine[1:], true)
	gust(t, "remove_logs", "wordcount").ok(t)
	exist(t, mine, false)
	exist(t, append(artifacts, others...), true)
	gust(t, "remove_logs", "-n", "wordcount", "-A").ok(t)
	exist(t, artifacts, false)
	exist(t, others, true)
	if got := gust(t, "remove_logs", "wordcount").ok(t); !strings.Contains(got.stderr, "has no such files") {
		t.Errorf("got %s", got.stderr)
	}
}

// exist tells whether all the files exist, or none.
func exist(t *testing.T, files []string, want bool) {
	t.Helper()
	for _, file := range files {
		if _, err := os.Lstat(file); (err == nil) != want {
			t.Errorf("%q: %v, want it there: %v", file, err, want)
		}
	}
}

// fakeVirtualenv makes a virtualenv whose Python notes what it is told.
const fakeVirtualenv = `#!/bin/sh
echo "virtualenv $*"
[ "$1" = --never-download ] && mkdir -p "$2/bin" || exit 1
cat > "$2/bin/python" <<'END'
#!/bin/sh
echo "python $*"
for file; do :; done
case $* in *' -r '*) grep -q broken "$file" && exit 3; cp "$file" "${0%/bin/python}/installed";; esac
exit 0
END
chmod +x "$2/bin/python"
`

func TestUpdateVirtualenv(t *testing.T) {
	root := t.TempDir()
	r := newMachineRoom(t, fmt.Sprintf(`, "virtualenv_root": %q, "virtualenv_flags": "-p 'python 3'"`, root))
	program := filepath.Join(r.sshd.Bin, "virtualenv")
	if err := os.WriteFile(program, []byte(fakeVirtualenv), 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, "virtualenvs/wordcount.txt", "streamparse\n-r base.txt\n")
	writeFile(t, "virtualenvs/base.txt", "redis\n")
	path := filepath.Join(root, "wordcount")

	got := gust(t, "update_virtualenv", "wordcount").ok(t)
	for _, want := range []string{"127.0.0.1: making " + path, "127.0.0.1: virtualenv --never-download " + path + " -p python 3", path + " is ready on 1 machine"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("%q is missing:\n%s", want, got.stderr)
		}
	}
	if installed, err := os.ReadFile(filepath.Join(path, "installed")); err != nil || string(installed) != "streamparse\nredis\n" {
		t.Errorf("installed %q, %v", installed, err)
	}
	writeFile(t, filepath.Join(path, "old"), "")
	if got := gust(t, "update_virtualenv", "-n", "wordcount").ok(t); strings.Contains(got.stderr, "making") {
		t.Errorf("made again:\n%s", got.stderr)
	}
	exist(t, []string{filepath.Join(path, "old")}, true)
	var list struct{ Virtualenvs []struct{ Host, Path string } }
	gust(t, "update_virtualenv", "-n", "wordcount", "--overwrite_virtualenv", "--json").decode(t, &list)
	if len(list.Virtualenvs) != 1 || list.Virtualenvs[0].Path != path {
		t.Errorf("got %+v", list)
	}
	exist(t, []string{filepath.Join(path, "old")}, false)

	writeFile(t, "virtualenvs/wordcount.txt", "streamparse\nbroken\n")
	gust(t, "update_virtualenv", "wordcount").refuses(t, exitFailed, path+" is not ready on 127.0.0.1", "exit status 3")
	writeFile(t, "virtualenvs/wordcount.txt", "redis\n")
	gust(t, "update_virtualenv", "wordcount").refuses(t, exitFailed, "virtualenvs/wordcount.txt does not list streamparse")
	if left, _ := filepath.Glob(filepath.Join(r.sshd.Tmp, "*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}
