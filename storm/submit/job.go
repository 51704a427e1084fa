package submit

import (
	"context"
	"io"
	"os"
	"time"

	"gust/conf"
	"gust/storm"
	"gust/storm/access"
	"gust/storm/generated"
	"gust/storm/jar"
	"gust/topology/load"
)

// Job is what to submit, where and how.
type Job struct {
	// Source is the topology. Its options are those of the command line.
	Source load.Request
	// OverrideName is its name on the cluster, or empty for its own.
	OverrideName string
	// Cluster is where it goes. Its environment becomes that of the topology.
	Cluster access.Cluster
	// Jar is the content of the jar besides the project. LocalJar is a file to submit
	// instead, and RemoteJar a jar that Nimbus already has.
	Jar                 jar.Recipe
	LocalJar, RemoteJar string
	// WorkerPython is the program that runs the components of a bundle.
	WorkerPython string
	// Restore is the backup of a replaced topology, to submit instead of one of the
	// project.
	Restore string
	// Force replaces a topology of the same name; it has Wait to finish its tuples.
	Force bool
	Wait  time.Duration
	// Inactive submits the topology with its spouts deactivated.
	Inactive bool
	// NoWait returns without waiting until the topology runs.
	NoWait bool
	// Pool is the number of workers whose virtualenvs are made at a time.
	Pool int
	// Done gets the outcome, before the hooks that follow run.
	Done func(Outcome) error
	// Voice reports progress. Stderr gets the output of hooks and machines.
	Voice  Voice
	Stderr io.Writer
}

// Voice reports the progress of a submission.
type Voice interface {
	// Say and Line print lines that stay; Say begins them with the program's name.
	Say(format string, args ...any)
	Line(format string, args ...any)
	Warn(text string)
	// Show shows a step that takes a while, until the next line or Clear.
	Show(format string, args ...any)
	Clear()
}

// Outcome is a topology that was submitted.
type Outcome struct {
	ID     string `json:"id"`
	Jar    string `json:"jar"` // its place on Nimbus
	Name   string `json:"name"`
	Nimbus string `json:"nimbus"`
	Status string `json:"status"` // "running", or "submitted" with NoWait
}

// submission is a job in progress.
type submission struct {
	Job

	loaded  *load.Loaded
	name    string // on the cluster
	client  *storm.Client
	summary *generated.ClusterSummary
	conf    conf.Conf
	hooks   *hooks

	jarFile string // on this machine, empty with RemoteJar
	scratch string // a folder for temporary files
}

// Run submits the topology and watches it. It checks everything that it can before it
// kills a running topology to replace it.
func (j Job) Run(ctx context.Context) error {
	s := &submission{Job: j}
	defer s.Voice.Clear()
	var err error
	if s.scratch, err = os.MkdirTemp("", "gust-submit"); err != nil {
		return err
	}
	defer os.RemoveAll(s.scratch)
	if s.Restore != "" {
		return s.restore(ctx)
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	defer s.client.Close()
	old, err := s.nameFree()
	if err != nil {
		return err
	}
	if s.conf, err = s.hooks.run(ctx, preSubmit, s.conf); err != nil {
		return err
	}
	if err := s.checkGustWorkers(ctx); err != nil {
		return err
	}
	if err := s.installVirtualenv(ctx); err != nil {
		return err
	}
	if err := s.buildJar(ctx); err != nil {
		return err
	}
	ready, err := s.translate()
	if err != nil {
		return err
	}
	if err := s.send(ctx, ready, old); err != nil {
		return err
	}
	_, err = s.hooks.run(ctx, postSubmit, s.conf)
	return err
}

// tell reports the outcome.
func (s *submission) tell(id, place, status string) error {
	return s.Done(Outcome{ID: id, Name: s.name, Nimbus: s.client.Nimbus(), Jar: place, Status: status})
}
