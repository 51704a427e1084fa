package main

import (
	"context"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gust/internal/testenv"
	"gust/storm/generated"
	"gust/storm/stormtest"
)

// workerLog is how logviewers know the log of wordcount's worker.
const workerLog = "wordcount-1-17/6700/worker.log"

// startLogviewer serves a log, and makes a fake Nimbus point there. The topology has
// workers on the machines as well.
func startLogviewer(t *testing.T, viewer *stormtest.Logviewer, fake *stormtest.Fake, machines ...string) (port string) {
	t.Helper()
	host, port := viewer.Start(t)
	fake.SetConf(fmt.Sprintf(`{"logviewer.port": %s}`, port))
	runWordcount(t, fake, append([]string{host}, machines...)...)
	return port
}

// runWordcount has the topology run, with a worker on each of the machines.
func runWordcount(t *testing.T, fake *stormtest.Fake, machines ...string) {
	t.Helper()
	info := &generated.TopologyInfo{ID: "wordcount-1-17", Name: "wordcount", Status: "ACTIVE", Errors: map[string][]*generated.ErrorInfo{}}
	for _, host := range machines {
		info.Executors = append(info.Executors,
			&generated.ExecutorSummary{ComponentID: "words", Host: host, Port: 6700, ExecutorInfo: &generated.ExecutorInfo{TaskStart: 2, TaskEnd: 2}},
			&generated.ExecutorSummary{ComponentID: "count", Host: host, Port: 6700, ExecutorInfo: &generated.ExecutorInfo{TaskStart: 1, TaskEnd: 1}},
			&generated.ExecutorSummary{ComponentID: "__acker", Host: host, Port: 6700, ExecutorInfo: &generated.ExecutorInfo{TaskStart: 3, TaskEnd: 3}})
	}
	fake.SetTopologies(wordcount())
	fake.SetTopologyInfo("wordcount-1-17", info)
	t.Setenv("STREAMPARSE_NIMBUS", fake.Address())
}

// following is a `tail -f` that runs.
type following struct {
	stdout, stderr *testenv.Growing
	stop           context.CancelFunc
	ended          chan error
}

func follow(t *testing.T, args ...string) *following {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	f := &following{stdout: testenv.NewGrowing(), stderr: testenv.NewGrowing(), stop: stop, ended: make(chan error, 1)}
	t.Cleanup(stop)
	c := newCLI("gust", f.stdout, f.stderr)
	go func() { f.ended <- execute(ctx, c, append([]string{"tail", "-f", "wordcount"}, args...)) }()
	return f
}

// end ends it as Ctrl-C does.
func (f *following) end(t *testing.T) {
	t.Helper()
	f.stop()
	if err := <-f.ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

// secureLogviewer serves a log through https, and returns a file with the
// certificate.
func secureLogviewer(t *testing.T, viewer *stormtest.Logviewer, fake *stormtest.Fake) string {
	t.Helper()
	server := httptest.NewTLSServer(viewer)
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	host, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	fake.SetConf(fmt.Sprintf(`{"logviewer.port": 8000, "logviewer.https.port": %s}`, port))
	runWordcount(t, fake, host)
	file := filepath.Join(t.TempDir(), "trusted.pem")
	writeFile(t, file, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	return file
}

func TestTailFromSecureLogviewer(t *testing.T) {
	alone(t)
	fake := stormtest.NewFake(t)
	trusted := secureLogviewer(t, stormtest.NewLogviewer(workerLog, "one\n"), fake)
	gust(t, "tail", "wordcount").refuses(t, exitFailed, "no logviewer at 127.0.0.1 (tls: failed to verify certificate: x509: certificate signed by unknown authority)")
	if got := gust(t, "worker_uptime", "--json").ok(t).stdout; !strings.Contains(got, `"log":"https://127.0.0.1:`) {
		t.Errorf("got %s", got)
	}
	for _, key := range []string{"logviewer.https.truststore.path", "nimbus.thrift.tls.client.truststore.path"} {
		writeFile(t, filepath.Join(os.Getenv("HOME"), ".storm", "storm.yaml"), key+": "+trusted+"\n")
		if got := gust(t, "tail", "wordcount").ok(t); got.stdout != "one\n" || got.stderr != "" {
			t.Errorf("%s: got %q, %s", key, got.stdout, got.stderr)
		}
	}
}

// dark is a machine where no logviewer listens; its sshd is that of the room.
const dark = "127.0.0.2"

// newHalfDarkRoom is a room whose topology runs on a machine with a logviewer, and
// on a dark one. It returns the dark one's log.
func newHalfDarkRoom(t *testing.T, viewer *stormtest.Logviewer) (r *machineRoom, file, port string) {
	r = newMachineRoom(t, "")
	writeFile(t, r.sshd.File("config"), fmt.Sprintf("Host %s\n  HostName %s\n", dark, r.sshd.Host))
	port = startLogviewer(t, viewer, r.fake, dark)
	r.fake.SetConf(fmt.Sprintf(`{"storm.log.dir": %q, "logviewer.port": %s}`, r.logs, port))
	writeFile(t, "config.json", fmt.Sprintf(`{"envs": {"prod": {"nimbus": %q, "ssh_port": %d}}}`, r.fake.Address(), r.sshd.Port))
	return r, r.log(t, "workers-artifacts/wordcount-1-17/6700/worker.log", "from the file\n"), port
}

// Each machine's logs are read in the way that works there.
func TestTailFollowsBothWays(t *testing.T) {
	viewer := stormtest.NewLogviewer(workerLog, "from the logviewer\n")
	_, file, port := newHalfDarkRoom(t, viewer)
	f := follow(t)
	f.stderr.WaitFor(t, "gust: no logviewer at 127.0.0.2 (dial tcp 127.0.0.2:"+port+": connect: connection refused): reading the logs there over SSH\n")
	f.stdout.WaitForAll(t, "127.0.0.1:6700: from the logviewer\n", "127.0.0.2: from the file\n")
	viewer.Set("from the logviewer\nagain\n")
	writeFile(t, file, "from the file\nonce more\n")
	f.stdout.WaitForAll(t, "127.0.0.1:6700: again\n", "127.0.0.2: once more\n")
	f.end(t)
}

// A machine whose logs cannot be followed is reported, although the other goes on.
func TestTailTellsOfAFailedMachine(t *testing.T) {
	viewer := stormtest.NewLogviewer(workerLog, "from the logviewer\n")
	r, _, _ := newHalfDarkRoom(t, viewer)
	testenv.Write(t, r.sshd.Bin, map[string]string{"tail*": "#!/bin/sh\nexit 3\n"})
	f := follow(t)
	f.stderr.WaitForAll(t, "gust: warning: no longer following the logs on 127.0.0.2: no logviewer at 127.0.0.2", "the command on 127.0.0.2 failed: exit status 3\n")
	viewer.Set("from the logviewer\nagain\n")
	f.stdout.WaitForAll(t, "127.0.0.1:6700: again\n")
	f.end(t)
}
