package operate

import (
	"regexp"
	"strings"

	"gust/internal/program"
	"gust/internal/pyrun"
	"gust/storm/slot"
)

var (
	noLaunch  = regexp.MustCompile(`Error when launching multilang subprocess`)
	noProgram = regexp.MustCompile(`Cannot run program "([^"]+)"[^\n]*error=(\d+), ([^\n]+)`)
	noClass   = regexp.MustCompile(`ClassNotFoundException: ([\w.$]+)`)
	noObject  = regexp.MustCompile(`NullPointerException: .* because "(?:spout|bolt)Object" is null`)
	noFile    = regexp.MustCompile(`can't open file '([^']+)'`)
	javaFrame = regexp.MustCompile(`^\s*(at [\w.$/<>]+\(.*\)|\.\.\. \d+ (more|common frames omitted))\s*$`)
	javaClass = regexp.MustCompile(`^(?:Caused by: )?(?:[a-z]\w*\.)+([A-Z]\w*)`)
)

// Explain rewords an error that Nimbus has: a Java stack trace that may contain what the
// component's process wrote to stderr. The result is the error without the frames of
// Storm's own Java, and a remedy as the hint, empty if none is known.
func Explain(text string) (what, hint string) {
	if m := noProgram.FindStringSubmatch(text); m != nil {
		if m[2] == "2" {
			return "no program " + m[1] + " on the worker",
				"--bundle puts the project's packages into the jar, and `" + program.Name + " update_virtualenv` makes virtualenvs on the workers"
		}
		return "the program " + m[1] + " cannot be started on the worker: " + m[3],
			"Storm unpacks no file as executable: name the interpreter, too, as in `python3 x.py`"
	}
	if traceback := python(text); traceback != "" {
		return traceback, hintFor(traceback)
	}
	if what, words := deadProcess(text); what != "" {
		if words == "" {
			return what, "another error of that time may tell why, or the worker's log, which `" + program.Name + " tail` shows"
		}
		return what + ", and wrote to stderr:\n" + words, hintFor(words)
	}
	if strings.Contains(text, slot.Lacking) {
		return slot.Lacking, "run `" + program.Name + " storm-workers install` there, or submit the topology without --gust-workers"
	}
	if m := noClass.FindStringSubmatch(text); m != nil {
		return "the worker has no Java class " + m[1], "--add FILE.jar puts the classes of another jar into this one"
	}
	if noObject.MatchString(text) {
		return "the worker cannot make the component's Java object",
			"the jar needs its class (--add FILE.jar), and the class a public constructor for the arguments, as Integer, Long, Double, Boolean, String or ByteBuffer"
	}
	return withoutFrames(text), hintFor(text)
}

// IsFatal reports whether a component's process, or its Java object, is gone after the
// error.
func IsFatal(text string) bool {
	if strings.HasPrefix(text, reported) {
		return false
	}
	what, _ := deadProcess(text)
	return what != "" || noLaunch.MatchString(text) || noProgram.MatchString(text) || noClass.MatchString(text) || noObject.MatchString(text)
}

// reported begins the errors that a running process reports.
const reported = "java.lang.Exception: Shell Process Exception:"

// hintFor is the remedy for the output of a component's process.
func hintFor(text string) string {
	if hint := pyrun.Python2Hint(text); hint != "" {
		return hint
	}
	if module := pyrun.MissingModule(text); module != "" {
		root, _, _ := strings.Cut(module, ".")
		if root == "streamparse" || root == "pystorm" {
			return "the worker's Python has no streamparse: --bundle puts it into the jar"
		}
		return "is " + root + " a module in src/, which `" + program.Name + " jar --list` shows? Else it is a package: --bundle puts those of the requirements into the jar"
	}
	if m := noFile.FindStringSubmatch(text); m != nil {
		return "`" + program.Name + " jar --list` shows which files the jar has"
	}
	return ""
}

// Each of a worker's threads for a process reports its end differently.
var (
	exitCode = regexp.MustCompile(`pid:\d+, name:\S* exitCode:(-?\d+), errorString:`)
	noOutput = regexp.MustCompile(`Pipe to subprocess seems to be broken! No output read\.\n(?:Serializer Exception:)?`)
	noInput  = regexp.MustCompile(`^java\.io\.IOException: (?:Stream closed|Broken pipe)\n`)
)

// deadProcess is the end of a component's process, with its stderr, if the error is about
// that.
func deadProcess(text string) (what, words string) {
	if m := exitCode.FindStringSubmatchIndex(text); m != nil {
		what = "its process has ended"
		if code := text[m[2]:m[3]]; code != "-1" { // which is one that Storm did not wait for
			what += " with exit status " + code
		}
		return what, untilFrames(text[m[1]:])
	}
	if m := noOutput.FindStringIndex(text); m != nil {
		return "its process has ended", untilFrames(text[m[1]:])
	}
	if noInput.MatchString(text) {
		return "its process has ended", ""
	}
	return "", ""
}

// untilFrames is the text before the frames of Java.
func untilFrames(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		if javaFrame.MatchString(strings.TrimRight(line, "\r\n")) || strings.HasPrefix(line, "Caused by: ") {
			break
		}
		words = append(words, line)
	}
	return strings.TrimSpace(strings.Join(words, ""))
}

// python is the last Python traceback in a string, up to the line with the exception, or
// "".
func python(text string) string {
	const head = "Traceback (most recent call last):"
	i := strings.LastIndex(text, head)
	if i < 0 {
		return ""
	}
	var traceback []string
	for line := range strings.Lines(text[i:]) {
		line = strings.TrimRight(line, "\r\n")
		if len(traceback) > 0 && javaFrame.MatchString(line) {
			break
		}
		traceback = append(traceback, line)
		// The first line that is not indented, after the frames, is the exception.
		if len(traceback) > 1 && line != "" && line[0] != ' ' && line[0] != '\t' {
			break
		}
	}
	return strings.TrimRight(strings.Join(traceback, "\n"), "\n ")
}

// withoutFrames is the innermost exception of a Java stack trace: the outer ones only
// have the context.
func withoutFrames(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "Caused by: "):
			kept = kept[:0]
		case javaFrame.MatchString(line) || strings.TrimSpace(line) == "":
			continue
		}
		kept = append(kept, javaClass.ReplaceAllString(line, "$1"))
	}
	const most = 12
	return strings.Join(kept[:min(len(kept), most)], "\n")
}
