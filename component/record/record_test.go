package record

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gust/shell"
)

// message is a JSON message with its framing.
func message(text string) []byte { return []byte(text + "\nend\n") }

// header is that of a bolt that the tests play.
var header = Header{Component: "count", Kind: "bolt", Task: 4, Serializer: "json", Command: []string{"./count"}}

// died is a process's end with a status.
func died(code int) *shell.ExitError { return &shell.ExitError{Exit: shell.Exit{Code: code}} }

// recorder records into a directory of the test's.
func recorder(t *testing.T, limit int64) (*Recorder, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "rec")
	r, err := New(Options{Dir: dir, Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	return r, dir
}

// files are the names of a directory's recordings.
func files(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"+Extension))
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range paths {
		paths[i] = filepath.Base(path)
	}
	return paths
}

func TestReadLife(t *testing.T) {
	r, dir := recorder(t, 0)
	tape := r.Tape(header)
	want := []Chunk{
		{Pipe: Stdin, Bytes: message(`{"pidDir":"/tmp"}`)},
		{Pipe: Stdout, Bytes: message(`{"pid":1}`)},
		{Pipe: Stderr, Bytes: []byte("no line feed, and \x00\xff")},
		{Pipe: Stdin, Bytes: []byte("stdin 0.1 5\nhalf")},
	}
	for _, c := range want {
		map[Pipe]func([]byte){Stdin: tape.Stdin, Stdout: tape.Stdout, Stderr: tape.Stderr}[c.Pipe](c.Bytes)
	}
	tape.End(&shell.ExitError{Exit: shell.Exit{Code: 3}, Cause: errors.New("too slow")}, false)
	tape.Stdin([]byte("after the end"))
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}

	life, err := ReadLife(filepath.Join(dir, "count-task4-life001-part001.rec"))
	if err != nil {
		t.Fatal(err)
	}
	if len(life.Chunks) != len(want) {
		t.Fatalf("%d chunks, want %d", len(life.Chunks), len(want))
	}
	for i, c := range life.Chunks {
		if c.Pipe != want[i].Pipe || !bytes.Equal(c.Bytes, want[i].Bytes) {
			t.Errorf("chunk %d: %v %q, want %v %q", i, c.Pipe, c.Bytes, want[i].Pipe, want[i].Bytes)
		}
		if i > 0 && c.At < life.Chunks[i-1].At {
			t.Errorf("chunk %d is earlier than the one before", i)
		}
	}
	if life.End == nil || *life.End != (End{Exit: "exit status 3", Cause: "too slow"}) {
		t.Errorf("the end is %+v", life.End)
	}
	if life.Broken != nil || life.Headless || life.Header.Component != "count" || life.Header.Begun.IsZero() {
		t.Errorf("%+v", life)
	}
}

// A rotated life is limited, and each of its parts begins between two messages.
func TestRotation(t *testing.T) {
	for _, tt := range []struct {
		name   string
		serial string
		tuple  func(n int) []byte
		answer []byte
		hello  []byte
	}{
		{"json", "json", func(n int) []byte {
			return message(fmt.Sprintf(`{"id":"%d","tuple":["%s"]}`, n, strings.Repeat("x", 1000)))
		},
			message(`{"command":"sync"}`), message(`{"pidDir":""}`)},
		{"msgpack", "msgpack", func(n int) []byte {
			return append([]byte("\x81\xa5tuple\x91\xda\x03\xe8"), bytes.Repeat([]byte("x"), 1000)...)
		}, []byte("\x81\xa7command\xa4sync"), []byte("\x81\xa6pidDir\xa0")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, dir := recorder(t, MinLimit)
			h := header
			h.Serializer = tt.serial
			tape := r.Tape(h)
			tape.Stdin(tt.hello)
			for n := range 500 {
				tuple := tt.tuple(n)
				tape.Stdin(tuple[:300]) // the bytes that the pipe accepted at once
				tape.Stdin(tuple[300:])
				tape.Stdout(tt.answer)
			}
			tape.End(died(0), true)
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			names := files(t, dir)
			if len(names) < 2 || slices.Contains(names, partName(h, 1)) {
				t.Fatalf("the files are %v", names)
			}
			var total int64
			for _, name := range names {
				info, err := os.Stat(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				total += info.Size()
			}
			if total > MinLimit {
				t.Errorf("%d bytes are kept, more than %d", total, MinLimit)
			}

			life, err := ReadLife(filepath.Join(dir, names[len(names)-1]))
			if err != nil {
				t.Fatal(err)
			}
			if !life.Headless || life.Header.Midway || life.End == nil || !life.End.Asked {
				t.Errorf("%+v", life.Header)
			}
			if !bytes.Equal(life.Chunks[0].Bytes, tt.hello) || life.Chunks[0].Pipe != Stdin {
				t.Errorf("it does not begin with the handshake: %q", life.Chunks[0].Bytes)
			}
			cutter := NewCutter(tt.serial)
			n := 0
			for _, c := range life.Chunks[1:] {
				if c.Pipe == Stdin {
					cutter.Feed(c.Bytes)
				}
				for m := cutter.Next(); m != nil; m = cutter.Next() {
					if len(m) != len(tt.tuple(100)) {
						t.Fatalf("a message of %d bytes: %.60q", len(m), m)
					}
					n++
				}
			}
			if n < 20 || !cutter.Whole() {
				t.Errorf("%d messages, and %t that nothing is left", n, cutter.Whole())
			}
		})
	}
}

