package page_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/status"
	"gust/status/served"
	"gust/status/statustest"
	"gust/topology"
	"gust/worker"
)

// What is vendored is what its authors have published, and all of it has its licence.
func TestVendoredFilesHaveTheirHashes(t *testing.T) {
	const dir = "static/vendor"
	sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(sums)); lines.Scan(); {
		sum, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok {
			t.Fatalf("SHA256SUMS: %q", lines.Text())
		}
		want[name] = sum
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := file.Name()
		if name == "SHA256SUMS" {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if got := hex.EncodeToString(sum[:]); got != want[name] {
			t.Errorf("%s has the hash %s, in SHA256SUMS it is %q: `make vendor-web` fetches it again", name, got, want[name])
		}
		delete(want, name)
		licence := strings.TrimSuffix(name, filepath.Ext(name)) + ".LICENSE"
		if name == "preact-hooks.js" {
			licence = "preact.LICENSE"
		}
		if _, err := os.Stat(filepath.Join(dir, licence)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name := range want {
		t.Errorf("SHA256SUMS names %s, which is not there", name)
	}
}

func get(t *testing.T, address, etag string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if etag != "" {
		request.Header.Set("If-None-Match", etag)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func TestFilesAreServedForThisOriginAlone(t *testing.T) {
	origin := serve(t, served.One(paper(hostile).Served))
	for _, c := range []struct{ path, kind string }{
		{"/", "text/html; charset=utf-8"}, {"/static/app.js", "text/javascript; charset=utf-8"}, {"/static/look.css", "text/css; charset=utf-8"},
		{"/static/screens/logs.js", "text/javascript; charset=utf-8"}, {"/static/vendor/inter.woff2", "font/woff2"}, {"/static/icon.svg", "image/svg+xml"},
	} {
		answer, body := get(t, origin+c.path, "")
		h := answer.Header
		if answer.StatusCode != http.StatusOK || body == "" || h.Get("Content-Type") != c.kind {
			t.Errorf("%s: %s, %d bytes of %s", c.path, answer.Status, len(body), h.Get("Content-Type"))
		}
		if csp := h.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'self';") || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: Content-Security-Policy: %s", c.path, csp)
		}
		if tag := h.Get("ETag"); c.path != "/" {
			if again, _ := get(t, origin+c.path, tag); tag == "" || again.StatusCode != http.StatusNotModified {
				t.Errorf("%s: ETag %q, and then %s", c.path, tag, again.Status)
			}
		}
	}
	for _, path := range []string{"/nothing", "/static/", "/static/index.html", "/static/../page.go", "/static/vendor/"} {
		if answer, _ := get(t, origin+path, ""); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, answer.Status)
		}
	}
}

// hostile is what a component may be named, and say.
const hostile = `<script>window.harmed = 1</script><img src=x onerror="window.harmed = 2">`

// paperTopology is a topology that nobody runs: its snapshots are written by hand.
type paperTopology struct {
	served.Served
	snapshot worker.Snapshot
}

// paper makes a topology of that name: a spout and a bolt that have it in their names, too.
func paper(name string) *paperTopology {
	return paperOf(&topology.Topology{Name: name, Source: name, Config: map[string]any{}, Components: []*topology.Component{
		{Name: "s" + name, Kind: topology.Spout, Parallelism: 1, Outputs: []topology.Stream{{Name: topology.DefaultStream, Fields: []string{name}}}},
		{Name: "b" + name, Kind: topology.Bolt, Parallelism: 1, Inputs: []topology.Input{{Component: "s" + name, Stream: topology.DefaultStream, Grouping: statustest.Shuffle}}},
	}})
}

