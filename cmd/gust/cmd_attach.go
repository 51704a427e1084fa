package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/status"
	"gust/ui/debugger"
)

const attachLong = `Bring the debugger of a component that has stopped at a breakpoint() to this terminal.
` + "`gust run`" + ` logs where a component stops. Until you attach, and as long as you debug, none
of the topology's tuples times out (docs/debugging.md).

Without COMPONENT, gust attaches to the only task that is stopped, in any run on this
machine. The commands are those of pdb: p VALUE prints, n and s step, and c continues;
gust stays attached for the next stop. q or Ctrl-D detaches: the component continues, and
its breakpoints no longer stop it until its process restarts. Ctrl-C at the prompt only
discards the line. If this terminal is closed, the component stays stopped, and you can
attach again.

EXIT STATUS

0 success, 1 if no such task is stopped, 2 usage error.`

// debuggerOptions are the flags of `attach`.
type debuggerOptions struct {
	attachOptions
	topology string
}

func newAttachCommand(c *cli) *cobra.Command {
	var o debuggerOptions
	cmd := &cobra.Command{
		Use:   "attach [COMPONENT[:TASK]]",
		Short: "Debug a component that has stopped at a breakpoint",
		Long:  attachLong,
		Example: fmt.Sprintf(`  %[1]s attach
  %[1]s attach count:3
  %[1]s attach count -n wordcount
  printf 'p word\nc\n' | %[1]s attach count`, c.name),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return wrongUsage(cmd, fmt.Errorf("too many arguments: want one COMPONENT[:TASK], not %d: %s", len(args), strings.Join(args, " ")))
			}
			who, err := parseStopped(strings.Join(args, ""))
			if err != nil {
				return wrongUsage(cmd, err)
			}
			return runAttach(c, &o, cmd, who)
		},
	}
	cmd.Flags().StringVarP(&o.topology, "name", "n", "", "attach to the topology with this `NAME`, id or pid of its run")
	o.AddFlags(cmd.Flags())
	return cmd
}

// stoppedTask names a task that is stopped, or any of a component, or any.
type stoppedTask struct {
	component string // empty is any
	task      int    // 0 is any
}

func parseStopped(text string) (who stoppedTask, err error) {
	component, task, numbered := strings.Cut(text, ":")
	if who.component = component; !numbered {
		return who, nil
	}
	if who.task, err = strconv.Atoi(task); err != nil || who.task < 1 || component == "" {
		return who, fmt.Errorf("%q is not COMPONENT:TASK, such as count:3", text)
	}
	return who, nil
}

func (who stoppedTask) is(b *status.Breakpoint) bool {
	return (who.component == "" || who.component == b.Component) && (who.task == 0 || who.task == b.Task)
}

func runAttach(c *cli, o *debuggerOptions, cmd *cobra.Command, who stoppedTask) error {
	ctx, release := terminal.UntilSignal(cmd.Context())
	defer release()
	all, err := o.candidates(ctx, cmd)
	if err != nil {
		return err
	}
	if o.topology != "" || len(all) == 0 {
		one, err := pick(c, cmd, all, o.topology)
		if err != nil {
			return err
		}
		all = []candidate{one}
	}
	at, err := stopped(ctx, cmd, all, who)
	if err != nil {
		return err
	}
	if at.Socket == "" {
		return fmt.Errorf("%s[%d] is stopped at %s by another debugger than gust's: %s", at.Component, at.Task, at.Place(), at.Wants(at.Component, at.Task))
	}
	return converse(ctx, c, at)
}

// lag is how long after a process has stopped its run may say so.
const lag = 3 * time.Second

// stopped is the task that is named, or the only one that is stopped, of all these topologies.
func stopped(ctx context.Context, cmd *cobra.Command, all []candidate, who stoppedTask) (*status.Breakpoint, error) {
	for end := time.Now().Add(lag); ; {
		var found []status.Breakpoint
		var list strings.Builder
		var failed error
		for _, one := range all {
			breakpoints, err := one.breakpoints(ctx, who)
			failed = errors.Join(failed, err)
			for _, b := range breakpoints {
				found = append(found, b)
				fmt.Fprintf(&list, "\n  %s:%d -n %s  %s in %s", b.Component, b.Task, one.name, b.Place(), b.Function)
			}
		}
		switch {
		case len(found) == 1:
			return &found[0], nil
		case len(found) > 1:
			return nil, wrongUsage(cmd, fmt.Errorf("several tasks are stopped, want one of them:%s", &list))
		case failed != nil:
			return nil, failed
		case time.Now().After(end):
			return nil, hint.New("no such task is stopped at a breakpoint", "breakpoint() in a component's code stops it there")
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// breakpoints are those of a topology that are meant.
func (one candidate) breakpoints(ctx context.Context, who stoppedTask) (meant []status.Breakpoint, err error) {
	t, err := one.attach()
	if err != nil {
		return nil, err
	}
	defer t.Close()
	all, err := t.Breakpoints(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if who.is(&all[i]) {
			meant = append(meant, all[i])
		}
	}
	if len(meant) > 0 || who.component == "" {
		return meant, nil
	}
	v, err := t.View(ctx, status.Minute)
	if err != nil {
		return nil, err
	}
	return nil, hasComponent(v, who.component)
}

// converse brings the debugger to this terminal, or to the programs at stdin and stdout.
func converse(ctx context.Context, c *cli, at *status.Breakpoint) error {
	out := shownOutput{c}
	var keys debugger.Keys
	if terminal.Is(os.Stdin) && terminal.Is(c.stdout) {
		keyboard := debugger.NewKeyboard(os.Stdin, c.stdout)
		defer keyboard.Restore()
		keys = keyboard
	} else {
		keys = debugger.NewLines(os.Stdin, out)
	}
	conversation, err := debugger.Dial(ctx, at.Socket, keys, out)
	if errors.Is(err, debugger.ErrBusy) {
		return fmt.Errorf("cannot attach to %s[%d]: %w", at.Component, at.Task, err)
	}
	if err != nil {
		return err
	}
	defer conversation.Close()
	c.Say("attached to %s[%d], pid %d; Ctrl-D detaches", at.Component, at.Task, at.PID)
	conversation.GoesOn = func() {
		c.Say("%s[%d] continues; waiting for its next stop", at.Component, at.Task)
	}
	switch err := conversation.Run(ctx); {
	case errors.Is(err, debugger.ErrGone):
		c.Say("%s[%d], pid %d, has ended", at.Component, at.Task, at.PID)
	case err != nil && ctx.Err() == nil:
		return err
	default:
		c.Say("detached from %s[%d]", at.Component, at.Task)
	}
	return nil
}

// shownOutput is stdout for lines that come from elsewhere.
type shownOutput struct{ *cli }

// Write is io.Writer's.
func (o shownOutput) Write(lines []byte) (int, error) {
	_, err := io.WriteString(o.stdout, o.shown(string(lines)))
	return len(lines), err
}