// The number of files is limited even if a task dies again and again.
func TestManyLives(t *testing.T) {
	r, dir := recorder(t, 0)
	for range maxFiles + 10 {
		tape := r.Tape(header)
		tape.Stderr([]byte("out of luck\n"))
		tape.End(died(1), false)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	names := files(t, dir)
	if len(names) != maxFiles || names[0] != "count-task4-life011-part001.rec" {
		t.Errorf("%d files, the first is %s", len(names), names[0])
	}
}

// A gap where bytes did not fit into memory is recorded, and ends the reading.
func TestLostBytes(t *testing.T) {
	r, dir := recorder(t, 0)
	tape := r.Tape(header)
	r.mu.Lock()
	r.waiting += maxWaiting // as if the disk were stuck
	r.mu.Unlock()
	tape.Stdin(message("lost"))
	r.mu.Lock()
	r.waiting -= maxWaiting
	r.mu.Unlock()
	tape.End(died(0), false)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	life, err := ReadLife(filepath.Join(dir, files(t, dir)[0]))
	if err != nil {
		t.Fatal(err)
	}
	if life.Broken == nil || !strings.Contains(life.Broken.Error(), "9 bytes are missing") {
		t.Errorf("broken: %v", life.Broken)
	}
}

func TestRefusals(t *testing.T) {
	r, dir := recorder(t, 0)
	tape := r.Tape(header)
	tape.Stdin(message("{}"))
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Dir: dir}); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("a second run into the directory: %v", err)
	}
	if _, err := New(Options{Dir: dir, Limit: 5}); err == nil {
		t.Error("a limit of 5 bytes is taken")
	}
	whole, err := os.ReadFile(filepath.Join(dir, files(t, dir)[0]))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, content, want string
		broken              bool
	}{
		{name: "empty", content: "", want: "it is not a recording"},
		{name: "another file", content: "#!/bin/sh\nexit\n# a script\n", want: "it is not a recording"},
		{name: "is not a header", content: magic + "[]\n", want: "is not a header"},
		{name: "half a header", content: magic + `{"comp`, want: "is truncated"},
		{name: "half a chunk", content: string(whole[:len(whole)-3]), broken: true},
		{name: "garbage", content: string(whole) + "garbage\n", want: `"garbage" does not begin a chunk`},
		{name: "another pipe", content: string(whole) + "stdfoo 0.1 1\nx\n", want: `unknown pipe "stdfoo"`},
		{name: "a huge chunk", content: string(whole) + "stdin 0.1 99999999999\nx\n", want: "invalid chunk size"},
		{name: "a changed chunk", content: string(whole) + "stdin 0.1 1\nxx\n", want: "was changed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.rec")
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			life, err := ReadLife(path)
			switch {
			case tt.broken && (err != nil || !errors.Is(life.Broken, ErrTruncated)):
				t.Errorf("got %+v, %v", life, err)
			case !tt.broken && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path)):
				t.Errorf("got %v, want %q with the file's name", err, tt.want)
			}
		})
	}
}

// A message in small pieces is searched once. In quadratic time this takes minutes.
func TestCutterIsLinear(t *testing.T) {
	const size = 8 << 20
	text := bytes.Repeat([]byte("x"), size)
	list := append([]byte{0xdd, 0, 0x80, 0, 0}, bytes.Repeat([]byte{1}, size)...)
	for name, message := range map[string][]byte{
		"json":    append(append([]byte(`{"msg":"`), text...), "\"}\nend\n"...),
		"lines":   append(bytes.Repeat([]byte("x\n"), size/2), "end\n"...),
		"msgpack": append([]byte("\x81\xa3msg"), list...),
	} {
		t.Run(name, func(t *testing.T) {
			c := NewCutter(name)
			for rest := message; len(rest) > 0; {
				n := min(64, len(rest))
				c.Feed(rest[:n])
				rest = rest[n:]
				if m := c.Next(); (m != nil) != (len(rest) == 0) || m != nil && !bytes.Equal(m, message) {
					t.Fatalf("a message of %d bytes with %d bytes to come", len(m), len(rest))
				}
			}
			if !c.Whole() {
				t.Error("something is left")
			}
		})
	}
}

// FuzzCutter: the pieces of a pipe do not matter. (Pieces that end in malformed msgpack
// do, since the rest cannot be understood.)
func FuzzCutter(f *testing.F) {
	f.Add([]byte("{\"a\":1}\nend\n\nend\r\nxend\nend\n"), uint16(7), false)
	f.Add([]byte("\x81\xa1a\x92\x01\xcb\x00\x00\x00\x00\x00\x00\x00\x00\x80\xda\x00\x03abc"), uint16(5), true)
	f.Fuzz(func(t *testing.T, output []byte, cut uint16, packed bool) {
		serializer := "json"
		if packed {
			serializer = "msgpack"
			if bytes.IndexByte(output, 0xc1) >= 0 {
				return
			}
		}
		messages := func(pieces ...[]byte) (all [][]byte) {
			c := NewCutter(serializer)
			for _, piece := range pieces {
				c.Feed(piece)
				for m := c.Next(); m != nil; m = c.Next() {
					all = append(all, bytes.Clone(m))
				}
			}
			return append(all, bytes.Clone(c.rest))
		}
		n := min(int(cut), len(output))
		whole, split := messages(output), messages(output[:n], output[n:])
		if !slices.EqualFunc(whole, split, bytes.Equal) || !bytes.Equal(bytes.Join(whole, nil), output) {
			t.Fatalf("%q is %q, and %q cut at %d", output, whole, split, n)
		}
	})
}
