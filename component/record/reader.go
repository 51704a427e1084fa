package record

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrTruncated is a recording that ends within a chunk, as when gust was killed.
var ErrTruncated = errors.New("the recording is truncated")

// maxChunk is more than any chunk has: a larger size is an error.
const maxChunk = 1 << 30

// Reader reads one part.
type Reader struct {
	header Header
	in     *bufio.Reader
}

// NewReader reads the header. Its errors do not name the file.
func NewReader(r io.Reader) (*Reader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	first := make([]byte, len(magic))
	if _, err := io.ReadFull(in, first); err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	if string(first) != magic {
		return nil, fmt.Errorf("it is not a recording: the first line is not %q", strings.TrimSpace(magic))
	}
	line, err := in.ReadBytes('\n')
	if err == io.EOF {
		return nil, ErrTruncated
	}
	if err != nil {
		return nil, err
	}
	reader := &Reader{in: in}
	if err := json.Unmarshal(line, &reader.header); err != nil {
		return nil, fmt.Errorf("its second line is not a header: %w", err)
	}
	return reader, nil
}

// Header is the part's.
func (r *Reader) Header() Header { return r.header }

// Next is the next chunk, whose bytes belong to the caller. The error is io.EOF after the
// last one, and [ErrTruncated] if that is incomplete.
func (r *Reader) Next() (Chunk, error) {
	line, err := r.in.ReadString('\n')
	if err == io.EOF && line == "" {
		return Chunk{}, io.EOF
	}
	if err != nil {
		return Chunk{}, truncated(err)
	}
	c, size, err := parseHead(strings.TrimSuffix(line, "\n"))
	if err != nil {
		return Chunk{}, err
	}
	if size > maxChunk {
		return Chunk{}, fmt.Errorf("invalid chunk size of %d bytes", size)
	}
	var text strings.Builder // it grows with the data, not with the claimed size
	if _, err := io.CopyN(&text, r.in, int64(size)+1); err != nil {
		return Chunk{}, truncated(err)
	}
	c.Bytes = []byte(text.String())
	if c.Bytes[size] != '\n' {
		return Chunk{}, errors.New("a chunk is not followed by a line feed: the recording was changed, or is damaged")
	}
	c.Bytes = c.Bytes[:size]
	return c, nil
}

func truncated(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return ErrTruncated
	}
	return err
}
