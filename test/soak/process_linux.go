package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// resources are a process's use of the machine.
type resources struct {
	RSS         int64 `json:"rss"` // bytes
	Descriptors int   `json:"descriptors"`
	Children    int   `json:"children"`
}

// measure looks at a process from outside.
func measure(pid int) (resources, error) {
	var r resources
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	statm, err := os.ReadFile(filepath.Join(proc, "statm"))
	if err != nil {
		return r, err
	}
	if words := strings.Fields(string(statm)); len(words) > 1 {
		pages, _ := strconv.ParseInt(words[1], 10, 64)
		r.RSS = pages * int64(os.Getpagesize())
	}
	descriptors, err := os.ReadDir(filepath.Join(proc, "fd"))
	if err != nil {
		return r, err
	}
	r.Descriptors = len(descriptors)
	r.Children = len(children(pid))
	return r, nil
}

// children are the processes that a process has started, and that have not ended.
func children(pid int) (pids []int) {
	// A child belongs to the thread that started it.
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for word := range strings.FieldsSeq(string(text)) {
			child, _ := strconv.Atoi(word)
			pids = append(pids, child)
		}
	}
	return pids
}

// arguments are the command line of a process.
func arguments(pid int) []string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
}

// dialerOf is the process that has dialed a Unix connection, and 0 for others.
func dialerOf(conn net.Conn) int {
	pid := 0
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return 0
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return 0
	}
	raw.Control(func(fd uintptr) {
		if who, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED); err == nil {
			pid = int(who.Pid)
		}
	})
	return pid
}

// cpuSeconds is the time that a process, and those of its children that have
// ended and were waited for, have used.
func cpuSeconds(pid int) (own float64, err error) {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, err
	}
	// The name, in parentheses, may contain anything.
	i := bytes.LastIndexByte(stat, ')')
	words := strings.Fields(string(stat[i+1:]))
	if i < 0 || len(words) < 13 {
		return 0, errors.New("/proc/PID/stat is not as expected")
	}
	const ticksPerSecond = 100 // USER_HZ, on all of Linux
	user, _ := strconv.ParseFloat(words[11], 64)
	system, _ := strconv.ParseFloat(words[12], 64)
	return (user + system) / ticksPerSecond, nil
}

// bearers are the processes that have a variable in their environment.
func bearers(variable string) (pids []int, err error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		environment, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "environ"))
		if err != nil {
			continue // it has ended, or is another user's
		}
		for v := range bytes.SplitSeq(environment, []byte{0}) {
			if string(v) == variable {
				pids = append(pids, pid)
			}
		}
	}
	return pids, nil
}
