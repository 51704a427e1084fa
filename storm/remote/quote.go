package remote

import "strings"

// Quote makes one word of a text, for a POSIX shell.
func Quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// As is a command, for a POSIX shell, that runs as another user, or as who is
// logged in where user is empty. The input goes before what the command itself
// is to read. It holds the target's password where sudo may ask for one; without
// a password sudo may not ask.
func (m *Machine) As(user, command string) (_ string, input string) {
	switch {
	case user == "" || user == m.User:
		return "sh -c " + Quote(command), ""
	case m.Target.Password == "":
		return "sudo -n -u " + Quote(user) + " -- sh -c " + Quote(command), ""
	}
	// A sudo that knows the user already reads no password, and the command
	// would find it at the beginning of its input. So that is skipped, to a mark.
	const mark = "--"
	skip := `while IFS= read -r line && [ "$line" != ` + mark + ` ]; do :; done; `
	return "sudo -S -p '' -u " + Quote(user) + " -- sh -c " + Quote(skip+command), m.Target.Password + "\n" + mark + "\n"
}