func paperOf(top *topology.Topology) *paperTopology {
	p := &paperTopology{Served: served.Served{Status: status.New(top, conf.Conf{}, time.Now())}}
	p.snapshot = worker.Snapshot{Topology: top.Name, Phase: worker.Active}
	task := 0
	for _, spec := range top.Components {
		c := worker.ComponentSnapshot{Name: spec.Name, Kind: spec.Kind}
		for _, out := range spec.Outputs {
			c.Outputs = append(c.Outputs, out.Name)
		}
		for _, in := range spec.Inputs {
			c.Inputs = append(c.Inputs, worker.InputName{Component: in.Component, Stream: in.Stream})
		}
		for range spec.Parallelism {
			task++
			t := worker.TaskSnapshot{Task: task, State: worker.TaskRunning, Outputs: make([]worker.OutputCount, len(c.Outputs)), Inputs: make([]worker.InputCount, len(c.Inputs))}
			if spec.Kind == topology.Spout {
				t.Spout = &worker.SpoutState{Doing: worker.SpoutEmitting}
			} else {
				t.Bolt = &worker.BoltState{}
			}
			c.Tasks = append(c.Tasks, t)
		}
		p.snapshot.Components = append(p.snapshot.Components, c)
	}
	p.step(worker.Journal{})
	return p
}

// step lets a second pass in which each component deals with a hundred tuples.
func (p *paperTopology) step(j worker.Journal) {
	s := p.snapshot
	s.Time = s.Time.Add(time.Second)
	if p.snapshot.Time.IsZero() {
		s.Time = time.Now()
	}
	s.Active += time.Second
	s.Trees.Emitted += 100
	s.Trees.Acked += 100
	s.Journal = j
	s.Components = append([]worker.ComponentSnapshot{}, s.Components...)
	for i := range s.Components {
		c := &s.Components[i]
		c.Tasks = append([]worker.TaskSnapshot{}, c.Tasks...)
		for k := range c.Tasks {
			t := &c.Tasks[k]
			t.Outputs, t.Inputs = append([]worker.OutputCount{}, t.Outputs...), append([]worker.InputCount{}, t.Inputs...)
			for n := range t.Outputs {
				t.Outputs[n].Emitted += 100
			}
			for n := range t.Inputs {
				t.Inputs[n].Executed += 100
			}
		}
	}
	p.snapshot = s
	p.Update(&s)
}

// Names, values, errors and log lines are text, whatever they look like.
func TestScriptsAreInert(t *testing.T) {
	t.Parallel()
	p := paper(hostile)
	p.step(worker.Journal{
		Events: []worker.Event{{Time: time.Now(), Kind: worker.EventDied, Component: "b" + hostile, Task: 2, Text: hostile}},
		Errors: []worker.ErrorReport{{Time: time.Now(), Component: "b" + hostile, Task: 2, Text: hostile}},
		Failures: []worker.FailedTree{{Time: time.Now(), Spout: "s" + hostile, Task: 1, Stream: hostile, MessageID: hostile, Values: hostile, Reason: worker.FailedByBolt, Error: hostile,
			Cause: &worker.FailedTuple{Bolt: "b" + hostile, Task: 2, From: worker.InputName{Component: "s" + hostile, Stream: hostile}, Values: worker.Values{Text: hostile}}}},
		Traces: []worker.Trace{{Time: time.Now(), Spout: "s" + hostile, Task: 1, Stream: hostile, MessageID: hostile, Values: hostile, Failed: worker.FailedByBolt, Error: hostile, Took: time.Second,
			Hops: []worker.Hop{{From: worker.InputName{Component: "s" + hostile, Stream: hostile}, FromTask: 1, Bolt: "b" + hostile, Task: 2, Values: hostile, State: worker.HopFailed, Cause: true, Taken: time.Millisecond, Answered: time.Second}}}},
	})
	fmt.Fprintf(p.Logs(), `{"level":"error","component":"b","message":%s}`+"\n", quoted(hostile))
	p.snapshot.Components[1].Metrics = []worker.MetricStats{{Name: hostile, Last: hostile}}
	p.step(worker.Journal{})
	origin := serve(t, served.One(p.Served))
	b := open(t, origin, 1280, 800)
	id := escaped(p.ID())
	shows := func(selector string) string {
		return "[...document.querySelectorAll(" + quoted(selector) + ")].some((e) => e.textContent.includes(" + quoted(hostile) + "))"
	}
	b.visit("?all=1")
	b.until("the topology's name", shows(".card h2"))
	b.visit("t/" + id)
	b.until("the spout's name", shows("[data-table=spouts] td"))
	b.until("the error", shows(".list .headline"))
	b.until("the node's name", shows(".graph .node title"))
	b.visit("t/" + id + "/c/" + escaped("b"+hostile))
	b.until("the error", shows(".groups .headline"))
	b.until("the metric", shows("[data-table=metrics] code"))
	b.visit("t/" + id + "/failures?n=1")
	b.until("the failure's values", shows(".detail pre"))
	b.visit("t/" + id + "/logs?search=script")
	b.until("the log line", shows(".line .text")+" && document.querySelector('.line mark')")
	b.visit("t/" + id + "/events")
	b.until("the event", shows(".events .headline"))
	b.visit("t/" + id + "/events?trace=1")
	b.until("the hop's values", shows(".waterfall pre"))
	b.until("the hop's bolt", shows(".waterfall .who"))
	if harmed := evaluate[bool](b, "'harmed' in window || !!document.querySelector('img[src=x]')"); harmed {
		t.Error("a script has run that came from a component")
	}
}

