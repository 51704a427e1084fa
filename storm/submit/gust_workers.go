package submit

import (
	"context"
	"fmt"
	"maps"

	"gust/conf"
	"gust/internal/hint"
	"gust/storm/slot"
)

// onGustWorkers reports whether gust's workers are to run the topology.
func (s *submission) onGustWorkers() (bool, error) { return s.conf.Bool(conf.GustWorkers, false) }

// checkGustWorkers checks that gust's workers can run the topology on this cluster, and makes it
// one that no other workers run: a machine without them reports that, instead of starting
// workers that cannot talk to gust's.
func (s *submission) checkGustWorkers(ctx context.Context) error {
	wanted, err := s.onGustWorkers()
	if err != nil || !wanted {
		return err
	}
	if err := s.runnableByGust(ctx); err != nil {
		return hint.With(fmt.Errorf("gust's workers cannot run topology %q: %w", s.name, err),
			fmt.Sprintf("without %s, Storm's own workers run it", conf.GustWorkers))
	}
	for _, c := range s.loaded.Topology.Components {
		c.Config = maps.Clone(c.Config)
		if c.Config == nil {
			c.Config = map[string]any{}
		}
		c.Config[conf.TopologyMultilangSerializer] = slot.Serializer(c.Serializer)
	}
	s.conf[conf.TopologyMultilangSerializer] = slot.Serializer("json")
	return nil
}

// runnableByGust returns an error that says why gust's workers cannot run the topology.
func (s *submission) runnableByGust(ctx context.Context) error {
	for _, c := range s.loaded.Topology.Components {
		if c.Java != "" {
			return fmt.Errorf("%s %q is the Java class %s", c.Kind, c.Name, c.Java)
		}
		for _, in := range c.Inputs {
			if in.Grouping.Class != "" || in.Grouping.Object != nil {
				return fmt.Errorf("%s %q groups stream %q of %q by Java code", c.Kind, c.Name, in.Stream, in.Component)
			}
		}
	}
	for _, nimbus := range s.summary.Nimbuses {
		if nimbus.IsLeader {
			if err := slot.Release(nimbus.Version).Check(); err != nil {
				return err
			}
		}
	}
	settings, err := s.client.NimbusSettings(ctx)
	if err != nil {
		return err
	}
	return slot.Unsupported(conf.Merge(settings, s.conf))
}
