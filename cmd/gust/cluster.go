package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"

	"gust/conf"
	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/access"
	"gust/storm/remote"
	"gust/storm/webui"
)

// clusterOptions are the flags of every command that talks to a Storm cluster.
type clusterOptions struct {
	environment string
	configFile  string
	nimbus      string
	ui          string
	timeout     durationFlag
}

// AddFlags declares the flags.
func (o *clusterOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVarP(&o.environment, "environment", "e", "", "use environment `ENV` of config.json (default: the only one)")
	flags.StringVar(&o.configFile, "config", "", "read `FILE` as the project's config.json")
	o.addNimbusFlags(flags)
}

// addNimbusFlags declares the flags that only concern Nimbus.
func (o *clusterOptions) addNimbusFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.nimbus, "nimbus", "",
		"connect to Nimbus at `HOST[:PORT]`; of several, to the leader\n(default: $STREAMPARSE_NIMBUS, config.json, storm.yaml)")
	o.timeout = durationFlag{Duration: storm.DefaultTimeout, unit: time.Millisecond}
	flags.Var(&o.timeout, "timeout", "wait this `DURATION` for Nimbus to answer, such as 500ms or 10s;\na plain number is milliseconds")
}

// addUI declares the flag of a command that only reads, and can read from a UI instead of
// Nimbus.
func (o *clusterOptions) addUI(flags *pflag.FlagSet) {
	flags.StringVar(&o.ui, "ui", "", "read from the UI at `URL`, not Nimbus: of run --ui, or Storm's")
}

// cluster is the cluster that the flags name.
func (o *clusterOptions) cluster() (*access.Cluster, error) {
	environment, err := access.ReadEnvironment(o.configFile, o.environment, o.nimbus != "")
	if err != nil {
		return nil, err
	}
	return o.clusterOf(environment)
}

// clusterOf is the cluster of an environment, which the flags may override.
func (o *clusterOptions) clusterOf(environment *conf.Environment) (*access.Cluster, error) {
	if err := o.checkTimeout(); err != nil {
		return nil, err
	}
	return &access.Cluster{
		Environment: environment, Nimbus: o.nimbus, Timeout: o.timeout.Duration, SSH: newSSH(),
	}, nil
}

func (o *clusterOptions) checkTimeout() error {
	if o.timeout.Duration <= 0 {
		return &usageError{err: fmt.Errorf("--timeout must be more than 0, not %s", &o.timeout)}
	}
	return nil
}

// open connects to the cluster that the flags name.
func (o *clusterOptions) open(ctx context.Context) (*storm.Client, error) {
	cluster, err := o.cluster()
	if err != nil {
		return nil, err
	}
	return cluster.Connect(ctx)
}

// read connects to the source that the flags name: Nimbus, or a UI.
func (o *clusterOptions) read(ctx context.Context) (storm.Reader, error) {
	switch {
	case o.ui == "":
		return o.open(ctx)
	case o.nimbus != "":
		return nil, &usageError{err: errors.New("--ui and --nimbus given: want one")}
	}
	if err := o.checkTimeout(); err != nil {
		return nil, err
	}
	client, err := webui.New(o.ui, o.timeout.Duration)
	if err != nil {
		return nil, &usageError{err: fmt.Errorf("--ui: %w", err)}
	}
	return client, nil
}

// sshOptions are the flags of a command that works on a cluster's machines.
type sshOptions struct {
	poolSize int
	user     string
}

// AddFlags declares the flags.
func (o *sshOptions) AddFlags(flags *pflag.FlagSet) {
	flags.IntVar(&o.poolSize, "pool_size", 10, "work on `N` machines at a time")
	flags.StringVar(&o.user, "user", "", "run commands as `USER` with sudo\n(default: sudo_user, else the login user)")
}

// newSSH makes a dialer with the user's settings, which asks the user on a terminal.
func newSSH() *remote.Dialer {
	o := remote.UserOptions()
	if terminal.CanAsk(os.Stderr) {
		o.Ask = terminal.Ask
	}
	return remote.New(o)
}
