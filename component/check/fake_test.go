package check_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

// The test binary is also the checked programs: spouts and bolts with their own
// implementation of the protocol, and at most one error.
func TestMain(m *testing.M) {
	if len(os.Args) == 5 && os.Args[1] == "fake" {
		f := newFake(os.Args[2], os.Args[3], os.Args[4])
		f.run()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// told is a message from the host.
type told struct {
	taskIDs bool
	command string
	id      any // a tuple's id, or a spout's
	stream  string
	tuple   any // in JSON the source, which may contain NaN
	text    []byte
	pidDir  string
}

// wire is one of the serializers.
type wire interface {
	read() (told, error)
	// encode is a message, without its end.
	encode(fields map[string]any) []byte
	end() string
	// tuple is a tuple of whole numbers and strings.
	tuple(values ...any) any
}

// fake is a spout or a bolt with a quirk: its error.
type fake struct {
	wire
	in    *bufio.Reader
	out   *bufio.Writer
	quirk string
	queue []told
	lists int
	nexts int
}

func newFake(kind, serializer, quirk string) *fake {
	f := &fake{quirk: quirk, in: bufio.NewReaderSize(os.Stdin, 4<<20), out: bufio.NewWriterSize(os.Stdout, 4<<20)}
	if quirk == "impatient" {
		f.in = bufio.NewReaderSize(impatient{}, 4<<20)
	}
	f.wire = &jsonWire{f.in}
	if serializer == "msgpack" {
		f.wire = &msgpackWire{msgpack.NewDecoder(f.in), f.in}
	}
	return f
}

// impatient is a stdin whose reader takes each read for a whole message.
type impatient struct{}

func (impatient) Read(p []byte) (int, error) {
	n, err := os.Stdin.Read(p)
	if n == 1 {
		os.Exit(1)
	}
	return n, err
}

func (f *fake) is(quirk string) bool { return f.quirk == quirk }

func (f *fake) run() {
	if f.is("deaf-to-term") {
		signal.Ignore(syscall.SIGTERM)
	}
	if f.is("dies-at-once") {
		fmt.Fprintln(os.Stderr, "out of luck")
		os.Exit(3)
	}
	hello, err := f.read()
	if err != nil {
		os.Exit(1)
	}
	f.refuse(hello)
	f.greet(hello)
	for {
		m, err := f.next()
		if err != nil {
			f.leave(err)
		}
		f.refuse(m)
		if m.taskIDs {
			if f.is("ignores-ids") {
				os.Exit(1)
			}
			continue
		}
		if os.Args[2] == "spout" {
			f.obey(m)
		} else {
			f.process(m)
		}
		if f.is("one-at-a-time") {
			f.in.Discard(f.in.Buffered())
		}
	}
}

// refuse dies of messages that other fakes accept.
func (f *fake) refuse(m told) {
	switch {
	case f.is("strict-fields") && bytes.Contains(m.text, []byte("gust.check")),
		f.is("small-buffer") && len(m.text) > 64<<10,
		f.is("no-nan") && (strings.Contains(fmt.Sprint(m.tuple), "NaN") || bytes.Contains(m.text, []byte("NaN"))):
		os.Exit(1)
	}
}

func (f *fake) greet(hello told) {
	if !f.is("no-file") {
		os.WriteFile(filepath.Join(hello.pidDir, fmt.Sprint(os.Getpid())), nil, 0o644)
	}
	switch f.quirk {
	case "prints":
		f.raw("ready to go\n")
	case "log-first":
		f.send(map[string]any{"command": "log", "msg": "here I am"})
	case "no-pid":
		return
	case "bad-pid":
		f.send(map[string]any{"pid": "many"})
		return
	}
	f.send(map[string]any{"pid": os.Getpid()})
	switch f.quirk {
	case "pid-twice":
		f.send(map[string]any{"pid": os.Getpid()})
	case "half-message":
		f.raw(map[string]string{"\nend\n": `{"command":"log","msg":` + "\nend\n", "": "\x81\xa1a\xc1"}[f.end()])
	case "list-message":
		f.raw(map[string]string{"\nend\n": "[1,2]\nend\n", "": "\x92\x01\x02\n"}[f.end()])
	case "bad-command":
		f.send(map[string]any{"command": "emti", "tuple": f.tuple("x")})
	case "no-command":
		f.send(map[string]any{"msg": "hello"})
	case "log-level":
		f.send(map[string]any{"command": "log", "msg": "hello", "level": 9})
	case "nameless-metric":
		f.send(map[string]any{"command": "metrics", "params": 1})
	case "extra-sync":
		f.send(map[string]any{"command": "sync"})
	}
	f.send(map[string]any{"command": "log", "msg": "ready", "level": 2})
	f.send(map[string]any{"command": "metrics", "name": "ready", "params": 1})
}

// next is the next message that is not a list of task ids.
func (f *fake) next() (told, error) {
	if len(f.queue) > 0 {
		m := f.queue[0]
		f.queue = f.queue[1:]
		return m, nil
	}
	return f.read()
}

// emit sends a tuple, and waits for its task ids.
func (f *fake) emit(fields map[string]any) {
	fields["command"] = "emit"
	if f.is("one-at-a-time") {
		fields["need_task_ids"] = false
	}
	if f.is("ignores-ids") {
		f.send(fields)
		return
	}
	f.send(fields)
	if fields["need_task_ids"] == false || fields["task"] != nil {
		return
	}
	for {
		m, err := f.read()
		if err != nil {
			f.leave(err)
		}
		if m.taskIDs || f.is("takes-the-next") {
			return
		}
		f.queue = append(f.queue, m)
	}
}

// emitWrongly makes the quirk's error, if it is one of emits.
func (f *fake) emitWrongly() {
	emit := map[string]any{"command": "emit", "tuple": f.tuple("x"), "need_task_ids": false}
	switch f.quirk {
	case "undeclared":
		emit["stream"] = "other"
	case "too-many-values":
		emit["tuple"] = f.tuple("x", "y", 3)
	case "aimed":
		emit["task"] = 3
	case "aimed-at-nobody":
		emit["stream"], emit["task"] = "hand", 99
	case "not-aimed":
		emit["stream"] = "hand"
	case "number-stream":
		emit["stream"] = 7
	case "text-task":
		emit["task"] = "3"
	case "no-tuple":
		emit["tuple"] = "x"
	default:
		return
	}
	f.send(emit)
}

func (f *fake) sync() { f.send(map[string]any{"command": "sync"}) }

// obey is what a spout does.
func (f *fake) obey(m told) {
	if m.command == "next" {
		f.nexts++
		f.emitWrongly()
		f.emit(map[string]any{"tuple": f.tuple("word"), "id": f.nexts})
		f.emit(map[string]any{"tuple": f.tuple("aimed"), "stream": "hand", "task": 3, "id": "aimed"})
	}
	if f.is("spout-acks") && m.command == "ack" {
		f.send(map[string]any{"command": "ack", "id": m.id})
	}
	if f.is("no-sync-for-" + m.command) {
		return
	}
	f.sync()
}

// process is what a bolt does.
func (f *fake) process(m told) {
	switch m.stream {
	case "__heartbeat":
		if f.is("ack-heartbeat") {
			f.send(map[string]any{"command": "ack", "id": m.id})
		}
		if !f.is("no-heartbeat") {
			f.sync()
		}
	case "__tick":
		if !f.is("no-tick") {
			f.send(map[string]any{"command": "ack", "id": m.id})
		}
	default:
		f.nexts++
		f.emitWrongly()
		anchors := any([]any{m.id})
		if f.is("unknown-anchor") {
			anchors = []any{"1"}
		}
		if f.is("number-anchor") {
			anchors = []any{1}
		}
		f.emit(map[string]any{"tuple": f.harm(m.tuple), "anchors": anchors})
		f.emit(map[string]any{"tuple": f.tuple("aimed"), "stream": "hand", "task": 4, "anchors": m.id})
		f.verdict(m)
	}
}

func (f *fake) verdict(m told) {
	ack := map[string]any{"command": "ack", "id": m.id}
	switch f.quirk {
	case "no-ack":
		return
	case "unknown-id":
		f.send(map[string]any{"command": "ack", "id": "1"})
	case "null-id":
		f.send(map[string]any{"command": "ack", "id": nil})
	case "fail-after-ack":
		f.send(map[string]any{"command": "fail", "id": m.id})
	case "ack-twice":
		f.send(ack)
	}
	f.send(ack)
	if f.is("late-anchor") {
		f.emit(map[string]any{"tuple": f.tuple("late"), "anchors": []any{m.id}})
	}
}

// harm changes values as careless programs do.
func (f *fake) harm(tuple any) any {
	changes := map[string][]string{
		"ascii":        {"Ω", "?", "漢", "?", "😀", "?"},
		"utf-8":        {`\ud83d and`, "\uFFFD and"},
		"doubles":      {"9007199254740993", "9007199254740992"},
		"whole-floats": {"1.0", "1"},
		"nan-is-null":  {"NaN", "null"},
	}[f.quirk]
	raw, isRaw := tuple.(raw)
	if isRaw {
		return rawOf(strings.NewReplacer(changes...).Replace(string(raw)))
	}
	values, _ := tuple.([]any)
	values = slices.Clone(values)
	for i, v := range values {
		switch x := v.(type) {
		case string:
			values[i] = strings.NewReplacer(changes...).Replace(x)
		case uint64:
			if f.is("doubles") && x == 9007199254740993 {
				values[i] = x - 1
			}
		case float64:
			if f.is("whole-floats") && x == 1 || f.is("nan-is-null") && x != x {
				values[i] = nil
			}
		}
	}
	return values
}

// leave is what a program does when its stdin ends, or is malformed.
func (f *fake) leave(err error) {
	if !errors.Is(err, io.EOF) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(4)
	}
	f.out.Flush()
	switch f.quirk {
	case "lives-on":
		time.Sleep(time.Hour)
	case "spins":
		//lint:ignore SA5002 to use the CPU is what this program does wrong
		for {
		}
	case "logs-for-ever":
		for {
			f.send(map[string]any{"command": "log", "msg": "still here"})
		}
	}
	os.Exit(0)
}

func (f *fake) raw(text string) {
	f.out.WriteString(text)
	f.flush()
}

func (f *fake) flush() {
	if f.is("buffered") || f.is("buffered-later") && f.lists > 3 {
		return
	}
	f.lists++
	f.out.Flush()
}

func (f *fake) send(fields map[string]any) {
	b := f.encode(fields)
	end := f.end()
	if end != "" {
		switch f.quirk {
		case "no-end":
			end = "\n"
		case "end-with-spaces":
			end = "\nend  \n"
		case "end-glued":
			end = "end\n"
		case "end-without-line-feed":
			end = "\nend"
		case "crlf":
			end = "\r\nend\r\n"
		}
	}
	f.raw(string(b) + end)
}

// raw is JSON source that is sent unchanged.
type raw string

func rawOf(text string) raw { return raw(text) }

type jsonWire struct{ in *bufio.Reader }

func (w *jsonWire) end() string { return "\nend\n" }

func (w *jsonWire) tuple(values ...any) any {
	b, _ := json.Marshal(values)
	return raw(b)
}

func (w *jsonWire) read() (told, error) {
	var body []byte
	for {
		line, err := w.in.ReadBytes('\n')
		if err != nil {
			return told{}, err
		}
		if string(line) == "end\n" {
			break
		}
		body = append(body, line...)
	}
	m := told{text: body, taskIDs: body[0] == '['}
	before, tuple, _ := strings.Cut(strings.TrimSuffix(string(body), "}\n"), `"tuple":`)
	m.tuple = raw(tuple)
	if tuple != "" {
		before += `"tuple":0`
	}
	var fields struct {
		PIDDir, Command, Stream string
		ID                      json.RawMessage
	}
	json.Unmarshal([]byte(before+"}"), &fields)
	m.command, m.stream, m.pidDir = fields.Command, fields.Stream, fields.PIDDir
	m.id = raw(fields.ID)
	return m, nil
}

func (w *jsonWire) encode(fields map[string]any) []byte {
	var b bytes.Buffer
	sep := "{"
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		fmt.Fprintf(&b, "%s%q:", sep, key)
		sep = ","
		w.encodeValue(&b, fields[key])
	}
	b.WriteByte('}')
	return b.Bytes()
}

