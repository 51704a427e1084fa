package slot_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"gust/internal/testenv"
	"gust/internal/testrun"
	"gust/storm"
	"gust/storm/generated"
	"gust/storm/slot"
	"gust/storm/stormtest"
)

var gust string // the program

func TestMain(m *testing.M) { os.Exit(testrun.Main(m, &gust)) }

// cluster is a real cluster whose supervisors have gust's workers.
type cluster struct {
	*stormtest.Cluster
	t       testing.TB
	python  string
	project string // whose topology is submitted
}

// newCluster starts a cluster. It is set up as a user would: by `gust storm-workers install`,
// whose output goes to the end of storm.yaml.
func newCluster(t testing.TB, o stormtest.Options) *cluster {
	t.Helper()
	python := testenv.Python(t)
	if standIn(o.Release) {
		o.JavaHome = "gust-java" // what install makes
	}
	o.Env = append(os.Environ(), "PATH="+filepath.Dir(python)+":"+os.Getenv("PATH"))
	java, err := exec.LookPath(testenv.Java(t, o.Release.NewestJava()))
	if err == nil {
		java, err = filepath.EvalSymlinks(java)
	}
	if err != nil {
		t.Fatal(err)
	}
	o.Prepare = func(home string) error {
		install := exec.Command(gust, "storm-workers", "install", "--storm", home, "--java", filepath.Dir(filepath.Dir(java)))
		install.Stderr = os.Stderr
		lines, err := install.Output()
		if err != nil {
			return err
		}
		if standIn(o.Release) {
			if want := "export JAVA_HOME=" + filepath.Join(home, o.JavaHome) + "\n"; string(lines) != want {
				return fmt.Errorf("install printed %q, want %q", lines, want)
			}
			return nil
		}
		for _, name := range []string{"storm.yaml", "supervisor2.yaml"} {
			if err := appendTo(filepath.Join(home, "conf", name), lines); err != nil {
				return err
			}
		}
		return nil
	}
	c := &cluster{stormtest.New(t, o), t, python, filepath.Join("testdata", "ledger")}
	t.Cleanup(func() {
		if t.Failed() {
			c.showLogs()
		}
	})
	return c
}

// standIn reports whether gust stands in for java on a release.
func standIn(r stormtest.Release) bool { return r != "" && !slot.Release(r).Plugin() }

// showLogs logs the ends of the workers' logs.
func (c *cluster) showLogs() {
	files, _ := filepath.Glob(filepath.Join(c.Home(), "logs", "workers", "*", "*", "worker.log*"))
	for _, file := range files {
		text, _ := os.ReadFile(file)
		c.t.Logf("== %s\n%s", file, text[max(0, len(text)-1500):])
	}
}

func appendTo(file string, text []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(text)
	return err
}

// gust runs a command of gust's against the cluster, and returns its stdout.
func (c *cluster) gust(args ...string) string {
	c.t.Helper()
	out, err := c.try(args...)
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

func (c *cluster) try(args ...string) (string, error) {
	cmd := exec.Command(gust, args...)
	cmd.Dir = c.project
	cmd.Env = append(os.Environ(), "STREAMPARSE_NIMBUS="+c.Nimbus())
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("gust %s: %w\n%s", strings.Join(args, " "), err, &stderr)
	}
	return string(out), err
}

// until waits until a condition holds. what says what is waited for.
func (c *cluster) until(what string, holds func() bool) {
	c.t.Helper()
	for end := time.Now().Add(testrun.Patience); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("it did not happen within %v: %s", testrun.Patience, what)
		}
	}
}

// ledger is a topology of testdata/ledger, and its books.
type ledger struct {
	*cluster
	name, id, dir string
}

// in is the ledger for a subtest.
func (l *ledger) in(t *testing.T) *ledger {
	c, copied := *l.cluster, *l
	c.t, copied.cluster = t, &c
	return &copied
}

