package multilang_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	. "gust/multilang"
)

const limit = 1 << 20

var codecs = []Codec{JSON, Msgpack}

// encode writes a JSON message as a child of the codec does.
func encode(tb testing.TB, codec Codec, message string) []byte {
	tb.Helper()
	if codec == JSON {
		return []byte(message + "\nend\n")
	}
	list, err := Transcode(nil, []byte("["+message+"]"), JSON, codec)
	if err != nil {
		tb.Fatal(err)
	}
	return list[1:] // without the head of a list of one
}

// pieces is a child's output as it comes through the pipe.
type pieces [][]byte

func (p *pieces) read(b []byte) (int, error) {
	if len(*p) == 0 {
		return 0, io.EOF
	}
	n := copy(b, (*p)[0])
	if (*p)[0] = (*p)[0][n:]; len((*p)[0]) == 0 {
		*p = (*p)[1:]
	}
	return n, nil
}

// converse decodes a child's output and says what came, a line for each message
// and each stray line. Between reads, other children use the chunk.
func converse(tb testing.TB, codec Codec, d Decoder, output pieces) (lines []string) {
	tb.Helper()
	chunk := make([]byte, 4096)
	others := bytes.Repeat([]byte{'~'}, len(chunk))
	var m Message
	for {
		_, eof := d.Fill(chunk, output.read)
		for {
			ok, err := d.Next(&m)
			var stray *StrayError
			switch {
			case errors.As(err, &stray):
				lines = append(lines, "stray "+stray.Error())
				continue
			case err != nil:
				return append(lines, err.Error())
			case ok:
				lines = append(lines, describe(codec, &m))
				continue
			}
			break
		}
		d.Keep()
		copy(chunk, others)
		if eof != nil {
			if rest := d.Rest(); len(rest) > 0 {
				lines = append(lines, fmt.Sprintf("rest %q", rest))
			}
			return lines
		}
	}
}

// decode is converse for output that comes in one piece.
func decode(tb testing.TB, codec Codec, output []byte) []string {
	tb.Helper()
	return converse(tb, codec, codec.NewDecoder(limit), pieces{output})
}

var commandNames = map[Command]string{
	NoCommand: "none", UnknownCommand: "unknown", PID: "pid", Emit: "emit", Ack: "ack",
	Fail: "fail", Log: "log", Error: "error", Metrics: "metrics", Sync: "sync",
}

// describe writes all fields of m that are not zero, raw ones as people read them.
func describe(codec Codec, m *Message) string {
	var b strings.Builder
	b.WriteString(commandNames[m.Command])
	raw := func(name string, v []byte) {
		if v != nil {
			fmt.Fprintf(&b, " %s=%s", name, codec.AppendText(nil, v, limit))
		}
	}
	text := func(name string, v []byte) {
		if v != nil {
			fmt.Fprintf(&b, " %s=%q", name, v)
		}
	}
	number := func(name string, n int64) {
		if n != 0 {
			fmt.Fprintf(&b, " %s=%d", name, n)
		}
	}
	raw("id", m.ID)
	text("stream", m.Stream)
	number("task", m.Task)
	if m.NeedTaskIDs {
		b.WriteString(" need")
	}
	for _, id := range m.Anchors {
		raw("anchor", id)
	}
	raw("tuple", m.Tuple)
	number("values", int64(m.Values))
	text("msg", m.Msg)
	number("level", int64(m.Level))
	text("name", m.Name)
	raw("params", m.Params)
	number("pid", m.PID)
	return b.String()
}

// equalLines fails the test where got is not want.
func equalLines(tb testing.TB, got, want []string) {
	tb.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		tb.Errorf("got\n%s\nwant\n%s", g, w)
	}
}
