package program

import (
	"cmp"
	"runtime/debug"
	"slices"
)

// The linker sets these in the files of a release (release/build.go). Go's own stamps are
// not used there: they depend on the tags of the clone that it is built in, so that two
// clones of one commit would make different files.
var (
	release  string // such as "v0.1.0"
	commit   string // its full hash
	commitAt string // its time, such as "2026-01-31T12:00:00Z"
)

// BuildInfo is the build information in the binary. In a release, the version, the
// revision and its time are the release's.
func BuildInfo() (info *debug.BuildInfo, ok bool) {
	info, ok = debug.ReadBuildInfo()
	if ok && release != "" {
		info.Main.Version = release
		info.Settings = append(slices.DeleteFunc(info.Settings, func(s debug.BuildSetting) bool {
			return s.Key == "vcs.revision" || s.Key == "vcs.time" || s.Key == "vcs.modified"
		}), debug.BuildSetting{Key: "vcs.revision", Value: commit}, debug.BuildSetting{Key: "vcs.time", Value: commitAt})
	}
	return info, ok
}

// Build identifies this build of gust. Revision and Go version are empty if unknown.
func Build() (version, revision, goversion string) {
	version = "development"
	info, ok := BuildInfo()
	if !ok {
		return version, "", ""
	}
	if v := info.Main.Version; v != "(devel)" {
		version = cmp.Or(v, version)
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	return version, revision, info.GoVersion
}