// submit submits the project under a name.
func (c *cluster) submit(name string, flags ...string) *ledger {
	c.t.Helper()
	dir, err := os.MkdirTemp(c.Home(), name)
	if err != nil {
		c.t.Fatal(err)
	}
	l := &ledger{cluster: c, name: name, dir: dir} // it is removed when nobody writes there any more
	args := append([]string{"submit", "-N", name, "-w", "1", "--python", c.python, "-o", "ledger.dir=" + l.dir, "-o", "topology.stats.sample.rate=1.0"}, flags...)
	l.id = strings.TrimSpace(c.gust(args...))
	return l
}

// book are the lines of one of the books.
func (l *ledger) book(name string) []string {
	l.t.Helper()
	data, err := os.ReadFile(filepath.Join(l.dir, name))
	if err != nil && !os.IsNotExist(err) {
		l.t.Fatal(err)
	}
	return strings.Fields(string(data))
}

func (l *ledger) touch(name string) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.dir, name), nil, 0o644); err != nil {
		l.t.Fatal(err)
	}
}

// log is what the logs of a name say of all the topology's workers.
func (l *ledger) log(name string) string {
	l.t.Helper()
	files, _ := filepath.Glob(filepath.Join(l.Home(), "logs", "workers", l.id, "*", name))
	var text strings.Builder
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			l.t.Fatal(err)
		}
		text.Write(data)
	}
	return text.String()
}

// goesOn waits until more numbers have been acked.
func (l *ledger) goesOn() {
	l.t.Helper()
	n := len(l.book("acked"))
	l.until(l.name+" acks more", func() bool { return len(l.book("acked")) > n+50 })
}

// pids are the pids of the topology's workers, by port.
func (l *ledger) pids() map[string]int {
	l.t.Helper()
	files, err := filepath.Glob(filepath.Join(l.Home(), "logs", "workers", l.id, "*", "worker.pid"))
	if err != nil {
		l.t.Fatal(err)
	}
	pids := map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			l.t.Fatal(err)
		}
		if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && runs(pid) {
			pids[filepath.Base(filepath.Dir(file))] = pid
		}
	}
	return pids
}

// pid is that of the only worker.
func (l *ledger) pid() int {
	l.t.Helper()
	pids := l.pids()
	if len(pids) != 1 {
		l.t.Fatalf("%s has the workers %v, want one", l.name, pids)
	}
	for _, pid := range pids {
		return pid
	}
	return 0
}

func runs(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !bytes.Contains(status, []byte(") Z "))
}

// program is the name of a process's program.
func program(t testing.TB, pid int) string {
	t.Helper()
	name, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Base(name)
}

// topologyStats is what `gust stats` prints of a topology.
type topologyStats struct {
	Spouts, Bolts []struct{ Emitted, Transferred, Executed, Acked, Failed int }
}

func (l *ledger) stats(s *topologyStats) {
	l.t.Helper()
	out := l.gust("stats", l.name, "--json")
	if err := json.Unmarshal([]byte(out), s); err != nil {
		l.t.Fatalf("%v:\n%s", err, out)
	}
}

// client is connected with Nimbus until the test ends.
func (c *cluster) client() *storm.Client {
	c.t.Helper()
	client, err := storm.Dial(c.t.Context(), storm.Options{Seeds: []string{c.Nimbus()}})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { client.Close() })
	return client
}

// nimbus is what Nimbus says of the cluster.
func (c *cluster) nimbus() *generated.ClusterSummary {
	c.t.Helper()
	summary, err := c.client().ClusterInfo(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return summary
}

// summary is what Nimbus says of the topology.
func (l *ledger) summary() *generated.TopologySummary {
	l.t.Helper()
	for _, t := range l.nimbus().Topologies {
		if t.ID == l.id {
			return t
		}
	}
	l.t.Fatalf("Nimbus has no topology %s", l.id)
	return nil
}

// finish lets all numbers be acked, and compares the books.
func (l *ledger) finish() {
	l.t.Helper()
	l.touch("stop")
	var missing []string
	l.until("all numbers are acked", func() bool {
		missing = subtract(l.book("emitted"), l.book("acked"))
		return len(missing) == 0
	})
	var written []string
	tasks := map[string]string{}
	for _, line := range l.book("written") {
		number, rest, _ := strings.Cut(line, ":")
		key, task, _ := strings.Cut(rest, ":")
		written = append(written, number)
		if before := tasks[key]; before != "" && before != task {
			l.t.Errorf("%s was at task %s, and then at %s", key, before, task)
		}
		tasks[key] = task
	}
	if lost := subtract(l.book("emitted"), written); len(lost) > 0 {
		l.t.Errorf("%d numbers are acked and not written: %q", len(lost), lost[:min(10, len(lost))])
	}
}

// subtract returns what is in a but not in b.
func subtract(a, b []string) []string {
	in := map[string]bool{}
	for _, s := range b {
		in[s] = true
	}
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return in[s] })
}

