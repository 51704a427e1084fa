package access

import (
	"context"
	"errors"
	"slices"

	"gust/conf"
	"gust/storm"
	"gust/storm/remote"
)

// Machine is a machine of the cluster, with the user of the environment.
func (c *Cluster) Machine(host string) (remote.Target, error) {
	t, err := remote.ParseTarget(host)
	if err != nil || c.Environment == nil {
		return t, err
	}
	settings := c.Environment.Settings
	if t.User == "" {
		if t.User, err = settings.String("user", ""); err != nil {
			return t, c.inEnvironment(err)
		}
	}
	if t.Port == 0 {
		if t.Port, err = settings.Int("ssh_port", 0); err != nil {
			return t, c.inEnvironment(err)
		}
	}
	if t.Password, err = settings.String("ssh_password", ""); err != nil {
		return t, c.inEnvironment(err)
	}
	return t, nil
}

// Workers are the machines of the option storm.workers.list, or the environment's list of
// workers, or the machines of the cluster's supervisors. For the latter it asks Nimbus,
// through the client or, if that is nil, a connection of its own.
func (c *Cluster) Workers(ctx context.Context, client *storm.Client, options conf.Conf) ([]remote.Target, error) {
	hosts, err := machineList(options, "storm.workers.list")
	if err == nil && len(hosts) == 0 && c.Environment != nil {
		hosts, err = machineList(c.Environment.Settings, "workers")
	}
	if err == nil && len(hosts) == 0 {
		hosts, err = c.supervisorHosts(ctx, client)
	}
	if err != nil {
		return nil, err
	}
	targets := make([]remote.Target, len(hosts))
	for i, host := range hosts {
		if targets[i], err = c.Machine(host); err != nil {
			return nil, err
		}
	}
	return targets, nil
}

// supervisorHosts are the machines of the cluster's supervisors.
func (c *Cluster) supervisorHosts(ctx context.Context, client *storm.Client) ([]string, error) {
	if client == nil {
		connected, err := c.Connect(ctx)
		if err != nil {
			return nil, err
		}
		defer connected.Close()
		client = connected
	}
	cluster, err := client.ClusterInfo(ctx)
	if err != nil {
		return nil, err
	}
	var hosts []string
	for _, supervisor := range cluster.Supervisors {
		if !slices.Contains(hosts, supervisor.Host) {
			hosts = append(hosts, supervisor.Host)
		}
	}
	if len(hosts) == 0 {
		return nil, errors.New("the cluster has no supervisors, so there is no machine to work on")
	}
	return hosts, nil
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

// SudoUser is the user to work as on the machines: the named one, or the option
// sudo_user. It is empty for the user who logs in.
func SudoUser(named string, options conf.Conf) (string, error) {
	if named != "" {
		return named, nil
	}
	return options.String(conf.SudoUser, "")
}
