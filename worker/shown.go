package worker

import (
	"gust/multilang"
)

// shown is a raw value that becomes readable text when it is formatted, if it is.
type shown struct {
	codec multilang.Codec
	raw   []byte
}

func (t *task) show(raw []byte) shown { return shown{t.comp.codec, raw} }

// String is JSON text on one line.
func (s shown) String() string {
	if s.raw == nil {
		return "null"
	}
	return string(s.codec.AppendText(nil, s.raw, 200))
}