func (w *jsonWire) encodeValue(b *bytes.Buffer, v any) {
	switch x := v.(type) {
	case raw:
		b.WriteString(string(x))
	case []any:
		b.WriteByte('[')
		for i, item := range x {
			if i > 0 {
				b.WriteByte(',')
			}
			w.encodeValue(b, item)
		}
		b.WriteByte(']')
	default:
		text, _ := json.Marshal(x)
		b.Write(text)
	}
}

type msgpackWire struct {
	decoder *msgpack.Decoder
	in      *bufio.Reader
}

func (w *msgpackWire) end() string             { return "" }
func (w *msgpackWire) tuple(values ...any) any { return values }

func (w *msgpackWire) read() (told, error) {
	body, err := w.decoder.DecodeRaw()
	if err != nil {
		return told{}, err
	}
	var v any
	decoder := msgpack.NewDecoder(bytes.NewReader(body))
	decoder.UseLooseInterfaceDecoding(true)
	if v, err = decoder.DecodeInterfaceLoose(); err != nil {
		return told{}, err
	}
	m := told{text: body}
	fields, ok := v.(map[string]any)
	m.taskIDs = !ok
	m.command, _ = fields["command"].(string)
	m.stream, _ = fields["stream"].(string)
	m.pidDir, _ = fields["pidDir"].(string)
	m.id, m.tuple = fields["id"], fields["tuple"]
	return m, nil
}

func (w *msgpackWire) encode(fields map[string]any) []byte {
	var b bytes.Buffer
	encoder := msgpack.NewEncoder(&b)
	encoder.UseCompactInts(true)
	encoder.Encode(fields)
	return b.Bytes()
}
