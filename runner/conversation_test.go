package runner_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"gust/internal/testenv"
	"gust/runner"
)

// patience limits the time of a conversation.
const patience = 60 * time.Second

// talk is what a host sends to a component, and when it closes the pipe.
type talk struct {
	module     string // scripted if empty
	class      string
	serializer string
	conf       map[string]any
	attributes map[string]any
	input      []any
	packed     bool   // the host offers packs
	until      string // the host closes the pipe when it reads this; at once if empty
	count      int    // and has read it so many times; once if 0
}

// heard is what a component sent in a talk.
type heard struct {
	status   int
	messages []string // canonical: without pids, times and the frames of libraries
	reasons  []string // why pystorm did a part
	stdout   []byte
	stderr   string

	tookPacks bool
}

func (h heard) String() string {
	return fmt.Sprintf("exit status %d\n%s", h.status, strings.Join(h.messages, "\n"))
}

// object is a JSON object of the protocol.
type object = map[string]any

// handshake is the first message.
func (c talk) handshake(pidDir string) object {
	conf := object{"topology.name": "test", "attributes": c.attributes}
	maps.Copy(conf, c.conf)
	return object{
		"pidDir": pidDir,
		"conf":   conf,
		"context": object{
			"taskid": 3, "componentid": "scripted",
			"task->component":        object{"1": "source", "3": "scripted"},
			"source->stream->fields": object{"source": object{"default": []any{"steps"}, "two words": []any{"a", "b"}}},
			"stream->outputfields":   object{"default": []any{"a", "b"}},
		},
	}
}

