package component

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/topology"
	"gust/topology/load"
)

// Find finds a component in topologies by its name or its class. found is nil if there is
// none; all are the components of the topologies.
func Find(topologies []*load.Loaded, name string) (found *Role, all []*Role, err error) {
	class := ClassOf(name)
	var byName, byClass []*Role
	for _, loaded := range topologies {
		for _, component := range loaded.Topology.Components {
			r := &Role{loaded.Topology, component, loaded.Python}
			all = append(all, r)
			switch {
			case component.Name == name:
				byName = append(byName, r)
			case class != "" && load.StreamparseClass(component.Command) == class:
				byClass = append(byClass, r)
			}
		}
	}
	switch {
	case len(byName) > 0:
		found, err = theOne(name, byName)
	case len(byClass) > 0:
		found, err = theOne(name, byClass)
	}
	return found, all, err
}

// theOne is the only component that was found, or one of several that differ only in
// their names.
func theOne(name string, found []*Role) (*Role, error) {
	first := found[0]
	if slices.ContainsFunc(found, func(r *Role) bool { return !r.like(first) }) {
		var list []string
		for _, r := range found {
			list = append(list, fmt.Sprintf("%s of %s", r.Component.Name, r.Topology.Name))
		}
		return nil, hint.With(
			fmt.Errorf("%s matches several components: %s", name, terminal.Listed(list)),
			fmt.Sprintf("name one component, and its topology with -n: %s -n %s", first.Component.Name, first.Topology.Name),
		)
	}
	return first, nil
}

// like reports whether two components differ only in their names.
func (r *Role) like(other *Role) bool {
	a, b := *r.Component, *other.Component
	for _, c := range []*topology.Component{&a, &b} {
		c.Name, c.Parallelism, c.Tasks, c.Inputs = "", 0, 0, nil
	}
	return reflect.DeepEqual(a, b) && reflect.DeepEqual(r.Inputs(), other.Inputs()) &&
		reflect.DeepEqual(r.Topology.Config, other.Topology.Config)
}

// ClassOf is the Python form of a class on the command line, MODULE:CLASS or
// MODULE.CLASS; empty if name cannot be one.
func ClassOf(name string) string {
	class := strings.Replace(name, ":", ".", 1)
	if dot := strings.LastIndex(class, "."); dot <= 0 || dot == len(class)-1 {
		return ""
	}
	return class
}