// killed kills a process with SIGKILL.
func killed(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// submitBoth submits a topology for gust's workers, and one beside it for Java's.
func (c *cluster) submitBoth() (l, java *ledger) {
	c.t.Helper()
	java = c.submit("beside")
	l = c.submit("ledger", "--gust-workers")
	if got := program(c.t, java.pid()); got != "java" {
		c.t.Errorf("the worker of a topology that does not ask for gust is %s", got)
	}
	if got := program(c.t, l.pid()); got != "gust" {
		c.t.Errorf("the worker of a topology that asks for gust is %s", got)
	}
	return l, java
}

// What a worker of gust's does on a cluster of the newest Storm that the tests have.
func TestStorm2(t *testing.T) {
	t.Parallel()
	c := newCluster(t, stormtest.Options{Supervisors: 2, Settings: map[string]string{
		"storm.zookeeper.session.timeout": "6000", "storm.zookeeper.connection.timeout": "3000",
		"nimbus.task.timeout.secs":            fmt.Sprint(taskTimeout.Seconds()),
		"blacklist.scheduler.tolerance.count": "1000", // the test kills supervisors
	}})
	l, java := c.submitBoth()
	javaPID := java.pid()
	t.Run("counts are exact", func(t *testing.T) { testCounts(t, l.in(t)) })
	t.Run("an error has its traceback", func(t *testing.T) { testError(t, l.in(t)) })
	t.Run("log levels and debugging", func(t *testing.T) { testLogging(t, l.in(t)) })
	t.Run("credentials", func(t *testing.T) { testCredentials(t, l.in(t)) })
	t.Run("rebalance", func(t *testing.T) { testRebalance(t, l.in(t)) })
	t.Run("a killed worker is relaunched", func(t *testing.T) { testKilledWorker(t, l.in(t)) })
	t.Run("the worker outlives its supervisor", func(t *testing.T) { testSupervisor(t, l.in(t)) })
	java.goesOn()
	if java.pid() != javaPID {
		t.Error("the Java worker was restarted")
	}
	// A supervisor that starts a worker and takes it back, as it may after the outage, leaves a JVM
	// behind if that has not written its pid yet. The slot would be of no more use.
	java.gust("kill", "beside", "--wait", "0")
	c.until("the Java worker has ended", func() bool { return !runs(javaPID) })
	t.Run("the worker outlives Nimbus and ZooKeeper", func(t *testing.T) { testOutage(t, l.in(t)) })
	t.Run("Storm's own commands, up to kill", func(t *testing.T) { testStormCommands(t, l.in(t)) })
	t.Run("uninstall", func(t *testing.T) { testUninstall(t, java.in(t).cluster) })
}

// testCounts compares the figures with the books, while the spouts are deactivated.
func testCounts(t *testing.T, l *ledger) {
	l.goesOn()
	l.gust("deactivate", l.name)
	var n int
	l.until("all that was emitted is acked", func() bool {
		n = len(l.book("emitted"))
		return n == len(l.book("acked"))
	})
	time.Sleep(300 * time.Millisecond) // for a spout that would go on, which it must not
	if more := len(l.book("emitted")); more != n {
		t.Errorf("a deactivated spout emitted %d more", more-n)
	}
	var s topologyStats
	l.until("Nimbus has the last figures", func() bool {
		l.stats(&s)
		return len(s.Spouts) == 1 && s.Spouts[0].Acked >= n
	})
	if got := s.Spouts[0]; got.Emitted != n || got.Acked != n || got.Failed != 0 || got.Transferred != n {
		t.Errorf("the figures of the spout are %+v, want %d", got, n)
	}
	if got := s.Bolts[0]; got.Executed != n || got.Acked != n || got.Failed != 0 {
		t.Errorf("the figures of the bolt are %+v, want %d", got, n)
	}
	if written := len(l.book("written")); written != n {
		t.Errorf("%d numbers were written, want %d", written, n)
	}
	if uptime := l.gust("worker_uptime"); !strings.Contains(uptime, "writer") {
		t.Errorf("worker_uptime does not have the topology:\n%s", uptime)
	}
	l.gust("activate", l.name)
	l.goesOn()
}

func testError(t *testing.T, l *ledger) {
	l.touch("crash")
	var reported string
	l.until("the error is reported", func() bool {
		reported = l.gust("errors", l.name, "--full")
		return strings.Contains(reported, "the ledger is on fire")
	})
	for _, want := range []string{"Traceback (most recent call last)", "ValueError", "writer"} {
		if !strings.Contains(reported, want) {
			t.Errorf("the error lacks %q:\n%s", want, reported)
		}
	}
	l.goesOn()
}

// The worker logs in at a ZooKeeper that wants that.
func TestZooKeeperLogin(t *testing.T) {
	t.Parallel()
	super := zk.DigestACL(zk.PermAll, "storm", "secret")[0]
	c := newCluster(t, stormtest.Options{Settings: map[string]string{
		"storm.zookeeper.auth.scheme":  "digest",
		"storm.zookeeper.auth.payload": strconv.Quote("storm:secret"),
		"storm.zookeeper.superACL":     strconv.Quote("digest:" + super.ID),
	}})
	l := c.submit("ledger", "--gust-workers")
	testCounts(t, l)
	testError(t, l)
	testACL(t, l)
	testKill(t, l)
}

// testACL reads what the worker has written into ZooKeeper without a login, and with Storm's own.
func testACL(t *testing.T, l *ledger) {
	conn := l.zooKeeper()
	node := "/storm/errors/" + l.id + "/writer-last-error"
	if _, _, err := conn.Get(node); !errors.Is(err, zk.ErrNoAuth) {
		t.Errorf("without a login: got %v, want %v", err, zk.ErrNoAuth)
	}
	if err := conn.AddAuth("digest", []byte("storm:secret")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := conn.Get(node); err != nil {
		t.Error(err)
	}
}

// zooKeeper is connected with the cluster's ZooKeeper until the test ends.
func (c *cluster) zooKeeper() *zk.Conn {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.Home(), "conf", "zoo.cfg"))
	if err != nil {
		c.t.Fatal(err)
	}
	port := regexp.MustCompile(`clientPort=(\d+)`).FindSubmatch(text)
	conn, _, err := zk.Connect([]string{"127.0.0.1:" + string(port[1])}, 10*time.Second, zk.WithLogInfo(false))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(conn.Close)
	return conn
}

