package slot

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// Release is a release of Storm, such as "2.8.3".
type Release string

// Releases says which releases gust's workers know, for people.
const Releases = "1.2.x and 2.0 to 2.8"

// known matches them. What supervisors read from a worker's heartbeat has been the same in all
// of them; Storm 3.0 changes it, and a heartbeat that it cannot read ends a supervisor.
var known = regexp.MustCompile(`^(1\.2|2\.[0-8])\.\d+$`)

// ReleaseOf finds the release of the Storm in a directory by the names of its jars.
func ReleaseOf(home string) (Release, error) {
	for _, artifact := range []string{"storm-server", "storm-core"} {
		found, err := filepath.Glob(filepath.Join(home, "lib", artifact+"-[0-9]*.jar"))
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			name := filepath.Base(found[0])
			return Release(strings.TrimSuffix(strings.TrimPrefix(name, artifact+"-"), ".jar")), nil
		}
	}
	return "", fmt.Errorf("%s is not Storm's directory: it has neither lib/storm-server-*.jar nor lib/storm-core-*.jar", home)
}

// Check returns an error unless gust's workers know the release.
func (r Release) Check() error {
	if known.MatchString(string(r)) {
		return nil
	}
	return fmt.Errorf("gust's workers do not know Storm %s, only %s", r, Releases)
}

// Plugin reports whether the release has the plug-in that can change a worker's command.
// Others need the stand-in for java.
func (r Release) Plugin() bool {
	var major, minor int
	_, err := fmt.Sscanf(string(r), "%d.%d", &major, &minor)
	return err == nil && (major > 2 || major == 2 && minor >= 3)
}

// beatsThroughZooKeeper reports whether Nimbus takes the figures for the heartbeat of a worker.
func (r Release) beatsThroughZooKeeper() bool { return strings.HasPrefix(string(r), "1.") }
