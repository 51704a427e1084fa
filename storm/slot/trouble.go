package slot

import (
	"sync"

	"github.com/rs/zerolog"
)

// trouble logs what goes wrong with ZooKeeper once, and not each time until it goes well again.
// Any goroutine may use it.
type trouble struct {
	log zerolog.Logger

	mu    sync.Mutex
	since map[string]bool // by what goes wrong
}

// note takes the outcome of what, such as "write the figures".
func (t *trouble) note(what string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err != nil && !t.since[what]:
		t.log.Warn().Msgf("cannot %s: %v; it is tried again until it succeeds", what, err)
	case err == nil && t.since[what]:
		t.log.Info().Msgf("can %s again", what)
	}
	if t.since == nil {
		t.since = map[string]bool{}
	}
	t.since[what] = err != nil
}
