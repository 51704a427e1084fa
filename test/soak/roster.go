package main

import (
	"bufio"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// roster knows which components live: each connects to the driver as soon as it has sent
// its pid, and the kernel closes the connection with the process.
//
// All methods may be called from any goroutine.
type roster struct {
	listener net.Listener

	mu         sync.Mutex
	members    map[int]*member // by pid
	counts     map[int]counts  // of all spout processes that ever were
	finish     bool
	mischief   bool
	closing    bool
	felled     map[int]bool // workers that a fault has killed, by pid
	fallen     *book        // of the processes that died with them
	failures   []failure    // in the order of their ends; nil unless somebody collects them
	joined     int          // members that there ever were
	deaths     int          // of members
	unordered  []string     // of them, those that no fault explains
	violations []string     // that components have seen
}

// member is a component that lives.
type member struct {
	component string
	task, pid int
	parent    int // the pid of gust, or of its worker
	conn      net.Conn
	frozen    bool   // stopped for good; the chaos' mutex guards it
	end       ending // the effect of the faults so far
	open      int    // of a spout: tuples that are not acked; -1 before the first count
}

func (m *member) String() string { return fmt.Sprintf("%s[%d] pid %d", m.component, m.task, m.pid) }

// failure is an attempt that has failed.
type failure struct {
	parent         int // of the spout's process
	emitted, ended time.Time
}

// counts is the work of one spout process.
type counts struct{ emitted, acked, failed int }

func newRoster(dir string) (*roster, error) {
	fallen, err := openBook(filepath.Join(dir, fallenBook))
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("unix", filepath.Join(dir, socketFile))
	if err != nil {
		return nil, fmt.Errorf("cannot listen to the components (a shorter -dir may help): %w", err)
	}
	r := &roster{listener: listener, members: map[int]*member{}, counts: map[int]counts{}, felled: map[int]bool{}, fallen: fallen}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go r.serve(conn)
		}
	}()
	return r, nil
}

// serve listens to a component until it is gone.
func (r *roster) serve(conn net.Conn) {
	defer conn.Close()
	m := &member{conn: conn, open: -1}
	lines := bufio.NewScanner(conn)
	if !lines.Scan() {
		return
	}
	if _, err := fmt.Sscanf(lines.Text(), "hello %s %d %d %d", &m.component, &m.task, &m.pid, &m.parent); err != nil {
		return
	}
	r.join(m)
	for lines.Scan() {
		r.heard(m, lines.Text())
	}
	r.leave(m)
}

func (r *roster) join(m *member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members[m.pid] = m
	r.joined++
	if r.felled[m.parent] {
		r.falls(m)
	}
	if r.finish {
		fmt.Fprintln(m.conn, "finish")
	}
	if r.mischief {
		fmt.Fprintln(m.conn, "mischief")
	}
}

func (r *roster) heard(m *member, line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if text, ok := strings.CutPrefix(line, "violation "); ok {
		r.violations = append(r.violations, text)
		return
	}
	var age int64
	if _, err := fmt.Sscanf(line, "failed %d", &age); err == nil {
		if r.failures != nil {
			now := time.Now()
			r.failures = append(r.failures, failure{m.parent, now.Add(-time.Duration(age) * time.Microsecond), now})
		}
		return
	}
	var c counts
	var open int
	if _, err := fmt.Sscanf(line, "count %d %d %d %d", &c.emitted, &c.acked, &c.failed, &open); err == nil {
		r.counts[m.pid] = c
		m.open = open
	}
}

func (r *roster) leave(m *member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.members[m.pid] == m {
		delete(r.members, m.pid)
	}
	if r.closing {
		return
	}
	r.deaths++
	if m.end == lives {
		r.unordered = append(r.unordered, m.String())
	}
}

// living are the components that live, by pid.
func (r *roster) living() []*member {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ms []*member
	for _, m := range r.members {
		ms = append(ms, m)
	}
	slices.SortFunc(ms, func(a, b *member) int { return a.pid - b.pid })
	return ms
}

// strike records a fault's effect on a member. It returns false if the member has died
// already, or will die of another fault: then the fault must not happen.
func (r *roster) strike(m *member, end ending) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.members[m.pid] != m || m.end == dies {
		return false
	}
	m.end = max(m.end, end)
	return true
}

// tell sends a member a command.
func (m *member) tell(order string) { fmt.Fprintln(m.conn, order) }

// fell notes that a worker is about to be killed, and all of its components with it.
func (r *roster) fell(worker int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.felled[worker] = true
	for _, m := range r.members {
		if m.parent == worker {
			r.falls(m)
		}
	}
}

// fallenBook has the processes that died with their worker, by pid. The end of a spout's
// input says nothing then.
const fallenBook = "fallen"

// falls notes that a member dies with its worker. mu is locked.
func (r *roster) falls(m *member) {
	m.end = dies
	if err := r.fallen.note("%d", m.pid); err != nil {
		r.violations = append(r.violations, fmt.Sprintf("the soak cannot write its book: %v", err))
	}
}

// collect returns the attempts that have failed since it was called last, and keeps
// those that fail from now on.
func (r *roster) collect() []failure {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.failures
	r.failures = []failure{}
	return all
}

// beginMischief has bolts fail and forget tuples on purpose, also those that start later.
func (r *roster) beginMischief() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mischief = true
	r.failures = nil
	for _, m := range r.members {
		fmt.Fprintln(m.conn, "mischief")
	}
}

// finishSpouts stops the emits of new tuples, also of spouts that start later.
func (r *roster) finishSpouts() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.finish = true
	for _, m := range r.members {
		fmt.Fprintln(m.conn, "finish")
	}
}

// tally is what the roster knows at a moment.
type tally struct {
	counts
	Living, Deaths int
	// Doomed are those of the living that are to die of a fault.
	Doomed int
	// Restarts is how many have started again, and have sent their pid.
	Restarts int
	// Open is the number of tuples that are not acked, -1 if a spout is missing.
	Open int
}

func (r *roster) tally(spoutTasks int) tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := tally{Living: len(r.members), Deaths: r.deaths, Restarts: max(0, r.joined-tasks)}
	for _, c := range r.counts {
		t.emitted += c.emitted
		t.acked += c.acked
		t.failed += c.failed
	}
	known := 0
	for _, m := range r.members {
		if m.end == dies {
			t.Doomed++
		}
		if slices.Contains(spoutNames, m.component) && m.open >= 0 {
			t.Open += m.open
			known++
		}
	}
	if known < spoutTasks {
		t.Open = -1
	}
	return t
}

// close ends the records: deaths after it are allowed, and no process joins.
func (r *roster) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closing = true
	r.listener.Close()
}

// verdict returns the number of deaths, and adds the unexpected ones to the findings.
func (r *roster) verdict(found *findings) (deaths int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, who := range r.unordered {
		found.add("deaths that no fault explains", "%s", who)
	}
	for _, text := range r.violations {
		found.add("gust broke the protocol", "%s", text)
	}
	return r.deaths
}
