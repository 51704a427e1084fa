package record

import (
	"os"
	"path/filepath"
	"strings"

	"gust/internal/terminal"
)

// Part is one file of a directory of recordings.
type Part struct {
	Name  string
	Bytes int64
	// Life is that part of a life; Err is why it cannot be read.
	Life *Life
	Err  error
}

// List reads the recordings in a directory.
func List(dir string) ([]Part, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var list []Part
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != Extension {
			continue
		}
		p := Part{Name: entry.Name()}
		p.Life, p.Err = ReadFile(filepath.Join(dir, p.Name))
		if info, err := entry.Info(); err == nil {
			p.Bytes = info.Size()
		}
		list = append(list, p)
	}
	return list, nil
}

// maxFate is how much of the reason for a kill is said.
const maxFate = 60

// Fate says how a part of a life ends.
func (l *Life) Fate() string {
	switch {
	case l.Broken != nil:
		return l.Broken.Error()
	case l.End == nil:
		return "continues"
	case l.End.Asked:
		return "stopped"
	case l.End.Cause != "":
		return terminal.Shorten("killed: "+strings.TrimSpace(l.End.Cause), maxFate)
	}
	return l.End.Exit
}
