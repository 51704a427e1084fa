package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// Life is the recording of a process, from its first part that exists to its last, or to
// a loss of bytes.
type Life struct {
	// Header is that of the first part.
	Header Header
	// Chunks begin with the handshake, if it was recorded; none is [Hello].
	Chunks []Chunk
	// Headless is set if the beginning has been deleted by rotation: Chunks skips from
	// the handshake to a later message.
	Headless bool
	// Broken says why the recording ends before the process did, or is nil.
	Broken error
	// End is how the process ended, if that was recorded.
	End *End
}

// partName is the file of a part.
func partName(h Header, part int) string {
	return fmt.Sprintf("%s-task%d-life%03d-part%03d%s", url.PathEscape(h.Component), h.Task, h.Life, part, Extension)
}

var partNames = regexp.MustCompile(`^(.+)-task(\d+)-life(\d+)-part\d+` + regexp.QuoteMeta(Extension) + `$`)

// parseName reads what [partName] has put into a name.
func parseName(name string) (key taskKey, life int, ok bool) {
	m := partNames.FindStringSubmatch(name)
	if m == nil {
		return key, 0, false
	}
	component, err := url.PathUnescape(m[1])
	task, taskErr := strconv.Atoi(m[2])
	life, lifeErr := strconv.Atoi(m[3])
	return taskKey{component, task}, life, err == nil && taskErr == nil && lifeErr == nil
}

// ReadLife reads the life that the file at path is a part of, as far as its other parts
// are beside it. It reads a file of another name by itself.
func ReadLife(path string) (*Life, error) {
	header, err := readHeader(path)
	if err != nil {
		return nil, err
	}
	l := &Life{}
	for _, part := range parts(path, header) {
		if err := l.read(part); err != nil {
			return nil, fmt.Errorf("cannot read the recording %s: %w", part, err)
		}
		if l.Broken != nil {
			break
		}
	}
	return l, nil
}

// ReadFile reads only one part.
func ReadFile(path string) (*Life, error) {
	l := &Life{}
	return l, l.read(path)
}

func readHeader(path string) (Header, error) {
	file, err := os.Open(path)
	if err != nil {
		return Header{}, fmt.Errorf("cannot read the recording: %w", err)
	}
	defer file.Close()
	r, err := NewReader(file)
	if err != nil {
		return Header{}, fmt.Errorf("cannot read the recording %s: %w", path, err)
	}
	return r.Header(), nil
}

// parts are the files of the life that path is a part of, without a gap.
func parts(path string, h Header) []string {
	if filepath.Base(path) != partName(h, h.Part) {
		return []string{path}
	}
	at := func(part int) string { return filepath.Join(filepath.Dir(path), partName(h, part)) }
	first := h.Part
	for first > 1 && exists(at(first-1)) {
		first--
	}
	files := []string{at(first)}
	for part := first + 1; exists(at(part)); part++ {
		files = append(files, at(part))
	}
	return files
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// read adds a part.
func (l *Life) read(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	r, err := NewReader(file)
	if errors.Is(err, ErrTruncated) && l.Chunks != nil {
		l.Broken = err
		return nil
	}
	if err != nil {
		return err
	}
	first := l.Header.Component == ""
	if first {
		l.Header = r.Header()
		l.Headless = l.Header.Part > 1
	}
	for {
		c, err := r.Next()
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, ErrTruncated):
			l.Broken = err
			return nil
		case err != nil:
			return err
		}
		if !l.add(c, first) {
			return nil
		}
	}
}

// add adds a chunk, and reports whether others may follow.
func (l *Life) add(c Chunk, first bool) bool {
	switch c.Pipe {
	case Hello:
		if first {
			l.Chunks = append(l.Chunks, Chunk{Stdin, c.At, c.Bytes})
		}
	case Lost:
		n, _ := strconv.Atoi(string(c.Bytes))
		l.Broken = fmt.Errorf("%d bytes are missing after %.3fs: they came faster than they could be written", n, c.At.Round(time.Millisecond).Seconds())
		return false
	case Exit:
		end := &End{}
		if json.Unmarshal(c.Bytes, end) == nil {
			l.End = end
		}
	default:
		l.Chunks = append(l.Chunks, c)
	}
	return true
}
