package load

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"gust/topology"
)

// include merges another file into a definition (FluxParser.processIncludes). Unlike in
// Flux, the name is relative to the including file, and an included file may include
// others.
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

// beside finds an included file. On Storm a resource is in the jar, whose files are
// beside the topology here, or in resources.
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

// merge adds the definitions of an included file. Of two definitions the first remains,
// unless the include has override.
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
