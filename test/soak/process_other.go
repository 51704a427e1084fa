//go:build !linux

package main

import (
	"errors"
	"net"
)

// resources are a process's use of the machine.
type resources struct {
	RSS         int64 `json:"rss"` // bytes
	Descriptors int   `json:"descriptors"`
	Children    int   `json:"children"`
}

var errNoProc = errors.New("the soak needs /proc to look at processes: run it on Linux")

func measure(int) (resources, error)  { return resources{}, errNoProc }
func cpuSeconds(int) (float64, error) { return 0, errNoProc }
func children(int) []int              { return nil }
func arguments(int) []string          { return nil }
func dialerOf(net.Conn) int           { return 0 }
func bearers(string) ([]int, error)   { return nil, errNoProc }
