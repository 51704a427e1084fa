package shell

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"syscall"

	"gust/internal/pyrun"
)

// hints are what a line of stderr suggests, the likelier ones first. A text may use what
// its pattern has captured.
var hints = []struct {
	line *regexp.Regexp
	text string
}{
	{
		regexp.MustCompile(`streamparse_run\W*: (?:command )?not found|(?:env|exec): .*streamparse_run\b.*(?:not found|No such file)`),
		"install streamparse into the environment that the components run in: python3 -m pip install streamparse",
	},
	{
		regexp.MustCompile(`env: \W*([\w./+-]+)(?:\\r|\r)`),
		"the program has DOS line endings: remove the carriage returns",
	},
	{
		regexp.MustCompile(`env: \W*([\w./+-]+)\W*: No such file or directory`),
		"the program's first line names $1: install it, or fix the line",
	},
	{
		regexp.MustCompile(`: (?:line )?\d+: ([\w./+-]+): (?:command )?not found$`),
		"install $1, or add its directory to PATH",
	},
	{
		regexp.MustCompile(`can't open file '([^']+)'.*No such file or directory`),
		"$1 does not exist: paths in a component's command are relative to its working directory, the project's src/",
	},
	{
		regexp.MustCompile(`: (?:line )?\d+: ([\w./+-]+): Permission denied$`),
		"make it executable, or readable: chmod +rx $1",
	},
	{
		regexp.MustCompile(`\bMemoryError\b|JavaScript heap out of memory|Cannot allocate memory`),
		"it ran out of memory: lower the parallelism, or topology.max.spout.pending",
	},
}

// hintOf says what to do about a death, or is empty. It looks at the cause, then at the
// lines of stderr from the last, then at how the process ended. dir is its working
// directory.
func hintOf(cause error, words []string, exit Exit, dir string) string {
	var hung *HungError
	var handshake *HandshakeError
	switch {
	case atPrompt(words):
		return DebuggerHint
	case errors.As(cause, &hung):
		return hung.hint()
	case errors.As(cause, &handshake):
		if hint := hintOfWords(words, dir); hint != "" {
			return hint
		}
		return "its command must start a multilang component, which reads the handshake on stdin and answers it on stdout"
	case cause != nil:
		return ""
	}
	if hint := hintOfWords(words, dir); hint != "" {
		return hint
	}
	switch {
	case exit.Success():
		return "a component must run until its stdin ends: check that its script ends with run()"
	case exit.Signal == syscall.SIGKILL:
		return "gust did not kill it: the kernel may have, because memory ran out (see dmesg)"
	}
	return ""
}

// prompt is the prompt of a debugger, which waits for a line on stdin; breakpoint is the
// line above it in which pdb says where.
var (
	prompt     = regexp.MustCompile(`^(?:\(Pdb(?:\+\+)?\)|ipdb>)`)
	breakpoint = regexp.MustCompile(`^> (.+)\((\d+)\)(\w+)\(\)`)
)

// DebuggerHint says what to do about a debugger that waits on stdin.
const DebuggerHint = "stdin is reserved for the protocol: remove the breakpoint, or set PYTHONBREAKPOINT to " +
	"a remote debugger such as remote_pdb.set_trace"

// atPrompt says whether the last line that a process wrote is a debugger's prompt.
func atPrompt(words []string) bool {
	return len(words) > 0 && prompt.MatchString(words[len(words)-1])
}

// WaitsAt is the line of code where a debugger waits, or empty if it is unknown.
func WaitsAt(words []string) string {
	for _, line := range slices.Backward(words) {
		if match := breakpoint.FindStringSubmatch(line); match != nil {
			return fmt.Sprintf(" at %s:%s in %s", match[1], match[2], match[3])
		}
	}
	return ""
}

func hintOfWords(words []string, dir string) string {
	for _, line := range slices.Backward(words) {
		if hint := pyrun.Hint(line, dir); hint != "" {
			return hint
		}
		for _, hint := range hints {
			if match := hint.line.FindStringSubmatchIndex(line); match != nil {
				return string(hint.line.ExpandString(nil, hint.text, line, match))
			}
		}
	}
	return ""
}
