package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// CanAsk reports whether there is a user to ask: a question is read on stderr and
// answered on stdin. Scripts are not asked.
func CanAsk(stderr io.Writer) bool { return Is(os.Stdin) && Is(stderr) }

// ReadAnswer reads the line that the user types, until the context or a signal ends
// it: the read itself cannot be taken back, and stays behind then.
func ReadAnswer(ctx context.Context, in io.Reader) (string, error) {
	return untilAnswered(ctx, func() (string, error) {
		answer, err := bufio.NewReader(in).ReadString('\n')
		return strings.TrimRight(answer, "\r\n"), err
	})
}

// readSecret is ReadAnswer on the terminal, which does not show what is typed.
// However it ends, the terminal shows again what is typed.
func readSecret(ctx context.Context) (string, error) {
	fd := int(os.Stdin.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	defer term.Restore(fd, before)
	return untilAnswered(ctx, func() (string, error) {
		answer, err := term.ReadPassword(fd)
		return string(answer), err
	})
}

// ErrInterrupted is something that a signal, such as that of Ctrl-C, has ended.
var ErrInterrupted = errors.New("interrupted")

func untilAnswered(ctx context.Context, read func() (string, error)) (string, error) {
	ctx, release := UntilSignal(ctx)
	defer release()
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := read()
		answers <- answer{text, err}
	}()
	select {
	case a := <-answers:
		return a.text, a.err
	case <-ctx.Done():
		return "", ErrInterrupted
	}
}

// Ask asks on the terminal. A password is never a word of the command line, where
// every user of the machine could read it.
func Ask(ctx context.Context, question string, hidden bool) (answer string, err error) {
	fmt.Fprint(os.Stderr, Visible(question))
	if hidden {
		answer, err = readSecret(ctx)
	} else {
		answer, err = ReadAnswer(ctx, os.Stdin)
	}
	if hidden || err != nil {
		fmt.Fprintln(os.Stderr)
	}
	return answer, err
}
