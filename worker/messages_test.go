package worker

import (
	"testing"

	"github.com/rs/zerolog"

	"gust/conf"
	"gust/multilang"
)

// formatting counts the values that are formatted for people.
type formatting struct {
	multilang.Codec
	n int
}

func (f *formatting) AppendText(dst, raw []byte, limit int) []byte {
	f.n++
	return f.Codec.AppendText(dst, raw, limit)
}

// What is not shown is not formatted: a process may offend a million times a second.
func TestHiddenComplaintsAreNotFormatted(t *testing.T) {
	const shown = 3
	for _, c := range []struct {
		name, from, message string
		n                   int // values in the complaint
	}{
		{"a wrong id", "b", `{"command":"ack","id":"what"}`, 1},
		{"a tuple with too many values", "b", `{"command":"emit","tuple":[1,2],"need_task_ids":false}`, 1},
		{"a spout's ack", "s", `{"command":"ack","id":"what"}`, 1},
		{"an emit that is logged", "s", `{"command":"emit","id":5,"tuple":["v"],"need_task_ids":false}`, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t, chain(), conf.Conf{
				conf.TopologyMaxErrorReport: int64(shown), conf.TopologyErrorThrottle: int64(60), conf.TopologyDebug: true,
			})
			from := s.task(c.from, 0)
			from.log = from.log.Level(zerolog.InfoLevel)
			f := &formatting{Codec: from.comp.codec}
			from.comp.codec = f
			for range 100 {
				s.say(from, c.message)
			}
			if f.n != shown*c.n {
				t.Errorf("%d values were formatted for %d complaints", f.n, shown*c.n)
			}
		})
	}
	t.Run("trees that time out", func(t *testing.T) {
		s := newStage(t, chain(), conf.Conf{conf.TopologyMaxErrorReport: int64(shown)})
		f := &formatting{Codec: multilang.JSON}
		s.plan.byName["s"].codec = f
		for n := range 100 {
			s.emit(s.task("s", 0), n)
		}
		s.sweep(int64(s.plan.byName["s"].set.messageTimeout))
		if s.acker.stats.Failed.Timeout != 100 || f.n != shown {
			t.Errorf("%d values were formatted for %d time-outs", f.n, s.acker.stats.Failed.Timeout)
		}
	})
}
