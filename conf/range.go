package conf

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
)

// numberRange is the range of a key's number.
type numberRange struct {
	unit     time.Duration // of the number; 0 for a count or a percentage
	min, max float64
	parts    bool // it may have fractions, although it has no unit
}

// Numbers beyond these are mistakes.
const (
	// maxSeconds is a hundred years: longer than any use of "never", and so short that
	// the sum of two durations does not overflow.
	maxSeconds = 100 * 365 * 24 * 60 * 60
	// maxTasks is more than a machine has processes.
	maxTasks = 100_000
	// minMessage is more than the answer to the handshake needs.
	minMessage = 1 << 10
)

var (
	anyInt  = numberRange{min: -math.MaxInt32, max: math.MaxInt32}
	counted = numberRange{max: math.MaxInt32}
	atLeast = numberRange{min: 1, max: math.MaxInt32}
	seconds = numberRange{unit: time.Second, max: maxSeconds}
	millis  = numberRange{unit: time.Millisecond, max: 1000 * maxSeconds}
	percent = numberRange{max: 100, parts: true}
)

// ranges has all keys whose numbers gust reads. A duration of 0 means at once or never,
// depending on the key.
var ranges = map[string]numberRange{
	TopologyWorkers:              atLeast,
	TopologyAckerExecutors:       counted,
	TopologyTasks:                {max: maxTasks},
	TopologyMaxTaskParallelism:   atLeast,
	TopologyMaxSpoutPending:      atLeast,
	TopologyMessageTimeout:       seconds,
	TopologyTickTupleFreq:        seconds,
	TopologySubprocessTimeout:    seconds,
	TopologySpoutWaitMillis:      millis,
	SupervisorWorkerTimeout:      seconds,
	SupervisorWorkerStartTimeout: seconds,
	SupervisorWorkerShutdown:     seconds,
	TopologyMaxErrorReport:       counted,
	TopologyErrorThrottle:        seconds,
	GustMaxNextAhead:             atLeast,
	GustCrashLoopCount:           counted,
	GustCrashLoopSecs:            seconds,
	GustDrainSecs:                seconds,
	GustMaxMessageBytes:          {min: minMessage, max: math.MaxInt32},
	GustQueueBytes:               atLeast,
	GustMaxAttempts:              counted,
	GustTracePercent:             percent,
	GustPacks:                    {max: 1},
	GustPeerSilence:              {unit: time.Second, min: 1, max: maxSeconds},
}

// rangeOf is a key's range, or that of any number of the kind that like is of.
func rangeOf(key string, like numberRange) numberRange {
	if r, ok := ranges[key]; ok {
		return r
	}
	return like
}

// read is a value as a number within the range.
func (r numberRange) read(key string, v any) (float64, error) {
	f, ok := number(v)
	if !ok || !(f >= r.min && f <= r.max) || r.unit == 0 && !r.parts && f != math.Trunc(f) {
		return 0, &KeyError{key, r.String(), v}
	}
	return f, nil
}

// String is such as "a whole number from 1 to 2147483647".
func (r numberRange) String() string {
	things := "a whole number"
	switch {
	case r == anyInt:
		return things
	case r.parts:
		things = "a number"
	case r.unit == time.Second:
		things = "a number of seconds"
	case r.unit == time.Millisecond:
		things = "a number of milliseconds"
	}
	text := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	return fmt.Sprintf("%s from %s to %s", things, text(r.min), text(r.max))
}

// Check finds a number that is out of its key's range, or not finite, which JSON cannot
// express. The getters check values of other types.
func (c Conf) Check() error {
	for _, key := range slices.Sorted(maps.Keys(c)) {
		v := c[key]
		if r, ok := ranges[key]; ok && v != nil {
			if _, err := r.read(key, v); err != nil {
				return err
			}
			continue
		}
		if err := finite(key, v); err != nil {
			return err
		}
	}
	return nil
}

func finite(key string, v any) error {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return &KeyError{key, "a finite number", v}
		}
	case []any:
		for i, item := range v {
			if err := finite(fmt.Sprintf("%s[%d]", key, i), item); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if err := finite(key+"."+name, v[name]); err != nil {
				return err
			}
		}
	}
	return nil
}
