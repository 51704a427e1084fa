package lint

import (
	"fmt"
	"strings"

	"gust/conf"
	"gust/internal/hint"
	"gust/internal/terminal"
	"gust/topology"
)

// Runnable is nil, or everything of one sort that keeps gust from running t under a conf.
func Runnable(t *topology.Topology, merged conf.Conf) error {
	if err := t.Validate(); err != nil {
		return fmt.Errorf("topology %q cannot run:\n%w", t.Name, err)
	}
	if err := WithoutJava(t); err != nil {
		return err
	}
	if err := Commands(t, merged); err != nil {
		return fmt.Errorf("topology %q cannot be started:\n%w", t.Name, err)
	}
	return nil
}

// WithoutJava is an error that lists the components in Java, if there are any.
func WithoutJava(t *topology.Topology) error {
	java := t.JavaComponents()
	if len(java) == 0 {
		return nil
	}
	var list strings.Builder
	for _, component := range java {
		fmt.Fprintf(&list, "\n%s %q: %s", component.Kind, component.Name, component.Java)
	}
	return hint.With(
		fmt.Errorf("topology %q has %s in Java, but gust does not run a JVM:%s",
			t.Name, terminal.Count(len(java), "component"), list.String()),
		"submit it to a Storm cluster, or replace them with programs",
	)
}
