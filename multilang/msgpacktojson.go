package multilang

// appendJSONFromMsgpack appends the msgpack tuple list in JSON, on one line.
func appendJSONFromMsgpack(dst, list []byte) ([]byte, error) {
	size, i := msgpackListAt(list, 0)
	if size < 0 {
		return nil, &ValueError{Reason: reasonNoList}
	}
	w := msgpackToJSON{dst: append(dst, '[')}
	for n := range size {
		if n > 0 {
			w.dst = append(w.dst, ',')
		}
		var reason string
		if i, reason = w.value(list, i, 1); reason != "" {
			return nil, &ValueError{Index: n, Reason: reason}
		}
	}
	if i != len(list) {
		return nil, &ValueError{Index: size, Reason: "unexpected data after the tuple"}
	}
	return append(w.dst, ']'), nil
}

// msgpackToJSON writes msgpack values as JSON.
type msgpackToJSON struct{ dst []byte }

const (
	reasonBroken = "invalid msgpack"
	reasonDeep   = "values are nested too deep"
	reasonBin    = "bytes, which JSON cannot carry; emit them as a string (base64), or use msgpack for both components"
	reasonExt    = "a msgpack ext type (a timestamp?), which JSON cannot carry; emit it as a string or a number"
	reasonKey    = "a map with a key that is not a string, which JSON cannot carry"
)

// value writes the value at b[i], which is depth containers deep, and returns the
// index after it, or the reason why it cannot.
func (w *msgpackToJSON) value(b []byte, i, depth int) (next int, reason string) {
	v, next := readMsgpack(b, i)
	switch v.kind {
	case msgpackString:
		w.dst = appendQuoted(w.dst, v.data)
	case msgpackList, msgpackMap:
		if depth > MaxDepth {
			return 0, reasonDeep
		}
		if v.kind == msgpackList {
			return w.list(b, next, v.size, depth+1)
		}
		return w.object(b, next, v.size, depth+1)
	case msgpackBin:
		return 0, reasonBin
	case msgpackExt:
		return 0, reasonExt
	case msgpackBroken:
		return 0, reasonBroken
	default:
		w.dst = appendMsgpackScalar(w.dst, &v)
	}
	return next, ""
}

func (w *msgpackToJSON) list(b []byte, i, size, depth int) (next int, reason string) {
	w.dst = append(w.dst, '[')
	for n := range size {
		if n > 0 {
			w.dst = append(w.dst, ',')
		}
		if i, reason = w.value(b, i, depth); reason != "" {
			return 0, reason
		}
	}
	w.dst = append(w.dst, ']')
	return i, ""
}

func (w *msgpackToJSON) object(b []byte, i, size, depth int) (next int, reason string) {
	w.dst = append(w.dst, '{')
	for n := range size {
		if n > 0 {
			w.dst = append(w.dst, ',')
		}
		if i, reason = w.key(b, i); reason != "" {
			return 0, reason
		}
		w.dst = append(w.dst, ':')
		if i, reason = w.value(b, i, depth); reason != "" {
			return 0, reason
		}
	}
	w.dst = append(w.dst, '}')
	return i, ""
}

// key writes a map's key, which in JSON is a string: of a scalar, its own JSON text.
func (w *msgpackToJSON) key(b []byte, i int) (next int, reason string) {
	v, next := readMsgpack(b, i)
	switch v.kind {
	case msgpackString:
		w.dst = appendQuoted(w.dst, v.data)
	case msgpackBroken:
		return 0, reasonBroken
	case msgpackBin, msgpackExt, msgpackList, msgpackMap:
		return 0, reasonKey
	default:
		w.dst = append(w.dst, '"')
		w.dst = appendMsgpackScalar(w.dst, &v)
		w.dst = append(w.dst, '"')
	}
	return next, ""
}
