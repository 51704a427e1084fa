package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/status"
	"gust/topology"
	"gust/ui/client"
	"gust/ui/runs"
)

// attachOptions are the flags of a command that attaches to a topology that runs.
type attachOptions struct {
	at string
}

// AddFlags declares the flags.
func (o *attachOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.at, "at", "", "attach to the run that serves at `ADDR`:\nHOST:PORT, or the link that `gust run --ui` prints")
}

// attached is a topology that runs, and the connection to it.
type attached struct {
	*client.Topology
	name, id string
	client   *client.Client
}

// Close closes the connection.
func (a *attached) Close() { a.client.Close() }

// attach attaches to the run that args name, by its topology's name or id or by its pid,
// or to the only one.
func (o *attachOptions) attach(ctx context.Context, c *cli, cmd *cobra.Command, args []string) (*attached, error) {
	name, err := oneTopology(cmd, args)
	if err != nil {
		return nil, err
	}
	found, err := o.candidates(ctx, cmd)
	if err != nil {
		return nil, err
	}
	one, err := pick(c, cmd, found, name)
	if err != nil {
		return nil, err
	}
	return one.attach()
}

// attachOrRecall attaches as attach does. If no such topology runs, it returns the status of
// the last one that has ended.
func (o *attachOptions) attachOrRecall(ctx context.Context, c *cli, cmd *cobra.Command, args []string) (*attached, *status.Status, error) {
	live, err := o.attach(ctx, c, cmd, args)
	if err == nil || o.at != "" || !errors.Is(err, errNoRun) && !errors.Is(err, errNoRunOf) {
		return live, nil, err
	}
	name, failed := oneTopology(cmd, args)
	if failed != nil {
		return nil, nil, failed
	}
	reports, failed := runs.Ended(name, 1)
	if failed != nil {
		return nil, nil, failed
	}
	if len(reports) == 0 {
		return nil, nil, err
	}
	return nil, status.FromReport(reports[0]), nil
}

// sayEnded says when a topology ended, so that nobody takes it for one that runs.
func (c *cli) sayEnded(t *status.Status) {
	if v := t.View(status.AllTime); v.Ended != nil {
		c.Say("%s ended at %s", v.Name, v.Ended.Local().Format(time.DateTime))
	}
}

// candidates are the topologies to choose from.
func (o *attachOptions) candidates(ctx context.Context, cmd *cobra.Command) (found []candidate, err error) {
	if o.at != "" {
		server, err := client.New(o.at)
		if err != nil {
			return nil, wrongUsage(cmd, err)
		}
		defer server.Close()
		shown, err := server.Topologies(ctx)
		if err != nil {
			return nil, err
		}
		for _, t := range shown {
			found = append(found, candidate{t.Name, t.ID, 0, o.at})
		}
		return found, nil
	}
	list, err := runs.List()
	if err != nil {
		return nil, err
	}
	for _, run := range list {
		found = append(found, candidate{run.Name, run.ID, run.PID, run.API()})
	}
	return found, nil
}

// candidate is a topology to attach to.
type candidate struct {
	name, id string
	pid      int    // 0 if unknown
	address  string // for a client
}

// The errors if no run is the wanted one.
var (
	errNoRun   = errors.New("no topology runs on this machine")
	errNoRunOf = errors.New("no topology on this machine runs as")
)

func (one candidate) attach() (*attached, error) {
	server, err := client.New(one.address)
	if err != nil {
		return nil, err
	}
	return &attached{server.Topology(one.id), one.name, one.id, server}, nil
}

// pick is the candidate that is named, or the only one.
func pick(c *cli, cmd *cobra.Command, all []candidate, name string) (candidate, error) {
	var names []string
	var named []candidate
	for _, one := range all {
		names = append(names, one.name)
		if name == "" || name == one.name || name == one.id || one.pid > 0 && name == strconv.Itoa(one.pid) {
			named = append(named, one)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	switch {
	case len(named) == 1:
		return named[0], nil
	case len(all) == 0:
		return candidate{}, hint.With(errNoRun, fmt.Sprintf("`%s run` runs one", c.name))
	case len(named) == 0:
		return candidate{}, fmt.Errorf("%w %q%s", errNoRunOf, name, cmp.Or(topology.DidYouMean(name, names), " (running: "+terminal.Listed(names)+")"))
	case name == "":
		return candidate{}, wrongUsage(cmd, fmt.Errorf("no topology given, and several run: %s", listed(named)))
	}
	return candidate{}, wrongUsage(cmd, fmt.Errorf("several topologies %q run, want a pid: %s", name, listed(named)))
}

// listed names topologies with their pids.
func listed(all []candidate) string {
	var list []string
	for _, one := range all {
		text := one.name
		if one.pid > 0 {
			text += fmt.Sprintf(" (pid %d)", one.pid)
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

// hasComponent is an error if the topology has no such component.
func hasComponent(v *status.View, name string) error {
	if v.Component(name) != nil {
		return nil
	}
	var names []string
	for _, c := range v.Components {
		names = append(names, c.Name)
	}
	return topology.UnknownComponent(v.Name, name, names)
}

// completeRuns lets the shells complete the name of a topology that runs.
func completeRuns(cmd *cobra.Command) {
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		list, err := runs.List()
		var names []string
		for _, run := range list {
			names = append(names, run.Name)
		}
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
