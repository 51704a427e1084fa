package conf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf8"
)

// ParseJSON reads one JSON document into the types of a [Conf]: a whole number is an
// int64 and any other number a float64. A whole number beyond 64 bits becomes the nearest
// float64: no setting of Storm's is that large, and every reader of a Conf would have to
// handle a third type of number.
//
// A syntax error names its line and column.
func ParseJSON(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, withLine(err, data)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("line %d: unexpected data after the JSON value", line(data, d.InputOffset()))
	}
	return plainNumbers(v), nil
}

// JSON is a value of a [Conf] as JSON from which [ParseJSON] reads the same value: 1.0
// stays apart from 1.
func JSON(v any) ([]byte, error) { return json.Marshal(numbers(v)) }

// numbers is v with each whole float64 as a json.Number that has a fraction.
func numbers(v any) any {
	switch v := v.(type) {
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return json.Number(strconv.FormatFloat(v, 'f', 1, 64))
		}
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = numbers(v[i])
		}
		return list
	case map[string]any:
		m := make(map[string]any, len(v))
		for k := range v {
			m[k] = numbers(v[k])
		}
		return m
	case Conf:
		return numbers(map[string]any(v))
	}
	return v
}

// plainNumbers replaces every json.Number in v, in place if v is a map or a list.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return i
		}
		// The number's syntax is sound; out of range it is an infinity, which is near enough.
		f, _ := strconv.ParseFloat(v.String(), 64)
		return f
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plainNumbers(v[k])
		}
	}
	return v
}

// withLine adds the line and column of a syntax error.
func withLine(err error, data []byte) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("line %d: unexpected end of file", line(data, int64(len(data))))
	case errors.As(err, &syntax):
		at := min(max(syntax.Offset-1, 0), int64(len(data))) // of the byte that does not fit
		before := bytes.TrimRight(data[:at], " \t\r\n")
		if at < int64(len(data)) && bytes.IndexByte([]byte("]},"), data[at]) >= 0 && bytes.HasSuffix(before, []byte{','}) {
			return fmt.Errorf("%s: a trailing comma: JSON has commas only between values", position(data, int64(len(before)-1)))
		}
		return fmt.Errorf("%s: %w", position(data, at), err)
	}
	return err
}

// position names the line and the column, in characters, of the byte at offset.
func position(data []byte, offset int64) string {
	begin := 1 + bytes.LastIndexByte(data[:offset], '\n')
	return fmt.Sprintf("line %d, column %d", line(data, offset), 1+utf8.RuneCount(data[begin:offset]))
}

// line is the number of the line with the byte at offset.
func line(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(offset, int64(len(data)))], []byte{'\n'})
}
