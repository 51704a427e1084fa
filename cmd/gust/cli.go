package main

import (
	"encoding/json"
	"io"

	"gust/internal/terminal"
)

// cli is what every command is given: the name that the program was called by,
// and where it prints. Data goes to stdout, talk goes to stderr, through the voice.
// What comes from elsewhere goes through [terminal.Visible] on its way to a terminal;
// what is piped stays as it came. Talk is in lower case and ends without a full stop;
// only [cli.report] prints errors.
type cli struct {
	*terminal.Voice
	name   string // "gust", or "sparse" where it was called so
	stdout io.Writer
	stderr io.Writer // the voice's
}

// newCLI makes a cli that is called by this name and prints there.
func newCLI(name string, stdout, stderr io.Writer) *cli {
	return &cli{Voice: terminal.NewVoice(name, stderr), name: name, stdout: stdout, stderr: stderr}
}

// shown is a text that comes from elsewhere as stdout may have it.
func (c *cli) shown(text string) string {
	if terminal.Is(c.stdout) {
		return terminal.Visible(text)
	}
	return text
}

// writeJSON prints a value as JSON on one line of stdout.
func (c *cli) writeJSON(v any) error {
	encoder := json.NewEncoder(c.stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}
