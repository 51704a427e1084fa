package top

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"
)

// Options say how top is used.
type Options struct {
	// Owns is set where the topology ends with top: quitting is then asked about.
	Owns bool
}

// Run shows the topology on the terminal until the user quits or the context ends, and
// returns nil then. The terminal is as before when it returns, even if it panics on the
// way. Signals are the caller's: they are to end the context.
func Run(ctx context.Context, source Source, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := newModel(ctx, source, o)
	program := tea.NewProgram(m, tea.WithContext(ctx), tea.WithoutSignalHandler())
	m.send = program.Send
	_, err := program.Run()
	if ctx.Err() != nil && !errors.Is(err, tea.ErrProgramPanic) {
		return nil
	}
	return err
}
