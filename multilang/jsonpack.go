package multilang

import "strconv"

// appendTuples makes of an origin, which ends in `,"tuple":`, the head of a pack.
func (jsonCodec) appendTuples(dst []byte, origin Origin) []byte {
	dst = append(dst, '{')
	dst = append(dst, origin[len(`",`):len(origin)-len(`":`)]...)
	return append(dst, `s":[`...)
}

func (jsonCodec) appendIDs(dst []byte, cmd SpoutCommand) []byte {
	dst = append(dst, `{"command":"`...)
	dst = append(dst, cmd.String()...)
	return append(dst, `","ids":[`...)
}

func (jsonCodec) appendPackedTuple(dst []byte, n int, id TupleID, values []byte) []byte {
	if n > 0 {
		dst = append(dst, ',')
	}
	dst = append(dst, '"')
	dst = strconv.AppendUint(dst, uint64(id), 10)
	dst = append(dst, `",`...)
	return append(dst, values...)
}

func (jsonCodec) appendPackedID(dst []byte, n int, id []byte) []byte {
	if n > 0 {
		dst = append(dst, ',')
	}
	return append(dst, id...)
}

func (jsonCodec) appendEnd(dst []byte, _, _ int) []byte { return append(dst, "]}"+jsonEnd...) }

func (jsonCodec) appendNexts(dst []byte, times int) []byte {
	dst = append(dst, `{"command":"next","times":`...)
	dst = strconv.AppendInt(dst, int64(times), 10)
	return append(dst, "}"+jsonEnd...)
}

// packedEmit is what the elements of an emit in a pack are, in their order. The
// second is a spout's id or a bolt's anchors.
var packedEmit = [...]key{tupleKey, anchorsKey, streamKey, taskKey}

// unpack reads the next element of the open pack into m. ok is false at the pack's end.
func (d *jsonDecoder) unpack(m *Message) (ok bool, err error) {
	text := d.body()
	i := d.scan.space(text, 0)
	if i < len(text) && text[i] == ']' {
		if i = d.scan.space(text, i+1); i < len(text) && text[i] == '}' {
			d.packed = false
			d.cut(d.scan.space(text, i+1))
			return false, nil
		}
		d.scan.failAt(text, i, "a pack has one member, \"pack\"")
		return false, d.brokenPack(text)
	}
	if i = d.fit(text, i, m); i >= 0 && m.Command == pack {
		i = d.scan.fail(-1, "a pack in a pack")
	}
	if i < 0 {
		return false, d.brokenPack(text)
	}
	// The comma, or the bracket that ends the pack: that is left for the next call.
	i = d.scan.space(text, i)
	switch {
	case i < len(text) && text[i] == ',':
		i++
	case i >= len(text) || text[i] != ']':
		d.scan.failAt(text, i, badComma)
		return false, d.brokenPack(text)
	}
	d.cut(i)
	return true, nil
}

// brokenPack cuts off the rest of a broken pack, since any message may have been in it.
func (d *jsonDecoder) brokenPack(text []byte) error {
	err := newStray(text, d.reason(0), true)
	err.Emit, err.ID = true, true
	d.packed = false
	d.cut(len(text))
	return err
}

// element reads the message at b[i], in full or in the short form that it may have in a pack.
func (d *jsonDecoder) element(b []byte, i int, m *Message) int {
	if i >= len(b) {
		return d.scan.fail(i, badEnd)
	}
	switch b[i] {
	case '{':
		return d.members(b, i, m)
	case '[':
		return d.packedEmit(b, i, m)
	case '"':
		end := d.scan.string(b, i)
		if end >= 0 {
			*m = Message{Command: Ack, ID: b[i:end]}
		}
		return end
	case '0':
		*m = Message{Command: Sync}
		return i + 1
	}
	return d.scan.fail(i, "a pack has emits, acks, syncs and messages in full: a list, a string, 0 and an object")
}

// packedEmit reads an emit in its short form, whose bracket is at b[i].
func (d *jsonDecoder) packedEmit(b []byte, i int, m *Message) int {
	s := &d.scan
	d.texts = recycle(d.texts)
	*m = Message{Command: Emit}
	for _, k := range packedEmit {
		from := s.space(b, i+1)
		if i = d.member(k, b, from, m); i < 0 {
			return -1
		}
		if k == anchorsKey {
			m.ID = notNull(b[from:i])
		}
		if i = s.space(b, i); i < len(b) && b[i] == ']' {
			return i + 1
		}
		if i >= len(b) || b[i] != ',' {
			break
		}
	}
	return s.failAt(b, i, badComma)
}

// packHead is the index after the head of the pack at b[i], 0 if there is none.
func (d *jsonDecoder) packHead(b []byte, i int) int {
	const word = `"pack"`
	i = d.scan.space(b, i+1)
	if len(b)-i <= len(word) || string(b[i:i+len(word)]) != word {
		return 0
	}
	i = d.scan.space(b, i+len(word))
	if i >= len(b) || b[i] != ':' {
		return 0
	}
	if i = d.scan.space(b, i+1); i >= len(b) || b[i] != '[' {
		return 0
	}
	return i + 1
}
