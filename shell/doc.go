// Package shell is one child process and the one conversation with it, as
// Storm's ShellSpout, ShellBolt and ShellProcess hold it.
//
// # Process
//
// A [Launcher] starts processes; a [Process] can be told to end, and waited for.
// What it says on stderr goes through [Lines], the last of it into [LastWords],
// and both [StartError] and [ExitError] say who failed, how, and what to do.
//
// # Concurrency properties
//
//   - A Launcher's methods may be called from any goroutine, and so may those of
//     a Process that are about its life: PID, State, Terminate, Kill and Wait.
//   - A Process's pipes belong to one goroutine, that which reads and writes
//     them: Stdin, Stdout, Stderr, Unread, CloseStdin and CloseOutputs are its alone.
//   - [Lines] belongs to one goroutine; [LastWords] takes care of itself.
package shell