// The percentage of sampled tuples is chosen on the page. Each sampled tuple is a row, and the
// waterfall of one has the topology's hops.
func TestSampledTuplesAreShownAsWaterfalls(t *testing.T) {
	t.Parallel()
	live := statustest.Start(t, "words", statustest.WordCount())
	live.Until(t, "acked trees", func(v *status.View) bool { return v.Trees.Acked > 0 })
	b := open(t, serve(t, served.One(live.Served)), 1280, 800)
	b.visit("t/words/events")
	b.until("that sampling is off", `document.querySelector('.sampled [data-sample="0"][aria-pressed=true]')`)
	b.click(`.sampled [data-sample="100"]`)
	b.until("the percentage", `document.querySelector('.sampled [data-sample="100"][aria-pressed=true]')`)
	b.until("sampled tuples", "document.querySelectorAll('.traces .row').length > 5")
	newest := b.text("document.querySelector('[data-trace]').dataset.trace")
	b.until("newer ones", "document.querySelector('[data-trace]').dataset.trace != "+quoted(newest))
	b.do(chromedp.Evaluate[chromedp.Void]("document.querySelector('.traces .row').click()"))
	b.until("a waterfall", "document.querySelectorAll('.waterfall .hop').length == 4")
	if got := b.text("[...document.querySelectorAll('.waterfall .hop')].map((h) => h.dataset.hop)"); got != "words,split,count,count" {
		t.Errorf("hops: %s", got)
	}
	// No bar begins before the one that it follows from, or ends after the tree.
	if got := b.text(`(() => {
		const box = (e) => e.getBoundingClientRect();
		const [root, ...hops] = [...document.querySelectorAll('.waterfall .track')];
		const starts = hops.map((h) => box(h.querySelector('i')).left), ends = hops.map((h) => box(h.lastElementChild).right);
		return starts.every((s, i) => s >= box(root).left - 1 && (i == 0 || s >= starts[0] - 1)) && ends.every((e) => e <= box(root).right + 3);
	})()`); got != "true" {
		t.Error("the bars are not within the time of the tree")
	}
	b.click(".waterfall details summary")
	b.until("the values of a hop", "document.querySelector('.waterfall details[open] pre')?.textContent.startsWith('[')")
	number := b.text("document.querySelector('.traces li.open').dataset.trace")
	b.until("the number in the address", "location.hash.includes('trace="+number+"')")

	b.click(`.sampled [data-sample="custom"]`)
	b.until("a question", "document.querySelector('dialog[open] input[name=words]')")
	b.fill("dialog input[name=words]", "12.5")
	b.click("dialog button[type=submit]")
	live.Until(t, "the percentage", func(v *status.View) bool { return v.Component("words").Sampling == 12.5 })
	b.until("the percentage", `document.querySelector('.sampled [data-sample="custom"]').textContent == '12.5%'`)
	if still := b.text("document.querySelector('.traces li.open').dataset.trace"); still != number {
		t.Errorf("trace %s is open, want still %s", still, number)
	}
}

