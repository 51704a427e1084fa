package top

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"
)

// Options say how top is used.
type Options struct {
	// Owns says that quitting top ends the topology. Then top asks before it quits.
	Owns bool
}

// Run shows the topology on the terminal until the user quits or the context ends, and
// then returns nil. It restores the terminal in every case, also after a panic. It does not
// handle signals: the caller does, and ends the context.
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