// testLogging turns debugging and a log level on and off.
func testLogging(t *testing.T, l *ledger) {
	log := l.log
	if !regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} gust worker \[INFO\] running after`).MatchString(log("worker.log")) {
		t.Errorf("the log does not say that the topology runs:\n%s", log("worker.log"))
	}
	client := l.client()
	debug := func(on bool, percent float64) {
		t.Helper()
		if err := client.Debug(t.Context(), l.name, "numbers", on, percent); err != nil {
			t.Fatal(err)
		}
	}
	debug(true, 100)
	l.until("sampled tuples are written", func() bool { return strings.Contains(log("events.log"), ",numbers,") })
	if strings.Contains(log("events.log"), ",writer,") {
		t.Error("a component is debugged that should not be")
	}
	debug(false, 0)
	l.gust("loglevel", l.name, "-l", "ROOT=ERROR:1m")
	l.until("the log level is applied", func() bool {
		before := log("worker.log")
		l.gust("deactivate", l.name)
		l.gust("activate", l.name)
		time.Sleep(200 * time.Millisecond)
		return log("worker.log") == before
	})
	l.gust("loglevel", l.name, "-r", "ROOT")
	l.until("the log level is taken back", func() bool {
		before := log("worker.log")
		l.gust("deactivate", l.name)
		l.gust("activate", l.name)
		time.Sleep(200 * time.Millisecond)
		return log("worker.log") != before
	})
}

// testCredentials gives the topology credentials, and others, with Storm's own command.
func testCredentials(t *testing.T, l *ledger) {
	told := func(want string) {
		t.Helper()
		l.until("the component reads "+want, func() bool {
			n := len(l.book("told"))
			l.touch("ask")
			l.until("the component looks", func() bool { return len(l.book("told")) > n })
			return l.book("told")[n] == want
		})
	}
	told("nothing")
	for _, password := range []string{"storm", "rain"} {
		if out, err := l.Command("org.apache.storm.command.UploadCredentials", l.name, "password", password).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		told("600:password=" + password)
	}
}

// testRebalance has two workers, on two machines as far as Storm knows, and then one again.
// ledger.finish checks that each key has stayed at its task.
func testRebalance(t *testing.T, l *ledger) {
	for _, n := range []int{2, 1} {
		before := slices.Collect(maps.Values(l.pids()))
		l.gust("rebalance", l.name, "-w", fmt.Sprint(n), "--wait", "1")
		l.until(fmt.Sprintf("there are %d new workers", n), func() bool {
			if t := l.summary(); t.Status != "ACTIVE" || int(t.NumWorkers) != n {
				return false // Nimbus rebalances
			}
			after := l.pids()
			return len(after) == n && !slices.ContainsFunc(slices.Collect(maps.Values(after)), func(pid int) bool { return slices.Contains(before, pid) })
		})
		l.goesOn()
		if n == 2 {
			testMovedPeers(t, l)
			testEndedPeer(t, l)
		}
	}
}

// testMovedPeers has the two workers listen elsewhere: they go on, with new connections. Nimbus
// does not agree, and moves them back sooner or later.
func testMovedPeers(t *testing.T, l *ledger) {
	before := l.pids()
	conn := l.zooKeeper()
	node := "/storm/assignments/" + l.id
	data, _, err := conn.Get(node)
	if err != nil {
		t.Fatal(err)
	}
	in, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	assignment, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	thrift := func(host string) []byte { return append([]byte{0, 0, 0, byte(len(host))}, host...) }
	moved := bytes.ReplaceAll(assignment, thrift("127.0.0.1"), thrift("127.0.0.2"))
	if bytes.Equal(moved, assignment) {
		t.Fatalf("the assignment does not have 127.0.0.1: %q", assignment)
	}
	var zipped bytes.Buffer
	out := gzip.NewWriter(&zipped)
	if _, err := out.Write(moved); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Set(node, zipped.Bytes(), -1); err != nil {
		t.Fatal(err)
	}
	l.until("the workers find each other where they have moved", func() bool {
		return regexp.MustCompile(`connected to worker \d \(127\.0\.0\.2:`).MatchString(l.log("worker.log"))
	})
	l.goesOn()
	if after := l.pids(); !maps.Equal(after, before) {
		t.Errorf("the workers were replaced: %v, before %v", after, before)
	}
}

// testEndedPeer ends one of two workers, and the other: with no warning, and in order.
func testEndedPeer(t *testing.T, l *ledger) {
	var supervisors []string
	for port := range l.pids() {
		supervisors = append(supervisors, l.supervisorOf(port))
	}
	slices.Sort(supervisors)
	if want := []string{"supervisor", "supervisor2"}; !slices.Equal(supervisors, want) {
		t.Errorf("the workers belong to %q, want %q", supervisors, want)
	}
	ends := []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM}
	for port, pid := range l.pids() {
		before := l.pids()
		if err := syscall.Kill(pid, ends[0]); err != nil {
			t.Fatal(err)
		}
		l.until("the worker is relaunched", func() bool {
			pids := l.pids()
			return len(pids) == 2 && pids[port] != pid
		})
		l.goesOn()
		delete(before, port)
		after := l.pids()
		delete(after, port)
		if !maps.Equal(after, before) {
			t.Errorf("%v ended one worker, and the other was replaced: %v, before %v", ends[0], after, before)
		}
		ends = ends[1:]
	}
}

func testKilledWorker(t *testing.T, l *ledger) {
	pid := l.pid()
	killed(t, pid)
	l.until("the worker is relaunched", func() bool {
		pids := l.pids()
		return len(pids) == 1 && !slices.Contains(slices.Collect(maps.Values(pids)), pid)
	})
	l.goesOn()
}

// testSupervisor kills the supervisor of the worker for longer than Nimbus waits for a worker that
// says nothing. There is another one, which must not get the topology.
func testSupervisor(t *testing.T, l *ledger) {
	pid := l.pid()
	var name string
	for port := range l.pids() {
		name = l.supervisorOf(port)
	}
	all := len(l.nimbus().Supervisors)
	l.Kill(t, name)
	for end := time.Now().Add(taskTimeout + 5*time.Second); time.Now().Before(end); time.Sleep(time.Second) {
		l.goesOn()
		if l.pid() != pid {
			t.Fatal("the worker was replaced while its supervisor was down")
		}
	}
	restarted := time.Now()
	l.Restart(t, name)
	// Its session in ZooKeeper may outlive it, so that Nimbus has counted it all the time.
	l.until("the supervisor is back", func() bool {
		running := l.nimbus().Supervisors
		return len(running) == all && slices.ContainsFunc(running, func(s *generated.SupervisorSummary) bool {
			return time.Duration(s.UptimeSecs)*time.Second <= time.Since(restarted)
		})
	})
	time.Sleep(3 * time.Second) // for a supervisor that would replace the worker
	if l.pid() != pid {
		t.Error("the worker was replaced when its supervisor was back")
	}
	l.goesOn()
}

// taskTimeout is nimbus.task.timeout.secs in the test.
const taskTimeout = 12 * time.Second

// supervisorOf is the name of the supervisor of a port.
func (c *cluster) supervisorOf(port string) string {
	c.t.Helper()
	for name, file := range map[string]string{"supervisor": "storm.yaml", "supervisor2": "supervisor2.yaml"} {
		text, err := os.ReadFile(filepath.Join(c.Home(), "conf", file))
		if err != nil {
			c.t.Fatal(err)
		}
		if regexp.MustCompile(`(?m)^supervisor\.slots\.ports:.*\b` + port + `\b`).Match(text) {
			return name
		}
	}
	c.t.Fatalf("no supervisor has port %s", port)
	return ""
}

// testOutage stops Nimbus and ZooKeeper until the worker's session has expired.
func testOutage(t *testing.T, l *ledger) {
	pid := l.pid()
	l.Kill(t, "nimbus")
	l.Kill(t, "zookeeper")
	for end := time.Now().Add(outage); time.Now().Before(end); {
		l.goesOn()
		time.Sleep(time.Second)
	}
	l.Restart(t, "zookeeper")
	l.Restart(t, "nimbus")
	// A Nimbus that does not lead yet knows no topologies. A supervisor that asks it for its
	// assignments would end all workers, gust's and Java's.
	l.until("Nimbus obeys again", func() bool { _, err := l.try("deactivate", l.name); return err == nil })
	for _, name := range []string{"supervisor", "supervisor2"} { // which end without ZooKeeper
		l.Kill(t, name)
		l.Restart(t, name)
	}
	l.until("the worker obeys again", func() bool {
		before := len(l.book("emitted"))
		time.Sleep(300 * time.Millisecond)
		return len(l.book("emitted")) == before
	})
	l.gust("activate", l.name)
	l.goesOn()
	if l.pid() != pid {
		t.Error("the worker was replaced")
	}
}

// outage is much longer than a session of ZooKeeper's lasts in the test, which is 6 seconds.
const outage = time.Minute

func testKill(t *testing.T, l *ledger) {
	l.killedBy(func() { l.gust("kill", l.name, "--wait", "2") })
}

// killedBy compares the books, and then waits until the topology is gone.
func (l *ledger) killedBy(kill func()) {
	l.t.Helper()
	l.finish()
	kill()
	l.until("the workers have ended", func() bool { return len(l.pids()) == 0 })
	l.until("the topology is gone", func() bool { return !strings.Contains(l.gust("list"), l.name) })
}

// testUninstall submits to supervisors that no longer have gust's workers.
func testUninstall(t *testing.T, c *cluster) {
	if out, err := exec.Command(gust, "storm-workers", "uninstall", "--storm", c.Home()).Output(); err != nil || !strings.Contains(string(out), "gust.executable") {
		t.Errorf("uninstall said %q, %v", out, err)
	}
	for _, name := range []string{"storm.yaml", "supervisor2.yaml"} {
		file := filepath.Join(c.Home(), "conf", name)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kept := regexp.MustCompile(`(?m)^(storm\.resource\.isolation|gust\.).*\n`).ReplaceAll(text, nil)
		if err := os.WriteFile(file, kept, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"supervisor", "supervisor2"} {
		c.Kill(t, name)
		c.Restart(t, name)
	}
	l := c.submit("ledger", "--gust-workers", "--no-wait")
	c.until("the error says what is missing", func() bool {
		out, _ := c.try("errors", l.name, "--full")
		return strings.Contains(out, "gust storm-workers is not installed on this machine")
	})
	if n := len(l.book("written")); n > 0 {
		t.Errorf("%d numbers were written", n)
	}
}

// On Storm 1.x, gust stands in for java, figures are heartbeats, and there are a logviewer and a
// UI, which show a topology on gust's workers as they show others.
func TestStorm1(t *testing.T) {
	t.Parallel()
	c := newCluster(t, stormtest.Options{Release: stormtest.Storm1, UI: true, Settings: map[string]string{
		"nimbus.task.timeout.secs": fmt.Sprint(taskTimeout.Seconds()),
	}})
	l, java := c.submitBoth()
	javaPID := java.pid()
	t.Run("counts are exact", func(t *testing.T) { testCounts(t, l.in(t)) })
	t.Run("an error has its traceback", func(t *testing.T) { testError(t, l.in(t)) })
	t.Run("UI and logviewer", func(t *testing.T) { testUI(t, l.in(t)) })
	t.Run("a killed worker is relaunched", func(t *testing.T) { testKilledWorker(t, l.in(t)) })
	t.Run("the worker outlives its supervisor", func(t *testing.T) { testSupervisor(t, l.in(t)) })
	t.Run("sparse, up to kill", func(t *testing.T) { testSparse(t, l.in(t)) })
	java.goesOn()
	if java.pid() != javaPID {
		t.Error("the Java worker was restarted")
	}
}

func testUI(t *testing.T, l *ledger) {
	page := l.gust("stats", l.name, "--ui", l.UI())
	for _, want := range []string{"numbers", "writer", l.id} {
		if !strings.Contains(page, want) {
			t.Errorf("the UI lacks %q:\n%s", want, page)
		}
	}
	if page := l.gust("stats", l.name, "-c", "writer", "--ui", l.UI()); !strings.Contains(page, "the ledger is on fire") && !strings.Contains(page, "numbers") {
		t.Errorf("the UI's page of the bolt:\n%s", page)
	}
	if log := l.gust("tail", l.name, "-l", "50"); !strings.Contains(log, "gust worker [INFO] running after") {
		t.Errorf("the logviewer shows:\n%s", log)
	}
}

// TestReleases runs with the releases in GUST_STORM_RELEASES, which `make storm-releases` fetches:
// it takes too long to do so each time.
func TestReleases(t *testing.T) {
	for release := range strings.FieldsSeq(os.Getenv("GUST_STORM_RELEASES")) {
		t.Run(release, func(t *testing.T) {
			c := newCluster(t, stormtest.Options{Release: stormtest.Release(release), Settings: map[string]string{
				"nimbus.task.timeout.secs": fmt.Sprint(taskTimeout.Seconds()),
			}})
			l, java := c.submitBoth()
			testCounts(t, l)
			testError(t, l)
			testKilledWorker(t, l)
			testSupervisor(t, l)
			testKill(t, l)
			java.goesOn()
		})
	}
}
