package visualize

import (
	"bytes"
	"fmt"
	"strings"

	"gust/topology"
)

// dot writes the graph in Graphviz's language, for other layouts.
func dot(t *topology.Topology) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "digraph %s {\n", dotText(t.Name))
	b.WriteString("    rankdir=LR\n    node [fontname=Helvetica]\n    edge [fontname=Helvetica, fontsize=11]\n")
	subtitles := subtitles(t)
	for i, c := range t.Components {
		shape := "ellipse"
		if c.Kind == topology.Spout {
			shape = "box"
		}
		fmt.Fprintf(&b, "    %s [shape=%s, label=%s]\n", dotText(c.Name), shape, dotText(c.Name+"\n"+subtitles[i]))
	}
	for _, s := range subscriptions(t) {
		fmt.Fprintf(&b, "    %s -> %s [label=%s]\n", dotText(t.Components[s.from].Name), dotText(t.Components[s.to].Name),
			dotText(strings.Join(s.label(), "\n")))
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// dotText is a string in Graphviz's syntax.
func dotText(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text) + `"`
}
