package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"gust/internal/testenv"
	"gust/storm/generated"
	"gust/storm/stormtest"
)

// onTerminal is a gust whose standard streams are a terminal.
type onTerminal struct {
	keys   *os.File // the user's side
	tty    *os.File // the program's
	screen *testenv.Growing
	ended  chan error
	kill   func()
}

// gustOnTerminal starts gust, as a program of its own, on a terminal.
func gustOnTerminal(t *testing.T, args ...string) *onTerminal {
	t.Helper()
	o := &onTerminal{screen: testenv.NewGrowing(), ended: make(chan error, 1)}
	var err error
	if o.keys, o.tty, err = pty.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.tty.Close(); o.keys.Close() })
	go func() { _, _ = io.Copy(o.screen, o.keys) }()
	cmd := programOf(t, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = o.tty, o.tty, o.tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	o.kill = func() { _ = cmd.Process.Kill() }
	t.Cleanup(o.kill)
	go func() { o.ended <- cmd.Wait() }()
	return o
}

// programOf is a gust as a program of its own.
func programOf(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	test, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "gust")
	if err := os.Symlink(test, program); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	race := "atexit_sleep_ms=0"
	if slices.Contains(args, "--top") {
		race += " exitcode=0" // Bubble Tea's reader of the terminal has a data race at its end: see ui/top/live_test.go
	}
	cmd.Env = append(os.Environ(), "GORACE="+race)
	return cmd
}

// typeKeys types on the terminal.
func (o *onTerminal) typeKeys(t *testing.T, keys string) {
	t.Helper()
	if _, err := o.keys.WriteString(keys); err != nil {
		t.Fatal(err)
	}
}

const ctrlC = "\x03"

// endsWith fails the test unless the program ends with the exit code and has said this.
func (o *onTerminal) endsWith(t *testing.T, code int, words string) {
	t.Helper()
	select {
	case err := <-o.ended:
		exit, _ := errors.AsType[*exec.ExitError](err)
		if err == nil && code != 0 || err != nil && (exit == nil || exit.ExitCode() != code) {
			t.Errorf("ended with %v, want exit code %d", err, code)
		}
	case <-time.After(time.Minute):
		t.Fatalf("it has not ended:\n%s", o.screen.String())
	}
	o.screen.WaitForAll(t, words)
}

// echoes tells whether the terminal shows what is typed.
func (o *onTerminal) echoes(t *testing.T) bool {
	t.Helper()
	cmd := exec.Command("stty", "-a")
	cmd.Stdin = o.tty
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(out), " echo ")
}

// Ctrl-C ends a command that asks something, which has done nothing then.
func TestInterruptedQuestion(t *testing.T) {
	r := newMachineRoom(t, "")
	file := r.log(t, "pystorm_wordcount_count_5_99.log", "one\n")
	for _, tt := range []struct {
		keys string
		code int
		want string
	}{{ctrlC, exitFailed, "gust: nothing was done"}, {"n\r", exitFailed, "gust: nothing was done"}, {"y\r", exitDone, "gust: deleted 1 file"}} {
		exist(t, []string{file}, true)
		o := gustOnTerminal(t, "remove_logs", "wordcount")
		o.screen.WaitForAll(t, "Continue? [y/N] ")
		o.typeKeys(t, tt.keys)
		o.endsWith(t, tt.code, tt.want)
	}
	exist(t, []string{file}, false)
}

// Ctrl-C ends a command that asks for a secret. The terminal is as before.
func TestInterruptedSecret(t *testing.T) {
	for _, args := range [][]string{
		{"remove_logs", "wordcount"}, // which catches signals
		{"list"},                     // which does not, and asks for the tunnel
	} {
		t.Run(args[0], func(t *testing.T) {
			r := newMachineRoom(t, fmt.Sprintf(`, "use_ssh_for_nimbus": %v`, args[0] == "list"))
			locked := filepath.Join(t.TempDir(), "locked")
			r.sshd.AddKey(t, locked, "open sesame")
			writeFile(t, r.sshd.File("config"), "IdentityFile "+locked+"\n")
			question := "Passphrase of " + locked + ": "

			o := gustOnTerminal(t, args...)
			o.screen.WaitForAll(t, question)
			for end := time.Now().Add(time.Minute); o.echoes(t); time.Sleep(10 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("the terminal shows what is typed")
				}
			}
			o.typeKeys(t, ctrlC)
			o.endsWith(t, exitFailed, "gust: ")
			if !o.echoes(t) {
				t.Error("the terminal does not show any more what is typed")
			}
			if n := strings.Count(o.screen.String(), question); n != 1 {
				t.Errorf("it asks %d times:\n%s", n, o.screen.String())
			}

			o = gustOnTerminal(t, args...)
			o.screen.WaitForAll(t, question)
			for o.echoes(t) {
				time.Sleep(10 * time.Millisecond)
			}
			o.typeKeys(t, "open sesame\r")
			o.endsWith(t, exitDone, "wordc")
		})
	}
}

