package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/component/record"
	"gust/component/solo"
	"gust/multilang"
	"gust/topology"
)

const replayLong = `Run a component again on what a recorded process of it was given (run --record), and show
where what it emits, acks, fails and reports as an error differs from the recording:
- for what only the recorded process said, + for what only this one says.

All parts of the life that FILE belongs to are replayed, from the first that is left. The
component is started as it was then, unless a command follows --.

EXIT STATUS

0 where nothing differs, 1 where something does, or where the component could not be run,
2 where the command line is wrong.`

// replayOptions are the flags of `replay`.
type replayOptions struct {
	dir     string
	timeout durationFlag
}

// AddFlags declares the flags.
func (o *replayOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.dir, "dir", "", "start it in `DIR`, not where it was")
	o.timeout = durationFlag(10 * time.Second)
	flags.Var(&o.timeout, "timeout", "give it `SECS` to say what it had said: seconds, or 500ms, 10s, 2m")
}

func newReplayCommand(c *cli) *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use:   "replay FILE [-- COMMAND...]",
		Short: "Run a component again on a recording of it",
		Long:  replayLong,
		Example: fmt.Sprintf(`  %[1]s replay rec/count-task4-life001-part001.rec
  %[1]s replay --dir src rec/count-task4-life001-part001.rec -- python3 -m pdb count.py`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			files := args
			var command []string
			if n := cmd.ArgsLenAtDash(); n >= 0 {
				files, command = args[:n], args[n:]
			}
			if len(files) != 1 {
				return wrongUsage(cmd, fmt.Errorf("one recording is replayed, not %d", len(files)))
			}
			timeout := time.Duration(o.timeout)
			if timeout <= 0 {
				return wrongUsage(cmd, errors.New("--timeout must be more than 0"))
			}
			return runReplay(cmd.Context(), c, &o, timeout, files[0], command)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// errReplayDiffers is the verdict on a replay whose differences have been printed.
var errReplayDiffers = errors.New("the replay differs from the recording")

// runReplay replays the life that the file belongs to, and prints the differences.
func runReplay(ctx context.Context, c *cli, o *replayOptions, timeout time.Duration, path string, command []string) error {
	life, err := record.ReadLife(path)
	if err != nil {
		return err
	}
	h := life.Header
	codec, ok := multilang.CodecNamed(h.Serializer)
	if !ok {
		return fmt.Errorf("cannot replay %s: the serializer %q is none", path, h.Serializer)
	}
	if h.Midway {
		return fmt.Errorf("cannot replay %s: it begins within a message, and the parts before it are gone", path)
	}
	if life.Headless {
		c.warn("the beginning of this life has been rotated away: the component lacks what it had learned by then")
	}
	if life.Broken != nil {
		c.warn(fmt.Sprintf("%s: only what comes before is replayed", life.Broken))
	}
	p := solo.Program{
		Name: h.Component, Kind: topology.Bolt, Task: h.Task,
		Command: h.Command, Dir: h.Dir, Env: os.Environ(), Codec: codec,
	}
	if h.Kind == topology.Spout.String() {
		p.Kind = topology.Spout
	}
	for _, name := range slices.Sorted(maps.Keys(h.Env)) {
		p.Env = append(slices.DeleteFunc(p.Env, func(v string) bool { return strings.HasPrefix(v, name+"=") }), name+"="+h.Env[name])
	}
	if len(command) > 0 {
		p.Command = command
	}
	if o.dir != "" {
		p.Dir = o.dir
	}
	ctx, release := untilSignal(ctx)
	defer release()
	var unguard func()
	p.Guard, unguard = startGuard(c)
	defer unguard()
	replayed, err := solo.Replay(ctx, solo.ReplayOptions{Life: life, Program: p, Timeout: timeout})
	switch {
	case errors.Is(err, context.Canceled):
		return errors.New("stopped before all was replayed")
	case err != nil && len(command) == 0:
		return &hintError{err, "a command after -- is taken instead of the recorded one"}
	case err != nil:
		return err
	}
	return printReplay(c, replayed)
}

// printReplay prints where a replay differs.
func printReplay(c *cli, r *solo.Replayed) error {
	lines, equal := solo.Compare(r.Recorded, r.Now)
	if !equal {
		if _, err := io.WriteString(c.stdout, solo.Unified(lines)); err != nil {
			return err
		}
	}
	switch {
	case r.Stalled != "":
		return fmt.Errorf("%w: %s", errReplayDiffers, r.Stalled)
	case !equal:
		return errReplayDiffers
	}
	if len(r.Now) == 0 {
		fmt.Fprintf(c.stderr, "%s: neither the recorded process nor this one said anything that can be compared\n", c.name)
		return nil
	}
	fmt.Fprintf(c.stderr, "%s: nothing differs: %s as recorded\n", c.name, count(len(r.Now), "message"))
	return nil
}
