package worker

import (
	"bytes"
	"unicode/utf8"

	"gust/multilang"
)

// Values are a tuple's values as they are shown, and as they can be injected again.
type Values struct {
	// Text is JSON, or what is left of it if the values were too large; empty if they were not kept.
	Text string
	// Whole says that Text says all that the tuple said.
	Whole bool
	// Raw are the values in the bytes of Serializer, if Text does not say all of them, such
	// as binary values. It is nil if it is not needed, or if they were too large.
	Raw        []byte
	Serializer string
	Size       int // in bytes, as the component wrote them
}

// valuesOf are values that a task of the component has emitted.
func (c *component) valuesOf(l *loop, place kept) Values {
	v := Values{Size: int(place.size)}
	raw := l.kept.values(place)
	if raw == nil {
		return v
	}
	if place.whole() {
		if text, ok := exactText(c.codec, raw); ok {
			v.Text, v.Whole = text, true
			return v
		}
		v.Raw, v.Serializer = bytes.Clone(raw), c.codec.Name()
	}
	v.Text = string(c.codec.AppendText(nil, raw, shownMost))
	return v
}

// exactText is JSON from which the same values can be made. It is false if there is none:
// JSON has no bytes, for example.
func exactText(codec multilang.Codec, raw []byte) (text string, ok bool) {
	if codec == multilang.JSON {
		return string(raw), utf8.Valid(raw)
	}
	json, err := multilang.Transcode(nil, raw, codec, multilang.JSON)
	if err != nil || len(json) > keptMost || !utf8.Valid(json) {
		return "", false
	}
	back, err := multilang.Transcode(nil, json, multilang.JSON, codec)
	return string(json), err == nil && bytes.Equal(back, raw)
}
