package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"gust/conf"
	"gust/internal/terminal"
	"gust/storm"
	"gust/storm/remote"
)

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

// newSSH makes a dialer with the user's own settings, who is asked on a terminal.
func newSSH() *remote.Dialer {
	o := remote.UserOptions()
	if terminal.CanAsk(os.Stderr) {
		o.Ask = terminal.Ask
	}
	return remote.New(o)
}

// sshTarget is a machine of an environment, which says as whom to log in.
func sshTarget(environment *conf.Environment, host string) (remote.Target, error) {
	t, err := remote.ParseTarget(host)
	if err != nil || environment == nil {
		return t, err
	}
	settings := environment.Settings
	where := func(err error) error { return fmt.Errorf("environment %q of config.json: %w", environment.Name, err) }
	if t.User == "" {
		if t.User, err = settings.String("user", ""); err != nil {
			return t, where(err)
		}
	}
	if t.Port == 0 {
		if t.Port, err = settings.Int("ssh_port", 0); err != nil {
			return t, where(err)
		}
	}
	if t.Password, err = settings.String("ssh_password", ""); err != nil {
		return t, where(err)
	}
	return t, nil
}

// workerMachines are those of the option storm.workers.list, else those that the
// environment lists as workers, else the machines of the cluster's supervisors.
func workerMachines(ctx context.Context, client *storm.Client, environment *conf.Environment, options conf.Conf) ([]remote.Target, error) {
	hosts, err := machineList(options, "storm.workers.list")
	if err == nil && len(hosts) == 0 && environment != nil {
		hosts, err = machineList(environment.Settings, "workers")
	}
	if err != nil {
		return nil, err
	}
	if len(hosts) == 0 {
		cluster, err := client.ClusterInfo(ctx)
		if err != nil {
			return nil, err
		}
		seen := map[string]bool{}
		for _, supervisor := range cluster.Supervisors {
			if !seen[supervisor.Host] {
				seen[supervisor.Host] = true
				hosts = append(hosts, supervisor.Host)
			}
		}
	}
	if len(hosts) == 0 {
		return nil, errors.New("the cluster has no supervisors, so there is no machine to work on")
	}
	targets := make([]remote.Target, len(hosts))
	for i, host := range hosts {
		if targets[i], err = sshTarget(environment, host); err != nil {
			return nil, err
		}
	}
	return targets, nil
}

// machineList reads a list of machines.
func machineList(settings conf.Conf, key string) ([]string, error) {
	switch list := settings[key].(type) {
	case nil:
		return nil, nil
	case []any:
		hosts := make([]string, len(list))
		for i, host := range list {
			name, ok := host.(string)
			if !ok {
				return nil, &conf.KeyError{Key: key, Want: "a list of machines", Got: list}
			}
			hosts[i] = name
		}
		return hosts, nil
	}
	return nil, &conf.KeyError{Key: key, Want: "a list of machines", Got: settings[key]}
}

// sudoUser is who things are done as: the flag's user, else sudo_user, which an
// environment's user is where nothing else is said, else whoever logs in.
func (o *sshOptions) sudoUser(options conf.Conf) (string, error) {
	if o.user != "" {
		return o.user, nil
	}
	return options.String(conf.SudoUser, "")
}

// hostNames are the machines' names in a sentence.
func hostNames(targets []remote.Target) string {
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = t.Host
	}
	return terminal.Listed(names)
}
