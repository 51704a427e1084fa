// Package guard sees to it that the processes of a run do not outlive it,
// whatever ends it: SIGKILL and grandchildren in sessions of their own included.
//
// The program that runs ([Start]) gives each child a mark: a variable of its
// environment, which its descendants inherit. A second process, the same binary
// started again ([Main]), holds the reading end of a pipe whose only writing end
// is in the first one. The kernel closes it however the first process ends; the
// guard then kills the process groups that it was told about, and (on Linux,
// where environments can be read) every process that bears the run's mark.
//
// Three nets, because each has a hole. The parent-death signal, which whoever
// forks may ask for, reaches only children. A group loses who calls setsid or
// setpgid. A mark loses who starts with an empty environment, or writes over it
// to set its title in ps.
//
// # Concurrency properties
//
//   - All methods of [Guard] may be called from any goroutine, and do nothing on
//     a nil Guard.
//   - Sweeps that are asked for at the same time share a scan of the process table.
package guard