// encode is a message in the serializer's form.
func (c talk) encode(t testing.TB, message any) []byte {
	t.Helper()
	if raw, ok := message.(msgpack.RawMessage); ok {
		return raw
	}
	if c.serializer == "msgpack" {
		var b bytes.Buffer
		e := msgpack.NewEncoder(&b)
		e.UseCompactInts(true)
		if err := e.Encode(message); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	if text, ok := message.(json.RawMessage); ok {
		return append(text, "\nend\n"...)
	}
	data, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return append(data, "\nend\n"...)
}

// hold holds the talk with a command's process.
func (c talk) hold(t testing.TB, command []string) heard {
	t.Helper()
	var input []byte
	for _, message := range append([]any{c.handshake(t.TempDir())}, c.input...) {
		input = append(input, c.encode(t, message)...)
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = sources(t)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer watchdog.Stop()
	written := make(chan struct{})
	go func() {
		defer close(written)
		stdin.Write(input) // it may end before it has read all
		if c.until == "" {
			stdin.Close()
		}
	}()
	output := c.read(t, stdout, stdin)
	<-written
	cmd.Wait()
	if !watchdog.Stop() {
		t.Fatalf("%v does not end; so far it said\n%s\non stderr\n%s", command, output, &stderr)
	}
	said, took := c.unpack(split(t, c.serializer, output))
	messages, reasons := canonical(t, said)
	return heard{cmd.ProcessState.ExitCode(), messages, reasons, output, stderr.String(), took}
}

// read reads to the end. It closes hangUp when it has read what the talk waits for.
func (c talk) read(t testing.TB, stdout io.Reader, hangUp io.Closer) []byte {
	t.Helper()
	var output []byte
	chunk := make([]byte, 1<<16)
	for {
		n, err := stdout.Read(chunk)
		output = append(output, chunk[:n]...)
		if c.until != "" && c.said(t, output) >= max(c.count, 1) {
			hangUp.Close()
		}
		if err != nil {
			return output
		}
	}
}

// said counts what the talk waits for in the messages that have come.
func (c talk) said(t testing.TB, output []byte) (n int) {
	if c.serializer == "json" {
		output = output[:bytes.LastIndex(output, []byte("\nend\n"))+1]
	}
	messages, _ := c.unpack(split(t, c.serializer, output))
	for _, message := range messages {
		n += strings.Count(show(t, message), c.until)
	}
	return n
}

func sources(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("testdata/src")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// stock is the command of a talk's component as streamparse runs it.
func (c talk) stock(python string) []string {
	module := c.module
	if module == "" {
		module = "scripted"
	}
	script := module + "." + c.class
	if c.serializer != "" {
		script = "-s " + c.serializer + " " + script
	}
	return []string{filepath.Join(filepath.Dir(python), "streamparse_run"), script}
}

// fast is the command that the runner makes of it.
func (c talk) fast(t testing.TB, files *runner.Files, python string) []string {
	t.Helper()
	command, err := files.Command(runner.Auto, c.stock(python))
	if err != nil {
		t.Fatal(err)
	}
	return command
}

// laid writes the Python files into a cache of the test's own.
func laid(t testing.TB) *runner.Files {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	files, err := runner.Lay()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

var (
	aPid  = regexp.MustCompile(`("pid":|scripted\.)\d+`)
	aTime = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}`)
	// aFrame is a frame of a traceback, with the line and the marks below it, in
	// pystorm or in the runner.
	aFrame = regexp.MustCompile(`  File "[^"]*/(?:pystorm|gust_runner|python[0-9.]*|runner-[^/]*)/[^\n]*\n(?:    [^\n]*\n)*`)
	// aPlace is an address in a repr.
	aPlace = regexp.MustCompile(`0x[0-9a-f]{6,}`)
	// aReason is why pystorm did a part.
	aReason = regexp.MustCompile(`"msg":"(pystorm runs unchanged|one tuple at a time): `)
)

// canonical parses a conversation, without what differs between any two processes.
// Only the runner writes reasons.
func canonical(t testing.TB, said []any) (messages, reasons []string) {
	t.Helper()
	for _, message := range said {
		text := aPid.ReplaceAllString(show(t, message), "${1}0")
		if aReason.MatchString(text) {
			reasons = append(reasons, text)
		} else {
			messages = append(messages, text)
		}
	}
	return messages, reasons
}

func split(t testing.TB, serializer string, output []byte) (messages []any) {
	t.Helper()
	if serializer == "msgpack" {
		d := msgpack.NewDecoder(bytes.NewReader(output))
		d.UseLooseInterfaceDecoding(true)
		d.SetMapDecoder(anyMap)
		for {
			message, err := d.DecodeInterfaceLoose()
			if err == io.EOF {
				return messages
			}
			if err != nil {
				return append(messages, fmt.Sprintf("no msgpack: %v", err))
			}
			messages = append(messages, message)
		}
	}
	for text := range strings.SplitSeq(strings.TrimSuffix(string(output), "\nend\n"), "\nend\n") {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var message any
		if d.Decode(&message) != nil || d.More() {
			message = "no JSON: " + text
		}
		messages = append(messages, message)
	}
	return messages
}

// anyMap decodes a map with keys of any type as an object.
func anyMap(d *msgpack.Decoder) (any, error) {
	size, err := d.DecodeMapLen()
	if err != nil {
		return nil, err
	}
	o := object{}
	for range size {
		key, err := d.DecodeInterfaceLoose()
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok {
			name = fmt.Sprintf("%T %v", key, key)
		}
		if o[name], err = d.DecodeInterfaceLoose(); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// show is a message as JSON with sorted keys.
func show(t testing.TB, message any) string {
	t.Helper()
	if m, ok := message.(object); ok {
		for name, value := range m {
			if text, ok := value.(string); ok {
				text = aFrame.ReplaceAllString(text, "")
				text = aTime.ReplaceAllString(text, "TIME")
				m[name] = aPlace.ReplaceAllString(text, "PLACE")
			}
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(message); err != nil {
		return fmt.Sprintf("%v (%v)", message, err)
	}
	return strings.TrimSpace(b.String())
}

// compare runs a talk with pystorm and with the runner, one message at a time and in
// packs, and fails the test if they answer differently. It returns the answer.
func compare(t *testing.T, files *runner.Files, python string, c talk) heard {
	t.Helper()
	stock := c.hold(t, c.stock(python))
	fast := c.hold(t, c.fast(t, files, python))
	differ := func(fast heard) {
		t.Helper()
		if stock.String() != fast.String() {
			t.Errorf("%s (packs: %v) differs\n%s\non stderr\n%s\nand\n%s",
				c.class, fast.tookPacks, difference(stock.String(), fast.String()), stock.stderr, fast.stderr)
		}
	}
	differ(fast)
	packed := c.packs()
	if len(fast.reasons) > 0 {
		packed.input = c.input // it takes no packs
	}
	differ(packed.hold(t, c.fast(t, files, python)))
	return fast
}

// difference shows two strings from the first line that differs.
func difference(stock, fast string) string {
	s, f := strings.Split(stock, "\n"), strings.Split(fast, "\n")
	same := 0
	for same < len(s) && same < len(f) && s[same] == f[same] {
		same++
	}
	show := func(lines []string) string {
		lines = lines[max(0, same-2):]
		return strings.Join(lines[:min(len(lines), 6)], "\n\t")
	}
	return fmt.Sprintf("stock:\n\t%s\nfast:\n\t%s", show(s), show(f))
}

// eachSerializer runs a test for both.
func eachSerializer(t *testing.T, test func(t *testing.T, serializer, python string, files *runner.Files)) {
	files := laid(t)
	for _, serializer := range []string{"json", "msgpack"} {
		t.Run(serializer, func(t *testing.T) {
			test(t, serializer, testenv.Python(t, "msgpack"), files)
		})
	}
}
