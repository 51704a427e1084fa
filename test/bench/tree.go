package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// tree is a host and all processes below it, the host first.
type tree []int

// processTree lists the living descendants of a process.
func processTree(root int) (tree, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	children := map[int][]int{}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if stat, err := processStat(pid); err == nil {
			children[stat.parent] = append(children[stat.parent], pid)
		}
	}
	t := tree{root}
	for i := 0; i < len(t); i++ {
		t = append(t, children[t[i]]...)
	}
	return t, nil
}

// of are the processes that are the host's own.
func (t tree) of(h host) tree {
	o, several := h.(owner)
	if !several {
		return t[:1]
	}
	var own tree
	for _, pid := range t {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // it may just have ended
		if o.own(strings.Split(string(text), "\x00")) {
			own = append(own, pid)
		}
	}
	return own
}

type stat struct {
	parent int
	cpu    float64 // seconds, user and system
}

// clockTicks is the unit of /proc's times: USER_HZ is 100 wherever Go runs.
const clockTicks = 100

// processStat reads /proc/PID/stat. The name, in brackets, may contain anything.
func processStat(pid int) (stat, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	if len(fields) < 13 {
		return stat{}, fmt.Errorf("/proc/%d/stat has too few fields", pid)
	}
	parent, _ := strconv.Atoi(fields[1])
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return stat{parent, (user + system) / clockTicks}, nil
}

// cpu adds up the CPU seconds of the processes that are still there.
func (t tree) cpu() (seconds float64) {
	for _, pid := range t {
		if s, err := processStat(pid); err == nil {
			seconds += s.cpu
		}
	}
	return seconds
}

// pss adds up the proportional set sizes, in bytes: memory that several processes share
// counts once.
func (t tree) pss() (bytes float64) {
	for _, pid := range t {
		bytes += numberIn(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Pss:") * 1024
	}
	return bytes
}

// switches adds up how often the threads of the processes have begun to wait.
func (t tree) switches() (n float64) {
	for _, pid := range t {
		threads, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		for _, thread := range threads {
			n += numberIn(fmt.Sprintf("/proc/%d/task/%s/status", pid, thread.Name()), "voluntary_ctxt_switches:")
		}
	}
	return n
}

// numberIn is the number after a word at the start of a line, 0 if there is none.
func numberIn(file, word string) float64 {
	raw, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == word {
			n, _ := strconv.ParseFloat(fields[1], 64)
			return n
		}
	}
	return 0
}
