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

// consent says whether gust may make a project's environment.
type consent struct {
	yes bool      // given beforehand, with --yes
	ask io.Reader // the terminal to ask on, or nil
}

// somebody is the terminal to ask on, or nil if there is none. Questions go to stderr,
// and answers come from stdin.
func somebody(c *cli) io.Reader {
	if terminal.CanAsk(c.stderr) {
		return os.Stdin
	}
	return nil
}

// agree asks on a terminal whether gust may make the environment, unless consent was
// given. Without a terminal the answer is no.
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
