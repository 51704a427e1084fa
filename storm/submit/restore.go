package submit

import (
	"cmp"
	"context"
	"path/filepath"

	"gust/storm/access"
)

// restore submits the saved copy of a topology that was replaced.
func (s *submission) restore(ctx context.Context) error {
	environment, err := access.ReadEnvironment(s.Source.ConfigFile, s.Source.Environment, s.Cluster.Nimbus != "")
	if err != nil {
		return err
	}
	s.jarFile = filepath.Join(s.scratch, "topology.jar")
	ready, err := readBackup(ctx, s.Job.Restore, s.jarFile)
	if err != nil {
		return err
	}
	ready.Name = cmp.Or(s.OverrideName, ready.Name)
	ready.Inactive = s.Inactive
	s.name = ready.Name
	s.Cluster.Environment = environment
	if s.client, err = s.Cluster.Connect(ctx); err != nil {
		return err
	}
	defer s.client.Close()
	if s.summary, err = s.client.ClusterInfo(ctx); err != nil {
		return err
	}
	old, err := s.nameFree()
	if err != nil {
		return err
	}
	return s.send(ctx, ready, old)
}
