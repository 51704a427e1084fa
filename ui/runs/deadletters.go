package runs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"gust/status"
)

// DeadLetters is the file with a topology's dead letters, as JSON lines. Runs append to it,
// and commands remove from it, at the same time: each holds a lock meanwhile.
type DeadLetters struct{ Path string }

// mostLetters is how large the file may become, in bytes. Then it is renamed, over the one
// that was renamed before: there are at most two.
const mostLetters = 64 << 20

// DeadLettersOf is the file for the topology with a name. There need not be one yet.
func DeadLettersOf(topology string) (*DeadLetters, error) {
	dir, err := stateDir("dead-letters")
	return &DeadLetters{filepath.Join(dir, url.PathEscape(topology)+".jsonl")}, err
}

// files are the file that was renamed, and the one that is written.
func (d *DeadLetters) files() []string { return []string{d.Path + ".1", d.Path} }

// Append adds dead letters.
func (d *DeadLetters) Append(letters []status.DeadLetter) error {
	var lines []byte
	for i := range letters {
		line, err := json.Marshal(&letters[i])
		if err != nil {
			return err
		}
		lines = append(append(lines, line...), '\n')
	}
	// Others cannot read it: tuples have secrets.
	if err := os.MkdirAll(filepath.Dir(d.Path), 0o700); err != nil {
		return err
	}
	unlock, err := d.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if info, err := os.Stat(d.Path); err == nil && info.Size() > 0 && info.Size()+int64(len(lines)) > mostLetters {
		if err := os.Rename(d.Path, d.Path+".1"); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(d.Path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if endsWithin(file) {
		lines = append([]byte{'\n'}, lines...)
	}
	_, err = file.Write(lines)
	return errors.Join(err, file.Close())
}

// endsWithin says whether a file ends in the middle of a line: the disk was full.
func endsWithin(file *os.File) bool {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil || size == 0 {
		return false
	}
	last := make([]byte, 1)
	_, err = file.ReadAt(last, size-1)
	return err == nil && last[0] != '\n'
}

// List returns the dead letters, oldest first. An error names the lines that are not dead
// letters; the others are returned anyway.
func (d *DeadLetters) List() ([]status.DeadLetter, error) {
	unlock, err := d.lock()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer unlock()
	var list []status.DeadLetter
	var broken error
	for _, path := range d.files() {
		err := eachLine(path, func(number int, line []byte) {
			letter, ok := parseLetter(line)
			if !ok {
				broken = errors.Join(broken, fmt.Errorf("line %d of %s is not a dead letter", number, path))
				return
			}
			list = append(list, letter)
		})
		if err != nil {
			return nil, err
		}
	}
	return list, broken
}

// parseLetter reads a line of the file.
func parseLetter(line []byte) (status.DeadLetter, bool) {
	var letter status.DeadLetter
	err := json.Unmarshal(line, &letter)
	return letter, err == nil && letter.Failure != nil && letter.Topology != ""
}

// Remove removes dead letters, and says how many of them there were.
func (d *DeadLetters) Remove(keys []status.LetterKey) (removed int, err error) {
	gone := make(map[status.LetterKey]bool, len(keys))
	for _, key := range keys {
		gone[key] = true
	}
	unlock, err := d.lock()
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer unlock()
	for _, path := range d.files() {
		n, err := rewrite(path, gone)
		if err != nil {
			return removed, err
		}
		removed += n
	}
	return removed, nil
}

// rewrite replaces a file by one without some dead letters. Whatever happens meanwhile,
// either the old file or the new one exists.
func rewrite(path string, gone map[status.LetterKey]bool) (removed int, err error) {
	var left bytes.Buffer
	err = eachLine(path, func(_ int, line []byte) {
		if letter, ok := parseLetter(line); ok && gone[letter.Key()] {
			removed++
			return
		}
		left.Write(line)
		left.WriteByte('\n')
	})
	switch {
	case err != nil || removed == 0:
		return 0, err
	case left.Len() == 0:
		return removed, os.Remove(path)
	}
	part, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	_, err = part.Write(left.Bytes())
	if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
		return 0, err
	}
	return removed, os.Rename(path+".part", path)
}

// eachLine calls visit with each line of a file that is not empty. It need not exist.
func eachLine(path string, visit func(number int, line []byte)) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 64<<10)
	for number := 1; ; number++ {
		line, err := in.ReadBytes('\n')
		if text := bytes.TrimSpace(line); len(text) > 0 {
			visit(number, text)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// lock locks the files until the returned function is called. Without their directory,
// there is nothing to lock.
func (d *DeadLetters) lock() (unlock func(), err error) {
	file, err := os.OpenFile(d.Path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("cannot lock %s: %w", file.Name(), err)
	}
	return func() { file.Close() }, nil
}
