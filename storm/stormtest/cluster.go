package stormtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gust/internal/testenv"
	"gust/storm"
)

// Options of a cluster.
type Options struct {
	// Release is the Storm that the cluster is of; empty is [Storm2].
	Release Release
	// SASL is set for a Nimbus that requires it. Such a cluster accepts no topologies:
	// they would need a login for ZooKeeper of their own.
	SASL *Secrets
	// TLS is set for a Nimbus that listens for it, too (see [Cluster.SecureNimbus]).
	// Storm 1.x has no TLS.
	TLS *Secrets
	// Env is the environment of the daemons and so of the workers and their
	// components, in the form KEY=VALUE; nil is that of the tests.
	Env []string
	// Slots is how many slots a supervisor has, four at most; 0 is four.
	Slots int
	// Supervisors is how many supervisors there are, one or two; 0 is one.
	Supervisors int
	// Settings are more lines of storm.yaml: YAML by key.
	Settings map[string]string
	// Prepare is called with storm.home before the daemons start. It may change the files.
	Prepare func(home string) error
	// JavaHome is JAVA_HOME of the supervisors, and where their java is: a directory below
	// storm.home, which Prepare makes.
	JavaHome string
	// UI is set for a cluster with Storm's UI, which Maven Central has of 1.x only.
	UI bool
	// NimbusOnly leaves the supervisor out.
	NimbusOnly bool
}

// Cluster is ZooKeeper, a Nimbus, a supervisor and, if Maven Central has one, a
// logviewer, all on this machine and on free ports.
type Cluster struct {
	release Release
	tls     bool
	home    string // storm.home
	java    string // the program
	ports   ports
	daemons []*daemon
	options Options
}

// supervisorNames are the names of the supervisors' daemons.
var supervisorNames = [...]string{"supervisor", "supervisor2"}

func (o *Options) supervisors() int { return cmp.Or(o.Supervisors, 1) }

// startTime is how long a cluster may take to start: three seconds on a quiet machine,
// and twenty on one that runs other tests.
const startTime = 180 * time.Second

// New starts a cluster that ends with the test, and waits until it accepts topologies.
// Its processes die with the tests' process, however that ends.
func New(t testing.TB, o Options) *Cluster {
	t.Helper()
	return start(t, o, freePorts)
}

// start starts a cluster on ports that choose has chosen.
func start(t testing.TB, o Options, choose func() (ports, error)) *Cluster {
	t.Helper()
	o.Release = cmp.Or(o.Release, Storm2)
	java, jars := testenv.Java(t, o.Release.NewestJava()), testenv.Storm(t, string(o.Release))
	c, err := begin(t.Context(), o, java, jars, choose)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.lastWords())
		}
		c.Stop()
	})
	return c
}

// Start starts a cluster that is not for a test, with a java, and the jars of a folder. The
// caller stops it.
func Start(ctx context.Context, o Options, java, jars string) (*Cluster, error) {
	o.Release = cmp.Or(o.Release, Storm2)
	return begin(ctx, o, java, jars, freePorts)
}

// begin starts a cluster, on other ports if some of the first are taken.
func begin(ctx context.Context, o Options, java, jars string, choose func() (ports, error)) (*Cluster, error) {
	home, err := os.MkdirTemp("", "gust-storm")
	if err != nil {
		return nil, err
	}
	c := &Cluster{release: o.Release, tls: o.TLS != nil, home: home, java: java, options: o}
	for attempt := 1; ; attempt++ {
		err := c.attempt(ctx, o, jars, choose)
		if err == nil {
			return c, nil
		}
		words := c.lastWords()
		c.Stop()
		if attempt == 3 || !errors.Is(err, errPortTaken) {
			return nil, fmt.Errorf("%w\n%s", err, words)
		}
		c.daemons = nil
		if err := os.Mkdir(c.home, 0o755); err != nil {
			return nil, err
		}
	}
}

