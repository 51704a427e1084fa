package main

import (
	"cmp"
	"context"
	"path/filepath"

	"gust/storm/submit"
)

// restore submits a topology that was put aside when it was replaced.
func (s *submission) restore(ctx context.Context) error {
	cluster, err := s.o.cluster.cluster()
	if err != nil {
		return err
	}
	s.jarFile = filepath.Join(s.scratch, "topology.jar")
	ready, err := submit.Restore(ctx, s.o.restore, s.jarFile)
	if err != nil {
		return err
	}
	ready.Name = cmp.Or(s.o.overrideName, ready.Name)
	ready.Inactive = s.o.inactive
	s.name = ready.Name
	if s.client, err = cluster.Connect(ctx); err != nil {
		return err
	}
	defer s.client.Close()
	if s.cluster, err = s.client.ClusterInfo(ctx); err != nil {
		return err
	}
	old, err := s.nameFree()
	if err != nil {
		return err
	}
	return s.send(ctx, ready, old)
}
