package page_test

import (
	"path/filepath"
	"regexp"
	"testing"

	"gust/internal/testenv"
	"gust/internal/testrun"
)

// A real run is seen, restarted and killed from its page.
func TestRunAndItsPage(t *testing.T) {
	t.Parallel()
	project := filepath.Join(testenv.Top(t), "python-examples", "wordcount")
	run := testrun.Start(t, gust, project, "--python", testenv.Python(t), "--ui=127.0.0.1:0")
	link := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	run.Until("the page's address in the log", func() bool { return link.MatchString(run.Stderr()) })
	b := open(t, link.FindString(run.Stderr()), 1280, 800)
	b.visit("")
	b.until("the nodes", "[...document.querySelectorAll('.graph .node')].map((n) => n.dataset.component).sort().join() == 'count_bolt,word_spout'")
	b.until("acked tuples", "document.querySelector('[data-table=bolts] tbody tr') && /[1-9]/.test(document.querySelector('[data-table=spouts] tbody tr td:nth-child(6)').textContent)")
	b.click("[data-action=deactivate]")
	b.until("an inactive topology", "document.querySelector('[data-status=inactive]')")
	b.visit("t/wordcount/events")
	b.until("the operation among the events", "[...document.querySelectorAll('.events li')].some((e) => e.textContent.includes('deactivated'))")
	b.visit("t/wordcount/logs?search=words")
	b.until("lines of the components", "document.querySelector('.line mark')")
	b.click("[data-action=kill]")
	b.until("a question", "document.querySelector('dialog[open] input[name=wait]')")
	b.fill("dialog input[name=wait]", "0")
	b.gone() // gust ends, and its server with it
	b.click("dialog button[type=submit]")
	run.Exits(0)
}
