package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// book is a file that a task writes its record to: a line for each event, with
// one system call before the event counts, so that it outlives the process. It
// is not synced: processes are killed here, not the machine.
//
// SIGKILL may still cut a line at the border of two pages. So each line ends with a mark,
// a line without it does not count, and the next process that opens the book ends the
// incomplete line first.
type book struct{ file *os.File }

const lineEnd = " .\n"

// bookPath is the path of a task's book of a kind.
func bookPath(dir, kind, component string, task int) string {
	return filepath.Join(dir, kind, fmt.Sprintf("%s-%d", component, task))
}

func openBook(path string) (*book, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	b := &book{file}
	if end, err := file.Seek(0, io.SeekEnd); err == nil && end > 0 {
		last := make([]byte, 1)
		if _, err := file.ReadAt(last, end-1); err == nil && last[0] != '\n' {
			io.WriteString(file, "\n")
		}
	}
	return b, nil
}

func (b *book) note(format string, args ...any) error {
	line := append(fmt.Appendf(nil, format, args...), lineEnd...)
	_, err := b.file.Write(line)
	return err
}

// readBook calls entry with the words of each whole line, in their order. A book that no
// process has opened yet is empty.
func readBook(path string, entry func(words []string) error) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 1<<20)
	for {
		line, err := in.ReadSlice('\n')
		if whole, ok := bytes.CutSuffix(line, []byte(lineEnd)); ok {
			if err := entry(strings.Fields(string(whole))); err != nil {
				return fmt.Errorf("%s: %q: %w", path, whole, err)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
}

// numbers are the words as numbers.
func numbers(words []string) ([]int, error) {
	ns := make([]int, len(words))
	for i, word := range words {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, err
		}
		ns[i] = n
	}
	return ns, nil
}
