// Package shell is one child process and the conversation with it, like Storm's
// ShellSpout, ShellBolt and ShellProcess.
//
// # Where to begin
//
//   - launcher.go starts processes from a [Spec]; program.go finds the program, pipes.go
//     opens the pipes; process.go is the running process, exit.go how it ended.
//   - lines.go cuts stderr into lines, lastwords.go keeps the last of them. start_error.go,
//     exit_error.go and hints.go say who failed, how, and what to do.
//   - outbox.go gathers what is to be written to a child, commands.go keeps count of what
//     a spout has been asked.
//
// # Concurrency properties
//
//   - A Launcher's methods may be called from any goroutine, and so may those of
//     a Process that are about its life: PID, Terminate, Kill and Wait.
//   - A Process's pipes belong to one goroutine, which reads and writes them: Stdin,
//     Stdout, Stderr, Unread, CloseStdin and CloseOutputs may only be called there.
//   - [Lines], [Outbox] and [Commands] belong to one goroutine each; [LastWords] may be
//     used from any.
package shell
