package fakecomponent

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
)

// msgpackWire is a sequence of values. It writes strings and numbers in formats that
// Python's msgpack accepts, and reads all formats.
type msgpackWire struct{}

func (msgpackWire) encode(v any) []byte { return pack(nil, v) }

func pack(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, 0xc0)
	case bool:
		if v {
			return append(b, 0xc3)
		}
		return append(b, 0xc2)
	case int:
		return packInt(b, int64(v))
	case int64:
		return packInt(b, v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return packInt(b, n)
		}
		f, _ := v.Float64()
		return pack(b, f)
	case float64:
		return binary.BigEndian.AppendUint64(append(b, 0xcb), math.Float64bits(v))
	case string:
		b = packLen(b, len(v), 32, 0xa0, 0xd9)
		return append(b, v...)
	case []any:
		b = packLen(b, len(v), 16, 0x90, 0xdb)
		for _, e := range v {
			b = pack(b, e)
		}
		return b
	case map[string]any:
		b = packLen(b, len(v), 16, 0x80, 0xdd)
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			b = pack(pack(b, k), v[k])
		}
		return b
	}
	panic(fmt.Sprintf("a %T cannot be packed", v))
}

func packInt(b []byte, n int64) []byte {
	switch {
	case n >= -32 && n < 128:
		return append(b, byte(n))
	case n == int64(int32(n)):
		return binary.BigEndian.AppendUint32(append(b, 0xd2), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, 0xd3), uint64(n))
}

// packLen writes a header with a length: in one byte if below small, else in the formats
// of one (only strings), two and four bytes, the first of which is given.
func packLen(b []byte, n, small int, fix, wide byte) []byte {
	switch {
	case n < small:
		return append(b, fix|byte(n))
	case n < 1<<8 && wide == 0xd9:
		return append(b, wide, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, wide+1), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(b, wide+2), uint32(n))
}

func (w msgpackWire) read(r *bufio.Reader) (any, error) {
	head, err := r.ReadByte()
	if err != nil {
		return nil, io.EOF
	}
	switch {
	case head < 0x80:
		return int64(head), nil
	case head < 0x90:
		return w.readMap(r, uint64(head&0x0f))
	case head < 0xa0:
		return w.readList(r, uint64(head&0x0f))
	case head < 0xc0:
		return readText(r, uint64(head&0x1f))
	case head >= 0xe0:
		return int64(int8(head)), nil
	}
	switch head {
	case 0xc0:
		return nil, nil
	case 0xc2, 0xc3:
		return head == 0xc3, nil
	case 0xca:
		n, err := readUint(r, 4)
		return float64(math.Float32frombits(uint32(n))), err
	case 0xcb:
		n, err := readUint(r, 8)
		return math.Float64frombits(n), err
	case 0xcc, 0xcd, 0xce, 0xcf:
		n, err := readUint(r, 1<<(head-0xcc))
		return int64(n), err
	case 0xd0, 0xd1, 0xd2, 0xd3:
		size := 1 << (head - 0xd0)
		n, err := readUint(r, size)
		return int64(n<<(64-8*size)) >> (64 - 8*size), err
	case 0xd9, 0xda, 0xdb:
		n, err := readUint(r, 1<<(head-0xd9))
		if err != nil {
			return nil, err
		}
		return readText(r, n)
	case 0xdc, 0xdd:
		n, err := readUint(r, 2<<(head-0xdc))
		if err != nil {
			return nil, err
		}
		return w.readList(r, n)
	case 0xde, 0xdf:
		n, err := readUint(r, 2<<(head-0xde))
		if err != nil {
			return nil, err
		}
		return w.readMap(r, n)
	}
	return nil, fmt.Errorf("the byte %#x begins no value that the protocol has", head)
}

func readUint(r io.Reader, size int) (n uint64, err error) {
	var b [8]byte
	_, err = io.ReadFull(r, b[8-size:])
	return binary.BigEndian.Uint64(b[:]), err
}

func readText(r io.Reader, n uint64) (string, error) {
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return string(b), err
}

func (w msgpackWire) readList(r *bufio.Reader, n uint64) (any, error) {
	list := make([]any, n)
	for i := range list {
		var err error
		if list[i], err = w.read(r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (w msgpackWire) readMap(r *bufio.Reader, n uint64) (any, error) {
	m := make(map[string]any, n)
	for range n {
		key, err := w.read(r)
		if err != nil {
			return nil, err
		}
		value, err := w.read(r)
		if err != nil {
			return nil, err
		}
		m[fmt.Sprint(key)] = value
	}
	return m, nil
}
