package run

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/rs/zerolog"

	"gust/component/record"
	"gust/conf"
	"gust/internal/hint"
	"gust/topology"
	"gust/worker"
)

// Record says what to record of a run.
type Record struct {
	// Dir gets the recordings; if it is empty, nothing is recorded.
	Dir string
	// Only are the components to record; empty means all.
	Only []string
	// Limit is how many bytes of each task's recordings to keep.
	Limit int64
}

// recording is a run's recorder, which may be nil.
type recording struct {
	recorder *record.Recorder // nil if nothing is recorded
	only     []string
	conf     conf.Conf // the topology's
}

// start starts the recorder, if the run is recorded.
func (o Record) start(t *topology.Topology, merged conf.Conf, log zerolog.Logger) (*recording, error) {
	r, err := o.open(t, merged, log, false)
	if err == nil && r.recorder != nil {
		log.Info().Msgf("recording to %s", o.Dir)
	}
	return r, err
}

// share starts the recorder of one of several workers, whose run has been checked.
func (o Record) share(t *topology.Topology, merged conf.Conf, log zerolog.Logger) (*recording, error) {
	return o.open(t, merged, log, true)
}

func (o Record) open(t *topology.Topology, merged conf.Conf, log zerolog.Logger, shared bool) (*recording, error) {
	if o.Dir == "" {
		return &recording{}, nil
	}
	var names []string
	for _, c := range t.Components {
		names = append(names, c.Name)
	}
	for _, name := range o.Only {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("--only %s: topology %q has no such component%s", name, t.Name, topology.DidYouMean(name, names))
		}
	}
	recorder, err := record.New(record.Options{
		Dir: o.Dir, Limit: o.Limit, Shared: shared,
		Failed: func(err error) { log.Error().Msgf("%v: recording stopped", err) },
	})
	switch {
	case errors.Is(err, record.ErrNotEmpty):
		return nil, hint.With(err, fmt.Sprintf("name another directory, or remove them: rm %s/*%s", o.Dir, record.Extension))
	case err != nil:
		return nil, err
	}
	return &recording{recorder, o.Only, merged}, nil
}

// tap is the worker's tap, or nil if nothing is recorded.
func (r *recording) tap() func(*topology.Component, topology.TaskID, int) worker.Tap {
	if r.recorder == nil {
		return nil
	}
	return func(c *topology.Component, task topology.TaskID, pid int) worker.Tap {
		if len(r.only) > 0 && !slices.Contains(r.only, c.Name) {
			return nil
		}
		return r.recorder.Tape(record.Header{
			Component: c.Name, Kind: c.Kind.String(), Task: int(task), PID: pid,
			Serializer: c.Serializer, Command: c.Command, Dir: c.Dir, Env: r.environment(c),
		})
	}
}

// environment is what the worker sets for a component.
func (r *recording) environment(c *topology.Component) map[string]string {
	env, _ := conf.Merge(r.conf, c.Config).StringMap(conf.TopologyEnvironment) // the worker has read it already
	env = maps.Clone(env)
	if env == nil {
		env = map[string]string{}
	}
	maps.Copy(env, c.Env)
	return env
}

// close writes the remaining bytes. Its error has already been logged.
func (r *recording) close() {
	if r.recorder != nil {
		r.recorder.Close()
	}
}
