package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gust/internal/testenv"
	"gust/storm"
	"gust/storm/stormtest"
	"gust/storm/submit"
)

// What a cluster is silent about: Nimbus takes the topology, calls it ACTIVE and
// reports no error. The cluster is not that of the scripts, from which this
// would take the slots.
func TestSilentTroubles(t *testing.T) {
	python := testenv.Python(t)
	cluster := stormtest.New(t, stormtest.Options{Slots: 2, Env: workerEnvironment(t, python)})
	alone(t)
	dir := t.TempDir()
	if err := clusterProject(dir, python); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(dir, "words"))
	t.Setenv("STREAMPARSE_NIMBUS", cluster.Nimbus())

	t.Run("more workers than slots", func(t *testing.T) {
		got := gust(t, "submit", "-N", "wide", "--python", python, "-o", "topology.workers=3").ok(t)
		for _, want := range []string{
			`(?m)^running after .*: \d+ executors on 2 workers; `,
			`(?m)^gust: warning: wide asks for 3 workers, but Storm gave it 2: all 2 slots of the cluster are used\n *hint: .gust slot_usage. shows who uses them$`,
		} {
			if !regexp.MustCompile(want).MatchString(got.stderr) {
				t.Errorf("%s is missing:\n%s", want, got.stderr)
			}
		}
		if err := killTopology(t, cluster, "wide"); err != nil {
			t.Fatal(err)
		}
	})

	t.Run("jar that is no zip", func(t *testing.T) {
		client, err := storm.Dial(t.Context(), storm.Options{Seeds: []string{cluster.Nimbus()}, Timeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		rubbish := strings.NewReader("no zip, which Nimbus does not look at")
		location, err := client.Upload(t.Context(), rubbish, rubbish.Size(), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := gust(t, "submit", "-N", "rubbish", "--python", python, "-R", location, "--no-wait").ok(t)
		// What submit does without --no-wait, with less patience.
		_, err = (&submit.Watch{Client: client, ID: strings.TrimSpace(got.stdout), Patience: 10 * time.Second}).Run(t.Context())
		want := regexp.MustCompile(`^(\d+) of (\d+) executors do not run after 10s, and no component has reported an error\nhint: the workers may not get the jar .*supervisor\.log`)
		if err == nil || !want.MatchString(err.Error()) {
			t.Errorf("got %v, want %v", err, want)
		}
	})
}
