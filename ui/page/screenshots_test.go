//go:build screenshots

package page_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"gust/conf"
	"gust/internal/fakecomponent"
	"gust/status/served"
	"gust/status/statustest"
	"gust/topology"
)

// It takes the pictures of the docs, which is no test: `make screenshots` builds it with its
// tag, and sets GUST_SCREENSHOTS to their folder. Set GUST_SCREENSHOTS_ALL to take each screen in both themes and two widths, for those who
// change how the page looks.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("GUST_SCREENSHOTS")
	if dir == "" {
		t.Fatal("GUST_SCREENSHOTS names no folder: `make screenshots` sets it")
	}
	origin := serve(t, gallery(t))
	b := open(t, origin, 1280, 800)
	grow, err := time.ParseDuration(os.Getenv("GUST_SCREENSHOTS_AFTER"))
	if err != nil {
		grow = 75 * time.Second // of history
	}
	time.Sleep(grow)
	for _, shot := range []struct {
		name, place, ready string
		docs               bool
	}{
		{"topologies", "?all=1", "document.querySelectorAll('.card.topology').length == 6", true},
		{"topology", "t/shop", "document.querySelectorAll('.graph .node').length == 12", true},
		{"words", "t/wordcount", "document.querySelectorAll('.graph .node').length == 3", false},
		{"stuck", "t/stuck", "document.querySelectorAll('.graph .node').length == 3", false},
		{"orders", "t/orders", "document.querySelectorAll('.graph .node').length == 4", false},
		{"component", "t/shop/c/price", "document.querySelector('[data-table=tasks] tbody tr')", true},
		{"spout", "t/shop/c/clicks", "document.querySelector('[data-table=tasks] tbody tr')", false},
		{"failures", "t/orders/failures", "document.querySelector('.failurelist .row')", true},
		{"logs", "t/orders/logs", "document.querySelector('.line')", true},
		{"events", "t/shop/events?slow=1", "document.querySelector('.traces .row')", true},
	} {
		for _, v := range []struct {
			name          string
			theme         string
			width, height int64
			docs          bool
		}{
			{"", "light", 1280, 800, true}, {"-dark", "dark", 1280, 800, true}, {"-narrow", "light", 390, 844, false}, {"-narrow-dark", "dark", 390, 844, false},
		} {
			every := os.Getenv("GUST_SCREENSHOTS_ALL") != ""
			if !every && (!shot.docs || !v.docs || v.theme == "dark" && shot.name != "topology") {
				continue
			}
			for _, err := range []error{
				call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: v.width, Height: v.height, DeviceScaleFactor: 1, Mobile: v.width < 500}),
				call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.theme}}}),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			b.visit(shot.place)
			b.until(shot.name, shot.ready)
			if shot.name == "failures" {
				b.do(chromedp.Evaluate[chromedp.Void]("document.querySelector('.failurelist li:not(.open) .row')?.click()"))
				b.until("a failure", "document.querySelector('.failurelist .detail')")
			}
			if shot.name == "events" {
				b.do(chromedp.Evaluate[chromedp.Void]("document.querySelector('.traces li:not(.open) .row')?.click()"))
				b.until("a waterfall", "document.querySelector('.waterfall .hop')")
			}
			time.Sleep(1500 * time.Millisecond) // charts are drawn, bars have moved
			picture, err := chromedp.Call(b.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &every})
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, fmt.Sprintf("page-%s%s.png", shot.name, v.name))
			if err := os.WriteFile(file, picture.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// all is the source of some topologies.
type all []served.Served

func (a all) Topologies() []served.Served { return a }

// gallery are topologies worth a picture: one that counts words, one of twelve components
// of which one is too slow, one that fails, one that hangs, one without data, and one that
// has ended.
func gallery(t testing.TB) all {
	from := func(names ...string) map[string]topology.Grouping {
		m := map[string]topology.Grouping{}
		for _, name := range names {
			m[name] = statustest.Shuffle
		}
		return m
	}
	bolt := func(b fakecomponent.Bolt, deeds ...fakecomponent.Deed) fakecomponent.Script {
		return fakecomponent.Script{Bolt: &b, Deeds: deeds}
	}
	spout := func(pause time.Duration) fakecomponent.Script {
		return fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: -1, Keys: 40, Pause: pause}}
	}
	ms := time.Millisecond
	shop := statustest.Start(t, "shop", []statustest.Component{
		{Name: "clicks", Tasks: 2, Script: spout(8 * ms)},
		{Name: "orders", Script: spout(20 * ms)},
		{Name: "parse", Tasks: 2, From: from("clicks"), Script: bolt(fakecomponent.Bolt{Emit: 1})},
		{Name: "sessions", Tasks: 2, From: map[string]topology.Grouping{"parse": statustest.Key}, Script: bolt(fakecomponent.Bolt{Emit: 1})},
		{Name: "bots", From: from("parse"), Script: bolt(fakecomponent.Bolt{})},
		{Name: "validate", From: from("orders"), Script: bolt(fakecomponent.Bolt{Emit: 1, FailEvery: 150})},
		{Name: "enrich", Tasks: 2, From: from("sessions", "validate"), Script: bolt(fakecomponent.Bolt{Emit: 1})},
		{Name: "price", Tasks: 2, From: from("enrich"), Script: bolt(fakecomponent.Bolt{Emit: 1, Pause: 16 * ms})},
		{Name: "stock", From: from("validate"), Script: bolt(fakecomponent.Bolt{Emit: 1})},
		{Name: "trends", From: from("sessions"), Script: bolt(fakecomponent.Bolt{})},
		{Name: "report", From: from("price"), Script: bolt(fakecomponent.Bolt{})},
		{Name: "archive", From: from("price", "stock"), Script: bolt(fakecomponent.Bolt{})},
	}, conf.Conf{conf.GustTracePercent: int64(20)})
	words := statustest.Start(t, "wordcount", statustest.WordCount())
	orders := statustest.Start(t, "orders", []statustest.Component{
		{Name: "queue", Script: spout(30 * ms)},
		{Name: "check", Tasks: 2, From: from("queue"), Script: bolt(fakecomponent.Bolt{Emit: 1, FailEvery: 40})},
		{Name: "charge", Tasks: 2, From: from("check"), Script: bolt(fakecomponent.Bolt{Emit: 1}, fakecomponent.Deed{After: 120, Do: "exit 1"})},
		{Name: "ship", From: from("charge"), Script: bolt(fakecomponent.Bolt{})},
	}, conf.Conf{conf.GustCrashLoopCount: int64(0)})
	stuck := statustest.Start(t, "stuck", []statustest.Component{
		{Name: "lines", Script: spout(ms)},
		{Name: "count", Tasks: 2, From: from("lines"), Script: bolt(fakecomponent.Bolt{Emit: 1})},
		{Name: "store", From: from("count"), Script: bolt(fakecomponent.Bolt{Answer: "never"})},
	}, conf.Conf{conf.TopologyMaxSpoutPending: int64(200)})
	feed := statustest.Start(t, "feed", []statustest.Component{
		{Name: "fetch", Script: fakecomponent.Script{Spout: &fakecomponent.Spout{Tuples: 400, Keys: 40, Pause: 50 * ms}}},
		{Name: "index", From: from("fetch"), Script: bolt(fakecomponent.Bolt{})},
	})
	nightly := statustest.Start(t, "nightly", statustest.WordCount())
	time.AfterFunc(15*time.Second, func() { _ = nightly.Control.Kill(0) })
	ended := nightly.Served
	ended.Control = nil
	return all{shop.Served, words.Served, orders.Served, stuck.Served, feed.Served, ended}
}