// A browser without JavaScript shows a table.
func TestWithoutJavaScript(t *testing.T) {
	t.Parallel()
	p := paper(hostile)
	origin := serve(t, served.One(p.Served))
	if _, body := get(t, origin, ""); strings.Contains(body, "<script>window") || !strings.Contains(body, "&lt;script&gt;window") {
		t.Error("the table has a component's name as HTML")
	}
	b := open(t, origin, 1280, 800)
	if err := call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	b.visit("")
	ctx, cancel := b.within()
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("noscript table tbody")))
	if err != nil || !strings.Contains(text, "b"+hostile) {
		t.Errorf("the table: %q, %v", text, err)
	}
}

// The graph is the topology's, its figures move, and its buttons do what they say.
func TestTopologyIsShownAndOperated(t *testing.T) {
	t.Parallel()
	live := statustest.Start(t, "words", statustest.WordCount())
	live.Until(t, "acked trees", func(v *status.View) bool { return v.Trees.Acked > 0 })
	b := open(t, serve(t, served.One(live.Served)), 1280, 800)
	b.do(chromedp.Navigate(b.origin + "/?token=secret")) // as the link has that gust prints for other machines
	b.until("an address without the token", "location.search == ''")
	b.until("the only topology", "location.hash.startsWith('#/t/words')")
	b.until("three nodes", "document.querySelectorAll('.graph .node').length == 3")
	if got := b.text("[...document.querySelectorAll('.graph .node')].map((n) => n.dataset.component).sort()"); got != "count,split,words" {
		t.Errorf("nodes: %s", got)
	}
	b.until("two edges", "document.querySelectorAll('.graph .edge').length == 2")

	emitted := "document.querySelector('[data-table=spouts] tbody tr td:nth-child(4)').textContent"
	b.until("the spout's row", "document.querySelector('[data-table=spouts] tbody tr')")
	before := b.text(emitted)
	b.until("moving figures", emitted+" != "+quoted(before))
	b.until("a drawn chart", "document.querySelectorAll('.chart canvas').length == 4")

	b.click("[data-action=deactivate]")
	b.until("an inactive topology", "document.querySelector('[data-status=inactive]')")
	live.Until(t, "the phase inactive", func(v *status.View) bool { return v.Phase == string(worker.Inactive) })
	b.click("[data-action=activate]")
	b.until("an active topology", "document.querySelector('[data-status=active]')")

	b.visit("t/words/c/split")
	b.until("two tasks", "document.querySelectorAll('[data-table=tasks] tbody tr').length == 2")
	pid := "document.querySelector('[data-table=tasks] tbody tr td:nth-child(3)').textContent"
	before = b.text(pid)
	b.click("[data-table=tasks] tbody tr [data-restart]")
	b.until("another process", "Number("+pid+") > 0 && "+pid+" != "+quoted(before))

	b.click("[data-action=kill]")
	b.until("a question", "document.querySelector('dialog[open] input[name=wait]')")
	select {
	case <-live.Ended:
		t.Fatal("the topology was killed without an answer")
	default:
	}
	b.fill("dialog input[name=wait]", "0")
	b.click("dialog button[type=submit]")
	select {
	case <-live.Ended:
	case <-time.After(patience):
		t.Fatal("the topology does not end")
	}
	b.until("the end", "document.querySelector('[data-status=ended]')")
	if v := live.View(status.AllTime); v.Reason != "" {
		t.Errorf("it has ended: %s", v.Reason)
	}
}

