package page_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"gust/internal/fakecomponent"
	"gust/internal/testrun"
	"gust/status"
	"gust/status/served"
	"gust/ui/api"
	"gust/ui/page"
)

var gust string // the program

// The test binary is also the components.
func TestMain(m *testing.M) {
	fakecomponent.Main()
	os.Exit(testrun.Main(m, &gust))
}

// serve serves the page and the API for a source, at the address that it returns.
func serve(t testing.TB, source served.Source) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(api.Prefix, api.Handler(source))
	mux.Handle("/", page.Handler(func() []*status.View { return page.Views(source) }))
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections() // a stream ends with its topology, or with its reader
		server.Close()
	})
	return server.URL
}

// browser is a Chromium with one page in it, and what went wrong there.
type browser struct {
	t      testing.TB
	ctx    context.Context
	origin string

	mu     sync.Mutex
	faults []string
	over   bool // faults are none any more
	traced *traced
}

// patience is how long the page may take until it shows what a test waits for.
const patience = 60 * time.Second

// chromium finds the browser. Without one, the test fails: the page must work in a real
// browser.
func chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	t.Fatal("no chromium or google-chrome on PATH: install Chromium to run this test; `make test` does where apt-get and root are there")
	return ""
}

// open starts a browser for the pages of an origin. At the end of the test it must have
// logged no error, and asked nobody else for anything.
func open(t testing.TB, origin string, width, height int) *browser {
	t.Helper()
	flags := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	for _, name := range []string{"no-sandbox", "disable-gpu", "disable-quic", "disable-component-update"} {
		flags = append(flags, chromedp.Flag(name, true))
	}
	flags = append(flags, chromedp.ExecPath(chromium(t)), chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(width, height), chromedp.WSURLReadTimeout(patience))
	allocator, closeAll := chromedp.NewExecAllocator(context.Background(), flags...)
	ctx, closePage := chromedp.NewContext(allocator)
	b := &browser{t: t, ctx: ctx, origin: origin}
	t.Cleanup(func() {
		closePage()
		closeAll()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, fault := range b.faults {
			t.Error(fault)
		}
	})
	if err := chromedp.Listen(ctx, b.watch); err != nil {
		t.Fatal(err)
	}
	for _, enable := range []error{call(b, log.Enable, cdp.Empty{}), call(b, network.Enable, network.EnableParams{}), call(b, runtime.Enable, cdp.Empty{})} {
		if enable != nil {
			t.Fatal(enable)
		}
	}
	return b
}

// call runs a command of the browser's protocol whose answer is of no interest.
func call[P, R any](b *browser, command cdp.Command[P, R], params P) error {
	_, err := chromedp.Call(b.ctx, command, params)
	return err
}

// watch notes what must not happen.
func (b *browser) watch(event any) {
	b.collect(event)
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		details, _ := json.Marshal(e.ExceptionDetails)
		b.fault("exception: %s", details)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			text, _ := json.Marshal(e.Args)
			b.fault("console: %s", text)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.fault("log: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, b.origin+"/") && !strings.HasPrefix(u, "data:") && u != "about:blank" {
			b.fault("request to %s", u)
		}
	}
}

func (b *browser) fault(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.over {
		b.faults = append(b.faults, fmt.Sprintf(format, args...))
	}
}

// within is the page's context, for as long as a test waits.
func (b *browser) within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(b.ctx, patience)
}

// do runs actions in the page.
func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// evaluate evaluates an expression in the page.
func evaluate[T any](b *browser, expression string) T {
	b.t.Helper()
	ctx, cancel := b.within()
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// visit goes to a place of the page, such as "t/words/logs".
func (b *browser) visit(place string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.origin + "/#/" + place))
}

// until waits until an expression in the page is true.
func (b *browser) until(what, expression string) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	for !evaluate[bool](b, "!!("+expression+")") {
		if time.Now().After(deadline) {
			b.t.Fatalf("the page does not show %s; it shows:\n%s", what, evaluate[string](b, "document.body.innerText"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// text evaluates an expression in the page, as a text.
func (b *browser) text(expression string) string {
	b.t.Helper()
	return evaluate[string](b, "String("+expression+")")
}

// click clicks on what a selector finds.
func (b *browser) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// fill gives the field that a selector finds another value.
func (b *browser) fill(selector, value string) {
	b.t.Helper()
	evaluate[bool](b, "((e) => { e.focus(); e.value = "+quoted(value)+"; return e.dispatchEvent(new Event('input', {bubbles: true})); })(document.querySelector("+quoted(selector)+"))")
}

// quoted is a text as JavaScript has it.
func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// gone says that the server goes away now, so that the page may log errors.
func (b *browser) gone() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
}

// escaped is a text as a part of an address has it.
func escaped(text string) string { return url.PathEscape(text) }
