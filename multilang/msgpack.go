package multilang

import (
	"encoding/binary"
	"math"
	"strconv"
)

// Msgpack is the codec of pystorm's MsgpackSerializer: the same maps and lists as
// in JSON, one after the other, with nothing in between.
//
// Strings are written as str and never as bin, because Python takes bin for bytes.
var Msgpack Codec = msgpackCodec{}

type msgpackCodec struct{}

func (msgpackCodec) Name() string { return "msgpack" }

func (msgpackCodec) NewDecoder(limit int) Decoder {
	d := &msgpackDecoder{}
	d.limit = limit
	return d
}

func (msgpackCodec) AppendHandshake(dst []byte, h *Handshake) ([]byte, error) {
	text, err := appendJSON(nil, h.members())
	if err != nil {
		return nil, err
	}
	return appendMsgpackFromJSON(dst, text)
}

func (msgpackCodec) AppendCommand(dst []byte, cmd SpoutCommand, id []byte) []byte {
	dst = append(dst, "\x82\xa7command"...)
	dst = appendMsgpackString(dst, cmd.String())
	dst = append(dst, "\xa2id"...)
	if id == nil {
		dst = append(dst, 0xa0)
	}
	return append(dst, id...)
}

func (msgpackCodec) AppendTuple(dst []byte, id TupleID, origin Origin, values []byte) []byte {
	dst = appendMsgpackID(dst, id)
	dst = append(dst, origin...)
	return append(dst, values...)
}

func (c msgpackCodec) AppendHeartbeat(dst []byte, id TupleID) []byte {
	dst = appendMsgpackID(dst, id)
	return append(dst, "\xa4comp\xc0\xa6stream\xab__heartbeat\xa4task\xff\xa5tuple\x90"...)
}

func (msgpackCodec) AppendTick(dst []byte, id TupleID, secs float64) []byte {
	dst = appendMsgpackID(dst, id)
	dst = append(dst, "\xa4comp\xa8__system\xa6stream\xa6__tick\xa4task\xff\xa5tuple\x91"...)
	if n, ok := whole(secs); ok {
		return appendMsgpackInt(dst, n)
	}
	return appendMsgpackFloat(dst, secs)
}

func (msgpackCodec) AppendTaskIDs(dst []byte, tasks []int32) []byte {
	dst = appendMsgpackHead(dst, msgpackList, len(tasks))
	for _, task := range tasks {
		dst = appendMsgpackInt(dst, int64(task))
	}
	return dst
}

func (msgpackCodec) MessageEnd(b []byte) int {
	end, _, _ := skipMsgpack(b, 0, 1)
	return end
}

// NewOrigin's bytes stand between a tuple's id and its values.
func (msgpackCodec) NewOrigin(component, stream string, task int32) Origin {
	dst := append([]byte(nil), "\xa4comp"...)
	dst = appendMsgpackString(dst, component)
	dst = append(dst, "\xa6stream"...)
	dst = appendMsgpackString(dst, stream)
	dst = append(dst, "\xa4task"...)
	dst = appendMsgpackInt(dst, int64(task))
	return append(dst, originEnd...)
}

func (msgpackCodec) ParseTupleID(raw []byte) (TupleID, bool) {
	if text, next := msgpackStringAt(raw, 0); next == len(raw) {
		id, ok := parseDigits(text)
		return TupleID(id), ok
	}
	v, next := readMsgpack(raw, 0)
	return TupleID(v.bits), v.kind == msgpackInt && !v.negative && next == len(raw)
}

// appendMsgpackID begins a tuple message: a map of five, of which the id is the first.
func appendMsgpackID(dst []byte, id TupleID) []byte {
	return appendMsgpackDigits(append(dst, "\x85\xa2id"...), id)
}

// appendMsgpackDigits appends an id as a string of its digits, of which it has at most 20.
func appendMsgpackDigits(dst []byte, id TupleID) []byte {
	head := len(dst)
	dst = strconv.AppendUint(append(dst, 0xa0), uint64(id), 10)
	dst[head] |= byte(len(dst) - head - 1)
	return dst
}

// appendMsgpackInt appends n in as few bytes as it takes.
func appendMsgpackInt(dst []byte, n int64) []byte {
	switch {
	case n >= 0:
		return appendMsgpackUint(dst, uint64(n))
	case n >= -32:
		return append(dst, byte(n))
	case n >= math.MinInt8:
		return append(dst, 0xd0, byte(n))
	case n >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(dst, 0xd1), uint16(n))
	case n >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(dst, 0xd2), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xd3), uint64(n))
}

func appendMsgpackUint(dst []byte, n uint64) []byte {
	switch {
	case n < 0x80:
		return append(dst, byte(n))
	case n <= math.MaxUint8:
		return append(dst, 0xcc, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, 0xcd), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, 0xce), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xcf), n)
}

func appendMsgpackFloat(dst []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, 0xcb), math.Float64bits(f))
}

func appendMsgpackString(dst []byte, text string) []byte {
	return append(appendMsgpackHead(dst, msgpackString, len(text)), text...)
}

// appendMsgpackHead appends the head of a string, a list or a map of size n in as
// few bytes as it takes.
func appendMsgpackHead(dst []byte, kind msgpackKind, n int) []byte {
	var short, small, large byte // the formats for a few, for 16 bits, and for 32
	few := 16
	switch kind {
	case msgpackString:
		short, small, large, few = 0xa0, 0xda, 0xdb, 32
	case msgpackList:
		short, small, large = 0x90, 0xdc, 0xdd
	case msgpackMap:
		short, small, large = 0x80, 0xde, 0xdf
	}
	switch {
	case n < few:
		return append(dst, short|byte(n))
	case n <= math.MaxUint8 && kind == msgpackString:
		return append(dst, 0xd9, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, small), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, large), uint32(n))
}
