package rest_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gust/status"
	"gust/status/served"
	"gust/ui/rest"
)

// orders is a control that notes what it is asked for.
type orders struct {
	served.Control // does what is not noted

	mu      sync.Mutex
	list    []string
	refuses error
}

func (o *orders) note(format string, args ...any) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = append(o.list, fmt.Sprintf(format, args...))
	return o.refuses
}

func (o *orders) given() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.list)
}

func (o *orders) Activate() error                     { return o.note("activate") }
func (o *orders) Deactivate() error                   { return o.note("deactivate") }
func (o *orders) Kill(wait time.Duration) error       { return o.note("kill after %v", wait) }
func (o *orders) RestartTask(task int) error          { return o.note("restart task %d", task) }
func (o *orders) RestartComponent(name string) error  { return o.note("restart %s", name) }
func (o *orders) SetLogLevel(level string) error      { return o.note("level %s", level) }
func (o *orders) SetDebug(name string, on bool) error { return o.note("debug %q %v", name, on) }
func (o *orders) Rebalance(tasks map[string]int, wait time.Duration) error {
	return o.note("rebalance %v after %v", tasks, wait)
}
func (o *orders) SetSampling(name string, percent float64) error {
	return o.note("sampling %q %v", name, percent)
}

// commanded serves a topology whose control notes what it is asked for.
func commanded(t *testing.T) (*site, *orders, string) {
	t.Helper()
	live := quiet(t)
	control := &orders{}
	live.Served.Control = control
	return serve(t, live.Served), control, live.ID()
}

func TestOperations(t *testing.T) {
	s, control, id := commanded(t)
	for _, tt := range []struct {
		path, body, operation string
		orders                []string
	}{
		{"activate", "", "activate", []string{"activate"}},
		{"deactivate", "", "deactivate", []string{"deactivate"}},
		{"kill/30", "", "kill", []string{"kill after 30s"}},
		{"rebalance/0", "", "rebalance", []string{"rebalance map[] after 0s"}},
		{"rebalance/0", `{"rebalanceOptions":{"numWorkers":1,"executors":{"split":"5","count":3}},"callback":"foo"}`, "rebalance", []string{"rebalance map[count:3 split:5] after 0s"}},
		{"rebalance/5", `{"rebalanceOptions":{"executors":{"count":3}}}`, "rebalance", []string{"rebalance map[count:3] after 5s"}},
		{"debug/enable/10", "", "debug/enable", []string{`sampling "" 10`}},
		{"debug/disable/0", "", "debug/disable", []string{`sampling "" 0`}},
		{"component/words/debug/enable/12.5", "", "debug/enable", []string{`sampling "words" 12.5`}},
		{"component/words/debug/disable/12.5", "", "debug/disable", []string{`sampling "words" 0`}},
		{"component/count/debug/enable/12.5", "", "debug/enable", []string{`debug "count" true`}},
	} {
		before := len(control.given())
		var done rest.Done
		s.post(t, "/api/v1/topology/"+id+"/"+tt.path, tt.body, &done)
		if want := (rest.Done{TopologyOperation: tt.operation, TopologyID: id, Status: "success"}); done != want {
			t.Errorf("%s: got %+v, want %+v", tt.path, done, want)
		}
		if got := control.given()[before:]; !slices.Equal(got, tt.orders) {
			t.Errorf("%s: orders %q, want %q", tt.path, got, tt.orders)
		}
	}
}

func TestOperationsThatMakeNoSense(t *testing.T) {
	s, control, id := commanded(t)
	for _, tt := range []struct {
		path, body string
		code       int
		because    string
	}{
		{"kill/soon", "", 400, `"soon" is not a number of seconds`},
		{"kill/-1", "", 400, "is not a number of seconds"},
		{"kill/99999999999", "", 400, "is not a number of seconds"},
		{"rebalance/0", `{"rebalanceOptions":{"numWorkers":2}}`, 400, "numWorkers is 2"},
		{"rebalance/0", `{"rebalanceOptions":{"executors":{"ghost":2}}}`, 400, `no component "ghost"`},
		{"rebalance/0", `{"rebalanceOptions":{"executors":{"count":0}}}`, 400, "cannot have 0 executors"},
		{"rebalance/0", `{"rebalanceOptions":{"executors":{"count":"many"}}}`, 400, "is not a"},
		{"rebalance/0", `[`, 400, "the body of the request"},
		{"debug/begin/10", "", 404, `no action "begin"`},
		{"debug/enable/101", "", 400, "is not a percentage"},
		{"component/ghost/debug/enable/10", "", 404, `no component "ghost"`},
		{"logconfig", `{"namedLoggerLevels":{"com.example":{"target_level":"DEBUG"}}}`, 400, `no logger "com.example"`},
		{"logconfig", `{"namedLoggerLevels":{"ROOT":{"target_level":"LOUD"}}}`, 400, `no level "LOUD": want ALL, DEBUG`},
		{"logconfig", `{"namedLoggerLevels":{"ROOT":{"target_level":"DEBUG","timeout":-1}}}`, 400, "timeout is -1"},
	} {
		s.do(t, "POST", "/api/v1/topology/"+id+"/"+tt.path, tt.body).fails(t, tt.code, tt.because)
	}
	if got := control.given(); len(got) > 0 {
		t.Errorf("orders %q", got)
	}
	control.refuses = errors.New("it is being reloaded")
	s.do(t, "POST", "/api/v1/topology/"+id+"/activate", "").fails(t, http.StatusConflict, "it is being reloaded")
}