// What comes from machines and from Nimbus does as it likes with no terminal. Piped
// it is what it was.
func TestForeignText(t *testing.T) {
	const odd, shown = "\x1b]0;title\a\x9b2J", `\x1b]0;title\a\x9b2J`
	r := newMachineRoom(t, "")
	r.log(t, "pystorm_wordcount_"+odd+".log", "it says "+odd+"\n")
	r.fake.SetTopologyInfo("wordcount-1-17", &generated.TopologyInfo{ID: "wordcount-1-17", Name: "wordcount", Status: "ACTIVE",
		Errors: map[string][]*generated.ErrorInfo{"count": {{Error: "it fails: " + strings.ToValidUTF8(odd, "")}}}})
	for _, tt := range []struct {
		args []string
		text string // in which what is odd stands
	}{{[]string{"tail", "wordcount"}, "it says %s"}, {[]string{"remove_logs", "wordcount", "--pattern", "wordcount"}, "pystorm_wordcount_%s.log"}, {[]string{"errors"}, "it fails: %s"}} {
		t.Run(tt.args[0], func(t *testing.T) {
			odd, shown := odd, shown
			if tt.args[0] == "errors" { // which comes as UTF-8
				odd, shown = strings.ToValidUTF8(odd, ""), strings.Replace(shown, `\x9b`, "", 1)
			}
			o := gustOnTerminal(t, tt.args...)
			o.screen.WaitForAll(t, fmt.Sprintf(tt.text, shown))
			if tt.args[0] == "remove_logs" {
				o.typeKeys(t, "n\r")
			}
			<-o.ended
			if strings.ContainsAny(o.screen.String(), "\x1b\x07") {
				t.Errorf("on a terminal: %q", o.screen.String())
			}
			if got := gust(t, tt.args...).ok(t).stdout; !strings.Contains(got, fmt.Sprintf(tt.text, odd)) {
				t.Errorf("piped: %q", got)
			}
		})
	}
}

// lingering is a hook whose job ignores Ctrl-C, and keeps what it has inherited.
const lingering = "#!/bin/sh\nsleep 1000 &\necho \"job $!\"\nwait\n"

func TestInterruptedHook(t *testing.T) {
	python := testenv.Python(t)
	alone(t)
	fake := stormtest.NewFake(t)
	t.Setenv("STREAMPARSE_NIMBUS", fake.Address())
	writeFile(t, "config.json", `{"envs": {"prod": {"use_ssh_for_nimbus": false, "use_virtualenv": false, "pre_submit": "./hook"}}}`)
	writeFile(t, "src/spouts.py", "from streamparse import Spout\n\nclass Words(Spout):\n    outputs = ['word']\n")
	writeFile(t, "topologies/words.py", "from streamparse import Topology\nfrom spouts import Words\n\nclass WordCount(Topology):\n    words = Words.spec()\n")
	for _, tt := range []struct{ name, hook, keys, want string }{
		{"a job that stays", lingering, ctrlC, "stopped in the hook pre_submit"},
		{"a question", "#!/bin/sh\necho -n 'job? '\nread answer </dev/tty\n[ \"$answer\" = yes ]\n", "yes\r", "submitted words to "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			testenv.Write(t, ".", map[string]string{"hook*": tt.hook})
			o := gustOnTerminal(t, "submit", "--python", python, "--no-wait")
			o.screen.WaitForAll(t, "job")
			o.typeKeys(t, tt.keys)
			code := exitDone
			if tt.keys == ctrlC {
				code = exitFailed
			}
			o.endsWith(t, code, tt.want)
		})
	}
}
