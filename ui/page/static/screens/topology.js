// The screen of one topology.
import { html } from "../html.js";
import { events, points, view } from "../live.js";
import { address, shownWindow } from "../route.js";
import { usePolled, pathTo } from "../api.js";
import { Banner } from "../banner.js";
import { Chart, marksOf } from "../chart.js";
import { Graph } from "../graph.js";
import { Bar, Quiet, Table } from "../table.js";
import { Happened } from "./events.js";
import { ago, count, millis, percent, short, span } from "../format.js";

export function Topology({ id }) {
  const v = view.value;
  const window = shownWindow();
  const marks = marksOf(events.value);
  const p = points.value;
  return html`<main class="one">
    <${Banner} id=${id} diagnosis=${v.diagnosis} />
    ${v.reason && v.reason.includes("\n") && html`<pre class="reason">${v.reason}</pre>`}
    <div class="charts">
      <${Chart} title="Throughput" points=${p} marks=${marks} window=${window} series=${[
        { label: "acked", color: "--c1", value: (p) => p.acked, fill: true },
        { label: "emitted", color: "--c2", value: (p) => p.emitted, width: 1 },
      ]} unit="/s" />
      <${Chart} title="Complete latency" points=${p} marks=${marks} window=${window} format=${millis} series=${[
        { label: "p99", color: "--c3", value: (p) => p.p99 || null, fill: true },
        { label: "p50", color: "--c2", value: (p) => p.p50 || null },
      ]} />
      <${Chart} title="Pending" points=${p} marks=${marks} window=${window} series=${[
        { label: "trees", color: "--c1", value: (p) => p.waiting, fill: true },
      ]} />
      <${Chart} title="Failed" points=${p} marks=${marks} window=${window} series=${[
        { label: "all", color: "--bad", value: (p) => p.failed, fill: true, width: 1 },
        { label: "bolt", color: "--c4", value: (p) => p.by_bolt || 0 },
        { label: "timeout", color: "--c3", value: (p) => p.timeout || 0 },
        { label: "died", color: "--c5", value: (p) => p.died || 0 },
      ]} unit="/s" />
    </div>
    <section class="panel graphpanel"><header><h2>Graph</h2><p class="legend"><span class="key bar"></span>busy, last minute<span class="key dash"></span>throttled<span class="key dot"></span>error in the last minute</p></header><${Graph} id=${id} view=${v} /></section>
    <section class="panel"><header><h2>Spouts</h2></header><${Spouts} id=${id} list=${v.components.filter((c) => c.kind === "spout")} /></section>
    <section class="panel"><header><h2>Bolts</h2></header><${Bolts} id=${id} list=${v.components.filter((c) => c.kind === "bolt")} /></section>
    ${(v.workers || []).length > 0 && html`<section class="panel"><header><h2>Workers</h2></header><${Workers} list=${v.workers} /></section>`}
    <div class="halves">
      <${Errors} id=${id} />
      <section class="panel"><header><h2>Events</h2><a href=${address(["t", id, "events"])}>All events</a></header><${Happened} id=${id} list=${events.value.slice(-8).reverse()} /></section>
    </div>
    <section class="panel facts"><header><h2>Topology</h2></header><${Facts} v=${v} /></section>
  </main>`;
}

const by = (name, title, value, cell, more) => ({ name, title, value, cell: cell || ((c) => count(value(c))), ...more });

const executors = by("executors", "Number of executors", (c) => c.executors);
const tasks = by("tasks", "Number of tasks", (c) => c.tasks, (c) => html`<span class=${c.down ? "bad" : c.loading ? "warn" : ""}>${c.down ? `${c.tasks - c.down}/${c.tasks}` : c.tasks}</span>`);
const common = (list) => (list.some((c) => c.executors !== c.tasks) ? [executors, tasks] : [tasks]);

const troubles = (id) => [
  by("restarts", "Restarted processes", (c) => c.restarts, (c) => html`<${Quiet} n=${c.restarts} bad>${count(c.restarts)}<//>`),
  by("errors", "Reported errors, and processes that died", (c) => c.errors, (c) => html`<${Quiet} n=${c.errors} bad>${count(c.errors)}<//>`),
  { name: "last error", left: true, wide: true, value: (c) => (c.last_error ? c.last_error.headline : ""), cell: (c) => c.last_error && html`<a class="headline" href=${address(["t", id, "c", c.name])} title=${c.last_error.headline}>${c.last_error.headline}</a><small>${ago(c.last_error.time)}</small>` },
];

const name = { name: "component", left: true, value: (c) => c.name, cell: (c) => html`<b>${c.name}</b>` };
const failed = by("failed", "Failed, in the window", (c) => c.counts.failed, (c) => html`<${Quiet} n=${c.counts.failed} bad>${count(c.counts.failed)}<//>`);

function Spouts({ id, list }) {
  return html`<${Table} name="spouts" rows=${list} of=${(c) => c.name} to=${(c) => address(["t", id, "c", c.name])} columns=${[
    name, ...common(list),
    by("emitted/s", "Tuples per second, now", (c) => c.now.emitted, (c) => short(c.now.emitted)),
    by("emitted", "In the window", (c) => c.counts.emitted),
    by("transferred", "In the window", (c) => c.counts.transferred),
    by("acked", "In the window", (c) => c.counts.acked), failed,
    by("complete", "Complete latency, mean", (c) => c.complete_ms && c.complete_ms.mean, (c) => millis(c.complete_ms && c.complete_ms.mean)),
    by("p99", "Complete latency, 99th percentile", (c) => c.complete_ms && c.complete_ms.p99, (c) => millis(c.complete_ms && c.complete_ms.p99)),
    by("pending", "Trees neither acked nor failed yet", (c) => c.pending),
    { name: "doing", left: true, value: (c) => c.waits_for || "", cell: (c) => (c.waits_for ? html`<span class="warn">waits for ${c.waits_for}</span>` : Object.keys(c.doing || {}).sort((a, b) => c.doing[b] - c.doing[a])[0] || "–") },
    ...troubles(id),
  ]} />`;
}

