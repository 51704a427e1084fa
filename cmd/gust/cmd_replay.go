package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gust/component/record"
	"gust/component/solo"
	"gust/internal/guard"
	"gust/internal/hint"
	"gust/internal/terminal"
)

const replayLong = `Send a component the input of a recorded process (run --record), and show where its
emits, acks, fails and errors differ from the recording: - marks what only the recorded
process sent, + what only this one sends.

FILE is one part of a process's recording; all its parts that still exist are replayed.
The component starts with the recorded command, or with COMMAND if one follows --.

EXIT STATUS

0 if nothing differs, 1 if something does or the component could not be run, 2 usage
error.`

// replayOptions are the flags of `replay`.
type replayOptions struct {
	dir     string
	timeout durationFlag
}

// AddFlags declares the flags.
func (o *replayOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.dir, "dir", "", "start it in `DIR` instead of the recorded directory")
	o.timeout = durationFlag{Duration: 10 * time.Second}
	flags.Var(&o.timeout, "timeout", "wait this `DURATION` for output, such as 500ms, 10s or 2m")
}

func newReplayCommand(c *cli) *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use:   "replay FILE [-- COMMAND...]",
		Short: "Replay a recording and compare the output",
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
				return wrongUsage(cmd, fmt.Errorf("want one recording to replay, not %d", len(files)))
			}
			timeout := o.timeout.Duration
			if timeout <= 0 {
				return wrongUsage(cmd, errors.New("--timeout must be more than 0"))
			}
			return runReplay(cmd.Context(), c, &o, timeout, files[0], command)
		},
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

// errReplayDiffers is the error of a replay whose differences have been printed.
var errReplayDiffers = errors.New("the replay differs from the recording")

// runReplay replays the life that the file belongs to, and prints the differences.
func runReplay(ctx context.Context, c *cli, o *replayOptions, timeout time.Duration, path string, command []string) error {
	life, err := record.ReadLife(path)
	if err != nil {
		return err
	}
	p, err := solo.Recorded(life)
	if err != nil {
		return fmt.Errorf("cannot replay %s: %w", path, err)
	}
	if life.Headless {
		c.Warn("the first parts of this recording have been rotated away: the component lacks the state from that time")
	}
	if life.Broken != nil {
		c.Warn(fmt.Sprintf("%s: replaying only what comes before", life.Broken))
	}
	if len(command) > 0 {
		p.Command = command
	}
	if o.dir != "" {
		p.Dir = o.dir
	}
	ctx, release := terminal.UntilSignal(ctx)
	defer release()
	var unguard func()
	p.Guard, unguard = guard.Own(c.Warn)
	defer unguard()
	replayed, err := solo.Replay(ctx, solo.ReplayOptions{Life: life, Program: p, Timeout: timeout})
	switch {
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted before the replay had finished")
	case err != nil && len(command) == 0:
		return hint.With(err, "give a command after -- to replace the recorded one")
	case err != nil:
		return err
	}
	return printReplay(c, replayed)
}

// printReplay prints the differences.
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
		c.Say("nothing to compare: neither process sent a message")
		return nil
	}
	c.Say("no differences: %s as recorded", terminal.Count(len(r.Now), "message"))
	return nil
}
