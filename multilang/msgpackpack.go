package multilang

import "encoding/binary"

// originEnd is what an origin ends in; a pack has a list of tuples in its place.
const originEnd = "\xa5tuple"

func (msgpackCodec) appendTuples(dst []byte, origin Origin) []byte {
	dst = append(dst, 0x84)
	dst = append(dst, origin[:len(origin)-len(originEnd)]...)
	return append(dst, "\xa6tuples\xdd\x00\x00\x00\x00"...)
}

func (msgpackCodec) appendIDs(dst []byte, cmd SpoutCommand) []byte {
	dst = append(dst, "\x82\xa7command"...)
	dst = appendMsgpackString(dst, cmd.String())
	return append(dst, "\xa3ids\xdd\x00\x00\x00\x00"...)
}

func (msgpackCodec) appendPackedTuple(dst []byte, _ int, id TupleID, values []byte) []byte {
	return append(appendMsgpackDigits(dst, id), values...)
}

func (msgpackCodec) appendPackedID(dst []byte, _ int, id []byte) []byte { return append(dst, id...) }

// appendEnd fills in the number of values, for which the head has left 32 bits.
func (msgpackCodec) appendEnd(dst []byte, begin, values int) []byte {
	binary.BigEndian.PutUint32(dst[begin-4:], uint32(values))
	return dst
}

func (msgpackCodec) appendNexts(dst []byte, times int) []byte {
	return appendMsgpackInt(append(dst, "\x82\xa7command\xa4next\xa5times"...), int64(times))
}

// packHead is the size of the pack that b begins with, and the index of its first
// message; that is 0 if it is not a list, or not alone in its map.
func packHead(b []byte) (size, begin int) {
	const head = "\x81\xa4pack"
	if len(b) < len(head) || string(b[:len(head)]) != head {
		return 0, 0
	}
	if size, begin = msgpackListAt(b, len(head)); size < 0 {
		return 0, 0
	}
	return size, begin
}

// unpack reads the next message of the pack that the window begins with, all of
// which has come, into m.
func (d *msgpackDecoder) unpack(m *Message) (bool, error) {
	end := d.element(d.unread, m)
	if end < 0 || m.Command == pack {
		return false, d.brokenPack()
	}
	d.packed--
	d.take(end)
	return true, nil
}

// brokenPack cuts off the rest of a broken pack, since any message may have been in it.
func (d *msgpackDecoder) brokenPack() error {
	end, _, _ := skipMsgpack(d.unread, 0, d.packed)
	err := newStray(d.unread[:end], "a pack has emits, acks, syncs and messages in full: a list, a string, 0 and a map", true)
	err.Emit, err.ID = true, true
	d.packed = 0
	d.take(end)
	return err
}

// element reads the message of a pack that b begins with, in full or in its short form.
func (d *msgpackDecoder) element(b []byte, m *Message) int {
	if b[0] == 0 {
		*m = Message{Command: Sync}
		return 1
	}
	switch v, next := readMsgpack(b, 0); v.kind {
	case msgpackString:
		*m = Message{Command: Ack, ID: b[:next]}
		return next
	case msgpackMap:
		return d.message(b, m)
	case msgpackList:
		return d.packedEmit(b, next, v.size, m)
	}
	return -1
}

// packedEmit reads an emit in its short form, whose size elements begin at b[i].
func (d *msgpackDecoder) packedEmit(b []byte, i, size int, m *Message) int {
	if size < 1 || size > len(packedEmit) {
		return -1
	}
	d.texts = recycle(d.texts)
	*m = Message{Command: Emit}
	for _, k := range packedEmit[:size] {
		end := d.member(k, b, i, m)
		if k == anchorsKey {
			m.ID = notNil(b[i:end])
		}
		i = end
	}
	return i
}
