package slot

import (
	"context"
	"net"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"gust/storm"
	"gust/storm/generated"
)

// witness tells Nimbus that the worker lives, while its supervisor does not: otherwise Nimbus
// takes the executors for dead, and has others started, which nobody stops. In Storm 1.x the
// figures do that.
type witness struct {
	supervisor string // its address
	nimbus     storm.Options
	beat       func(now time.Time) *generated.SupervisorWorkerHeartbeat
	log        zerolog.Logger
}

// witnessEvery is how often the witness looks. Nimbus' patience (nimbus.task.timeout.secs) is 30
// seconds by default.
const witnessEvery = 3 * time.Second

func newWitness(l *Launch, nimbus storm.Options, executors []executor, log zerolog.Logger) *witness {
	nimbus.Timeout = witnessEvery
	return &witness{
		supervisor: net.JoinHostPort("127.0.0.1", strconv.Itoa(l.Supervisor)), nimbus: nimbus, log: log,
		beat: func(now time.Time) *generated.SupervisorWorkerHeartbeat {
			beat := &generated.SupervisorWorkerHeartbeat{StormID: l.Topology, TimeSecs: int32(now.Unix())}
			for _, e := range executors {
				beat.Executors = append(beat.Executors, e.info())
			}
			return beat
		},
	}
}

// watch watches the supervisor until ctx ends.
func (w *witness) watch(ctx context.Context) {
	tick := time.NewTicker(witnessEvery)
	defer tick.Stop()
	alone := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if w.supervised(ctx) {
			alone = false
			continue
		}
		if !alone {
			w.log.Warn().Msg("the supervisor does not answer: the worker reports to Nimbus itself")
		}
		if err := w.report(ctx); err != nil && !alone {
			w.log.Warn().Msgf("cannot report to Nimbus: %v", err)
		}
		alone = true
	}
}

// supervised reports whether the supervisor listens.
func (w *witness) supervised(ctx context.Context) bool {
	dialer := net.Dialer{Timeout: witnessEvery}
	c, err := dialer.DialContext(ctx, "tcp", w.supervisor)
	if err != nil {
		return ctx.Err() != nil
	}
	c.Close()
	return true
}

func (w *witness) report(ctx context.Context) error {
	client, err := storm.Dial(ctx, w.nimbus)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.SendWorkerHeartbeat(ctx, w.beat(time.Now()))
}
