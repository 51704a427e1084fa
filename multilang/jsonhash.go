package multilang

import (
	"bytes"
	"unicode/utf8"
)

func hashJSONFields(values []byte, fields []int) (uint64, error) {
	var h jsonHasher
	first := h.scan.space(values, 0)
	if first == len(values) || values[first] != '[' {
		return 0, &ValueError{Reason: reasonNoList}
	}
	first = h.scan.space(values, first+1)

	sum := hashSeed
	at, i := 0, first // a value's index, and where it begins
	for _, field := range fields {
		if field < at {
			at, i = 0, first
		}
		for ; at < field && i >= 0; at++ {
			i = h.next(values, h.scan.value(values, i))
		}
		if field < 0 || i < 0 || i < len(values) && values[i] == ']' {
			return 0, &ValueError{Index: field, Reason: reasonNoValue}
		}
		v, end := h.value(values, i, 1)
		if end < 0 {
			return 0, &ValueError{Index: field, Reason: reasonUnhashable}
		}
		sum = sum.add(v)
		at, i = at+1, h.next(values, end)
	}
	return uint64(sum.finish()), nil
}

// jsonHasher hashes checked JSON. Of what is broken nevertheless, the end is -1.
type jsonHasher struct{ scan jsonScanner }

// next is the index of the value behind the comma that follows one at b[:end], -1
// if there is none.
func (h *jsonHasher) next(b []byte, end int) int {
	if end < 0 {
		return -1
	}
	if end = h.scan.space(b, end); end == len(b) || b[end] != ',' {
		return -1
	}
	return h.scan.space(b, end+1)
}

// value hashes the value at b[i], which is depth containers deep, and returns the
// index after it.
func (h *jsonHasher) value(b []byte, i, depth int) (sum hash, end int) {
	if i >= len(b) {
		return 0, -1
	}
	switch c := b[i]; c {
	case '"':
		if end = h.scan.string(b, i); end < 0 {
			return 0, -1
		}
		return h.string(b[i+1 : end-1]), end
	case '[', '{':
		if depth > MaxDepth {
			return 0, -1
		}
		if c == '[' {
			return h.list(b, i, depth+1)
		}
		return h.object(b, i, depth+1)
	}
	if end = h.scan.scalar(b, i); end < 0 {
		return 0, -1
	}
	return h.scalar(b[i:end]), end
}

func (h *jsonHasher) scalar(raw []byte) hash {
	switch {
	case raw[0] == 't':
		return hashTrue
	case raw[0] == 'f':
		return hashFalse
	case raw[0] == 'n':
		return hashNull
	case !isInteger(raw):
		return hashFloat(parseFloat(raw))
	case raw[0] == '-':
		return hashDigits(raw[1:], true)
	}
	return hashDigits(raw, false)
}

func (h *jsonHasher) string(raw []byte) hash {
	sum := hashString
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return sum.bytes(raw)
		}
		r, n := unescape(raw[i:])
		var char [utf8.UTFMax]byte
		sum = sum.bytes(raw[:i]).bytes(utf8.AppendRune(char[:0], r))
		raw = raw[i+n:]
	}
}

func (h *jsonHasher) list(b []byte, i, depth int) (sum hash, end int) {
	sum = hashList
	i = h.scan.space(b, i+1)
	if i < len(b) && b[i] == ']' {
		return sum, i + 1
	}
	for {
		var v hash
		if v, end = h.value(b, i, depth); end < 0 {
			return 0, -1
		}
		sum = sum.add(v)
		if i = h.next(b, end); i < 0 {
			return sum, h.close(b, end, ']')
		}
	}
}

func (h *jsonHasher) object(b []byte, i, depth int) (sum hash, end int) {
	var pairs hash
	size := 0
	i = h.scan.space(b, i+1)
	if i < len(b) && b[i] == '}' {
		return mapHash(size, pairs), i + 1
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return 0, -1
		}
		key, end := h.value(b, i, depth)
		if end < 0 {
			return 0, -1
		}
		if i = h.scan.space(b, end); i == len(b) || b[i] != ':' {
			return 0, -1
		}
		var v hash
		if v, end = h.value(b, h.scan.space(b, i+1), depth); end < 0 {
			return 0, -1
		}
		pairs += pair(key, v)
		size++
		if i = h.next(b, end); i < 0 {
			return mapHash(size, pairs), h.close(b, end, '}')
		}
	}
}

// close is the index after the bracket that follows a container's last value.
func (h *jsonHasher) close(b []byte, end int, bracket byte) int {
	if end = h.scan.space(b, end); end == len(b) || b[end] != bracket {
		return -1
	}
	return end + 1
}
