package jar

import (
	"fmt"
	"regexp"
	"strconv"
)

// platform is a kind of machine in pip's form: the system, its oldest release, and the
// processor, as in manylinux_2_28_x86_64. A name that cannot be parsed is passed to pip
// or uv unchanged.
type platform struct {
	name            string
	system, machine string
	// major and minor are the release: of glibc, musl or macOS.
	major, minor int
}

var (
	platformName = regexp.MustCompile(`^(manylinux|musllinux|macosx)_(\d{1,3})_(\d{1,3})_(\w+)$`)
	// olderName is from before releases of glibc were part of the name.
	olderName = regexp.MustCompile(`^(manylinux1|manylinux2010|manylinux2014|linux)_(\w+)$`)
)

// olderNames are the releases of glibc that have names of their own.
var olderNames = []struct {
	name  string
	minor int
}{{"manylinux2014", 17}, {"manylinux2010", 12}, {"manylinux1", 5}}

func parsePlatform(name string) platform {
	p := platform{name: name}
	if m := platformName.FindStringSubmatch(name); m != nil {
		p.system, p.machine = m[1], m[4]
		p.major, _ = strconv.Atoi(m[2])
		p.minor, _ = strconv.Atoi(m[3])
		return p
	}
	m := olderName.FindStringSubmatch(name)
	if m == nil {
		return p
	}
	p.system, p.machine = m[1], m[2]
	for _, older := range olderNames {
		if older.name == m[1] {
			p.system, p.major, p.minor = "manylinux", 2, older.minor
		}
	}
	return p
}

// forPip are the names of all wheels that run there. A machine with a new glibc runs
// wheels for older ones, too, and few packages have wheels for exactly its own; pip knows
// that only about the machine on which it runs.
func (p platform) forPip() []string {
	if p.system != "manylinux" || p.major != 2 {
		return []string{p.name}
	}
	var names []string
	for minor := p.minor; minor >= 5; minor-- {
		names = append(names, fmt.Sprintf("manylinux_2_%d_%s", minor, p.machine))
		for _, older := range olderNames {
			if older.minor == minor {
				names = append(names, older.name+"_"+p.machine)
			}
		}
	}
	return names
}

// forUV is uv's name for it, which has the processor first.
func (p platform) forUV() string {
	machine := p.machine
	if machine == "arm64" {
		machine = "aarch64"
	}
	switch p.system {
	case "manylinux":
		return fmt.Sprintf("%s-manylinux_%d_%d", machine, p.major, p.minor)
	case "musllinux":
		return machine + "-unknown-linux-musl"
	case "linux":
		return machine + "-unknown-linux-gnu"
	case "macosx":
		return machine + "-apple-darwin"
	}
	return p.name
}

// markers are the values of a Python there in the conditions of requirements, such as `;
// sys_platform == "linux"`.
func (p platform) markers() map[string]string {
	switch p.system {
	case "": // unknown
		return map[string]string{}
	case "macosx":
		return map[string]string{"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": p.machine}
	}
	return map[string]string{"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": p.machine}
}
