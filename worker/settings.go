package worker

import (
	"time"

	"gust/conf"
	"gust/multilang"
)

// settings are the values of a component's conf that gust uses while it runs.
type settings struct {
	debug          bool
	tracePercent   float64       // of a spout's trees
	messageTimeout time.Duration // 0: tuples never time out
	maxSilence     time.Duration // how long a child may be silent while an answer is due
	startTimeout   time.Duration // how long a child may take for its first answer
	tick           time.Duration // 0: no ticks
	maxPending     int           // 0: no bound
	maxAhead       int
	maxAttempts    int // 0: no bound
	spoutWait      time.Duration
	activate       bool
	maxMessage     int
	queueBytes     int
	packs          bool
	breakpoints    bool
	refused        multilang.Refusals // what its program may be unable to read
	crashCount     int
	crashWithin    time.Duration
	complaints     int
	complaintsPer  time.Duration
}

func newSettings(c conf.Conf) (settings, error) {
	r := getter{conf: c}
	s := settings{
		debug:          r.bool(conf.TopologyDebug),
		tracePercent:   r.percent(conf.GustTracePercent),
		messageTimeout: r.seconds(conf.TopologyMessageTimeout),
		startTimeout:   r.seconds(conf.SupervisorWorkerStartTimeout),
		tick:           r.seconds(conf.TopologyTickTupleFreq),
		maxPending:     r.int(conf.TopologyMaxSpoutPending),
		maxAhead:       r.positive(conf.GustMaxNextAhead),
		maxAttempts:    r.int(conf.GustMaxAttempts),
		spoutWait:      r.millis(conf.TopologySpoutWaitMillis),
		activate:       r.bool(conf.GustSpoutActivate),
		maxMessage:     r.positive(conf.GustMaxMessageBytes),
		queueBytes:     r.positive(conf.GustQueueBytes),
		packs:          r.int(conf.GustPacks) == multilang.PacksVersion,
		breakpoints:    get(&r, r.conf.Bool, conf.GustBreakpoints, true),
		crashCount:     r.int(conf.GustCrashLoopCount),
		crashWithin:    r.seconds(conf.GustCrashLoopSecs),
		complaints:     r.int(conf.TopologyMaxErrorReport),
		complaintsPer:  r.seconds(conf.TopologyErrorThrottle),
	}
	if !r.bool(conf.TopologyEnableTimeouts) {
		s.messageTimeout = 0
	}
	s.maxSilence = r.seconds(conf.TopologySubprocessTimeout)
	if s.maxSilence == 0 {
		s.maxSilence = r.seconds(conf.SupervisorWorkerTimeout)
	}
	return s, r.err
}

// getter gets values from a conf, and keeps the first error.
type getter struct {
	conf conf.Conf
	err  error
}

func get[T any](r *getter, get func(string, T) (T, error), key string, unset T) T {
	v, err := get(key, unset)
	if err != nil && r.err == nil {
		r.err = err
	}
	return v
}

func (r *getter) bool(key string) bool { return get(r, r.conf.Bool, key, false) }

func (r *getter) int(key string) int { return get(r, r.conf.Int, key, 0) }

func (r *getter) percent(key string) float64 { return get(r, r.conf.Percent, key, 0) }

func (r *getter) seconds(key string) time.Duration { return get(r, r.conf.Seconds, key, 0) }

func (r *getter) millis(key string) time.Duration { return get(r, r.conf.Millis, key, 0) }

// positive gets a number that is never 0. null, which removes the default of other
// keys, keeps that of such a key.
func (r *getter) positive(key string) int {
	unset, _ := conf.Defaults().Int(key, 0)
	return get(r, r.conf.Int, key, unset)
}