// attempt starts the daemons, on ports that were free a moment ago.
func (c *Cluster) attempt(ctx context.Context, o Options, jars string, choose func() (ports, error)) (err error) {
	if c.ports, err = choose(); err != nil {
		return err
	}
	if err := c.layOut(o, jars); err != nil {
		return err
	}
	if o.Prepare != nil {
		if err := o.Prepare(c.home); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	return c.launch(ctx, o)
}

// errPortTaken is a port that another program took between its choice and the start of
// the daemon: JVMs cannot inherit a listener.
var errPortTaken = errors.New("a port was taken meanwhile")

// portTaken matches the daemons' log lines about a port in use. Nimbus keeps running.
var portTaken = regexp.MustCompile(`Address already in use|\d+ is not available. Check if another process`)

// portWasTaken reports whether a daemon could not listen.
func (c *Cluster) portWasTaken() bool {
	for _, d := range c.daemons {
		for _, file := range []string{d.name + ".out", d.name + ".log"} {
			if data, err := os.ReadFile(c.file("logs", file)); err == nil && portTaken.Match(data) {
				return true
			}
		}
	}
	return false
}

// Nimbus is the address of the cluster's Nimbus.
func (c *Cluster) Nimbus() string { return address(c.ports.nimbus) }

// UI is the URL of the cluster's UI.
func (c *Cluster) UI() string { return "http://" + address(c.ports.ui) }

// SecureNimbus is the address at which it listens for TLS.
func (c *Cluster) SecureNimbus() string { return address(c.ports.secureNimbus) }

// Home is storm.home of the cluster: its conf and its logs are there.
func (c *Cluster) Home() string { return c.home }

// Stop ends the cluster, its workers and their components, at once.
func (c *Cluster) Stop() {
	for i := len(c.daemons) - 1; i >= 0; i-- {
		c.daemons[i].stop()
	}
	_ = os.RemoveAll(c.home)
}

// launch starts the daemons in their order.
func (c *Cluster) launch(ctx context.Context, o Options) error {
	err := c.start(o, "zookeeper", "org.apache.storm.shade.org.apache.zookeeper.server.ZooKeeperServerMain", c.file("conf", "zoo.cfg"))
	if err != nil {
		return err
	}
	if err := c.until(ctx, "ZooKeeper listens", func(context.Context) error { return listens(c.ports.zookeeper) }); err != nil {
		return err
	}
	if err := c.start(o, "nimbus", c.release.nimbus()); err != nil {
		return err
	}
	if o.NimbusOnly {
		return c.until(ctx, "Nimbus leads", func(ctx context.Context) error { return c.leads(ctx, o) })
	}
	for _, name := range supervisorNames[:o.supervisors()] {
		if err := c.start(o, name, "org.apache.storm.daemon.supervisor.Supervisor"); err != nil {
			return err
		}
	}
	if class := c.release.logviewer(); class != "" {
		if err := c.start(o, "logviewer", class); err != nil {
			return err
		}
		if err := c.until(ctx, "the logviewer listens", func(context.Context) error { return listens(c.ports.logviewer) }); err != nil {
			return err
		}
	}
	if o.UI {
		if err := c.start(o, "ui", "org.apache.storm.ui.core"); err != nil {
			return err
		}
		if err := c.until(ctx, "the UI listens", func(context.Context) error { return listens(c.ports.ui) }); err != nil {
			return err
		}
	}
	return c.until(ctx, "the supervisors are known to Nimbus", c.supervised)
}

// leads is nil when Nimbus leads.
func (c *Cluster) leads(ctx context.Context, o Options) error {
	to := storm.Options{Seeds: []string{c.Nimbus()}}
	if o.SASL != nil {
		to.Digest = &storm.Digest{User: o.SASL.User, Password: o.SASL.Password}
	}
	client, err := storm.Dial(ctx, to)
	if err != nil {
		return err
	}
	return client.Close()
}

// supervised is nil when Nimbus leads and has a supervisor.
func (c *Cluster) supervised(ctx context.Context) error {
	client, err := storm.Dial(ctx, storm.Options{Seeds: []string{c.Nimbus()}})
	if err != nil {
		return err
	}
	defer client.Close()
	cluster, err := client.ClusterInfo(ctx)
	if want := c.options.supervisors(); err == nil && len(cluster.Supervisors) < want {
		err = fmt.Errorf("%d supervisors, not %d", len(cluster.Supervisors), want)
	}
	return err
}

// until repeats a query until the answer is nil, a daemon has died or the context has
// ended.
func (c *Cluster) until(ctx context.Context, what string, ask func(context.Context) error) error {
	for {
		asking, done := context.WithTimeout(ctx, 10*time.Second) // the program that has the port may never answer
		err := ask(asking)
		done()
		if err == nil {
			return nil
		}
		if c.portWasTaken() {
			return errPortTaken
		}
		for _, d := range c.daemons {
			if d.ended() {
				return fmt.Errorf("%s died before %s", d.name, what)
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w: %w", what, context.Cause(ctx), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// lastWords are the ends of the daemons' logs.
func (c *Cluster) lastWords() string {
	var b strings.Builder
	for _, d := range c.daemons {
		for _, file := range []string{d.name + ".out", d.name + ".log"} {
			data, err := os.ReadFile(c.file("logs", file))
			if err != nil || len(data) == 0 {
				continue
			}
			const most = 1500
			fmt.Fprintf(&b, "== %s\n%s\n", file, data[max(0, len(data)-most):])
		}
	}
	return b.String()
}

// file is a path below the cluster's home.
func (c *Cluster) file(parts ...string) string {
	return filepath.Join(append([]string{c.home}, parts...)...)
}
