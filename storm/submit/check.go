package submit

import (
	"fmt"
	"strings"

	"gust/internal/hint"
	"gust/topology"
)

// checkName rejects a name that Storm does not accept: it becomes a part of paths and
// URLs.
func checkName(name string) error {
	if name == "" {
		return hint.New("the topology has no name", "name it with -N NAME")
	}
	if i := strings.IndexAny(name, `/.:\`); i >= 0 {
		return hint.With(fmt.Errorf("invalid topology name %q: Storm does not allow %q in it", name, name[i]),
			"-N "+strings.NewReplacer("/", "-", ".", "-", ":", "-", `\`, "-").Replace(name))
	}
	return nil
}

// check checks a topology before it goes to a cluster.
func check(t *topology.Topology) error {
	if err := checkName(t.Name); err != nil {
		return err
	}
	if err := t.ValidateForStorm(); err != nil {
		return fmt.Errorf("topology %q cannot run:\n%w", t.Name, err)
	}
	return nil
}

// neededClasses are the Java classes that a topology needs on its workers, without
// Storm's own. They are keyed by the names of their files in a jar; the values name the
// components.
func neededClasses(t *topology.Topology) map[string]string {
	classes := map[string]string{}
	add := func(class, user string) {
		if class != "" && !strings.HasPrefix(class, "org.apache.storm.") && !strings.HasPrefix(class, "java.") {
			classes[classFile(class)] = user
		}
	}
	for _, c := range t.Components {
		user := fmt.Sprintf("%s %q", c.Kind, c.Name)
		if c.JavaObject != nil {
			add(c.JavaObject.Class, user)
		}
		for _, in := range c.Inputs {
			if in.Grouping.Object != nil {
				add(in.Grouping.Object.Class, user)
			}
		}
	}
	return classes
}

// classFile is the path of a Java class in a jar.
func classFile(class string) string { return strings.ReplaceAll(class, ".", "/") + ".class" }
