package check

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"gust/topology"
)

// observe records a frame, and checks it by itself, as Storm's JsonSerializer, ShellSpout
// and ShellBolt do.
func (s *session) observe(f frame) {
	for _, flaw := range f.flaws {
		s.fault(flaw.rule, flaw.says, flaw.bytes)
	}
	if !f.message {
		return
	}
	b := &s.books
	b.messages++
	for _, rule := range []string{strayOutput, wellFormed, endLine, lineFeed, flush} {
		s.keep(rule)
	}
	m := message{session: s, value: f.value, bytes: f.bytes}
	if f.value.has("pid") && !f.value.has("command") {
		m.greet()
		return
	}
	if b.pid == 0 {
		s.fault(pidFirst, "this came before the pid", f.bytes)
	}
	m.obey()
}

// message is a message that is being observed.
type message struct {
	*session
	value value
	bytes []byte
}

// breaks notes that the message breaks a rule.
func (m *message) breaks(rule, format string, args ...any) {
	m.fault(rule, fmt.Sprintf(format, args...), m.bytes)
}

// field is a member that must be of a kind, or null. It is null if it is not.
func (m *message) field(name string, kind valueKind) value {
	v := m.value.member(name)
	if v.kind != null && v.kind != kind {
		m.breaks(fieldTypes, "%q is %s, and must be %s", name, v.kind, kind)
		return value{}
	}
	return v
}

func (m *message) greet() {
	b := &m.books
	n, ok := m.value.member("pid").whole()
	switch {
	case b.pid != 0:
		m.breaks(pidOnce, "a second pid")
	case !ok || n <= 0:
		m.breaks(pid, "the pid is not a number above 0")
		b.pid = -1
	default:
		b.pid = n
		m.keep(pid)
		m.keep(pidFirst)
		m.keep(pidOnce)
	}
}

func (m *message) obey() {
	b := &m.books
	m.keep(fieldTypes)
	word := m.field("command", text)
	switch word.text {
	case "emit", "ack", "fail", "sync":
		b.answers++
	}
	switch word.text {
	case "emit":
		m.keep(knownCommand)
		m.emit()
	case "ack", "fail":
		if m.isSpout() {
			m.breaks(knownCommand, "a spout does not %s; only bolts do", word.text)
			return
		}
		m.keep(knownCommand)
		m.answer(word.text)
	case "log":
		m.keep(knownCommand)
		m.log()
	case "error":
		m.keep(knownCommand)
		b.errors++
		b.reported = m.field("msg", text).text
	case "metrics":
		m.keep(knownCommand)
		if name := m.value.member("name"); name.kind != text || name.text == "" {
			m.breaks(metricName, "a metric without a name")
		} else {
			m.keep(metricName)
		}
	case "sync":
		m.keep(knownCommand)
		b.syncs++
	case "":
		m.breaks(knownCommand, "a message without a command")
	default:
		m.breaks(knownCommand, "unknown command %q", word.text)
	}
}

func (m *message) log() {
	msg := m.field("msg", text)
	level := m.value.member("level")
	if level.kind == null {
		return
	}
	if level.text == "4" {
		m.books.reported = msg.text
	}
	if n, ok := level.whole(); !ok || n < 0 || n > 4 {
		m.breaks(logLevel, "the level is %s", show(level.raw))
		return
	}
	m.keep(logLevel)
}

func (m *message) emit() {
	b := &m.books
	tuple := m.value.member("tuple")
	if tuple.kind != list {
		m.breaks(fieldTypes, `an emit whose "tuple" is %s, and must be a list`, tuple.kind)
	}
	stream := topology.DefaultStream
	if v := m.field("stream", text); v.kind == text {
		stream = v.text
	}
	task, ok := m.field("task", number).whole()
	if !ok && m.value.member("task").kind == number {
		m.breaks(fieldTypes, `"task" is %s, and must be a whole number`, show(m.value.member("task").raw))
		task = -1
	}
	if tuple.kind == list {
		m.checkStream(stream, len(tuple.items), task)
	}
	var anchors []string
	if m.isSpout() {
		m.remember(m.value.member("id"))
	} else {
		anchors = m.anchors(m.value.member("anchors"))
	}
	if len(b.emits) < maxEmits {
		b.emits = append(b.emits, emitted{tuple.items, anchors, m.bytes})
	}
	needed := m.field("need_task_ids", boolean)
	if task == 0 && needed.text != "false" {
		m.sendTaskIDs(stream)
	}
}

// maxEmits is how many emits a session remembers.
const maxEmits = 1 << 10

