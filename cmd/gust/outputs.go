package main

import (
	"fmt"
	"slices"
	"strings"

	"gust/topology"
)

// parseOutputs reads --outputs and --direct. The list is never nil: with --outputs "" the
// program declares nothing.
func parseOutputs(outputs, direct []string) ([]topology.Stream, error) {
	streams := []topology.Stream{}
	for _, text := range outputs {
		if text == "" {
			continue
		}
		name, fields, named := strings.Cut(text, "=")
		if !named {
			name, fields = topology.DefaultStream, text
		}
		s := topology.Stream{Name: name, Fields: strings.Split(fields, ","), Direct: slices.Contains(direct, name)}
		if name == "" || slices.Contains(s.Fields, "") {
			return nil, fmt.Errorf("invalid outputs %q (want FIELDS or STREAM=FIELDS, such as word,count or errors=msg)", text)
		}
		if slices.ContainsFunc(streams, func(other topology.Stream) bool { return other.Name == name }) {
			return nil, fmt.Errorf("the outputs of the stream %q are given twice", name)
		}
		streams = append(streams, s)
	}
	for _, name := range direct {
		if !slices.ContainsFunc(streams, func(s topology.Stream) bool { return s.Name == name }) {
			return nil, fmt.Errorf("--direct names %q, which is not in --outputs", name)
		}
	}
	return streams, nil
}
