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

// Job says what is submitted, where and how.
type Job struct {
	// Source is the topology. Its options are those of the command line.
	Source load.Request
	// OverrideName is its name on the cluster, or empty for its own.
	OverrideName string
	// Cluster is where it goes. Its environment becomes that of the topology.
	Cluster access.Cluster
	// Jar is what goes into the jar, other than the project. LocalJar is a file to be
	// submitted in its stead, RemoteJar a jar that Nimbus has.
	Jar                 jar.Recipe
	LocalJar, RemoteJar string
	// WorkerPython is the program that runs the components of a bundle.
	WorkerPython string
	// Restore is the file of a topology that was replaced, to be submitted again instead
	// of one of the project.
	Restore string
	// Force replaces a topology of the same name, which has Wait to finish its tuples.
	Force bool
	Wait  time.Duration
	// Inactive submits it with its spouts asleep.
	Inactive bool
	// NoWait does not wait until it runs.
	NoWait bool
	// Pool is how many workers get their virtualenv at a time.
	Pool int
	// Done takes the outcome, before the hooks that follow it run.
	Done func(Outcome) error
	// Voice is told how it goes. Stderr takes what hooks and machines print.
	Voice  Voice
	Stderr io.Writer
}

// Voice is told how a submission goes.
type Voice interface {
	// Say and Line say what stays, Say under the program's name.
	Say(format string, args ...any)
	Line(format string, args ...any)
	Warn(text string)
	// Show shows what takes a while, until the next line or Clear.
	Show(format string, args ...any)
	Clear()
}

// Outcome is a topology that was submitted.
type Outcome struct {
	ID     string `json:"id"`
	Jar    string `json:"jar"` // its place on Nimbus
	Name   string `json:"name"`
	Nimbus string `json:"nimbus"`
	Status string `json:"status"` // "running", or "submitted" if nobody waited
}

// submission is a job that is under way.
type submission struct {
	Job

	loaded  *load.Loaded
	name    string // on the cluster
	client  *storm.Client
	summary *generated.ClusterSummary
	conf    conf.Conf
	hooks   *hooks

	jarFile string // on this machine, empty with RemoteJar
	scratch string // a folder for what is only needed meanwhile
}

// Run submits the topology and watches it. Everything that can fail beforehand is
// tried before a running topology is killed for it.
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
