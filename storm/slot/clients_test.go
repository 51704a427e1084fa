package slot_test

import (
	"encoding/json"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gust/internal/testenv"
	"gust/storm/remote/remotetest"
)

// testSparse lets the real streamparse show the topology, and kill it. The figures come from
// Storm's UI.
func testSparse(t *testing.T, l *ledger) {
	sshd := remotetest.Start(t)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(l.UI(), "http://"), ":")
	sparse := testenv.NewSparse(t, map[string]any{
		"nimbus": l.Nimbus(), "use_ssh_for_nimbus": false, "ui.port": json.RawMessage(port), "workers": []string{sshd.Address()}, "user": me.Username,
		"log": map[string]string{"path": filepath.Join(l.Home(), "logs")}, "virtualenv_root": "/",
	}, "HOME="+sshd.Home)

	if list := sparse.Tables(t, "list")["Topology-specific values"]; list == nil || list.Row("id", l.id) == nil {
		t.Errorf("list has the topologies %+v", list)
	}
	list := sparse.Tables(t, "stats")["Topology summary"]
	if list == nil || list.Row("id", l.id)["status"] != "ACTIVE" {
		t.Errorf("stats has the topologies %+v", list)
	}
	tables := sparse.Tables(t, "stats", "-n", l.name)
	for title, component := range map[string]string{"Spouts (All time)": "numbers", "Bolt (All time)": "writer"} {
		if table := tables[title]; table == nil || len(table.Rows) != 1 || table.Rows[0][0] != component {
			t.Errorf("stats has %s %+v, want %s", title, table, component)
		}
	}
	stats := sparse.Tables(t, "stats", "-n", l.name, "-c", "writer")["Bolt stats"]
	if stats == nil {
		t.Fatal("stats has no table of the bolt")
	}
	if all := stats.Row("windowPretty", "All time"); all == nil || all["acked"] == "0" {
		t.Errorf("stats has of the bolt %+v", stats)
	}
	workers := sparse.Tables(t, "worker_uptime")["Worker Stats"]
	for port := range l.pids() {
		if workers == nil || !slices.ContainsFunc(workers.Rows, func(row []string) bool {
			return strings.Contains(row[3], l.id) && strings.Contains(row[3], port)
		}) {
			t.Errorf("worker_uptime has no worker of %s at %s: %+v", l.id, port, workers)
		}
	}
	if out := sparse.Output(t, "tail", "-n", l.name, "--override_name", l.name, "-l", "100"); !strings.Contains(out, "gust worker [INFO]") {
		t.Errorf("tail printed\n%s", out)
	}
	l.killedBy(func() { sparse.Output(t, "kill", "-n", l.name, "--wait", "2") })
}

// testStormCommands operates the topology with Storm's own commands.
func testStormCommands(t *testing.T, l *ledger) {
	storm := func(class string, args ...string) string {
		t.Helper()
		out, err := l.Command("org.apache.storm.command."+class, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", class, err, out)
		}
		return string(out)
	}
	status := func(want string) {
		t.Helper()
		out := storm("ListTopologies")
		if !slices.ContainsFunc(strings.Split(out, "\n"), func(line string) bool {
			fields := strings.Fields(line)
			return len(fields) > 2 && fields[0] == l.name && slices.Contains(fields, want)
		}) {
			t.Errorf("%s is not %s:\n%s", l.name, want, out)
		}
	}
	status("ACTIVE")
	storm("Deactivate", l.name)
	l.until("all that was emitted is acked", func() bool { return len(l.book("emitted")) == len(l.book("acked")) })
	n := len(l.book("emitted"))
	status("INACTIVE")
	if more := len(l.book("emitted")) - n; more > 0 {
		t.Errorf("a deactivated spout emitted %d more", more)
	}
	storm("Activate", l.name)
	l.goesOn()
	if errors := storm("GetErrors", l.name); !strings.Contains(errors, `"writer":`) || !strings.Contains(errors, "Traceback (most recent call last)") {
		t.Errorf("the errors are %s", errors)
	}
	storm("Rebalance", l.name, "-w", "1", "-n", "2")
	l.until("there are two workers", func() bool { return l.summary().NumWorkers == 2 && len(l.pids()) == 2 })
	l.goesOn()
	l.killedBy(func() { storm("KillTopology", l.name, "-w", "2") })
}
