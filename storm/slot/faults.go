package slot

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"gust/conf"
	"gust/storm/generated"
	"gust/worker"
)

// faults writes the errors of components into ZooKeeper, where Storm's UI and clients find them.
type faults struct {
	state    *state
	topology string // its id
	host     string
	port     int

	most  int           // errors of a component
	every time.Duration // in this time
	spent map[string]*spent
}

// spent is what a component has reported since a time.
type spent struct {
	since time.Time
	n     int
}

// keptErrors is how many errors of a component Storm keeps.
const keptErrors = 10

func newFaults(s *state, l *Launch, host string, c conf.Conf) (*faults, error) {
	f := &faults{state: s, topology: l.Topology, host: host, port: l.Port, spent: map[string]*spent{}}
	var err error
	if f.most, err = c.Int(conf.TopologyMaxErrorReport, 5); err != nil {
		return nil, err
	}
	f.every, err = c.Seconds(conf.TopologyErrorThrottle, 10*time.Second)
	return f, err
}

// report writes an error, unless its component has written too many.
func (f *faults) report(e worker.ErrorReport) error {
	s := f.spent[e.Component]
	if s == nil {
		s = &spent{}
		f.spent[e.Component] = s
	}
	if e.Time.Sub(s.since) > f.every {
		*s = spent{since: e.Time}
	}
	if s.n++; s.n > f.most {
		return nil
	}
	host, port := f.host, int32(f.port)
	data, err := pack(&generated.ErrorInfo{Error: e.Text, ErrorTimeSecs: int32(e.Time.Unix()), Host: &host, Port: &port})
	if err != nil {
		return err
	}
	dir := f.state.path("errors", f.topology, urlEncoded(e.Component))
	if err := f.state.add(path.Join(dir, "e"), data); err != nil {
		return err
	}
	if err := f.state.write(dir+"-last-error", data); err != nil {
		return err
	}
	return f.prune(dir)
}

// prune deletes all but the last errors.
func (f *faults) prune(dir string) error {
	names, _, err := f.state.conn.Children(dir)
	if err != nil {
		return err
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(sequence(a), sequence(b)) })
	for _, name := range names[:max(0, len(names)-keptErrors)] {
		if err := f.state.remove(path.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// sequence is the number that ZooKeeper has appended to a name.
func sequence(name string) int64 {
	n, _ := strconv.ParseInt(strings.TrimPrefix(name, "e"), 10, 64)
	return n
}