func TestLogConfig(t *testing.T) {
	s, control, id := commanded(t)
	path := "/api/v1/topology/" + id + "/logconfig"
	var config rest.LogConfig
	s.get(t, path, &config)
	if config.NamedLoggerLevels == nil || len(config.NamedLoggerLevels) != 0 {
		t.Errorf("got %+v", config)
	}
	s.post(t, path, `{"namedLoggerLevels":{"ROOT":{"target_level":"debug","timeout":1}}}`, &config)
	root := config.NamedLoggerLevels["ROOT"]
	if *root.TargetLevel != "DEBUG" || *root.ResetLevel != "INFO" || root.Timeout != 1 || root.TimeoutEpoch == 0 {
		t.Errorf("got %+v", root)
	}
	eventually(t, "the reset", func() bool { return len(control.given()) == 2 })
	var after rest.LogConfig
	s.get(t, path, &after)
	if len(after.NamedLoggerLevels) != 0 {
		t.Errorf("after the timeout: %+v", after)
	}
	s.post(t, path, `{"namedLoggerLevels":{"ROOT":{"target_level":"ERROR","reset_level":"WARN","timeout":0}}}`, &config)
	s.post(t, path, `{"namedLoggerLevels":{"ROOT":{"target_level":null}}}`, &config)
	if want := []string{"level debug", "level ", "level error", "level warn"}; !slices.Equal(control.given(), want) {
		t.Errorf("orders %q, want %q", control.given(), want)
	}
}

func TestProfiling(t *testing.T) {
	s, control, id := commanded(t)
	var page rest.Topology
	s.get(t, "/api/v1/topology/"+id, &page)
	worker := fmt.Sprintf("%s:%d", page.Workers[0].Host, page.Workers[0].Port)
	path := "/api/v1/topology/" + id + "/profiling/"
	for _, action := range []string{"start", "stop", "dumpprofile", "dumpjstack", "dumpheap"} {
		s.do(t, "GET", path+action+"/"+worker, "").fails(t, http.StatusNotImplemented, "py-spy")
	}
	s.do(t, "GET", path+"restartworker/other:6700", "").fails(t, 404, `no worker "other:6700"`)
	s.do(t, "GET", path+"restartworker/"+worker, "", "Sec-Fetch-Site", "cross-site").fails(t, 403, "other sites")
	s.do(t, "GET", path+"wipe/"+worker, "").fails(t, 404, "no profiling action")
	if got := control.given(); len(got) > 0 {
		t.Errorf("orders %q", got)
	}
	for _, timeout := range []string{"", "/10"} {
		var done rest.Profiling
		s.get(t, path+"restartworker/"+worker+timeout, &done)
		if done != (rest.Profiling{Status: "ok", ID: worker}) {
			t.Errorf("got %+v", done)
		}
	}
	if got := control.given(); strings.Join(got[:3], ", ") != "restart words, restart split, restart count" || len(got) != 6 {
		t.Errorf("orders %q", got)
	}
}

func TestOperationsForReal(t *testing.T) {
	live := failing(t)
	s := serve(t, live.Served)
	one := "/api/v1/topology/" + live.ID()
	var done rest.Done
	var page rest.Topology
	is := func(what string, holds func() bool) { // at once: Storm's pages reload after an operation
		t.Helper()
		if s.get(t, one, &page); !holds() {
			t.Errorf("the next answer does not show %s: %s, debug %v, %v%%", what, page.Status, page.Debug, page.SamplingPct)
		}
	}
	s.post(t, one+"/deactivate", "", &done)
	is("INACTIVE", func() bool { return page.Status == "INACTIVE" })
	s.post(t, one+"/activate", "", &done)
	is("ACTIVE", func() bool { return page.Status == "ACTIVE" })
	s.post(t, one+"/component/count/debug/enable/50", "", &done)
	var count rest.BoltPage
	eventually(t, "debugging of count", func() bool {
		s.get(t, one+"/component/count", &count)
		return count.Debug && count.SamplingPct == 100
	})
	if s.get(t, one, &page); page.Debug {
		t.Error("the whole topology is debugged")
	}
	s.post(t, one+"/debug/enable/50", "", &done)
	is("sampling", func() bool { return page.Debug && page.SamplingPct == 50 })
	var words rest.SpoutPage
	if s.get(t, one+"/component/words", &words); !words.Debug || words.SamplingPct != 50 || !strings.HasSuffix(words.EventLogLink, "/#/t/"+live.ID()+"/events") {
		t.Errorf("words: debug %v, %v%%, %s", words.Debug, words.SamplingPct, words.EventLogLink)
	}
	s.post(t, one+"/debug/disable/50", "", &done)
	is("no sampling", func() bool { return !page.Debug && page.SamplingPct == 10 })
	eventually(t, "no debugging of count", func() bool {
		s.get(t, one+"/component/count", &count)
		return !count.Debug
	})
	restarts := live.View(status.AllTime).Restarts
	s.get(t, one+"/profiling/restartworker/"+page.Workers[0].Host+":6700", &rest.Profiling{})
	live.Until(t, "restarts of all tasks", func(v *status.View) bool { return v.Restarts >= restarts+5 })
	s.post(t, one+"/kill/60", "", &done)
	is("KILLED, during the wait", func() bool { return page.Status == "KILLED" && page.WorkersTotal == 1 })
	s.post(t, one+"/kill/0", "", &done)
	<-live.Ended
	is("KILLED", func() bool { return page.Status == "KILLED" && page.WorkersTotal == 0 })
}