// checkStream checks an emit against the declaration.
func (m *message) checkStream(stream string, values int, task int64) {
	st := m.stage
	out := st.output(stream)
	if st.known {
		if out == nil {
			m.breaks(emitStream, "the stream %q is not declared: %s", stream, st.names())
			return
		}
		m.keep(emitStream)
		if values != len(out.Fields) {
			m.breaks(emitValues, "%d values, and the stream %q has %d fields", values, stream, len(out.Fields))
		} else {
			m.keep(emitValues)
		}
	}
	direct := out != nil && out.Direct
	switch {
	case task == 0 && !direct:
		return // as most are: that does not concern direct emits
	case task == 0:
		m.breaks(emitDirect, "the stream %q is direct, and the emit names no task", stream)
	case st.known && !direct:
		m.breaks(emitDirect, "the emit names task %d, and the stream %q is not declared direct", task, stream)
	case !slices.Contains(sinkTasks, int32(task)):
		m.breaks(emitDirect, "task %d does not subscribe to the stream %q: %v do", task, stream, sinkTasks)
	default:
		m.keep(emitDirect)
	}
}

// remember records the id of a spout's tuple.
func (m *message) remember(id value) {
	b := &m.books
	if id.kind == null || len(b.ids) >= 2 {
		return
	}
	for _, known := range b.ids {
		if string(known) == string(id.raw) {
			return
		}
	}
	b.ids = append(b.ids, id.raw)
}

// anchors checks the ids that an emit is anchored to, and returns them.
func (m *message) anchors(anchors value) (texts []string) {
	ids := anchors.items
	switch anchors.kind {
	case null:
		return nil
	case text:
		ids = []value{anchors}
	case list:
	default:
		m.breaks(fieldTypes, `"anchors" is %s, and must be a list of ids`, anchors.kind)
		return nil
	}
	for _, id := range ids {
		if id.kind != text {
			m.breaks(fieldTypes, "the anchor %s is %s, but ids are strings", show(id.raw), id.kind)
			continue
		}
		texts = append(texts, id.text)
		switch g := m.books.given[id.text]; {
		case g == nil:
			m.breaks(anchorHeld, "the anchor %q is not an id that it was sent", id.text)
		case g.purpose == heartbeatTuple:
			m.breaks(anchorHeld, "the anchor %q is a heartbeat's id", id.text)
		case g.answered():
			m.breaks(anchorHeld, "the anchor %q is a tuple that it has already %s", id.text, g.verdict())
		default:
			m.keep(anchorHeld)
		}
	}
	return texts
}

// verdict is the bolt's answer to the tuple.
func (g *given) verdict() string {
	if g.acked {
		return "acked"
	}
	return "failed"
}

// sendTaskIDs answers an emit with the tasks that its tuple went to.
func (m *message) sendTaskIDs(stream string) {
	b := &m.books
	b.lists++
	tasks := sinkTasks[:1]
	if m.stage.known && m.stage.output(stream) == nil {
		tasks = nil
	}
	if b.holding {
		b.owed = m.Codec.AppendTaskIDs(b.owed, tasks)
		return
	}
	from := len(m.out)
	m.out = m.Codec.AppendTaskIDs(m.out, tasks)
	m.asked = bytes.Clone(m.out[from:])
}

// answer records a bolt's ack or fail.
func (m *message) answer(word string) {
	id := m.value.member("id")
	if id.kind == number {
		m.breaks(fieldTypes, "the id is a number, but must be the string that was sent")
	}
	g := m.books.given[id.text]
	switch {
	case g == nil && id.kind == null:
		m.breaks(answerKnown, "%s without an id", word)
		return
	case g == nil:
		m.breaks(answerKnown, "%s of %s, which is not an id that it was sent (the last was %q)", word, show(id.raw), m.books.last)
		return
	case g.purpose == heartbeatTuple:
		m.breaks(heartbeatAck, "%s of a heartbeat", word)
		return
	case g.answered():
		m.breaks(answerOnce, "%s of a tuple that it has already %s", word, g.verdict())
		return
	}
	m.keep(answerKnown)
	m.keep(answerOnce)
	if word == "ack" {
		g.acked = true
	} else {
		g.failed = true
	}
}

// judge checks what is known only at the end.
func (s *session) judge() {
	b := &s.books
	if b.pid > 0 {
		if _, err := os.Stat(filepath.Join(s.pidDir, strconv.FormatInt(b.pid, 10))); err != nil {
			s.fault(pidFile, fmt.Sprintf("no file named %d in pidDir", b.pid), nil)
		} else {
			s.keep(pidFile)
		}
	}
	if b.beats > 0 && s.notes.of(heartbeatAck).Verdict == Unseen {
		s.keep(heartbeatAck)
	}
	// pystorm sends a sync after an error, even without a command.
	switch asked := b.commands + b.beats; {
	case b.syncs > asked+b.errors:
		s.fault(extraSync, fmt.Sprintf("%d messages sync for %d that ask for one", b.syncs, asked), nil)
	case b.syncs > 0:
		s.keep(extraSync)
	}
}

// isSpout reports whether the program is known to be a spout.
func (s *session) isSpout() bool { return s.Kind != nil && *s.Kind == topology.Spout }
