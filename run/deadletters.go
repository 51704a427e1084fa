package run

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"

	"gust/status"
)

// deadLetters appends the dead letters of a run to a file, as JSON lines: each is a
// status.Failure with the topology's name and id. It belongs to one goroutine.
type deadLetters struct {
	path string // empty if dead letters are not written
	log  zerolog.Logger
	id   string // of the topology
	size int64
	file *os.File // nil before the first

	failed bool // the last one could not be written, and that was logged
}

// mostLetters is the size limit of the file in bytes. A full file is renamed, and
// replaces the previous one: so there are at most two.
const mostLetters = 64 << 20

// letter is a line of the file.
type letter struct {
	Topology string `json:"topology"` // its id
	*status.Failure
}

// write appends the dead letters among the failures.
func (d *deadLetters) write(failures []*status.Failure) {
	for _, f := range failures {
		if !f.Dead || d.path == "" {
			continue
		}
		err := d.append(f)
		if err != nil && !d.failed {
			d.log.Error().Msgf("cannot write dead letters to %s: %v", d.path, err)
		}
		d.failed = err != nil
	}
}

func (d *deadLetters) append(f *status.Failure) error {
	if d.file == nil {
		if err := d.open(); err != nil {
			return err
		}
		d.log.Warn().Msgf("tuples that failed gust.max.attempts times are in %s", d.path)
	}
	line, err := json.Marshal(letter{d.id, f})
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if d.size > 0 && d.size+int64(len(line)) > mostLetters {
		if err := errors.Join(d.file.Close(), os.Rename(d.path, d.path+".1"), d.open()); err != nil {
			return err
		}
	}
	n, err := d.file.Write(line)
	d.size += int64(n)
	return err
}

func (d *deadLetters) open() error {
	// Others cannot read it: tuples have secrets.
	if err := os.MkdirAll(filepath.Dir(d.path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(d.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return err
	}
	d.file, d.size = file, info.Size()
	return nil
}

// close closes the file.
func (d *deadLetters) close() {
	if d.file == nil {
		return
	}
	if err := d.file.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
		d.log.Error().Msgf("cannot write dead letters to %s: %v", d.path, err)
	}
}
