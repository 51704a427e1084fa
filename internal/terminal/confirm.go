package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
)

// errDeclined is a question that was answered with no.
var errDeclined = errors.New("nothing was done")

// confirm asks on a terminal whether something that cannot be taken back is to
// be done. Scripts are not asked: those that were written for sparse know
// nothing of the question.
func (c *cli) confirm(ctx context.Context, yes bool, what string) error {
	if yes || !canAsk(c.stderr) {
		c.say("%s", what)
		return nil
	}
	fmt.Fprintf(c.stderr, "%s: %s\nContinue? [y/N] ", c.name, visible(what))
	answer, err := readAnswer(ctx, os.Stdin)
	if err != nil {
		fmt.Fprintln(c.stderr)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errDeclined
}
