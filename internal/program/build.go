package program

import "runtime/debug"

// Build identifies this build of gust. Revision and Go version are empty if unknown.
func Build() (version, revision, goversion string) {
	version = "development"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, "", ""
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		version = v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	return version, revision, info.GoVersion
}
