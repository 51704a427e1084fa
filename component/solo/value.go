package solo

import (
	"bytes"
	"encoding/json"
	"fmt"

	"gust/multilang"
)

// msgpackListOfOne begins a msgpack list with one value.
const msgpackListOfOne = 0x91

// fromJSON is a JSON value in the codec's bytes. The codecs transcode only tuples, so the
// value is transcoded as a tuple of one value.
func fromJSON(codec multilang.Codec, value []byte) ([]byte, error) {
	if codec == multilang.JSON {
		return oneLine(value), nil
	}
	list := append(append([]byte{'['}, value...), ']')
	packed, err := multilang.Transcode(nil, list, multilang.JSON, codec)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be sent as %s: %w", value, codec.Name(), err)
	}
	return packed[1:], nil
}

// toJSON is a value in the codec's bytes as JSON.
func toJSON(codec multilang.Codec, value []byte) ([]byte, error) {
	if codec == multilang.JSON {
		return value, nil
	}
	list, err := multilang.Transcode(nil, append([]byte{msgpackListOfOne}, value...), codec, multilang.JSON)
	if err != nil {
		return nil, err
	}
	return list[1 : len(list)-1], nil
}

// MessageJSON is a message to a component, framing and all, as JSON.
func MessageJSON(codec multilang.Codec, message []byte) ([]byte, error) {
	value, err := toJSON(codec, unframed(codec, message))
	if err != nil {
		return nil, err
	}
	return oneLine(value), nil
}

// oneLine is JSON without line feeds and other white space, because some clients read
// only one line.
func oneLine(value []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, value) != nil {
		return value
	}
	return b.Bytes()
}

// countValues is the length of a JSON list.
func countValues(list []byte) (int, error) {
	var values []json.RawMessage
	if err := json.Unmarshal(list, &values); err != nil {
		return 0, fmt.Errorf("%s is not a tuple: %w", list, plainJSON(err))
	}
	return len(values), nil
}
