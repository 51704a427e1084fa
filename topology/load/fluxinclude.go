package load

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"gust/topology"
)

// include merges another file into a definition (FluxParser.processIncludes).
// Beyond what Flux does, the name is relative to the file that includes it,
// and an included file may include others.
func (f *fluxReader) include(d *fluxDefinition, v value, includedBy []string) {
	t := f.table(v, "an include")
	name, override := t.text("file"), t.flag("override")
	isResource := t.flag("resource")
	t.unknown(f.warnf)
	if name == "" {
		f.errorf(t.place, "an include has no file")
		return
	}
	file := beside(d.file, name, isResource)
	if slices.Contains(includedBy, file) {
		f.errorf(t.place, "%s includes itself: %s", file, strings.Join(append(includedBy, file), " > "))
		return
	}
	if err := isFile(file); err != nil {
		f.errorf(t.place, "include: %w", err)
		return
	}
	f.merge(d, f.read(file, includedBy), override)
}

// beside finds an included file. A resource is one of the jar's on Storm: what
// goes into a jar stands beside the topology, or in resources.
func beside(includer, name string, isResource bool) string {
	dir := filepath.Dir(includer)
	if isResource {
		name = strings.TrimPrefix(name, "/")
		if file := filepath.Join(dir, "resources", name); !exists(filepath.Join(dir, name)) && exists(file) {
			return file
		}
	}
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(dir, name)
}

// merge adds what an included file defines. What is defined twice keeps its
// first definition, unless the include says override.
func (f *fluxReader) merge(d, included *fluxDefinition, override bool) {
	if included.name != "" && (d.name == "" || override) {
		d.name = included.name
	}
	for _, key := range slices.Sorted(maps.Keys(included.config)) {
		if _, set := d.config[key]; set && !override {
			f.warnf(included.place, "config %q is ignored: %s sets it, and includes this file without override", key, d.file)
			continue
		}
		d.config[key] = included.config[key]
	}
	for _, c := range included.components {
		i := slices.IndexFunc(d.components, func(other *topology.Component) bool {
			return other.Name == c.Name && other.Kind == c.Kind
		})
		switch {
		case i < 0:
			d.components = append(d.components, c)
		case override:
			d.components[i] = c
		default:
			f.warnf(included.place, "%s %q is ignored: %s defines it, and includes this file without override", c.Kind, c.Name, d.file)
		}
	}
	d.streams = append(d.streams, included.streams...)
}
