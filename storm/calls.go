package storm

import (
	"context"
	"fmt"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	"gust/storm/generated"
)

// nothing is the answer of a call without one.
type nothing = struct{}

// ClusterInfo returns the cluster's supervisors, topologies and Nimbuses.
func (c *Client) ClusterInfo(ctx context.Context) (*generated.ClusterSummary, error) {
	return call(ctx, c, "getClusterInfo", repeatable, func(ctx context.Context, n *generated.NimbusClient) (*generated.ClusterSummary, error) {
		return n.GetClusterInfo(ctx)
	})
}

// Topology finds a topology by its name, also if it is being killed. If there is none,
// the error is a [*NotAliveError].
func (c *Client) Topology(ctx context.Context, name string) (*generated.TopologySummary, error) {
	cluster, err := c.ClusterInfo(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range cluster.Topologies {
		if t.Name == name {
			return t, nil
		}
	}
	return nil, &NotAliveError{Topology: name}
}

// NimbusConf is the configuration of Nimbus, as a JSON object.
func (c *Client) NimbusConf(ctx context.Context) (string, error) {
	return call(ctx, c, "getNimbusConf", repeatable, func(ctx context.Context, n *generated.NimbusClient) (string, error) {
		return n.GetNimbusConf(ctx)
	})
}

// TopologyNameAllowed reports whether a topology of that name could be submitted: false
// for an invalid name, and for one that is in use. Storm before 1.1 has no such call:
// then the error is an [*UnsupportedError].
func (c *Client) TopologyNameAllowed(ctx context.Context, name string) (bool, error) {
	return call(ctx, c, "isTopologyNameAllowed", repeatable, func(ctx context.Context, n *generated.NimbusClient) (bool, error) {
		return n.IsTopologyNameAllowed(ctx, name)
	})
}

// TopologyInfo returns a topology's executors and errors, by its id.
func (c *Client) TopologyInfo(ctx context.Context, id string) (*generated.TopologyInfo, error) {
	return callOn(ctx, c, id, "getTopologyInfo", repeatable, func(ctx context.Context, n *generated.NimbusClient) (*generated.TopologyInfo, error) {
		return n.GetTopologyInfo(ctx, id)
	})
}

// TopologyPage is what Storm's UI shows of a topology, by its id. The other arguments are
// a window ("600", "10800", "86400" or ":all-time"), and whether to count the system's
// components and streams.
func (c *Client) TopologyPage(ctx context.Context, id, window string, system bool) (*generated.TopologyPageInfo, error) {
	return callOn(ctx, c, id, "getTopologyPageInfo", repeatable, func(ctx context.Context, n *generated.NimbusClient) (*generated.TopologyPageInfo, error) {
		return n.GetTopologyPageInfo(ctx, id, window, system)
	})
}

// ComponentPage is what Storm's UI shows of a component, by the topology's id. The other
// arguments are those of [Client.TopologyPage].
func (c *Client) ComponentPage(ctx context.Context, id, component, window string, system bool) (*generated.ComponentPageInfo, error) {
	return callOn(ctx, c, id, "getComponentPageInfo", repeatable, func(ctx context.Context, n *generated.NimbusClient) (*generated.ComponentPageInfo, error) {
		return n.GetComponentPageInfo(ctx, id, component, window, system)
	})
}

// TopologyConf is the configuration of a topology, by its id, as a JSON object.
func (c *Client) TopologyConf(ctx context.Context, id string) (string, error) {
	return callOn(ctx, c, id, "getTopologyConf", repeatable, func(ctx context.Context, n *generated.NimbusClient) (string, error) {
		return n.GetTopologyConf(ctx, id)
	})
}

// UserTopology is a topology as it was submitted, by its id, without Storm's own
// components.
func (c *Client) UserTopology(ctx context.Context, id string) (*generated.StormTopology, error) {
	return callOn(ctx, c, id, "getUserTopology", repeatable, func(ctx context.Context, n *generated.NimbusClient) (*generated.StormTopology, error) {
		return n.GetUserTopology(ctx, id)
	})
}

// Submission is a topology with everything that Storm needs to run it.
type Submission struct {
	Name string
	// Jar is the jar's place in Nimbus, from [Client.Upload].
	Jar string
	// Conf is the topology's configuration, a JSON object.
	Conf     string
	Topology *generated.StormTopology
	// Inactive topologies are started with their spouts asleep.
	Inactive bool
}

// Size is the size in bytes of the message that submits the topology. Nimbus reads at
// most nimbus.thrift.max_buffer_size.
func (s Submission) Size() (int, error) {
	buffer := thrift.NewTMemoryBuffer()
	protocol := thrift.NewTBinaryProtocolConf(buffer, nil)
	args := generated.NimbusSubmitTopologyWithOptsArgs{
		Name: s.Name, UploadedJarLocation: s.Jar, JsonConf: s.Conf, Topology: s.Topology, Options: s.options(),
	}
	if err := args.Write(context.Background(), protocol); err != nil {
		return 0, fmt.Errorf("the topology cannot be written as Thrift: %w", err)
	}
	const head = 8 + len("submitTopologyWithOpts") + 4
	return head + buffer.Len(), nil
}

func (s Submission) options() *generated.SubmitOptions {
	status := generated.TopologyInitialStatus_ACTIVE
	if s.Inactive {
		status = generated.TopologyInitialStatus_INACTIVE
	}
	return &generated.SubmitOptions{InitialStatus: status}
}

// Submit submits a topology. Its errors are, among others, [*AlreadyAliveError],
// [*InvalidTopologyError], and a [*FrameError] if conf and topology are too large
// together. After a [*TimeoutError] or a [*LostError] it may have been submitted: the
// cluster's list of topologies shows that.
func (c *Client) Submit(ctx context.Context, s Submission) error {
	_, err := callOn(ctx, c, s.Name, "submitTopologyWithOpts", once, func(ctx context.Context, n *generated.NimbusClient) (nothing, error) {
		return nothing{}, n.SubmitTopologyWithOpts(ctx, s.Name, s.Jar, s.Conf, s.Topology, s.options())
	})
	return err
}

// Kill ends a topology: its spouts stop at once, its workers after the wait, which is
// rounded up to seconds. A negative wait is the topology's message timeout. Nimbus
// answers before the topology is gone.
func (c *Client) Kill(ctx context.Context, name string, wait time.Duration) error {
	_, err := callOn(ctx, c, name, "killTopologyWithOpts", once, func(ctx context.Context, n *generated.NimbusClient) (nothing, error) {
		return nothing{}, n.KillTopologyWithOpts(ctx, name, &generated.KillOptions{WaitSecs: waitSecs(wait)})
	})
	return err
}

// Activate wakes a topology's spouts.
func (c *Client) Activate(ctx context.Context, name string) error {
	_, err := callOn(ctx, c, name, "activate", repeatable, func(ctx context.Context, n *generated.NimbusClient) (nothing, error) {
		return nothing{}, n.Activate(ctx, name)
	})
	return err
}

// Deactivate stops a topology's spouts.
func (c *Client) Deactivate(ctx context.Context, name string) error {
	_, err := callOn(ctx, c, name, "deactivate", repeatable, func(ctx context.Context, n *generated.NimbusClient) (nothing, error) {
		return nothing{}, n.Deactivate(ctx, name)
	})
	return err
}

// Rebalance redistributes a topology over its cluster: its spouts stop at once, and its
// workers restart after the wait (see [Client.Kill]). Workers 0, and components that are
// not in executors, do not change.
func (c *Client) Rebalance(ctx context.Context, name string, wait time.Duration, workers int, executors map[string]int) error {
	options := &generated.RebalanceOptions{WaitSecs: waitSecs(wait)}
	if workers > 0 {
		n := int32(workers)
		options.NumWorkers = &n
	}
	if len(executors) > 0 {
		options.NumExecutors = make(map[string]int32, len(executors))
		for component, n := range executors {
			options.NumExecutors[component] = int32(n)
		}
	}
	_, err := callOn(ctx, c, name, "rebalance", once, func(ctx context.Context, n *generated.NimbusClient) (nothing, error) {
		return nothing{}, n.Rebalance(ctx, name, options)
	})
	return err
}

// Debug samples a percentage of the tuples of a component, or of the whole topology if
// component is empty, into the workers' event logs.
func (c *Client) Debug(ctx context.Context, name, component string, enable bool, percentage float64) error {
	_, err := callOn(ctx, c, name, "debug", repeatable, func(ctx context.Context, n *generated.NimbusClient) (nothing, error) {
		return nothing{}, n.Debug(ctx, name, component, enable, percentage)
	})
	return err
}

// LogConfig returns the loggers of a topology's workers whose levels were changed, by its
// id.
func (c *Client) LogConfig(ctx context.Context, id string) (*generated.LogConfig, error) {
	return callOn(ctx, c, id, "getLogConfig", repeatable, func(ctx context.Context, n *generated.NimbusClient) (*generated.LogConfig, error) {
		return n.GetLogConfig(ctx, id)
	})
}

// SetLogConfig changes levels of loggers of a topology's workers, by its id.
func (c *Client) SetLogConfig(ctx context.Context, id string, levels *generated.LogConfig) error {
	_, err := callOn(ctx, c, id, "setLogConfig", repeatable, func(ctx context.Context, n *generated.NimbusClient) (nothing, error) {
		return nothing{}, n.SetLogConfig(ctx, id, levels)
	})
	return err
}

// SendWorkerHeartbeat reports that a worker lives, in place of its supervisor.
func (c *Client) SendWorkerHeartbeat(ctx context.Context, heartbeat *generated.SupervisorWorkerHeartbeat) error {
	_, err := callOn(ctx, c, heartbeat.StormID, "sendSupervisorWorkerHeartbeat", repeatable, func(ctx context.Context, n *generated.NimbusClient) (nothing, error) {
		return nothing{}, n.SendSupervisorWorkerHeartbeat(ctx, heartbeat)
	})
	return err
}

// waitSecs is a wait in Storm's form, unset for the topology's own.
func waitSecs(wait time.Duration) *int32 {
	if wait < 0 {
		return nil
	}
	secs := int32((wait + time.Second - 1) / time.Second)
	return &secs
}
