package fakecomponent

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

// deeds are the actions of a [Deed]. After those that return, the work continues.
var deeds = map[string]func(*player){
	// Ends.
	"exit 0": func(*player) { os.Exit(0) },
	"exit 1": func(*player) {
		fmt.Fprintln(os.Stderr, "Traceback (most recent call last):\nValueError: the last words")
		os.Exit(1)
	},
	"kill": func(*player) { raise(syscall.SIGKILL) },
	"half a message": func(p *player) {
		message := p.encode(map[string]any{"command": "emit", "tuple": []any{"half"}, "need_task_ids": false})
		p.write(message[:len(message)/2])
		os.Exit(1)
	},

	// Hangs.
	"deaf":        func(*player) { select {} },
	"mute":        func(p *player) { io.Copy(io.Discard, p.in); select {} },
	"stop":        func(*player) { raise(syscall.SIGSTOP) },
	"close stdin": func(*player) { os.Stdin.Close(); select {} },
	"close stdout": func(*player) {
		os.Stdout.Close()
		select {}
	},

	// Noise.
	"print":          func(p *player) { p.write([]byte("Hello from a print\n")) },
	"print and hang": func(p *player) { p.write([]byte("Hello from a print\n{'a': 1}\n")); select {} },
	"prompt": func(p *player) {
		p.write([]byte("> /p/count.py(12)process()\n-> breakpoint()\n(Pdb) *** NameError\n(Pdb) "))
		select {}
	},
	"prints": func(p *player) { p.write(bytes.Repeat([]byte("noise, and more noise\n"), 5000)) },
	"binary": func(p *player) { p.write([]byte("\x00\xff\xfe\x80\x01{[\"\xc3\x28\n\x00\n")) },
	"broken JSON": func(p *player) {
		p.write([]byte("{\"command\": \"emit\", \"tuple\": [1,\nend\n{]}\nend\n[]\nend\n42\nend\n"))
	},
	"broken pack": func(p *player) {
		p.write([]byte("{\"pack\":[0,{\"command\":\"log\",\"msg\":\"whole\"},[[\"lost\",1],\nend\n"))
	},
	"no command":    func(p *player) { p.send(map[string]any{}); p.send(map[string]any{"command": "dance"}) },
	"wrong types":   wrongTypes,
	"flawed values": flawedValues,
	"endless line":  func(p *player) { p.forever(bytes.Repeat([]byte("x"), 64<<10)) },
	"endless lines": func(p *player) { p.forever(bytes.Repeat([]byte("noise\n"), 8<<10)) },
	"stderr": func(*player) {
		for range 160 { // 10 MB and no line feed
			os.Stderr.Write(bytes.Repeat([]byte("e"), 64<<10))
		}
	},

	// Breakpoints. They last until SIGUSR1.
	"breakpoint":          func(p *player) { p.stopAtBreakpoint("gust.resumed") },
	"breakpoint and step": func(p *player) { p.stopAtBreakpoint("gust.step") },

	// Floods.
	"emit forever": func(p *player) {
		p.forever(p.encode(map[string]any{"command": "emit", "tuple": []any{"flood", 1}, "need_task_ids": false}))
	},
	"emit ids forever": func(p *player) {
		for n := 0; ; n++ {
			p.send(map[string]any{"command": "emit", "id": n, "tuple": []any{"flood", n}, "need_task_ids": false})
		}
	},

	// Remains of a process.
	"grandchild": func(p *player) { p.grandchild(false) },
	"orphan":     func(p *player) { p.grandchild(true) },
	"stubborn": func(p *player) {
		signal.Ignore(syscall.SIGTERM)
		p.stubborn = true
	},
}

func raise(s syscall.Signal) {
	if err := syscall.Kill(os.Getpid(), s); err != nil {
		panic(err)
	}
}

// forever writes until the reader has closed the pipe.
func (p *player) forever(b []byte) {
	for {
		p.write(b)
	}
}

// stopAtBreakpoint does what a process with a debugger does.
func (p *player) stopAtBreakpoint(then string) {
	goOn := make(chan os.Signal, 1)
	signal.Notify(goOn, syscall.SIGUSR1)
	p.send(map[string]any{"command": "gust.breakpoint", "params": map[string]any{
		"file": "bolts/count.py", "line": 12, "function": "process", "socket": "/run/s",
	}})
	p.flush()
	<-goOn
	p.send(map[string]any{"command": then})
}

// grandchild starts a process that keeps the pipes open, in a session of its own if it is
// an orphan. The ledger has its id.
func (p *player) grandchild(orphan bool) {
	c := exec.Command("sleep", "600")
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: orphan}
	if err := c.Start(); err != nil {
		panic(err)
	}
	p.note(Entry{What: "grandchild", ID: strconv.Itoa(c.Process.Pid)})
}

// flawedValues emits values that would break the program that reads them.
func flawedValues(p *player) {
	const depth = 100_000
	if p.Script.Wire == "msgpack" {
		for _, value := range []string{"\xa1\xff", "\xa3\xed\xa0\xbd", strings.Repeat("\x91", depth) + "\xc0"} {
			p.write([]byte("\x83\xa7command\xa4emit\xadneed_task_ids\xc2\xa5tuple\x92" + value + "\x01"))
		}
		return
	}
	for _, value := range []string{"NaN", `{"a":-Infinity}`, strings.Repeat("[", depth) + strings.Repeat("]", depth)} {
		p.write([]byte(`{"command":"emit","need_task_ids":false,"tuple":[` + value + ",1]}\nend\n"))
	}
}

// wrongTypes sends messages whose fields are of every type but their own.
func wrongTypes(p *player) {
	for _, v := range []any{nil, true, -1, 1.5, "text", []any{1}, map[string]any{"a": 1}} {
		for _, m := range []map[string]any{
			{"command": v},
			{"command": "emit", "tuple": v, "need_task_ids": false},
			{"command": "emit", "tuple": []any{"x", 1}, "stream": v, "need_task_ids": false},
			{"command": "emit", "tuple": []any{"x", 1}, "anchors": v, "need_task_ids": false, "stream": "none"},
			{"command": "emit", "tuple": []any{"x", 1}, "task": v, "need_task_ids": false, "stream": "none"},
			{"command": "log", "msg": v, "level": v},
			{"command": "error", "msg": v},
			{"command": "metrics", "name": v, "params": v},
		} {
			p.send(m)
		}
	}
}
