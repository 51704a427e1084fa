package multilang

import "bytes"

// appendMsgpackFromJSON appends the JSON value text in msgpack. The first pass
// over the text checks it and counts what is in its containers; the second one
// writes, and need not look at brackets that close.
func appendMsgpackFromJSON(dst, text []byte) ([]byte, error) {
	var some [16]jsonContainer // as many as common tuples have, without an allocation
	shape := jsonShape{containers: some[:0], current: -1}
	scan := jsonScanner{shape: &shape}
	if scan.space(text, scan.value(text, scan.space(text, 0))) != len(text) {
		return nil, &ValueError{Reason: "invalid JSON"}
	}
	w := jsonToMsgpack{dst: dst, text: text, containers: shape.containers}
	for w.i < len(text) {
		if reason := w.token(); reason != "" {
			return nil, &ValueError{Index: w.index, Reason: reason}
		}
	}
	return w.dst, nil
}

// jsonToMsgpack writes checked JSON, token by token.
type jsonToMsgpack struct {
	dst        []byte
	text       []byte
	i          int             // in text
	containers []jsonContainer // that are still to come
	depth      int
	index      int // of the tuple's value
}

// token writes the token at text[i], and says why it cannot.
func (w *jsonToMsgpack) token() (reason string) {
	switch c := w.text[w.i]; c {
	case '[':
		w.open(msgpackList)
	case '{':
		w.open(msgpackMap)
	case ']', '}':
		w.depth--
		w.i++
	case ',':
		if w.depth == 1 {
			w.index++
		}
		w.i++
	case ':', ' ', '\t', '\r', '\n':
		w.i++
	case '"':
		w.string()
	case 't':
		w.dst = append(w.dst, 0xc3)
		w.i += len("true")
	case 'f':
		w.dst = append(w.dst, 0xc2)
		w.i += len("false")
	case 'n':
		w.dst = append(w.dst, 0xc0)
		w.i += len("null")
	default:
		return w.number()
	}
	return ""
}

func (w *jsonToMsgpack) open(kind msgpackKind) {
	w.dst = appendMsgpackHead(w.dst, kind, int(w.containers[0].size))
	w.containers = w.containers[1:]
	w.depth++
	w.i++
}

func (w *jsonToMsgpack) string() {
	...
}

func (w *jsonToMsgpack) number() (reason string) {
	...
}
