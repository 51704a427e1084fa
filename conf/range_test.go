package conf

import (
	"errors"
	"math"
	"testing"
	"time"
)

func TestNumbersOutOfRange(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		conf Conf
		want string // "" if it is fine
	}{
		{Defaults(), ""},
		{nil, ""},
		{Conf{GustQueueBytes: int64(-1)}, "gust.queue.bytes must be a whole number from 1 to 2147483647, not -1"},
		{Conf{GustQueueBytes: 1e300}, "gust.queue.bytes must be a whole number from 1 to 2147483647, not 1e+300"},
		{Conf{GustQueueBytes: "1"}, `gust.queue.bytes must be a whole number from 1 to 2147483647, not "1"`},
		{Conf{GustMaxMessageBytes: int64(0)}, "gust.max.message.bytes must be a whole number from 1024 to 2147483647, not 0"},
		{Conf{GustMaxMessageBytes: nil}, ""},
		{Conf{TopologyMaxSpoutPending: int64(-1)}, "topology.max.spout.pending must be a whole number from 1 to 2147483647, not -1"},
		{Conf{TopologyMaxSpoutPending: 1.5}, "topology.max.spout.pending must be a whole number from 1 to 2147483647, not 1.5"},
		{Conf{TopologyMaxSpoutPending: 5.0}, ""},
		{Conf{TopologyMessageTimeout: inf}, "topology.message.timeout.secs must be a number of seconds from 0 to 3153600000, not +Inf"},
		{Conf{TopologyMessageTimeout: math.NaN()}, "topology.message.timeout.secs must be a number of seconds from 0 to 3153600000, not NaN"},
		{Conf{TopologyMessageTimeout: uint64(math.MaxUint64)}, "topology.message.timeout.secs must be a number of seconds from 0 to 3153600000, not 0xffffffffffffffff"},
		{Conf{TopologyMessageTimeout: int64(math.MaxInt32)}, ""},
		{Conf{TopologyMessageTimeout: 0.25}, ""},
		{Conf{TopologyTickTupleFreq: int64(-1)}, "topology.tick.tuple.freq.secs must be a number of seconds from 0 to 3153600000, not -1"},
		{Conf{TopologySpoutWaitMillis: 1e30}, "topology.spout.wait.progressive.level3.sleep.millis must be a number of milliseconds from 0 to 3153600000000, not 1e+30"},
		{Conf{TopologyTasks: int64(1e9)}, "topology.tasks must be a whole number from 0 to 100000, not 1000000000"},
		{Conf{GustPacks: int64(2)}, "gust.packs must be a whole number from 0 to 1, not 2"},
		{Conf{"my.own": -1e300}, ""},
		{Conf{"my.own": inf}, "my.own must be a finite number, not +Inf"},
		{Conf{"my.own": map[string]any{"a": []any{1.0, -inf}}}, "my.own.a[1] must be a finite number, not -Inf"},
	} {
		got := ""
		if err := c.conf.Check(); err != nil {
			got = err.Error()
			var key *KeyError
			if !errors.As(err, &key) {
				t.Errorf("%v: %v is no KeyError", c.conf, err)
			}
		}
		if got != c.want {
			t.Errorf("%v:\n got %q\nwant %q", c.conf, got, c.want)
		}
	}
}

// A sum of numbers in their ranges does not overflow.
func TestTheLongestDurations(t *testing.T) {
	for key, r := range ranges {
		if r.unit == 0 {
			continue
		}
		c := Conf{key: r.max}
		get := c.Seconds
		if r.unit == time.Millisecond {
			get = c.Millis
		}
		if d, err := get(key, 0); err != nil || d < 99*365*24*time.Hour || 2*d < d {
			t.Errorf("%s: %v, %v", key, d, err)
		}
	}
}

// Each key with a range is one that gust knows; the test above checks Defaults.
func TestRangesAreOfKnownKeys(t *testing.T) {
	for key := range ranges {
		if _, known := Defaults()[key]; !known && key != TopologySubprocessTimeout {
			t.Errorf("%s has a range and no default", key)
		}
	}
}
