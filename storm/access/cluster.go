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
	// Environment is the environment of config.json that describes the cluster, or nil.
	Environment *conf.Environment
	// Nimbus is the value of the command line, HOST[:PORT] or a list of them, or empty.
	Nimbus string
	// Timeout limits each call to Nimbus.
	Timeout time.Duration
	// SSH connects to the cluster's machines.
	SSH *remote.Dialer
}

// ReadEnvironment reads an environment of a config.json. The default file is the
// config.json of this directory, and the default environment is the only one in the file.
// If this directory has no config.json, and neither a file nor a name is given, the
// environment is nil, because a cluster can be reached from anywhere. It is also nil if
// the file has several environments and the command line names Nimbus.
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

// Options are the environment's topology options, overridden by the given ones.
func (c *Cluster) Options(given conf.Conf) conf.Conf {
	if c.Environment == nil {
		return conf.Merge(given)
	}
	return conf.Merge(c.Environment.Conf(), given)
}

// inEnvironment adds the name of the environment to an error about one of its settings.
func (c *Cluster) inEnvironment(err error) error {
	return fmt.Errorf("environment %q of config.json: %w", c.Environment.Name, err)
}
