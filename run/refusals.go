package run

import (
	"net"
	"sync"
	"time"
)

// refusals are the connections that a worker has refused. Somebody who is refused comes again
// every few seconds, and the log should have each reason once.
type refusals struct {
	mu   sync.Mutex
	said map[refusal]time.Time
}

type refusal struct{ host, why string }

const (
	sayAgain     = time.Hour
	mostRefusals = 1000 // strangers have many hosts
)

// isNew says whether the reason has not been said of that host lately.
func (r *refusals) isNew(from net.Addr, why error) bool {
	one := refusal{from.String(), why.Error()}
	if host, _, err := net.SplitHostPort(one.host); err == nil {
		one.host = host
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, known := r.said[one]; known && time.Since(at) < sayAgain {
		return false
	}
	if r.said == nil || len(r.said) >= mostRefusals {
		r.said = map[refusal]time.Time{}
	}
	r.said[one] = time.Now()
	return true
}
