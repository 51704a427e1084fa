package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"gust/internal/terminal"
)

// consent is how gust may come to make a project's environment on its own.
type consent struct {
	yes bool      // it was given beforehand
	ask io.Reader // where somebody answers, or nil where there is nobody to ask
}

// somebody is the terminal, if there is one: a question is read on stderr, and
// answered on stdin.
func somebody(c *cli) io.Reader {
	if terminal.CanAsk(c.stderr) {
		return os.Stdin
	}
	return nil
}

// agree asks on a terminal whether the environment may be made, unless consent was
// given. If there is nobody to ask the answer is no.
func (may consent) agree(ctx context.Context, c *cli, question string) (bool, error) {
	if may.yes || may.ask == nil {
		return may.yes, nil
	}
	fmt.Fprintf(c.stderr, "%s: %s [Y/n] ", c.name, question)
	answer, err := terminal.ReadAnswer(ctx, may.ask)
	if err != nil {
		fmt.Fprintln(c.stderr)
	}
	switch {
	case errors.Is(err, terminal.ErrInterrupted):
		return false, errors.New("interrupted while reading the topology")
	case errors.Is(err, io.EOF):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("cannot read the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "", "y", "yes":
		return true, nil
	}
	return false, nil
}
