package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAddressesOfWorkers(t *testing.T) {
	for _, c := range []struct {
		peers   string
		workers int
		want    string // or the error
	}{
		{"wordcount-%d.wordcount:6700", 2, "wordcount-0.wordcount:6700 wordcount-1.wordcount:6700"},
		{"/run/gust/%d.sock", 2, "/run/gust/0.sock /run/gust/1.sock"},
		{"a:1, b:1", 0, "a:1 b:1"},
		{"a:1,b:1", 2, "a:1 b:1"},
		{"[::1]:6700,[::1]:6701", 0, "[::1]:6700 [::1]:6701"},
		{"", 2, "no --peers"},
		{"w%d:1", 0, "--peers with %d needs --workers N"},
		{"w%s:1", 2, "want %d once"},
		{"w%d-%d:1", 2, "want %d once"},
		{"w%d:1,b:1", 2, "not both"},
		{"a:1,b:1", 3, "--peers has 2 addresses, and --workers says 3"},
		{"a:1,b", 0, `worker 1: "b" is not an address`},
		{"a:1,:2", 0, `worker 1: ":2" is not an address`},
		{"a:x1,b:1", 0, `worker 0: "a:x1" has no usable port`},
		{"a:1,a:1", 0, "the workers 0 and 1 have the same address, a:1"},
	} {
		o := workerOptions{peers: c.peers, workers: c.workers}
		got, err := o.addresses()
		if err != nil {
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("--peers %s, %d workers: %v, want %s", c.peers, c.workers, err, c.want)
			}
			continue
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("--peers %s, %d workers: %q, want %s", c.peers, c.workers, got, c.want)
		}
	}
}

func TestOrdinal(t *testing.T) {
	for host, want := range map[string]int{
		"wordcount-0": 0, "word-count-12": 12, "wordcount-3.wordcount.default.svc.cluster.local": 3,
		"wordcount": -1, "wordcount-": -1, "wordcount-x1": -1, "": -1, "a-9999999999999999999": -1,
	} {
		if got := ordinal(host); got != want {
			t.Errorf("%q: got %d, want %d", host, got, want)
		}
	}
}

func TestReadSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	write := func(text string, mode os.FileMode) {
		t.Helper()
		os.Remove(path)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(words string) {
		t.Helper()
		if _, err := readSecret(path); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("got %v, want %s", err, words)
		}
	}
	refused("no such file")
	const long = "c2VjcmV0IHNlY3JldCBzZWNyZXQ="
	write(long+"\n", 0o640) // as Kubernetes mounts it for a group
	if got, err := readSecret(path); err != nil || string(got) != long {
		t.Errorf("got %q, %v", got, err)
	}
	write(long, 0o644)
	refused("can be read by everybody on this machine (mode 0644)")
	write(" short \n", 0o600)
	refused("has 5 bytes, and needs 16")
}
