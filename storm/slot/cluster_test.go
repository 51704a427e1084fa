package slot_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"gust/internal/testenv"
	"gust/internal/testrun"
	"gust/storm/slot/hook"
	"gust/storm/stormtest"
)

var gust string // the program

func TestMain(m *testing.M) { os.Exit(testrun.Main(m, &gust)) }

// newCluster starts a cluster whose supervisors have gust's workers.
func newCluster(t *testing.T, o stormtest.Options) *stormtest.Cluster {
	t.Helper()
	python := testenv.Python(t)
	bin := filepath.Dir(python)
	o.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	o.Prepare = func(home string) error {
		node, err := hook.Find(home, gust)
		if err != nil {
			return err
		}
		if _, err := node.Install(); err != nil {
			return err
		}
		return nil
	}
	o.Settings = map[string]string{
		"storm.resource.isolation.plugin.enable": "true",
		"storm.resource.isolation.plugin":        "gust.storm.Workers",
		"gust.executable":                        gust,
	}
	return stormtest.New(t, o)
}

func TestTry(t *testing.T) {
	cluster := newCluster(t, stormtest.Options{Supervisors: 2})
	os.WriteFile("/tmp/swk-cluster", []byte(cluster.Nimbus()+"\n"+cluster.Home()+"\n"), 0o644)
	t.Log(cluster.Nimbus(), cluster.Home(), gust)
	for i := 0; i < 3000; i++ {
		time.Sleep(time.Second)
		if _, err := os.Stat("/tmp/swk-stop"); err == nil {
			os.Remove("/tmp/swk-stop")
			return
		}
	}
}
