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
	"strings"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"gust/multilang"
	"gust/runner"
)

const cpuPerTuple = "CPU µs per tuple"

// loner is a component of wordcount/ that runs without a host: its input is always full,
// and its output is discarded. Its CPU is measured.
type loner struct {
	kind, serializer, class string
	python                  interpreter
}

func (s loner) name() string {
	return fmt.Sprintf("alone: %s, %s, %s Python", s.kind, s.serializer, s.python)
}

// manyMessages is the number of tuples before they repeat: as many as would be in flight
// in the word count.
const manyMessages = pendingPython

// input is the repeated input: tuples for the bolt, with ids as long as those of gust and
// Storm; for the spout a next, and the ack of its emit. gust packs it, and Storm sends
// each as a message.
func (s loner) input(packed bool) []byte {
	codec, _ := multilang.CodecNamed(s.serializer)
	var say multilang.Encoder = codec
	if packed {
		say = multilang.NewPacker(codec)
	}
	origin := codec.NewOrigin("words", "default", 1)
	words := strings.Fields("the storm bent the reed but the reed kept its root")
	var text, value []byte
	for i := range manyMessages {
		if s.kind == "bolt" {
			value = s.value([]any{words[i%len(words)]})
			text = say.AppendTuple(text, multilang.TupleID(1<<62+i), origin, value)
			continue
		}
		text = say.AppendCommand(text, multilang.Next, nil)
	}
	for i := 0; i < manyMessages && s.kind == "spout"; i++ {
		value = s.value(i)
		text = say.AppendCommand(text, multilang.AckTuple, value)
	}
	if packer, ok := say.(*multilang.Packer); ok {
		text = packer.End(text)
	}
	return text
}

// measureAlone runs bolt and spout under the fast runner and under pystorm in turn.
func measureAlone(ctx context.Context, m *measurer, r *report) error {
	files, err := runner.Lay()
	if err != nil {
		return err
	}
	defer files.Close()
	for _, s := range []loner{
		{"bolt", "json", "counts.CountBolt", usual},
		{"bolt", "json", "counts.CountBolt", withMsgspec},
		{"bolt", "json", "counts.CountBolt", bare},
		{"bolt", "msgpack", "counts.CountBolt", usual},
		{"spout", "json", "words.WordSpout", usual},
		{"spout", "json", "words.WordSpout", withMsgspec},
		{"spout", "json", "words.WordSpout", bare},
		{"spout", "msgpack", "words.WordSpout", usual},
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
			micros, err := m.runAlone(ctx, s, side.command, side.of == "gust")
			if err != nil {
				return fmt.Errorf("%s, %s: %w", s.name(), side.of, err)
			}
			r.addOf(s.name(), side.of, cpuPerTuple, micros, less)
		}
	}
	return nil
}

// runAlone is the CPU time that a component takes for a tuple, in microseconds.
func (m *measurer) runAlone(ctx context.Context, s loner, command []string, packed bool) (micros float64, err error) {
	dir, err := os.MkdirTemp("", "gust-bench-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	p, err := s.start(command, m.env.resources, dir, packed)
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
func (s loner) start(command []string, resources, dir string, packed bool) (*process, error) {
	codec, _ := multilang.CodecNamed(s.serializer)
	hello, err := codec.AppendHandshake(nil, &multilang.Handshake{
		PIDDir: dir, Conf: map[string]any{"topology.name": "alone"}, Packs: packed,
		Context: multilang.Context{
			TaskID: 2, ComponentID: "alone", TaskComponents: map[int32]string{1: "words", 2: "alone"},
			SourceFields: map[string]map[string][]string{"words": {"default": word}},
		},
	})
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = resources
	cmd.Stdin = io.MultiReader(bytes.NewReader(hello), &endless{text: s.input(packed)})
	cmd.Stdout = thrownAway{}
	return startProcess(cmd, dir)
}

// value is an encoded value in the component's messages.
func (s loner) value(v any) []byte {
	encode := json.Marshal
	if s.serializer == "msgpack" {
		encode = msgpack.Marshal
	}
	text, err := encode(v)
	if err != nil {
		panic(err) // only strings and numbers
	}
	return text
}

// endless repeats a text.
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

// thrownAway discards the component's output, in pieces of 32 KiB.
type thrownAway struct{}

func (thrownAway) Write(text []byte) (int, error) { return len(text), nil }
