package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/internal/terminal"
	"gust/storm/slot"
	"gust/storm/slot/hook"
)

const stormWorkersLong = `Let the Storm supervisor on this machine start gust's workers in place of Java ones.

A topology runs on gust's workers if it has no Java and was submitted with
%[1]s submit --gust-workers, or sets gust.workers in its config. The supervisor starts the
workers of all others as before. Nimbus, the UI and Storm's commands show both alike.

Run it on each machine with a supervisor. It knows Storm %[2]s. See
docs/storm-workers.md.

EXIT STATUS

0 success, 1 failure, 2 usage error.`

// stormWorkersOptions are the flags that all commands below `storm-workers` have.
type stormWorkersOptions struct {
	dir, gust, java string
	json            bool
}

// AddFlags declares the flags.
func (o *stormWorkersOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.dir, "storm", "", "find Storm in the directory `DIR` (default: $STORM_HOME)")
}

// node is Storm on this machine.
func (o *stormWorkersOptions) node(cmd *cobra.Command) (*hook.Node, error) {
	dir := o.dir
	if dir == "" {
		dir = os.Getenv("STORM_HOME")
	}
	if dir == "" {
		return nil, wrongUsage(cmd, errors.New("--storm DIR is missing, and STORM_HOME is not set"))
	}
	gust := o.gust
	if gust == "" {
		var err error
		if gust, err = os.Executable(); err != nil {
			return nil, err
		}
	}
	java := o.java
	if java == "" {
		java = os.Getenv("JAVA_HOME")
	}
	node, err := hook.Find(dir, gust)
	if err != nil {
		return nil, err
	}
	node.JavaHome = java
	return node, nil
}

func newStormWorkersCommand(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "storm-workers",
		Short: "Let Storm's supervisors start gust's workers",
		Long:  fmt.Sprintf(stormWorkersLong, c.name, slot.Releases),
		Example: fmt.Sprintf(`  %[1]s storm-workers install --storm /opt/storm
  %[1]s storm-workers doctor --storm /opt/storm
  %[1]s storm-workers uninstall --storm /opt/storm`, c.name),
	}
	cmd.AddCommand(newStormWorkersInstallCommand(c), newStormWorkersDoctorCommand(c), newStormWorkersUninstallCommand(c))
	return cmd
}

func newStormWorkersInstallCommand(c *cli) *cobra.Command {
	var o stormWorkersOptions
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Install what a supervisor needs to start gust's workers",
		Long: `Install what the Storm supervisor on this machine needs to start gust's workers, and
print the lines that its configuration lacks. For Storm 2.3 and later this is a plug-in,
extlib-daemon/gust-storm-workers.jar, and the lines are for storm.yaml. For older
releases it is gust-java, a directory that stands in for JAVA_HOME, and the line is for
storm-env.sh.

Running topologies are not affected. The supervisor uses it when it has restarted; its
workers continue meanwhile.

EXIT STATUS

0 success, 1 failure, 2 usage error.`,
		Example: fmt.Sprintf(`  %[1]s storm-workers install --storm /opt/storm
  %[1]s storm-workers install --storm /opt/storm >> /opt/storm/conf/storm.yaml`, c.name),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			node, err := o.node(cmd)
			if err != nil {
				return err
			}
			return runStormWorkersInstall(c, node)
		},
	}
	o.AddFlags(cmd.Flags())
	cmd.Flags().StringVar(&o.gust, "gust", "", "run workers with the program `FILE` (default: this one)")
	cmd.Flags().StringVar(&o.java, "java", "", "use the Java in `DIR` for the stand-in (default: $JAVA_HOME)")
	return cmd
}

