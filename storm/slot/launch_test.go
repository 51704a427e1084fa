package slot

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

const options = "-server -Dlogfile.name=worker.log -Dstorm.home=/opt/storm -Dworkers.artifacts=/var/log/storm/workers -Dstorm.local.dir=%s -cp x"

// command is a supervisor's command, which starts LogWriter and with it the worker.
func command(localDir, class string, args ...string) []string {
	words := strings.Fields("java -cp x org.apache.storm.LogWriter java " + strings.ReplaceAll(options, "%s", localDir))
	return append(append(words, class), args...)
}

func TestParseLaunch(t *testing.T) {
	storm2 := Launch{Topology: "w-1-2", Node: "node", Port: 6700, Worker: "id", Supervisor: 6628,
		LocalDir: "/data", Artifacts: "/var/log/storm/workers", Home: "/opt/storm"}
	storm1 := storm2
	storm1.Supervisor, storm1.LocalDir = 0, "/opt/storm/storm-local"
	for _, test := range []struct {
		name    string
		command []string
		want    Launch
	}{
		{"2.x", command("/data", "org.apache.storm.daemon.worker.Worker", "w-1-2", "node", "6628", "6700", "id"), storm2},
		{"1.x", command("storm-local", "org.apache.storm.daemon.worker", "w-1-2", "node", "6700", "id"), storm1},
	} {
		got, err := ParseLaunch(test.command)
		if err != nil || *got != test.want {
			t.Errorf("%s: got %+v, %v", test.name, got, err)
		}
	}
}

// Whatever else java is asked to run is not ours.
func TestParseLaunchOfOthers(t *testing.T) {
	worker := command("/data", "org.apache.storm.daemon.worker.Worker", "w-1-2", "node", "6628", "6700", "id")
	noPort := slices.Clone(worker)
	noPort[len(noPort)-2] = "port"
	for _, command := range [][]string{
		{}, {"java"}, {"java", "-version"}, worker[:len(worker)-1], append(slices.Clone(worker), "more"), noPort,
		{"java", "org.apache.storm.daemon.worker.Worker", "w-1-2", "node", "6628", "6700", "id"},
	} {
		if got, err := ParseLaunch(command); !errors.Is(err, errNoWorker) {
			t.Errorf("%q: got %+v, %v", command, got, err)
		}
	}
}

// Topology names may have characters that Go and Java encode differently.
func TestURLEncoded(t *testing.T) {
	if got, want := urlEncoded("a b*c~dé-1"), "a+b*c%7Ed%C3%A9-1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRelease(t *testing.T) {
	for _, test := range []struct {
		release         Release
		known, hasAHook bool
	}{
		{"1.2.4", true, false}, {"2.0.0", true, false}, {"2.2.2", true, false}, {"2.3.0", true, true}, {"2.8.3", true, true},
		{"2.8.12", true, true}, {"1.1.3", false, false}, {"2.9.0", false, true}, {"3.0.0", false, true}, {"3.0.0-SNAPSHOT", false, true}, {"", false, false},
	} {
		if err := test.release.Check(); (err == nil) != test.known {
			t.Errorf("Check of %q: %v", test.release, err)
		}
		if got := test.release.Plugin(); got != test.hasAHook {
			t.Errorf("Plugin of %q: %v", test.release, got)
		}
	}
}
