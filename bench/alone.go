package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"gust/runner"
)

const cpuPerTuple = "CPU µs per tuple"

// loner is a component of wordcount/ that runs with no host at all: its input is
// always full, and what it says is thrown away. What is measured is its CPU.
type loner struct {
	kind, serializer, class string
	input                   []map[string]any // said again and again
	python                  interpreter
}

func (s loner) name() string {
	return fmt.Sprintf("alone: %s, %s, %s Python", s.kind, s.serializer, s.python)
}

// manyMessages is how many tuples there are before they come again: as many as
// would be on their way in the word count.
const manyMessages = pendingPython

// tuplesForBolt are what the bolt is sent. Ids are as long as gust's and Storm's are.
func tuplesForBolt() (tuples []map[string]any) {
	words := strings.Fields("the storm bent the reed but the reed kept its root")
	for i := range manyMessages {
		tuples = append(tuples, map[string]any{
			"id": strconv.FormatInt(1<<62+int64(i), 10), "comp": "words", "stream": "default", "task": 1,
			"tuple": []any{words[i%len(words)]},
		})
	}
	return tuples
}

// commandsForSpout are a next and the ack of what it brought, for the spout.
func commandsForSpout() (commands []map[string]any) {
	for i := range manyMessages {
		commands = append(commands, map[string]any{"command": "next"}, map[string]any{"command": "ack", "id": i})
	}
	return commands
}

// measureAlone runs bolt and spout under the fast runner and under pystorm in turn.
func measureAlone(ctx context.Context, m *measurer, r *report) error {
	files, err := runner.Lay()
	if err != nil {
		return err
	}
	defer files.Close()
	for _, s := range []loner{
		{"bolt", "json", "counts.CountBolt", tuplesForBolt(), usual},
		{"bolt", "json", "counts.CountBolt", tuplesForBolt(), withMsgspec},
		{"bolt", "json", "counts.CountBolt", tuplesForBolt(), bare},
		{"bolt", "msgpack", "counts.CountBolt", tuplesForBolt(), usual},
		{"spout", "json", "words.WordSpout", commandsForSpout(), usual},
		{"spout", "json", "words.WordSpout", commandsForSpout(), withMsgspec},
		{"spout", "json", "words.WordSpout", commandsForSpout(), bare},
		{"spout", "msgpack", "words.WordSpout", commandsForSpout(), usual},
	} {
		run := m.env.streamparse[s.python]
		if run == "" {
			continue
		}
		stock := []string{run, "-s", s.serializer, s.class}
		fast, err := files.Command(runner.Fast, stock)
		if err != nil {
			return err
		}
		for _, side := range []struct {
			of      string
			command []string
		}{{"gust", fast}, {"pystorm", stock}} {
			micros, err := m.runAlone(ctx, s, side.command)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", s.name(), side.of, err)
			}
			r.addOf(s.name(), side.of, cpuPerTuple, micros, less)
		}
	}
	return nil
}

// runAlone is the CPU time that a component takes for a tuple, in microseconds.
func (m *measurer) runAlone(ctx context.Context, s loner, command []string) (micros float64, err error) {
	dir, err := os.MkdirTemp("", "gust-bench-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	p, err := s.start(command, m.env.resources, dir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, p.kill()) }()
	if _, err = p.awaitTuple(ctx); err == nil {
		err = p.sleep(ctx, min(m.warm, time.Second)) // there is no JVM to wait for
	}
	got := &measured{}
	if err == nil {
		err = m.watch(ctx, p, got)
	}
	if err != nil {
		return 0, fmt.Errorf("%w\n%s", err, p.lastWords())
	}
	return got.hostCPU / got.per(boltTuples("alone")) * 1e6, nil
}

// start starts the component, with its input coming and its output read.
func (s loner) start(command []string, resources, dir string) (*process, error) {
	hello, err := s.encode(map[string]any{
		"pidDir": dir, "conf": map[string]any{"topology.name": "alone"},
		"context": map[string]any{
			"taskid": 2, "componentid": "alone", "task->component": map[string]any{"1": "words", "2": "alone"},
			"source->stream->fields": map[string]any{"words": map[string]any{"default": word}},
		},
	})
	if err != nil {
		return nil, err
	}
	input, err := s.encode(s.input...)
	if err != nil {
		return nil, err
	}
	p := &process{counts: filepath.Join(dir, "counts"), log: filepath.Join(dir, "log"), ended: make(chan struct{})}
	if err := os.Mkdir(p.counts, 0o755); err != nil {
		return nil, err
	}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Stderr = resources, log
	cmd.Env = append(cmd.Environ(), "BENCH_DIR="+p.counts)
	cmd.Stdin = io.MultiReader(bytes.NewReader(hello), &endless{text: input})
	cmd.Stdout = thrownAway{}
	p.began = time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.pid = cmd.Process.Pid
	go p.wait(cmd)
	return p, nil
}

// encode writes messages as the component's serializer reads them.
func (s loner) encode(messages ...map[string]any) (text []byte, err error) {
	for _, message := range messages {
		var one []byte
		if s.serializer == "msgpack" {
			one, err = msgpack.Marshal(message)
		} else {
			one, err = json.Marshal(message)
			one = append(one, "\nend\n"...)
		}
		if err != nil {
			return nil, err
		}
		text = append(text, one...)
	}
	return text, nil
}

// endless is a text again and again.
type endless struct {
	text []byte
	at   int
}

func (e *endless) Read(to []byte) (n int, err error) {
	if e.at == len(e.text) {
		e.at = 0
	}
	n = copy(to, e.text[e.at:])
	e.at += n
	return n, nil
}

// thrownAway takes what the component says, in pieces of 32 KiB.
type thrownAway struct{}

func (thrownAway) Write(text []byte) (int, error) { return len(text), nil }
