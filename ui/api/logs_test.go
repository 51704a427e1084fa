package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"gust/conf"
	"gust/status"
	"gust/status/served"
	"gust/topology"
	"gust/topology/visualize"
	"gust/ui/api"
)

// logged is a topology with a line each second, the fifth of which is a traceback.
func logged(start time.Time) served.Served {
	top := &topology.Topology{Name: "t", Config: map[string]any{}, Components: []*topology.Component{
		{Name: "s", Kind: topology.Spout, Outputs: []topology.Stream{{Name: "default", Fields: []string{"n"}}}},
		{Name: "b", Kind: topology.Bolt, Inputs: []topology.Input{{Component: "s", Stream: "default"}}},
	}}
	s := status.New(top, conf.Conf{}, start)
	for i := range 10 {
		text, level := fmt.Sprintf("line %d", i), "info"
		if i == 5 {
			text, level = "Traceback\nValueError: x", "error"
		}
		line, _ := json.Marshal(map[string]any{"time": start.Add(time.Duration(i) * time.Second), "level": level, "component": "b", "task": 2, "message": text})
		_, _ = s.Logs().Write(append(line, '\n'))
	}
	return served.Served{Status: s}
}

func ask(t *testing.T, s served.Served, path string, query url.Values) *httptest.ResponseRecorder {
	t.Helper()
	answer := httptest.NewRecorder()
	api.Handler(served.One(s)).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, api.Prefix+"topologies/t/"+path+"?"+query.Encode(), nil))
	return answer
}

func TestLogs(t *testing.T) {
	start := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	s := logged(start)
	at := func(i int) string { return start.Add(time.Duration(i) * time.Second).Format(time.RFC3339Nano) }
	for _, c := range []struct {
		query url.Values
		want  string // the numbers of the lines
	}{
		{url.Values{"since": {at(3)}, "until": {at(6)}}, "4 5 6 7"},
		{url.Values{"search": {"valueerror"}}, "6"},
		{url.Values{"level": {"error"}}, "6"},
		{url.Values{"component": {"gust"}}, ""},
		{url.Values{"after": {"8"}}, "9 10"},
		{url.Values{"before": {"5"}, "limit": {"2"}}, "3 4"},
	} {
		var lines []status.LogLine
		if err := json.Unmarshal(ask(t, s, "logs", c.query).Body.Bytes(), &lines); err != nil {
			t.Fatal(err)
		}
		var numbers []string
		for _, line := range lines {
			numbers = append(numbers, fmt.Sprint(line.Number))
		}
		if got := strings.Join(numbers, " "); got != c.want {
			t.Errorf("%v: lines %q, want %q", c.query, got, c.want)
		}
	}
	for _, query := range []url.Values{{"search": {"("}}, {"since": {"yesterday"}}, {"after": {"-1"}}} {
		for _, path := range []string{"logs", "logs/download"} {
			if answer := ask(t, s, path, query); answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), `"error"`) {
				t.Errorf("%s %v: %d %s", path, query, answer.Code, answer.Body)
			}
		}
	}
}

func TestLogsAsAFile(t *testing.T) {
	s := logged(time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC))
	answer := ask(t, s, "logs/download", url.Values{"level": {"error"}})
	if got, want := answer.Body.String(), "2026-05-04T03:02:06Z ERROR b[2]: Traceback\nValueError: x\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if kind, name := answer.Header().Get("Content-Type"), answer.Header().Get("Content-Disposition"); kind != "text/plain; charset=utf-8" || name != "attachment; filename="+s.ID()+".log" {
		t.Errorf("%s, %s", kind, name)
	}
	if all := ask(t, s, "logs/download", nil).Body.String(); strings.Count(all, "line ") != 9 {
		t.Errorf("all lines: %s", all)
	}
}

func TestGraph(t *testing.T) {
	var plan visualize.Plan
	if err := json.Unmarshal(ask(t, logged(time.Now()), "graph", nil).Body.Bytes(), &plan); err != nil {
		t.Fatal(err)
	}
	if len(plan.Nodes) != 2 || len(plan.Edges) != 1 || plan.Edges[0].From != "s" || plan.Edges[0].To != "b" {
		t.Errorf("plan: %+v", plan)
	}
}
