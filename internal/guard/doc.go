// Package guard ensures that the processes of a run do not outlive it, however it ends:
// also after SIGKILL, and also grandchildren in sessions of their own.
//
// The running program ([Start]) gives each child a mark: a variable of its environment,
// which its descendants inherit. A second process of the same binary ([Main]) has the
// reading end of a pipe whose only writing end is in the first one. The kernel closes
// that however the first process ends. Then the guard kills the process groups that it
// knows and (on Linux, where environments can be read) every process with the run's mark.
//
// There are three mechanisms because each has a gap. The parent-death signal reaches only
// children. A process that calls setsid or setpgid leaves its group. A process that
// starts with an empty environment, or overwrites it to set its title in ps, has no mark.
//
// # Concurrency properties
//
//   - All methods of [Guard] may be called from any goroutine, and do nothing on
//     a nil Guard.
//   - Sweeps that are asked for at the same time share a scan of the process table.
package guard
