package virtualenv

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"gust/internal/hint"
)

// ToolError is a tool that failed.
type ToolError struct {
	Command []string
	Output  string // its last lines
	Err     error
}

func (e *ToolError) Error() string {
	text := fmt.Sprintf("%s failed: %v", strings.Join(e.Command, " "), e.Err)
	if e.Output != "" {
		text += "\n" + e.Output
	}
	return hint.Join(text, e.hint())
}

// Unwrap is how the tool ended.
func (e *ToolError) Unwrap() error { return e.Err }

// hint is the remedy for a failure that has one likely cause.
func (e *ToolError) hint() string {
	for _, known := range []struct{ sign, hint string }{
		{"ensurepip is not", "install your system's package for it, such as python3-venv, or install uv"},
		{"No module named venv", "install your system's package for it, such as python3-venv, or install uv"},
		{"Temporary failure in name resolution", "cannot reach the package index: is the network up?"},
		{"Failed to establish a new connection", "cannot reach the package index: is the network up?"},
		{"dns error", "cannot reach the package index: is the network up?"},
	} {
		if strings.Contains(e.Output, known.sign) {
			return known.hint
		}
	}
	return ""
}

// toolLines is the number of a tool's last lines in an error.
const toolLines = 20

// run runs a tool to its end.
func (m *maker) run(ctx context.Context, program string, args ...string) error {
	var output bytes.Buffer
	out := io.Writer(&output)
	if m.Output != nil {
		out = io.MultiWriter(&output, m.Output)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	lines := strings.Split(strings.TrimSpace(output.String()), "\n")
	return &ToolError{
		Command: append([]string{filepath.Base(program)}, args...),
		Output:  strings.Join(lines[max(0, len(lines)-toolLines):], "\n"),
		Err:     err,
	}
}
