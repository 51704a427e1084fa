package slot

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/go-zookeeper/zk"
	"github.com/rs/zerolog"

	"gust/conf"
	"gust/storm/generated"
	"gust/topology"
	"gust/worker"
)

// follower applies to a worker what users do with its topology: it watches ZooKeeper.
type follower struct {
	job    *Job
	state  *state
	worker *worker.Worker
	levels *levels
	events *eventLog
	log    zerolog.Logger

	killed atomic.Bool // the topology ends

	inactive bool             // what the worker was last told
	ends     <-chan time.Time // of the first log level that ends
}

// follow watches the topology's status, its debugging and its log levels until ctx ends.
func (f *follower) follow(ctx context.Context) {
	bases, configs := make(chan *generated.StormBase), make(chan *generated.LogConfig)
	go watchStruct(ctx, f.state, f.state.path("storms", f.job.Topology), bases)
	go watchStruct(ctx, f.state, f.state.path("logconfigs", f.job.Topology), configs)
	var config *generated.LogConfig
	for {
		select {
		case <-ctx.Done():
			return
		case base := <-bases:
			f.obey(base)
		case config = <-configs:
			f.setLevels(config)
		case <-f.ends:
			f.setLevels(config)
		}
	}
}

// watchStruct sends the content of a node, at once and after each change; nil if there is none.
func watchStruct[T any, P interface {
	*T
	thrift.TStruct
}](ctx context.Context, s *state, node string, to chan<- *T) {
	s.watch(ctx, node, func(data []byte, _ *zk.Stat) {
		var content *T
		if data != nil {
			content = new(T)
			if err := unpack(data, P(content)); err != nil {
				s.log.Warn().Msgf("cannot read %s of ZooKeeper: %v", node, err)
				return
			}
		}
		select {
		case to <- content:
		case <-ctx.Done():
		}
	})
}

// obey activates or deactivates the spouts: those of a topology that is being rebalanced or
// killed are not asked. base is nil if Nimbus has forgotten the topology.
func (f *follower) obey(base *generated.StormBase) {
	f.killed.Store(base == nil || base.Status == generated.TopologyStatus_KILLED)
	inactive := base == nil || base.Status != generated.TopologyStatus_ACTIVE
	switch {
	case inactive == f.inactive:
	case inactive:
		f.worker.Deactivate()
	default:
		f.worker.Activate()
	}
	f.inactive = inactive
	if base != nil {
		f.debug(base.ComponentDebug)
	}
}

// debug traces the percentage of tuple trees that users ask for. Storm samples the tuples of each
// component alone; with gust, a tuple is sampled with all that became of it.
func (f *follower) debug(options map[string]*generated.DebugOptions) {
	percent, debugged := 0.0, map[string]bool{}
	for name, o := range options {
		if !o.GetEnable() {
			continue
		}
		if name == f.job.Topology {
			name = "" // all components
		}
		debugged[name] = true
		percent = max(percent, o.GetSamplingpct())
	}
	f.events.debug(debugged)
	for _, c := range f.job.topology.Components {
		if c.Kind != topology.Spout {
			continue
		}
		own, _ := conf.Merge(f.job.conf, c.Config).Percent(conf.GustTracePercent, 0) // the worker has checked it
		f.worker.SetSampling(c.Name, max(own, percent))
	}
}

func (f *follower) setLevels(config *generated.LogConfig) {
	now := time.Now()
	ends := f.levels.apply(config, now)
	f.ends = nil
	if !ends.IsZero() {
		f.ends = time.After(ends.Sub(now))
	}
}
