// Package pyrun runs small Python programs of gust's own in a project's interpreter.
//
// `python -c` and `python -m` look for modules in the working directory first, which
// here is the project's: its token.py, types.py or logging.py would replace the standard
// library's and break the program. Storm's workers never look there first. So the
// commands of this package leave the working directory out, and a program that imports
// the project's code adds its folders itself.
package pyrun

// standardFirst removes the working directory from the path. It imports only built-in
// modules.
const standardFirst = "import sys\nif sys.path[:1] == ['']: del sys.path[0]\n"

// Command is the command that runs a program, given as its source.
func Command(python, program string, args ...string) []string {
	return append([]string{python, "-c", standardFirst + program}, args...)
}

// Module is the command that runs a module, as `python -m` does.
func Module(python, module string, args ...string) []string {
	const run = "import runpy\nrunpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)\n"
	return Command(python, run, append([]string{module}, args...)...)
}
