package worker

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/multilang"
	"gust/shell"
)

// stage is a loop that nobody runs, with tasks that have no processes: what
// they would have said is handed to them, and what they would be told waits in
// their outboxes.
type stage struct {
	*loop
	t   *testing.T
	log strings.Builder
}

// newStage makes a loop whose tasks are all running, and its spouts active.
func newStage(t *testing.T, b *builder, layers ...conf.Conf) *stage {
	t.Helper()
	if err := b.Validate(); err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t}
	w, err := New(Options{
		Topology: b.Topology,
		Conf:     conf.Merge(append([]conf.Conf{conf.Defaults()}, layers...)...),
		Log:      zerolog.New(&s.log),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.loop.kernel.Release() })
	s.loop = w.loop
	s.cancel = func() {}
	s.enter(working)
	for _, task := range s.plan.tasks {
		task.state = running
		task.greeted = true
		if task.spout != nil {
			task.spout.active = true
		}
	}
	return s
}

// task is the i-th task of a component.
func (s *stage) task(component string, i int) *task { return s.plan.byName[component].tasks[i] }

// starts gives a task a process that runs, but says nothing.
func (s *stage) starts(of *task) *shell.Process {
	s.t.Helper()
	of.state = down
	p := sleeper(s.t)
	of.attach(p)
	of.enter(running)
	return p
}

// asks has an active spout asked for tuples.
func (s *stage) asks(spout *task) {
	spout.spout.active = true
	spout.spout.pump()
	s.askSpouts()
}

// say has a task say a message, in JSON.
func (s *stage) say(from *task, message string) {
	s.t.Helper()
	s.sayAll(from, []string{message})
}

// sayAll has a task say many messages at once.
func (s *stage) sayAll(from *task, messages []string) {
	s.t.Helper()
	text := strings.Join(messages, "\nend\n") + "\nend\n"
	decode(s.t, multilang.JSON, []byte(text), func(m *multilang.Message) { from.handle(m) })
	if from.bolt != nil {
		from.bolt.endChunk()
	}
}

// decode calls handle with each message in text.
func decode(t *testing.T, codec multilang.Codec, text []byte, handle func(*multilang.Message)) {
	t.Helper()
	dec := codec.NewDecoder(len(text))
	chunk := make([]byte, 4096+2*len(text))
	if _, err := dec.Fill(chunk, func(p []byte) (int, error) { return copy(p, text), nil }); err != nil {
		t.Fatal(err)
	}
	var m multilang.Message
	for {
		ok, err := dec.Next(&m)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return
		}
		handle(&m)
	}
}

// told takes what a task is to be told out of its outbox, message by message.
func (s *stage) told(to *task) []string {
	text := string(to.out.First) + string(to.out.Buf)
	to.out.Reset()
	messages := strings.Split(text, "\nend\n")
	return messages[:len(messages)-1]
}

// tuples takes the tuples that a bolt was given out of its outbox, as their ids.
func (s *stage) tuples(to *task) (ids []string) {
	for _, message := range s.told(to) {
		var tuple struct {
			ID     string
			Task   int
			Stream string
		}
		if json.Unmarshal([]byte(message), &tuple) == nil && tuple.Task > 0 && tuple.ID != "" {
			ids = append(ids, tuple.ID)
		}
	}
	return ids
}

// emit has a spout emit a tuple with the id n, and answers nothing.
func (s *stage) emit(from *task, n int) {
	s.t.Helper()
	s.say(from, fmt.Sprintf(`{"command":"emit","id":%d,"tuple":["v"],"need_task_ids":false}`, n))
}

// verdicts takes the acks and fails out of a spout's outbox, such as "ack 1".
func (s *stage) verdicts(to *task) (verdicts []string) {
	for _, message := range s.told(to) {
		var command struct {
			Command string
			ID      json.RawMessage
		}
		if json.Unmarshal([]byte(message), &command) == nil && (command.Command == "ack" || command.Command == "fail") {
			verdicts = append(verdicts, command.Command+" "+string(command.ID))
		}
	}
	return verdicts
}

// setKernel is a kernel whose time is set.
type setKernel struct {
	kernel
	at time.Duration
}

func (k *setKernel) Now() int64 { return int64(k.at) }

func TestClockStandsStillWhileGustDoes(t *testing.T) {
	k := &setKernel{}
	c := clock{kernel: k}
	for _, step := range []struct{ at, want time.Duration }{
		{time.Second, time.Second},
		{5 * time.Second, 5 * time.Second}, // a long round is none
		{time.Hour, 6 * time.Second},       // Ctrl-Z: one second of the hour counts
		{time.Hour + time.Second, 7 * time.Second},
		{2*time.Hour + time.Second, 8 * time.Second},
	} {
		k.at = step.at
		if got := time.Duration(c.now()); got != step.want {
			t.Errorf("after %v the clock says %v, want %v", step.at, got, step.want)
		}
	}
}

func TestPostsRunInTheirOrder(t *testing.T) {
	b := build("t")
	b.spout("s", 1, stream("default", "a"))
	s := newStage(t, b)
	var got []int
	for i := range 5 {
		s.post(func() {
			got = append(got, i)
			if i == 0 {
				s.post(func() { got = append(got, 99) }) // a post of a post runs later, and does not block
			}
		})
	}
	s.runPosts()
	if fmt.Sprint(got) != "[0 1 2 3 4]" {
		t.Errorf("posts ran as %v", got)
	}
	s.runPosts()
	if fmt.Sprint(got) != "[0 1 2 3 4 99]" {
		t.Errorf("posts ran as %v", got)
	}
}
