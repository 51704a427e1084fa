package main

import (
	"fmt"
	"strings"
)

// findings are the violations, by kind.
type findings struct {
	Kinds []finding `json:"kinds"`
}

type finding struct {
	Kind     string   `json:"kind"`
	Count    int      `json:"count"`
	Examples []string `json:"examples"`
}

// mostExamples is the number of findings of a kind to print.
const mostExamples = 5

func (f *findings) add(kind, format string, args ...any) {
	i := 0
	for i < len(f.Kinds) && f.Kinds[i].Kind != kind {
		i++
	}
	if i == len(f.Kinds) {
		f.Kinds = append(f.Kinds, finding{Kind: kind})
	}
	k := &f.Kinds[i]
	if k.Count++; k.Count <= mostExamples {
		k.Examples = append(k.Examples, fmt.Sprintf(format, args...))
	}
}

// err adds an error as a finding.
func (f *findings) err(kind string, err error) {
	if err != nil {
		f.add(kind, "%v", err)
	}
}

func (f *findings) String() string {
	var b strings.Builder
	for _, k := range f.Kinds {
		fmt.Fprintf(&b, "%d × %s\n", k.Count, k.Kind)
		for _, e := range k.Examples {
			fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(e, "\n", "\n    "))
		}
	}
	return b.String()
}
