package remote

import "strings"

// Quote quotes a string as one word for a POSIX shell.
func Quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// As is a command, for a POSIX shell, that runs as another user, or as the user who is
// logged in if user is empty. The input must be sent before the command's own input. It
// has the target's password if sudo may ask for one; without a password sudo may not ask.
func (m *Machine) As(user, command string) (_ string, input string) {
	switch {
	case user == "" || user == m.User:
		return "sh -c " + Quote(command), ""
	case m.Target.Password == "":
		return "sudo -n -u " + Quote(user) + " -- sh -c " + Quote(command), ""
	}
	// If sudo does not need the password, it does not read it, and the command would find
	// it at the beginning of its input. So the shell skips the input up to a mark.
	const mark = "--"
	skip := `while IFS= read -r line && [ "$line" != ` + mark + ` ]; do :; done; `
	return "sudo -S -p '' -u " + Quote(user) + " -- sh -c " + Quote(skip+command), m.Target.Password + "\n" + mark + "\n"
}