// A search finds one line of very many, of which few are in the document.
func TestLogsFindAPlantedLine(t *testing.T) {
	t.Parallel()
	p := paper("words")
	for i := range 50_000 {
		if i == 30_000 {
			fmt.Fprintln(p.Logs(), `{"level":"warn","component":"bwords","task":2,"message":"here is the needle-4711 that was planted"}`)
		}
		fmt.Fprintf(p.Logs(), `{"level":"info","component":"swords","task":1,"message":"line %d of the hay"}`+"\n", i)
	}
	b := open(t, serve(t, served.One(p.Served)), 1280, 800)
	b.visit("t/words/logs")
	b.until("the newest line", "document.querySelector('.lines')?.innerText.includes('line 49999 of')")
	b.click(".chips.names button")
	b.until("the tasks of the spout", "[...document.querySelectorAll('.chips.names button')].map((b) => b.textContent).join() == 'swords,bwords,gust,task 1'")
	b.click(".chips.names button")
	b.until("no filter", "!location.hash.includes('component')")
	fmt.Fprintln(p.Logs(), `{"level":"info","component":"swords","task":1,"message":"a line that comes later"}`)
	b.until("a line that comes later", "document.querySelector('.lines')?.innerText.includes('a line that comes later')")
	if n := evaluate[int](b, "document.querySelectorAll('.line').length"); n > 200 {
		t.Errorf("%d lines are in the document", n)
	}
	// Scrolling back brings older lines.
	b.until("older lines", "(document.querySelector('.lines').scrollTop = 0, document.querySelector('.loglist footer').textContent.match(/^([0-9,]+)/)[1].replace(',', '') > 4000)")
	b.fill("input.search", `needle-\d+`)
	b.until("the planted line", "document.querySelectorAll('.line').length == 1 && document.querySelector('.line mark')?.textContent == 'needle-4711'")
	b.until("the search in the address", "location.hash.includes('needle')")
	b.click(".line")
	b.until("the lines around it", "document.querySelector('.lines').innerText.includes('line 29999 of') && document.querySelector('.lines').innerText.includes('line 30000 of')")
	b.do(chromedp.NavigateBack())
	b.until("the search", "document.querySelectorAll('.line').length == 1")
	b.fill("input.search", "(")
	b.until("the error in the pattern", "document.querySelector('.loglist footer .bad')")
}

// largeTopology has a thousand tasks and two hundred edges.
func largeTopology() *topology.Topology {
	top := &topology.Topology{Name: "large", Config: map[string]any{}}
	for i := range 104 {
		c := &topology.Component{Name: fmt.Sprintf("c%d", i), Kind: topology.Bolt, Parallelism: 4, Outputs: []topology.Stream{{Name: topology.DefaultStream, Fields: []string{"n"}}}}
		switch {
		case i < 4:
			c.Kind = topology.Spout
		default:
			for _, from := range []int{(i - 4) / 2, i - 3} {
				if from != i && (len(c.Inputs) == 0 || c.Inputs[0].Component != fmt.Sprintf("c%d", from)) {
					c.Inputs = append(c.Inputs, topology.Input{Component: fmt.Sprintf("c%d", from), Stream: topology.DefaultStream, Grouping: statustest.Shuffle})
				}
			}
		}
		if i == 50 {
			c.Parallelism = 600
		}
		top.Components = append(top.Components, c)
	}
	return top
}

// A thousand tasks and two hundred edges are shown, and go on being shown.
func TestLargeTopologies(t *testing.T) {
	t.Parallel()
	top := largeTopology()
	p := paperOf(top)
	v := p.View(status.AllTime)
	if v.Tasks < 1000 || len(v.Edges) < 199 {
		t.Fatalf("%d tasks, %d edges", v.Tasks, len(v.Edges))
	}
	b := open(t, serve(t, served.One(p.Served)), 1280, 800)
	b.visit("t/large")
	b.until("all nodes", "document.querySelectorAll('.graph .node').length == 104")
	b.until("all edges", fmt.Sprintf("document.querySelectorAll('.graph .edge').length == %d", len(v.Edges)))
	for range 3 {
		before := b.text("document.querySelector('[data-table=bolts] tbody').textContent")
		p.step(worker.Journal{})
		b.until("moving figures", "document.querySelector('[data-table=bolts] tbody').textContent != "+quoted(before))
	}
	b.visit("t/large/c/c50")
	b.until("its first tasks", "document.querySelector('[data-table=tasks][aria-rowcount=\"601\"] tbody tr[aria-rowindex=\"2\"]')")
	if n := evaluate[int](b, "document.querySelectorAll('[data-table=tasks] tbody tr').length"); n > 100 {
		t.Errorf("%d rows are in the document", n)
	}
	b.until("its last task", "(scrollTo(0, document.querySelector('[data-table=tasks]').getBoundingClientRect().bottom + scrollY - 300), document.querySelector('[data-table=tasks] tbody tr[aria-rowindex=\"601\"]'))")
	b.until("no first task", "!document.querySelector('[data-table=tasks] tbody tr[aria-rowindex=\"2\"]')")
}

