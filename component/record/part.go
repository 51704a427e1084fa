package record

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
)

// part is the file that a tape is written to.
type part struct {
	file    *os.File
	key     taskKey
	path    string
	size    int64
	hello   []byte     // the handshake, with which each part begins
	at      [2]*Cutter // where stdin and stdout are among their messages
	pending []byte     // what is not in the file yet
}

// shelf is the files of a task, the oldest first.
type shelf struct{ files []kept }

type kept struct {
	path string
	size int64
}

// write writes a tape's batch.
func (r *Recorder) write(t *Tape, b *batch) error {
	if t.part == nil {
		if err := r.begin(t); err != nil {
			return err
		}
	}
	err := b.each(func(c Chunk) error {
		p := t.part
		p.note(c)
		p.pending = c.append(p.pending)
		size := p.size + int64(len(p.pending))
		// A part ends between two messages, so that the next can be read by itself. After
		// a limit it ends even within a message.
		if most := r.limit / partsInLimit; size >= most && p.between() || size >= 2*most {
			return r.turn(t)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := t.part.flush(); err != nil {
		return err
	}
	if n := len(b.heads); n > 0 && b.heads[n-1].pipe == Exit {
		return r.finish(t.part)
	}
	return nil
}

// maxUnfinished limits the memory for a child's output that never becomes a message.
const maxUnfinished = 64 << 20

// begin makes the first part of a tape.
func (r *Recorder) begin(t *Tape) error {
	p := &part{key: taskKey{t.header.Component, t.header.Task}}
	for i := range p.at {
		p.at[i] = NewCutter(t.header.Serializer)
	}
	t.part = p
	return r.create(t)
}

// turn ends a part, and begins the next one.
func (r *Recorder) turn(t *Tape) error {
	p := t.part
	if err := p.flush(); err != nil {
		return err
	}
	if err := r.finish(p); err != nil {
		return err
	}
	t.header.Part++
	t.header.Midway = !p.between()
	if err := r.create(t); err != nil {
		return err
	}
	if p.hello != nil {
		p.pending = Chunk{Pipe: Hello, Bytes: p.hello}.append(p.pending)
	}
	return nil
}

// create makes the file of the part that the tape's header numbers.
func (r *Recorder) create(t *Tape) error {
	p := t.part
	header, err := json.Marshal(t.header)
	if err != nil {
		return err
	}
	p.path = filepath.Join(r.dir, partName(t.header, t.header.Part))
	// Readable only for the user: tuples may be private.
	if p.file, err = os.OpenFile(p.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	r.open[p] = true
	p.size = 0
	p.pending = append(append(append(p.pending[:0], magic...), header...), '\n')
	return nil
}

// finish closes a part's file, and removes the task's oldest file if there are too many.
func (r *Recorder) finish(p *part) error {
	delete(r.open, p)
	err := p.file.Close()
	s := r.kept[p.key]
	if s == nil {
		s = &shelf{}
		r.kept[p.key] = s
	}
	s.files = append(s.files, kept{p.path, p.size})
	return errors.Join(err, s.tidy(r.limit-r.limit/partsInLimit))
}

// tidy removes the oldest files until the others fit, the newest always.
func (s *shelf) tidy(limit int64) error {
	var total int64
	for _, f := range s.files {
		total += f.size
	}
	var err error
	for len(s.files) > 1 && (total > limit || len(s.files) > maxFiles) {
		total -= s.files[0].size
		err = errors.Join(err, os.Remove(s.files[0].path))
		s.files = slices.Delete(s.files, 0, 1)
	}
	return err
}

// note follows the messages.
func (p *part) note(c Chunk) {
	switch c.Pipe {
	case Stdin:
		cutter := p.at[0]
		cutter.Feed(c.Bytes)
		for m := cutter.Next(); m != nil; m = cutter.Next() {
			if p.hello == nil {
				p.hello = slices.Clone(m)
			}
		}
	case Stdout:
		cutter := p.at[1]
		cutter.Feed(c.Bytes)
		for cutter.Next() != nil {
		}
		if len(cutter.rest) > maxUnfinished {
			cutter.Reset()
		}
	case Lost:
		for _, cutter := range p.at {
			cutter.Reset()
		}
	}
}

// between reports whether both pipes are between two messages.
func (p *part) between() bool { return p.at[0].Whole() && p.at[1].Whole() }

func (p *part) flush() error {
	n, err := p.file.Write(p.pending)
	p.size += int64(n)
	p.pending = p.pending[:0]
	if cap(p.pending) > 1<<20 {
		p.pending = nil
	}
	return err
}
