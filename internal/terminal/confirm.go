package terminal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
)

// ErrDeclined is a question that was answered with no.
var ErrDeclined = errors.New("nothing was done")

// Confirm asks on a terminal whether something that cannot be taken back is to
// be done. Scripts are not asked: those that were written for sparse know
// nothing of the question.
func (v *Voice) Confirm(ctx context.Context, yes bool, what string) error {
	if yes || !CanAsk(v.w) {
		v.Say("%s", what)
		return nil
	}
	v.Clear()
	fmt.Fprintf(v.w, "%s: %s\nContinue? [y/N] ", v.name, Visible(what))
	answer, err := ReadAnswer(ctx, os.Stdin)
	if err != nil {
		fmt.Fprintln(v.w)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return ErrDeclined
}
