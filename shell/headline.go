package shell

import "strings"

// Headline is the line of an error that says what failed: of a Python traceback the first
// line of the exception, otherwise the last line that is not indented, such as the one
// above a stack trace.
func Headline(text string) string {
	text, _ = strings.CutSuffix(strings.TrimSpace(text), noException)
	lines := strings.Split(strings.TrimSpace(text), "\n")
	last := len(lines) - 1
	for last > 0 && isIndented(lines[last]) {
		last--
	}
	for i := last - 1; i >= 0; i-- {
		if !strings.HasPrefix(lines[i], "Traceback (most recent call last):") {
			continue
		}
		for i++; i < last && isIndented(lines[i]); {
			i++
		}
		last = i
		break
	}
	return strings.TrimSpace(lines[last])
}

// noException is Python's traceback when there is no exception, which pystorm's
// raise_exception appends to the message of an error that was not raised.
const noException = "\nNoneType: None"

func isIndented(line string) bool { return line != "" && (line[0] == ' ' || line[0] == '\t') }