func runStormWorkersInstall(c *cli, node *hook.Node) error {
	settings, err := node.Settings() // before anything is written
	if err != nil {
		return err
	}
	made, err := node.Install()
	if err != nil {
		return err
	}
	c.Say("installed %s, for Storm %s", made, node.Release)
	var missing []hook.Setting
	for _, s := range settings {
		if !s.Done() {
			missing = append(missing, s)
		}
	}
	if len(missing) == 0 {
		c.Line("%s has its settings; restart the supervisor", node.SettingsFile())
		return nil
	}
	c.Line("%s lacks these lines; restart the supervisor when it has them:", node.SettingsFile())
	for _, s := range missing {
		if s.Found != "" {
			c.Line("(in place of %s: %s)", s.Key, s.Found)
		}
		if _, err := fmt.Fprintln(c.stdout, s.Line); err != nil {
			return err
		}
	}
	return nil
}

func newStormWorkersUninstallCommand(c *cli) *cobra.Command {
	var o stormWorkersOptions
	cmd := &cobra.Command{
		Use:   "uninstall",
		Short: "Remove what install has made",
		Long: `Remove what gust storm-workers install has made, and print the lines to remove from the
supervisor's configuration. Remove them first: a supervisor whose storm.yaml names a
plug-in that is not there does not start.

Topologies that were submitted with --gust-workers continue until their worker or the
supervisor restarts. Then they need to be submitted again without it.

EXIT STATUS

0 success, 1 failure, 2 usage error.`,
		Example: fmt.Sprintf(`  %[1]s storm-workers uninstall --storm /opt/storm`, c.name),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			node, err := o.node(cmd)
			if err != nil {
				return err
			}
			return runStormWorkersUninstall(c, node)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func runStormWorkersUninstall(c *cli, node *hook.Node) error {
	settings, err := node.Settings()
	if err != nil {
		return err
	}
	removed, err := node.Uninstall()
	if err != nil {
		return err
	}
	for _, path := range removed {
		c.Say("removed %s", path)
	}
	if len(removed) == 0 {
		c.Say("nothing is installed in %s", node.Dir)
	}
	heading := fmt.Sprintf("%s still has these lines; remove them, and restart the supervisor:", node.SettingsFile())
	for _, s := range settings {
		if s.Found == "" || s.Key == "JAVA_HOME" && !s.Done() {
			continue
		}
		if heading != "" {
			c.Line("%s", heading)
			heading = ""
		}
		if _, err := fmt.Fprintln(c.stdout, s.Key+": "+s.Found); err != nil {
			return err
		}
	}
	return nil
}

func newStormWorkersDoctorCommand(c *cli) *cobra.Command {
	var o stormWorkersOptions
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check whether this supervisor can start gust's workers",
		Long: `Check whether the Storm supervisor on this machine can start gust's workers, and
print what is missing or wrong, each with what to do about it.

EXIT STATUS

0 if the supervisor starts gust's workers; 1 if not; 2 usage error.`,
		Example: fmt.Sprintf(`  %[1]s storm-workers doctor --storm /opt/storm`, c.name),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			node, err := o.node(cmd)
			if err != nil {
				return err
			}
			return runStormWorkersDoctor(c, node, o.json)
		},
	}
	o.AddFlags(cmd.Flags())
	cmd.Flags().BoolVar(&o.json, "json", false, "print the result as one JSON object")
	return cmd
}

func runStormWorkersDoctor(c *cli, node *hook.Node, asJSON bool) error {
	findings, err := node.Doctor()
	if err != nil {
		return err
	}
	wrong := 0
	for _, f := range findings {
		if f.Remedy != "" {
			wrong++
		}
	}
	if asJSON {
		if err := c.writeJSON(map[string]any{"findings": findings}); err != nil {
			return err
		}
	} else {
		for _, f := range findings {
			mark, rest := "ok   ", ""
			if f.Remedy != "" {
				mark, rest = "wrong", "\n       "+f.Remedy
			}
			if _, err := fmt.Fprintf(c.stdout, "%s  %s: %s%s\n", mark, f.What, f.Text, rest); err != nil {
				return err
			}
		}
	}
	if wrong > 0 {
		return fmt.Errorf("the supervisor does not start gust's workers: %s", terminal.Count(wrong, "thing")+" to do")
	}
	return nil
}
