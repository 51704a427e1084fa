package guard

import (
	"bytes"
	"iter"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// marked yields the processes with one of marks, and the index of the mark. A zombie has
// no environment, so it is left out.
func marked(marks []string) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for _, pid := range processes() {
			if mark := markOf(pid, marks); mark >= 0 && !yield(pid, mark) {
				return
			}
		}
	}
}

// processes lists the process table, without this process.
func processes() []int {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1)
	pids := make([]int, 0, len(names))
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil && pid != os.Getpid() {
			pids = append(pids, pid)
		}
	}
	return pids
}

// markOf returns the index of a process's mark, or -1; also if its environment is not
// readable, since then it is another user's.
func markOf(pid int, marks []string) int {
	environ, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return -1
	}
	for entry := range bytes.SplitSeq(environ, []byte{0}) {
		if !bytes.HasPrefix(entry, []byte(Variable)) {
			continue
		}
		if i := slices.IndexFunc(marks, func(mark string) bool { return bears(entry, mark) }); i >= 0 {
			return i
		}
	}
	return -1
}

// bears reports whether an entry of an environment is mark, or a mark below it: a child's
// mark is below its run's.
func bears(entry []byte, mark string) bool {
	rest, ok := bytes.CutPrefix(entry, []byte(mark))
	return ok && (len(rest) == 0 || rest[0] == '.')
}

// kill kills a process that had one of marks when it was seen. Since then it may have
// ended, and another process may have its id: a pidfd refers to the process that has the
// id now, and a second look finds whether it has the mark.
func kill(pid int, marks []string) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err == unix.ENOSYS { // before Linux 5.3
		_ = unix.Kill(pid, unix.SIGKILL)
		return
	}
	if err != nil {
		return
	}
	defer unix.Close(fd)
	if markOf(pid, marks) >= 0 {
		_ = unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0)
	}
}
