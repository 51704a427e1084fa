// The screen of all topologies, a card each.
import { html, useEffect } from "../html.js";
import { usePolled, pathTo } from "../api.js";
import { address, go, route } from "../route.js";
import { Spark } from "../chart.js";
import { Status } from "../banner.js";
import { clock, millis, plural, short, span } from "../format.js";

// nameOf returns what identifies a topology in addresses: its name, so that an open page
// continues with the next run, or for earlier runs of that name the id.
const nameOf = (t, list) => {
  const last = list.filter((o) => o.name === t.name).reduce((a, b) => (new Date(b.started) > new Date(a.started) ? b : a));
  return last.id === t.id ? t.name : t.id;
};

export function Topologies() {
  const { data, error } = usePolled(pathTo(["topologies"]), 1000);
  const choose = !route.value.query.has("all");
  useEffect(() => { // with only one topology, open it
    if (choose && location.hash.length < 3 && data && data.length === 1) location.replace(address(["t", data[0].name]));
  }, [data, choose]);
  if (!data) return html`<main><p class="empty">${error ? "gust is not responding: " + error.message : ""}</p></main>`;
  const list = data.slice().sort((a, b) => !!a.ended - !!b.ended || new Date(b.started) - new Date(a.started));
  return html`<main class="topologies">
    <div class="cards">
      ${list.map((t) => html`<a key=${t.id} class=${"card topology " + t.diagnosis.severity} href=${address(["t", nameOf(t, data)])} data-topology=${t.id}>
        <header><h2>${t.name}</h2><${Status} view=${t} /></header>
        <p class="diagnosis">${t.diagnosis.text}</p>
        <div class="rate">
          <div class="figure first"><b>${short(t.ended ? t.trees.acked : t.now.acked)}</b><span>${t.ended ? "trees acked" : "acked/s"}</span></div>
          <${Spark} values=${t.history.map((p) => p.acked)} width=${190} height=${40} color=${t.ended ? "--faint" : "--accent"} />
        </div>
        <dl>
          <div><dt>failed/min</dt><dd class=${failedPerMinute(t) ? "bad" : ""}>${short(failedPerMinute(t))}</dd></div>
          <div><dt>p99</dt><dd>${t.ended ? "–" : millis(t.now.p99 || null)}</dd></div>
          <div><dt>pending</dt><dd>${short(t.trees.pending)}</dd></div>
          <div><dt>restarts</dt><dd class=${t.restarts ? "warn" : ""}>${short(t.restarts)}</dd></div>
        </dl>
        <footer>${t.ended ? `ended ${clock(t.ended)} after ${span(t.uptime_seconds)}` : `up ${span(t.uptime_seconds)} · ${plural(t.tasks, "task")}`}<span>${t.id}</span></footer>
      </a>`)}
      ${list.length === 0 && html`<p class="empty">No topology is running.</p>`}
    </div>
  </main>`;
}

// failedPerMinute returns the number of failed trees in the last minute.
function failedPerMinute(t) {
  if (t.ended) return 0;
  let sum = 0;
  t.history.forEach((p, i) => { sum += p.failed * (i ? p.t - t.history[i - 1].t : 1); });
  return sum;
}
