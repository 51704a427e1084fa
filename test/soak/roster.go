package main

import (
	"bufio"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
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
	closing    bool
	joined     int      // members that there ever were
	deaths     int      // of members
	unordered  []string // of them, those that no fault explains
	violations []string // that components have seen
}

// member is a component that lives.
type member struct {
	component string
	task, pid int
	conn      net.Conn
	frozen    bool   // stopped for good; the chaos' mutex guards it
	end       ending // the effect of the faults so far
	open      int    // of a spout: tuples that are not acked; -1 before the first count
}

func (m *member) String() string { return fmt.Sprintf("%s[%d] pid %d", m.component, m.task, m.pid) }

// counts is the work of one spout process.
type counts struct{ emitted, acked, failed int }

func newRoster(socket string) (*roster, error) {
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, fmt.Errorf("cannot listen to the components (a shorter -dir may help): %w", err)
	}
	r := &roster{listener: listener, members: map[int]*member{}, counts: map[int]counts{}}
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
	if _, err := fmt.Sscanf(lines.Text(), "hello %s %d %d", &m.component, &m.task, &m.pid); err != nil {
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
	if r.finish {
		fmt.Fprintln(m.conn, "finish")
	}
}

func (r *roster) heard(m *member, line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if text, ok := strings.CutPrefix(line, "violation "); ok {
		r.violations = append(r.violations, text)
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
