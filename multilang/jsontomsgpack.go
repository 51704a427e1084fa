package multilang

import "bytes"

// appendMsgpackFromJSON appends the JSON value text in msgpack. The first pass
// over the text checks it and counts what is in its containers; the second one
// writes, and need not look at brackets that close.
func appendMsgpackFromJSON(dst, text []byte) ([]byte, error) {
	w := jsonToMsgpack{dst: dst, text: text}
	w.scan.shape.wanted = true
	if !w.scan.whole(text) {
		return nil, &ValueError{Reason: "invalid JSON: " + w.scan.bad}
	}
	if w.scan.nest.most > MaxDepth+1 { // the list around the values is one more
		return nil, &ValueError{Reason: reasonDeep}
	}
	if w.scan.unfit {
		w.text, _ = appendMended(nil, text)
	}
	for w.i < len(w.text) {
		if reason := w.token(); reason != "" {
			return nil, &ValueError{Index: w.index, Reason: reason}
		}
	}
	return w.dst, nil
}

// jsonToMsgpack writes checked JSON, token by token.
type jsonToMsgpack struct {
	dst    []byte
	text   []byte
	scan   jsonScanner
	i      int   // in text
	opened int32 // containers
	depth  int
	index  int // of the tuple's value
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
	w.dst = appendMsgpackHead(w.dst, kind, int(w.scan.shape.container(w.opened).size))
	w.opened++
	w.depth++
	w.i++
}

func (w *jsonToMsgpack) string() {
	end := w.scan.string(w.text, w.i)
	raw := w.text[w.i+1 : end-1]
	w.i = end
	if bytes.IndexByte(raw, '\\') < 0 {
		w.dst = append(appendMsgpackHead(w.dst, msgpackString, len(raw)), raw...)
		return
	}
	// The length of the string is only known at its end: leave room for the longest
	// head, and then move the string up to the actual one.
	const room = 5
	from := len(w.dst)
	w.dst = appendUnescaped(append(w.dst, make([]byte, room)...), raw)
	plain := w.dst[from+room:]
	w.dst = append(appendMsgpackHead(w.dst[:from], msgpackString, len(plain)), plain...)
}

func (w *jsonToMsgpack) number() (reason string) {
	end := w.scan.scalar(w.text, w.i)
	raw := w.text[w.i:end]
	w.i = end
	if !isInteger(raw) {
		w.dst = appendMsgpackFloat(w.dst, parseFloat(raw))
		return ""
	}
	magnitude, negative, ok := parseInteger(raw)
	switch {
	case ok && !negative:
		w.dst = appendMsgpackUint(w.dst, magnitude)
	case ok && magnitude <= 1<<63:
		w.dst = appendMsgpackInt(w.dst, -int64(magnitude))
	default:
		return "an integer of more than 64 bits, which msgpack cannot carry; emit it as a string, or use JSON for both components"
	}
	return ""
}