function Bolts({ id, list }) {
  return html`<${Table} name="bolts" rows=${list} of=${(c) => c.name} to=${(c) => address(["t", id, "c", c.name])} columns=${[
    name, ...common(list),
    by("executed/s", "Tuples per second, now", (c) => c.now.executed, (c) => short(c.now.executed)),
    by("capacity", "The share of the last ten minutes that the busiest task spent executing", (c) => c.capacity, (c) => html`<${Bar} part=${c.capacity} text=${percent(c.capacity)} />`),
    by("execute", "Execute latency, mean", (c) => c.execute_ms && c.execute_ms.mean, (c) => millis(c.execute_ms && c.execute_ms.mean)),
    by("p99", "Execute latency, 99th percentile", (c) => c.execute_ms && c.execute_ms.p99, (c) => millis(c.execute_ms && c.execute_ms.p99)),
    by("process", "Process latency, mean", (c) => c.process_ms && c.process_ms.mean, (c) => millis(c.process_ms && c.process_ms.mean)),
    by("queued", "Tuples in its queue", (c) => c.queued, (c) => html`<${Quiet} n=${c.queued}>${count(c.queued)}<//>`),
    by("executed", "In the window", (c) => c.counts.executed),
    by("emitted", "In the window", (c) => c.counts.emitted),
    by("transferred", "In the window", (c) => c.counts.transferred),
    by("acked", "In the window", (c) => c.counts.acked), failed,
    ...troubles(id),
  ]} />`;
}

const workerStates = { up: "ok", down: "bad", silent: "bad" };

function Workers({ list }) {
  const peers = (w) => (w.links || []).filter((l) => !l.up).map((l) => l.worker);
  return html`<${Table} name="workers" rows=${list} of=${(w) => w.worker} columns=${[
    by("worker", "Its number", (w) => w.worker, (w) => html`<b>${w.worker}</b>`, { left: true }),
    by("state", "", (w) => w.state, (w) => html`<span class=${workerStates[w.state]} title=${w.death}>${w.state}</span>`, { left: true }),
    by("address", "Where the other workers reach it", (w) => w.address, (w) => w.address.startsWith("/") ? w.host || "this machine" : w.address, { left: true }),
    by("pid", "", (w) => w.pid, (w) => w.pid || "–"),
    by("uptime", "", (w) => w.uptime_seconds, (w) => (w.pid ? span(w.uptime_seconds) : "–")),
    by("tasks", "That it runs", (w) => Object.values(w.tasks).reduce((a, b) => a + b, 0), (w) => html`<span title=${Object.entries(w.tasks).map(([name, n]) => `${name}: ${n}`).join(", ")}>${Object.values(w.tasks).reduce((a, b) => a + b, 0)}</span>`),
    by("restarts", "", (w) => w.restarts, (w) => html`<span title=${w.death}><${Quiet} n=${w.restarts} bad>${count(w.restarts)}<//></span>`),
    { name: "without a connection to", left: true, cell: (w) => (peers(w).length > 0 ? html`<span class="bad">${peers(w).join(", ")}</span>` : "–") },
    { name: "last death", left: true, wide: true, cell: (w) => w.death && html`<span class="headline" title=${w.death}>${w.death.split("\n")[0]}</span>` },
  ]} />`;
}

function Errors({ id }) {
  const { data } = usePolled(pathTo(["topologies", id, "errors"]), 3000);
  const list = (data || []).slice(0, 8);
  return html`<section class="panel"><header><h2>Errors</h2><a href=${address(["t", id, "failures"])}>Failures</a></header>
    <ul class="list">${list.map((g) => html`<li key=${g.component + g.headline}>
      <a href=${address(["t", id, "c", g.component])}><span class="count bad">${short(g.count)}×</span><b>${g.component}</b><span class="headline" title=${g.headline}>${g.headline}</span><small>${ago(g.last)}</small></a></li>`)}
      ${list.length === 0 && html`<li class="empty">None</li>`}</ul>
  </section>`;
}

function Facts({ v }) {
  const facts = [
    ["emitted, in the window", count(v.counts.emitted)], ["transferred", count(v.counts.transferred)], ["acked", count(v.counts.acked)], ["failed", count(v.counts.failed)],
    ["complete latency, mean", millis(v.complete_ms && v.complete_ms.mean)],
    ["id", v.id], ["source", v.source || "–"], ["started", new Date(v.started).toLocaleString()], ["uptime", span(v.uptime_seconds)],
    ["tasks", count(v.tasks)], ["executors", count(v.executors)],
    ["trees emitted, of all time", count(v.trees.emitted)], ["acked", count(v.trees.acked)], ["pending", count(v.trees.pending)],
    ["failed by a bolt", count(v.trees.failed.bolt)], ["timed out", count(v.trees.failed.timeout)], ["failed by a death", count(v.trees.failed.died)],
  ];
  return html`<dl class="facts">${facts.map(([k, x]) => html`<div key=${k}><dt>${k}</dt><dd>${x}</dd></div>`)}</dl>`;
}
