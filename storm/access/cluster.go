package access

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"gust/conf"
	"gust/storm"
	"gust/storm/remote"
)

// Cluster is a Storm cluster as the user names it. Nothing connects to it before
// [Cluster.Connect].
type Cluster struct {
	// Environment is that of config.json which describes the cluster, or nil.
	Environment *conf.Environment
	// Nimbus is what the command line says, HOST[:PORT] or a list of them, or empty.
	Nimbus string
	// Timeout bounds every call of Nimbus.
	Timeout time.Duration
	// SSH connects to the cluster's machines.
	SSH *remote.Dialer
}

// ReadEnvironment reads an environment of a config.json. Without a file it is the
// config.json of this directory, and without a name its only environment. Without
// either, and without a config.json here, the environment is nil, because a cluster
// can be reached from anywhere. So it is if there are several, and the command line
// gives Nimbus anyway.
func ReadEnvironment(file, name string, nimbusGiven bool) (*conf.Environment, error) {
	project, err := conf.ReadProject(cmp.Or(file, "config.json"))
	if errors.Is(err, fs.ErrNotExist) && file == "" {
		if name != "" {
			return nil, fmt.Errorf("no config.json in this directory, which -e %s needs", name)
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if environment, err := project.Environment(name); err == nil || name != "" || !nimbusGiven {
		return environment, err
	}
	return nil, nil
}

// Connect finds the cluster's leading Nimbus. The caller closes the client.
func (c *Cluster) Connect(ctx context.Context) (*storm.Client, error) {
	options, err := c.nimbusOptions()
	if err != nil {
		return nil, err
	}
	tunnelled, err := c.tunnelled(options.Seeds)
	if err != nil {
		return nil, err
	}
	if tunnelled {
		tunnel, err := c.openTunnel(ctx, options.Seeds)
		if err != nil {
			return nil, err
		}
		options.DialContext = tunnel.DialContext
	}
	return storm.Dial(ctx, options)
}

// Options are the environment's options of a topology, under those given.
func (c *Cluster) Options(given conf.Conf) conf.Conf {
	if c.Environment == nil {
		return conf.Merge(given)
	}
	return conf.Merge(c.Environment.Conf(), given)
}

// inEnvironment adds to an error of a setting where the setting is.
func (c *Cluster) inEnvironment(err error) error {
	return fmt.Errorf("environment %q of config.json: %w", c.Environment.Name, err)
}
