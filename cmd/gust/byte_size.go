package main

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// byteSize is a flag's value: a number of bytes, such as 500MB, 64MiB and 1000.
type byteSize int64

var sizeUnits = map[string]float64{
	"": 1, "B": 1, "K": 1e3, "KB": 1e3, "M": 1e6, "MB": 1e6, "G": 1e9, "GB": 1e9, "T": 1e12, "TB": 1e12,
	"KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40,
}

var sizeForm = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?([a-zA-Z]*)$`)

// String is the size in the largest binary unit of which it is a multiple.
func (s *byteSize) String() string {
	n := int64(*s)
	for _, unit := range []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n > 0 && n%unit.size == 0 {
			return strconv.FormatInt(n/unit.size, 10) + unit.name
		}
	}
	return strconv.FormatInt(n, 10)
}

// Type is the value's name in the help.
func (s *byteSize) Type() string { return "size" }

// Set takes a size.
func (s *byteSize) Set(text string) error {
	match := sizeForm.FindStringSubmatch(strings.TrimSpace(text))
	if match == nil {
		return fmt.Errorf("want a size such as 500MB or 64MiB")
	}
	unit, ok := sizeUnits[strings.ToUpper(match[2])]
	if !ok {
		return fmt.Errorf("unknown unit %q (want KB, MB, GB, KiB, MiB or GiB)", match[2])
	}
	n, err := strconv.ParseFloat(match[1], 64)
	if err != nil || n*unit >= math.MaxInt64 {
		return fmt.Errorf("the size is too large")
	}
	*s = byteSize(n * unit)
	return nil
}
