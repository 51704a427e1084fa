package submit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/storm/generated"
	"gust/topology/load"
)

// prepare loads the topology and finds the cluster.
func (s *submission) prepare(ctx context.Context) error {
	loaded, err := load.Load(ctx, s.Source)
	if err != nil {
		if ctx.Err() != nil {
			return errors.New("interrupted while reading the topology")
		}
		return err
	}
	for _, w := range loaded.Warnings {
		s.Voice.Warn(w)
	}
	original := loaded.Topology.Name
	s.loaded, s.name = loaded, cmp.Or(s.OverrideName, original)
	loaded.Topology.Name = s.name
	if err := check(loaded.Topology); err != nil {
		return err
	}
	s.Cluster.Environment = s.environment()
	if s.client, err = s.Cluster.Connect(ctx); err != nil {
		return err
	}
	if s.summary, err = s.client.ClusterInfo(ctx); err != nil {
		return err
	}
	if len(s.summary.Supervisors) == 0 {
		s.Voice.Warn("the cluster has no supervisors: the topology will run when it has one")
	}
	if s.conf, err = confOf(loaded.Topology, s.Source.Options, s.workerHosts()); err != nil {
		return err
	}
	s.conf["topology.original_name"] = original
	return s.findHooks(original)
}

// environment is the one of config.json, or nil.
func (s *submission) environment() *conf.Environment {
	if s.loaded.Environment == nil || s.loaded.Environment.Name == "" {
		return nil
	}
	return s.loaded.Environment
}

// workerHosts is the number of machines with workers: in config.json, or else in the
// cluster.
func (s *submission) workerHosts() int {
	if e := s.environment(); e != nil {
		if listed, ok := e.Settings["workers"].([]any); ok && len(listed) > 0 {
			return len(listed)
		}
	}
	return len(s.summary.Supervisors)
}

// projectDir is the directory of config.json, or of the topology.
func (s *submission) projectDir() string {
	if s.loaded.Project != nil && s.Source.ConfigFile == "" {
		return filepath.Dir(s.loaded.Project.File)
	}
	if dir := s.resources(); dir != "" && s.loaded.Topology.Source != "" && isSpec(s.loaded.Topology.Source) {
		return filepath.Dir(dir)
	}
	return filepath.Dir(s.loaded.Topology.Source)
}

// isSpec reports whether a topology's file belongs to a streamparse project.
func isSpec(file string) bool { return filepath.Ext(file) == ".py" || filepath.Ext(file) == ".clj" }

// resources is the directory that the components run in.
func (s *submission) resources() string {
	for _, component := range s.loaded.Topology.Components {
		if component.Dir != "" {
			return component.Dir
		}
	}
	return ""
}

func (s *submission) findHooks(original string) error {
	s.hooks = &hooks{
		voice: s.Voice, stderr: s.Stderr,
		project: s.loaded.Project, environment: s.environment(), dir: s.projectDir(), topology: s.name,
	}
	if s.environment() == nil {
		return nil
	}
	python, err := load.Python(load.Request{Dir: s.projectDir(), Name: original, Python: s.Source.Python}, s.environment())
	s.hooks.python = python
	return err
}

// nameFree finds the topology that has the name. It is an error unless it is to be
// replaced.
func (s *submission) nameFree() (old *generated.TopologySummary, err error) {
	for _, t := range s.summary.Topologies {
		if t.Name == s.name {
			old = t
		}
	}
	switch {
	case old == nil:
		return nil, nil
	case s.Force:
		return old, nil
	case old.Status == "KILLED":
		return nil, hint.With(fmt.Errorf("a topology %q is being killed on %s, and keeps its name until it is gone", s.name, s.client.Nimbus()),
			"try again in a moment, or use -f, which waits for it")
	}
	return nil, hint.With(fmt.Errorf("a topology %q already runs on %s: %s, %s, up %s", s.name, s.client.Nimbus(), old.ID, strings.ToLower(old.Status), terminal.Uptime(int(old.UptimeSecs))),
		"-f replaces it; -N NAME submits this one under another name")
}
