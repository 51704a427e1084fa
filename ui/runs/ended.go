package runs

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"gust/status"
)

// How many reports of ended runs are kept in all, and of each topology.
const (
	mostEnded       = 100
	mostEndedOfName = 10
)

// stateDir is the directory for what outlives a run: $XDG_STATE_HOME/gust or
// ~/.local/state/gust.
func stateDir(below string) (string, error) {
	state := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(state) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "gust", below), nil
}

// Keep writes the report of a topology that has ended, and removes old reports.
func Keep(report *status.Report) error {
	dir, err := stateDir("ended")
	if err != nil {
		return err
	}
	// Others cannot read it: tuples have secrets.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	text, err := json.Marshal(report)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, url.PathEscape(report.View.ID)+fileSuffix)
	if err := os.WriteFile(file+".part", append(text, '\n'), 0o600); err != nil {
		return err
	}
	if err := os.Rename(file+".part", file); err != nil {
		return err
	}
	return trim(dir, report.View.Name)
}

// trim removes the oldest reports beyond those that are kept.
func trim(dir, name string) error {
	files, err := reports(dir)
	if err != nil {
		return err
	}
	same := 0
	var failed error
	for i, file := range files { // the newest first
		mine := nameOf(file.Name()) == name
		if mine {
			same++
		}
		if i >= mostEnded || mine && same > mostEndedOfName {
			if err := os.Remove(filepath.Join(dir, file.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				failed = err
			}
		}
	}
	return failed
}

// reports are the report files in a directory, the newest first.
func reports(dir string) ([]fs.FileInfo, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []fs.FileInfo
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() && filepath.Ext(info.Name()) == fileSuffix {
			files = append(files, info)
		}
	}
	slices.SortStableFunc(files, func(a, b fs.FileInfo) int {
		return cmp.Or(b.ModTime().Compare(a.ModTime()), cmp.Compare(b.Name(), a.Name()))
	})
	return files, nil
}

// nameOf is the topology's name in the name of a report's file, NAME-1-SECONDS.json.
func nameOf(file string) string {
	id, err := url.PathUnescape(file[:len(file)-len(fileSuffix)])
	if err != nil {
		return ""
	}
	for range 2 {
		cut := len(id)
		for cut > 0 && id[cut-1] != '-' {
			cut--
		}
		if cut == 0 {
			return ""
		}
		id = id[:cut-1]
	}
	return id
}

// Ended returns the reports of topologies that have ended, the newest first: those of a
// name or an id, or all if it is empty. If limit is not 0, it is the maximum number.
func Ended(name string, limit int) ([]*status.Report, error) {
	dir, err := stateDir("ended")
	if err != nil {
		return nil, err
	}
	files, err := reports(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var list []*status.Report
	for _, file := range files {
		if limit > 0 && len(list) == limit {
			break
		}
		if name != "" && nameOf(file.Name()) != name && file.Name() != url.PathEscape(name)+fileSuffix {
			continue
		}
		report, err := readReport(filepath.Join(dir, file.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // another run has removed it
		}
		if err != nil {
			return nil, err
		}
		list = append(list, report)
	}
	return list, nil
}

func readReport(file string) (*status.Report, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	report := new(status.Report)
	if err := json.Unmarshal(text, report); err != nil || report.View == nil || report.Topology == nil {
		return nil, fmt.Errorf("%s is not the report of a run: %w; remove it", file, cmp.Or(err, errNoView))
	}
	return report, nil
}

var errNoView = errors.New("it has no view and no topology")

// Archive reads the reports of topologies that have ended, each only once. Its method may be
// called from any goroutine.
type Archive struct {
	mu    sync.Mutex
	known map[string]*status.Status // by the report's file; nil if it is not a report
}

// Last returns the topologies that have ended last, the newest first. It leaves out what is
// not the report of a run.
func (a *Archive) Last(limit int) []*status.Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	dir, err := stateDir("ended")
	if err != nil {
		return nil
	}
	files, err := reports(dir)
	if err != nil {
		return nil
	}
	known := map[string]*status.Status{}
	var list []*status.Status
	for _, file := range files {
		if len(list) == limit {
			break
		}
		s, read := a.known[file.Name()]
		if !read {
			if report, err := readReport(filepath.Join(dir, file.Name())); err == nil {
				s = status.FromReport(report)
			}
		}
		known[file.Name()] = s
		if s != nil {
			list = append(list, s)
		}
	}
	a.known = known
	return list
}
