package slot

import (
	"errors"
	"fmt"
	"strings"

	"gust/conf"
	"gust/topology/load"
)

// Lacking is the beginning of the serializers that `gust submit --gust-workers` names. No such
// Java class exists: where the supervisor has no hook, a Java worker cannot start its
// components, and this is what its error says, instead of workers of two kinds that cannot
// talk to each other.
const Lacking = "gust storm-workers is not installed on this machine"

// Serializer is the value of topology.multilang.serializer with which only gust's workers can
// start a component. name is the component's serializer, json or msgpack.
func Serializer(name string) string { return Lacking + ", " + name }

// serializerOf is the serializer of a component.
func serializerOf(command []string, c conf.Conf) string {
	class, _ := c[conf.TopologyMultilangSerializer].(string)
	if name, ours := strings.CutPrefix(class, Serializer("")); ours {
		return name
	}
	return load.Serializer(command, c)
}

// needsGust reports whether no other worker can run the topology.
func (c *code) needsGust() bool {
	class, _ := c.conf[conf.TopologyMultilangSerializer].(string)
	return strings.HasPrefix(class, Lacking)
}

// errNotAsked is a topology that does not ask for gust's workers.
var errNotAsked = errors.New("it does not set " + conf.GustWorkers)

// Decide reads the topology that a supervisor starts a worker of. The error says why gust
// does not run it; it is fatal if Java cannot run it either.
func (l *Launch) Decide() (job *Job, fatal bool, err error) {
	settings, err := l.readConf()
	if err != nil {
		return nil, false, err
	}
	if asked, err := settings.Bool(conf.GustWorkers, false); err != nil || !asked {
		return nil, false, errNotAsked
	}
	c := &code{conf: settings}
	fatal = c.needsGust()
	release, err := ReleaseOf(l.Home)
	if err != nil {
		return nil, fatal, err
	}
	if err := release.Check(); err != nil {
		return nil, fatal, err
	}
	if err := Unsupported(settings); err != nil {
		return nil, fatal, err
	}
	if c.form, err = l.readForm(); err != nil {
		return nil, fatal, err
	}
	name, err := settings.String(conf.TopologyName, "")
	if err != nil {
		return nil, fatal, err
	}
	t, err := c.topology(name, l.resources())
	if err != nil {
		return nil, fatal, err
	}
	if err := t.Validate(); err != nil {
		return nil, fatal, err
	}
	return &Job{Launch: l, release: release, topology: t, conf: settings}, false, nil
}

// Unsupported returns an error that names the first setting, of a cluster's or a topology's,
// with which gust's workers cannot run it.
func Unsupported(c conf.Conf) error {
	if n, err := c.Int(conf.TopologyEventLoggers, 0); err != nil || n != 0 {
		return fmt.Errorf("%s is %v, and event loggers are Java: set it to 0", conf.TopologyEventLoggers, c[conf.TopologyEventLoggers])
	}
	if consumers, _ := c[conf.TopologyMetricsConsumers].([]any); len(consumers) > 0 {
		return fmt.Errorf("%s has %d consumers, and they are Java: set it to null", conf.TopologyMetricsConsumers, len(consumers))
	}
	if store, _ := c[conf.StormClusterStateStore].(string); strings.Contains(strings.ToLower(store), "pacemaker") {
		return fmt.Errorf("%s is %s: gust's workers do not speak to Pacemaker", conf.StormClusterStateStore, store)
	}
	if tls, err := c.Bool(conf.ZooKeeperSSL, false); err != nil || tls {
		return fmt.Errorf("%s is %v: gust's workers do not speak TLS to ZooKeeper", conf.ZooKeeperSSL, c[conf.ZooKeeperSSL])
	}
	for _, key := range []string{conf.ZooKeeperTopologyScheme, conf.ZooKeeperAuthScheme} {
		if scheme, _ := c[key].(string); scheme != "" && scheme != "digest" {
			return fmt.Errorf("%s is %s: gust's workers know only digest", key, scheme)
		}
	}
	return nil
}
