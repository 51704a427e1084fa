package guard

import (
	"bytes"
	"iter"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// marked yields the processes that bear one of marks, and the index of the mark.
// A zombie has no environment left, so it is none of them.
func marked(marks []string) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for _, pid := range processes() {
			if mark := markOf(pid, marks); mark >= 0 && !yield(pid, mark) {
				return
			}
		}
	}
}

// processes lists the process table, ourselves left out.
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

// markOf returns the index of the mark that a process bears, or -1: also where
// its environment is not ours to read, for then it is another user's.
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

// bears reports whether an entry of an environment is mark, or a mark below it:
// that of a child where mark is its run's.
func bears(entry []byte, mark string) bool {
	rest, ok := bytes.CutPrefix(entry, []byte(mark))
	return ok && (len(rest) == 0 || rest[0] == '.')
}

// kill kills a process that was seen to bear one of marks. Since it was seen it
// may have ended, and its id may be another's: a pidfd holds on to whoever has
// the id now, and the second look says who that is.
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