// However many lines come, the page keeps as many as it says, and no more memory.
func TestLogsAreBounded(t *testing.T) {
	t.Parallel()
	p := paper("words")
	b := open(t, serve(t, served.One(p.Served)), 1280, 800)
	b.visit("t/words/logs")
	n := 0
	burst := func() {
		for range 1800 {
			n++
			fmt.Fprintf(p.Logs(), `{"level":"info","component":"swords","task":1,"message":"line %d of very many, each about as long as lines are: sixty bytes or more"}`+"\n", n)
		}
		b.until("the newest line", fmt.Sprintf("document.querySelector('.lines')?.innerText.includes('line %d of')", n))
	}
	used := func() float64 {
		if err := call(b, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
			t.Fatal(err)
		}
		usage, err := chromedp.Call(b.ctx, runtime.GetHeapUsage, cdp.Empty{})
		if err != nil {
			t.Fatal(err)
		}
		return usage.UsedSize
	}
	for n < 22_000 {
		burst()
	}
	b.until("as many lines as are kept", "document.querySelector('.loglist footer').textContent.startsWith('20,000 lines')")
	full := used()
	for n < 44_000 {
		burst()
	}
	if grown := used() - full; grown > 8<<20 {
		t.Errorf("%d lines more took %.0f MB more", n/2, grown/(1<<20))
	}
	if shown := evaluate[int](b, "document.querySelectorAll('.line').length"); shown > 200 {
		t.Errorf("%d lines are in the document", shown)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	p := paper("words")
	b := open(t, serve(t, served.One(p.Served)), 1280, 800)
	press := func(key string) { b.t.Helper(); b.do(chromedp.KeyEvent(key)) }
	b.visit("t/words")
	b.until("the tables", "document.querySelectorAll('[data-table] a.rowlink').length == 2")
	press("?")
	b.until("the list of keys", "document.querySelector('dialog[open] kbd')")
	press(kb.Escape)
	b.until("no dialog", "!document.querySelector('dialog[open]')")
	press(kb.ArrowDown)
	b.until("the first row", "document.activeElement.textContent.trim() == 'swords'")
	press(kb.ArrowDown)
	press(kb.Enter)
	b.until("the bolt", "location.hash.startsWith('#/t/words/c/bwords') && document.querySelector('h1')?.textContent == 'bwords'")
	press("u")
	b.until("the topology", "location.hash.startsWith('#/t/words') && !location.hash.includes('/c/')")
	press(kb.ArrowRight)
	b.until("the failures", "location.hash.startsWith('#/t/words/failures')")
	press("3")
	b.until("the logs", "document.querySelector('input.search')")
	press("/")
	b.until("the search", "document.activeElement.matches('input.search')")
	press(kb.Escape)
	press(" ")
	b.until("a pause", "document.querySelector('.pausedhint')")
	press("t")
	b.until("a chosen theme", "document.documentElement.dataset.theme")
}

// A topology whose processes have just been started has no figures yet.
func TestBeforeTheFirstFigures(t *testing.T) {
	t.Parallel()
	s := status.New(paper("words").Topology(), conf.Conf{}, time.Now())
	b := open(t, serve(t, served.One(served.Served{Status: s})), 1280, 800)
	b.visit("t/words")
	b.until("a starting topology", "document.querySelector('[data-status=starting]') && document.querySelectorAll('.graph .node').length == 2")
	b.visit("t/words/c/bwords")
	b.until("its bolt", "document.querySelector('h1')?.textContent == 'bwords' && document.querySelectorAll('.chart canvas').length == 4")
	for _, view := range []string{"failures", "logs", "events"} {
		b.visit("t/words/" + view)
		b.until("the view "+view, "document.querySelector('nav [aria-current]').textContent.toLowerCase() == "+quoted(view)+" && document.querySelector('main .empty, main .lines')")
	}
	b.visit("?all=1")
	b.until("its card", "document.querySelectorAll('.card').length == 1")
}

// swapped is a source whose topologies are those of another one when it is swapped.
type swapped struct{ now atomic.Pointer[served.Source] }

func (s *swapped) Topologies() []served.Served { return (*s.now.Load()).Topologies() }

func (s *swapped) swap(source served.Source) { s.now.Store(&source) }

// A page that is left open shows the end of a run, and the next run of the same name.
func TestPageGoesOnWithTheNextRun(t *testing.T) {
	t.Parallel()
	var source swapped
	first := paper("words")
	source.swap(served.One(first.Served))
	b := open(t, serve(t, &source), 1280, 800)
	b.visit("t/words")
	b.until("the first run", "document.querySelector('[data-status=active]')")
	first.End("bolt \"bwords\" died\n    ValueError: its last words")
	b.until("its end and the reason", "document.querySelector('[data-status=ended]') && document.querySelector('.banner.trouble').textContent.includes('bwords')")
	b.until("the whole reason", "document.querySelector('pre.reason').textContent.includes('its last words')")
	second := paper("words")
	for range 3 {
		second.step(worker.Journal{})
	}
	source.swap(served.One(second.Served))
	b.until("the next run", "document.querySelector('[data-status=active]') && !document.querySelector('.banner.trouble')")
	second.step(worker.Journal{})
	b.until("its figures", "document.querySelector('[data-table=spouts] tbody tr td:nth-child(4)').textContent == '500'")
}

// A tuple that failed is replayed from the page, and failures discarded: several only after a
// question.
func TestFailuresAreReplayedAndDiscarded(t *testing.T) {
	t.Parallel()
	live := statustest.Start(t, "words", []statustest.Component{
		{Name: "words", Script: fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: 15}}},
		{Name: "count", From: map[string]topology.Grouping{"words": statustest.Shuffle}, Script: fakecomponent.Script{Bolt: &fakecomponent.Bolt{FailEvery: 5}}},
	})
	live.Until(t, "failures", func(v *status.View) bool { return v.Trees.Failed.Bolt == 3 })
	b := open(t, serve(t, served.One(live.Served)), 1280, 800)
	b.visit("t/words/failures")
	b.click(".failurelist .row")
	b.until("its input for gust try", "document.querySelector('.copy pre')?.textContent.startsWith('{\"tuple\": [')")
	b.click(".detail [data-action=replay]")
	b.until("an acked replay", "document.querySelector('p.replay.acked')")
	b.click(".detail [data-action=discard]")
	b.until("two failures", "document.querySelectorAll('.failurelist > li').length == 2")

	b.click(".times [data-span]:not([disabled])")
	b.until("the time in the address", "location.hash.includes('since=') && location.hash.includes('until=') && document.querySelector('.times [aria-pressed=true]')")
	b.until("the failures of that time", "document.querySelectorAll('.failurelist > li').length > 0")
	b.visit("t/words/failures?since=2001-01-01T00:00:00Z&until=2001-01-01T00:01:00Z")
	b.until("none of another time", "!document.querySelector('.failurelist') && document.querySelector('.rows .empty')")
	b.click(".facets header button")
	b.until("all of them", "document.querySelectorAll('.failurelist > li').length == 2")

	b.click(".rows > header > input")
	b.click(".rows > header [data-action=discard]")
	b.until("a question", "document.querySelector('dialog[open] h2')?.textContent == 'Discard 2 failures?'")
	if left := live.Failures(status.FailureFilter{}); len(left) != 2 {
		t.Errorf("before the answer: %+v", left)
	}
	b.click("dialog button[type=submit]")
	b.until("no failure", "!document.querySelector('.failurelist') && document.querySelector('.rows .empty')")
	if left := live.Failures(status.FailureFilter{}); len(left) != 0 {
		t.Errorf("failures: %+v", left)
	}
}
