package multilang

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// JSON is the codec of Storm's JsonSerializer: each message is a JSON text and a
// line `end` behind it. What it writes is on one line, because some clients
// read no more.
var JSON Codec = jsonCodec{}

type jsonCodec struct{}

const jsonEnd = "\nend\n"

func (jsonCodec) Name() string { return "json" }

func (jsonCodec) NewDecoder(limit int) Decoder {
	d := &jsonDecoder{}
	d.limit = limit
	return d
}

func (jsonCodec) AppendHandshake(dst []byte, h *Handshake) ([]byte, error) {
	dst, err := appendJSON(dst, h.members())
	if err != nil {
		return nil, err
	}
	return append(dst, jsonEnd...), nil
}

func (jsonCodec) AppendCommand(dst []byte, cmd SpoutCommand, id []byte) []byte {
	dst = append(dst, `{"command":"`...)
	dst = append(dst, cmd.String()...)
	dst = append(dst, `","id":`...)
	if id == nil {
		dst = append(dst, `""`...)
	}
	dst = append(dst, id...)
	return append(dst, "}"+jsonEnd...)
}

func (jsonCodec) AppendTuple(dst []byte, id TupleID, origin Origin, values []byte) []byte {
	dst = append(dst, `{"id":"`...)
	dst = strconv.AppendUint(dst, uint64(id), 10)
	dst = append(dst, origin...)
	dst = append(dst, values...)
	return append(dst, "}"+jsonEnd...)
}

func (jsonCodec) AppendHeartbeat(dst []byte, id TupleID) []byte {
	dst = append(dst, `{"id":"`...)
	dst = strconv.AppendUint(dst, uint64(id), 10)
	return append(dst, `","comp":null,"stream":"__heartbeat","task":-1,"tuple":[]}`+jsonEnd...)
}

func (jsonCodec) AppendTick(dst []byte, id TupleID, secs float64) []byte {
	dst = append(dst, `{"id":"`...)
	dst = strconv.AppendUint(dst, uint64(id), 10)
	dst = append(dst, `","comp":"__system","stream":"__tick","task":-1,"tuple":[`...)
	if n, ok := whole(secs); ok {
		dst = strconv.AppendInt(dst, n, 10)
	} else {
		dst = appendFloat(dst, secs, 64)
	}
	return append(dst, "]}"+jsonEnd...)
}

func (jsonCodec) AppendTaskIDs(dst []byte, tasks []int32) []byte {
	dst = append(dst, '[')
	for i, task := range tasks {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(dst, int64(task), 10)
	}
	return append(dst, "]"+jsonEnd...)
}

// MessageEnd looks for the line `end`, which cannot be within a message.
func (jsonCodec) MessageEnd(b []byte) int {
	if i := bytes.Index(b, []byte(jsonEnd)); i >= 0 {
		return i + len(jsonEnd)
	}
	return len(b)
}

// NewOrigin's bytes stand between a tuple's id and its values.
func (jsonCodec) NewOrigin(component, stream string, task int32) Origin {
	dst := append([]byte(nil), `","comp":`...)
	dst = appendQuoted(dst, []byte(component))
	dst = append(dst, `,"stream":`...)
	dst = appendQuoted(dst, []byte(stream))
	dst = append(dst, `,"task":`...)
	dst = strconv.AppendInt(dst, int64(task), 10)
	return append(dst, `,"tuple":`...)
}

func (jsonCodec) ParseTupleID(raw []byte) (TupleID, bool) {
	if n := len(raw); n >= 2 && raw[0] == '"' && raw[n-1] == '"' {
		raw = raw[1 : n-1]
	}
	id, ok := parseDigits(raw)
	return TupleID(id), ok
}

func (jsonCodec) AppendText(dst, raw []byte, limit int) []byte {
	return appendCut(dst, raw, limit)
}

// appendCut appends text, or what of it fits into limit bytes and an ellipsis.
func appendCut(dst, text []byte, limit int) []byte {
	if len(text) <= limit {
		return append(dst, text...)
	}
	return append(appendHead(dst, text, limit), "…"...)
}

// appendHead appends no more than limit bytes of text, and no half character.
func appendHead(dst, text []byte, limit int) []byte {
	n := max(0, min(limit, len(text)))
	for back := 0; n > 0 && n < len(text) && back < utf8.UTFMax && !utf8.RuneStart(text[n]); back++ {
		n--
	}
	return append(dst, text[:n]...)
}
