package metrics

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gust/internal/testenv"
	"gust/status/served"
)

// promtool accepts all metrics as they are served.
func TestPromtoolFindsNothing(t *testing.T) {
	promtool := testenv.Program(t, "promtool")
	live := troubled(t)
	check := exec.Command(promtool, "check", "metrics")
	check.Stdin = strings.NewReader(metricsOf(t, served.One(live.Served)))
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

// Prometheus accepts the configuration and the rules that the page shows.
func TestConfigurationOfThePage(t *testing.T) {
	promtool := testenv.Program(t, "promtool")
	page, err := os.ReadFile(filepath.Join(testenv.Top(t), "docs", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```").FindAllSubmatch(page, -1)
	if len(blocks) == 0 {
		t.Fatal("docs/metrics.md shows no configuration")
	}
	for _, block := range blocks {
		check := []string{"check", "config", "--syntax-only"}
		if bytes.HasPrefix(block[1], []byte("groups:")) {
			check = []string{"check", "rules"}
		}
		file := filepath.Join(t.TempDir(), "prometheus.yml")
		if err := os.WriteFile(file, block[1], 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(promtool, append(check, file)...).CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s\n%s", strings.Join(check, " "), err, block[1], out)
		}
	}
}

// A real Prometheus fetches the metrics, and answers each query of the dashboard.
func TestDashboard(t *testing.T) {
	program := testenv.Program(t, "prometheus")
	queries := dashboardQueries(t)
	live := troubled(t)
	server := httptest.NewServer(Handler(served.One(live.Served)))
	t.Cleanup(server.Close)
	prometheus := startPrometheus(t, program, strings.TrimPrefix(server.URL, "http://"))

	deadline := time.Now().Add(time.Minute)
	for _, query := range queries {
		for {
			n, err := ask(prometheus, query)
			if err != nil {
				t.Errorf("%s\n%v", query, err)
				break
			}
			if n > 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Errorf("no series answer\n%s", query)
				break
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
}

// dashboardQueries are all queries of the dashboard, with Grafana's variables filled in.
func dashboardQueries(t *testing.T) (queries []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testenv.Top(t), "docs", "grafana", "gust.json"))
	if err != nil {
		t.Fatal(err)
	}
	type expression struct{ Expr string }
	var dashboard struct {
		Panels []struct {
			Title, Type string
			Targets     []expression
		}
		Annotations struct{ List []expression }
		Templating  struct {
			List []struct {
				Type       string
				Definition string
			}
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	variables := strings.NewReplacer("$topology", "words", "$component", ".*", "$__rate_interval", "10s", "$__interval", "10s")
	add := func(query string) { queries = append(queries, variables.Replace(query)) }
	for _, panel := range dashboard.Panels {
		if panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("the panel %q has no query", panel.Title)
		}
		for _, target := range panel.Targets {
			add(target.Expr)
		}
	}
	for _, annotation := range dashboard.Annotations.List {
		add(annotation.Expr)
	}
	labelValues := regexp.MustCompile(`^label_values\((.*), \w+\)$`)
	for _, variable := range dashboard.Templating.List {
		if variable.Type == "query" {
			add(labelValues.ReplaceAllString(variable.Definition, "$1"))
		}
	}
	if len(queries) < 20 {
		t.Fatalf("only %d queries in the dashboard", len(queries))
	}
	return queries
}

// startPrometheus runs a Prometheus that fetches from an address every second, and returns
// its own address when it has done so.
func startPrometheus(t *testing.T, program, target string) string {
	t.Helper()
	dir := t.TempDir()
	config := fmt.Sprintf("scrape_configs: [{job_name: gust, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{targets: [%q]}]}]\n", target)
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	address := testenv.FreeAddress(t)
	ctx, stop := context.WithCancel(context.Background())
	var log bytes.Buffer
	run := exec.CommandContext(ctx, program, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+address)
	run.Stdout, run.Stderr = &log, &log
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = run.Wait() // it is killed at the end
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		if t.Failed() {
			t.Logf("Prometheus says:\n%s", log.String())
		}
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if n, err := ask(address, "up == 1"); err == nil && n == 1 {
			return address
		} else if time.Now().After(deadline) {
			t.Fatalf("Prometheus has not fetched the metrics: %v", err)
		}
		select {
		case <-ended:
			t.Fatal("Prometheus has ended")
		default:
		}
	}
}

// ask returns how many series answer a query.
func ask(prometheus, query string) (series int, err error) {
	answer, err := http.Get("http://" + prometheus + "/api/v1/query?query=" + url.QueryEscape(query))
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var result struct {
		Status, Error string
		Data          struct{ Result []json.RawMessage }
	}
	if err := json.NewDecoder(answer.Body).Decode(&result); err != nil {
		return 0, err
	}
	if result.Status != "success" {
		return 0, fmt.Errorf("%s", result.Error)
	}
	return len(result.Data.Result), nil
}
