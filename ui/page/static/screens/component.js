// The screen of one component.
import { html, signal, useEffect, useState } from "../html.js";
import { appended, events, view } from "../live.js";
import { pathTo, paused, post, usePolled } from "../api.js";
import { address, shownWindow } from "../route.js";
import { attempt, question } from "../dialog.js";
import { Banner } from "../banner.js";
import { Chart, marksOf } from "../chart.js";
import { Bar, Quiet, Table } from "../table.js";
import { Lines } from "../lines.js";
import { ago, bytes, count, millis, percent, short, span, taskName } from "../format.js";

export function Component({ id, name }) {
  const window = shownWindow();
  const { data, error } = usePolled(pathTo(["topologies", id, "components", name], { window }), 1000);
  const v = view.value;
  if (error && !data) return html`<main class="one"><p class="empty">${error.message}</p></main>`;
  if (!data) return html`<main class="one"></main>`;
  const spout = data.kind === "spout";
  const marks = marksOf(events.value.filter((e) => !e.component || e.component === name));
  return html`<main class="one">
    <div class="title">
      <div><h1>${name}</h1><p>${data.kind} · ${count(data.tasks)} ${data.tasks === 1 ? "task" : "tasks"}${data.waits_for ? html` · <span class="warn">waits for <a href=${address(["t", id, "c", data.waits_for])}>${data.waits_for}</a></span>` : ""}</p></div>
      <div class="actions">
        <${Debug} id=${id} name=${name} on=${data.debug} ended=${!!v.ended} />
        <button disabled=${!!v.ended} onClick=${() => restartAll(id, name, data.tasks)}>Restart</button>
      </div>
    </div>
    ${v.diagnosis.component === name && v.diagnosis.severity !== "good" && html`<${Banner} id=${id} diagnosis=${{ ...v.diagnosis, component: "" }} />`}
    <${Charts} id=${id} name=${name} now=${data.now} spout=${spout} window=${window} marks=${marks} />
    <section class="panel"><header><h2>Tasks</h2></header><${Tasks} id=${id} name=${name} spout=${spout} tasks=${data.task_list || []} several=${(v.workers || []).length > 1} ended=${!!v.ended} /></section>
    <div class="halves">
      ${!spout && html`<section class="panel"><header><h2>Inputs</h2></header><${Inputs} id=${id} list=${data.inputs || []} /></section>`}
      <section class="panel"><header><h2>Outputs</h2></header><${Outputs} spout=${spout} list=${data.outputs || []} readers=${v.edges.filter((e) => e.from === name)} id=${id} /></section>
      ${spout && html`<section class="panel"><header><h2>Time spent</h2></header><${Waited} waited=${data.waited_ms || {}} /></section>`}
    </div>
    <section class="panel"><header><h2>Errors</h2><a href=${address(["t", id, "failures"], { component: name })}>Failures caused by ${name}</a></header><${Groups} id=${id} groups=${data.error_groups || []} /></section>
    ${(data.metrics || []).length > 0 && html`<section class="panel"><header><h2>Metrics</h2></header><${Table} name="metrics" rows=${data.metrics} of=${(m) => m.name} columns=${[
      { name: "name", left: true, value: (m) => m.name, cell: (m) => m.name },
      { name: "last value", left: true, wide: true, cell: (m) => html`<code>${m.last}</code>` },
      { name: "reports", value: (m) => m.reports, cell: (m) => count(m.reports) },
    ]} /></section>`}
    <section class="panel"><header><h2>Log</h2><a href=${address(["t", id, "logs"], { component: name })}>All logs</a></header><${Tail} id=${id} name=${name} /></section>
    <section class="panel"><header><h2>Configuration</h2></header><${Config} conf=${data.conf || []} /></section>
  </main>`;
}

// Debug turns logging of the component's tuples on and off.
function Debug({ id, name, on, ended }) {
  const said = on ? "Tuples of " + name + " are no longer logged" : "Logging the tuples of " + name;
  return html`<button aria-pressed=${on} disabled=${ended} title="log each tuple that the component emits" onClick=${() => attempt(said, () => post(pathTo(["topologies", id, "components", name, "debug"], { on: !on })))}>Log tuples</button>`;
}

function restartAll(id, name, tasks) {
  question.value = {
    title: `Restart ${name}?`, action: "Restart", danger: true,
    text: `gust restarts ${tasks === 1 ? "its process" : "all " + tasks + " processes"}. Their in-flight tuples fail, and the spouts are notified.`,
    done: () => attempt("Restarting " + name, () => post(pathTo(["topologies", id, "components", name, "restart"]))),
  };
}

function Charts({ id, name, now, spout, window, marks }) {
  const path = pathTo(["topologies", id, "components", name, "history"], { window });
  const { data } = usePolled(path, window === 600 ? 0 : 10000);
  const [list, setList] = useState([]);
  useEffect(() => { setList(data || []); }, [data]);
  useEffect(() => { if (window === 600) setList((was) => appended(was, now)); }, [now.t]);
  return html`<div class="charts">
    ${spout
      ? html`<${Chart} key="rate" title="Throughput" points=${list} marks=${marks} window=${window} unit="/s" series=${[{ label: "emitted", color: "--c1", value: (p) => p.emitted, fill: true }, { label: "acked", color: "--c2", value: (p) => p.acked }]} />`
      : html`<${Chart} key="rate" title="Throughput" points=${list} marks=${marks} window=${window} unit="/s" series=${[{ label: "executed", color: "--c1", value: (p) => p.executed, fill: true }, { label: "emitted", color: "--c2", value: (p) => p.emitted }]} />`}
    <${Chart} title=${spout ? "Complete latency" : "Execute latency"} points=${list} marks=${marks} window=${window} format=${millis} series=${[
      { label: "p99", color: "--c3", value: (p) => p.p99 || null, fill: true }, { label: "p50", color: "--c2", value: (p) => p.p50 || null }]} />
    <${Chart} title=${spout ? "Pending" : "Queue"} points=${list} marks=${marks} window=${window} series=${[{ label: spout ? "trees" : "tuples", color: "--c1", value: (p) => p.waiting, fill: true }]} />
    <${Chart} title="Failed" points=${list} marks=${marks} window=${window} unit="/s" series=${[{ label: "failed", color: "--bad", value: (p) => p.failed, fill: true }]} />
  </div>`;
}

function Tasks({ id, name, spout, tasks, several, ended }) {
  const done = (t) => (spout ? t.counts.emitted : t.counts.executed);
  const most = Math.max(1, ...tasks.map(done));
  const restart = (t) => attempt("Restarting " + taskName(name, t.task), () => post(pathTo(["topologies", id, "tasks", String(t.task), "restart"])));
  const col = (name, title, value, cell, more) => ({ name, title, value, cell: cell || ((t) => count(value(t))), ...more });
  return html`<${Table} name="tasks" rows=${tasks} of=${(t) => t.task} columns=${[
    col("task", "", (t) => t.task, (t) => html`<b>${t.task}</b>`, { left: true }),
    ...(several ? [col("worker", "That runs it", (t) => t.worker, (t) => t.worker)] : []),
    col("state", "", (t) => t.state, (t) => html`<span class=${t.state === "running" ? "ok" : t.state === "down" ? "bad" : "warn"} title=${t.death}>${t.state}</span>`, { left: true }),
    col("pid", "", (t) => t.pid, (t) => t.pid || "–"),
    col("uptime", "Of the process", (t) => t.uptime_seconds, (t) => (t.pid ? span(t.uptime_seconds) : "–")),
    col(spout ? "emitted" : "executed", "In the window. The bar compares the tasks", done, (t) => html`<${Bar} part=${done(t) / most} text=${count(done(t))} color="var(--c2)" />`),
    ...(spout ? [
      col("acked", "", (t) => t.counts.acked),
      col("complete p99", "Of all time", (t) => t.complete_ms && t.complete_ms.p99, (t) => millis(t.complete_ms && t.complete_ms.p99)),
      col("pending", "", (t) => t.pending),
      col("doing", "", (t) => t.doing, (t) => t.doing, { left: true }),
    ] : [
      col("busy", "In the last minute", (t) => t.busy, (t) => html`<${Bar} part=${t.busy} text=${percent(t.busy)} />`),
      col("execute", "Mean, of all time", (t) => t.execute_ms && t.execute_ms.mean, (t) => millis(t.execute_ms && t.execute_ms.mean)),
      col("p99", "Of all time", (t) => t.execute_ms && t.execute_ms.p99, (t) => millis(t.execute_ms && t.execute_ms.p99)),
      col("queued", "", (t) => t.queued, (t) => html`<${Quiet} n=${t.queued}>${count(t.queued)}<//>`),
      col("oldest", "Age of the oldest tuple in flight", (t) => t.oldest_seconds, (t) => (t.oldest_seconds > 1 ? span(t.oldest_seconds) : "–")),
    ]),
    col("failed", "", (t) => t.counts.failed, (t) => html`<${Quiet} n=${t.counts.failed} bad>${count(t.counts.failed)}<//>`),
    col("waiting", "Bytes queued for the process", (t) => t.queue_bytes, (t) => html`<${Quiet} n=${t.queue_bytes}>${bytes(t.queue_bytes)}<//>`),
    col("restarts", "", (t) => t.restarts, (t) => html`<span title=${t.death}><${Quiet} n=${t.restarts} bad>${count(t.restarts)}<//></span>`),
    { name: "", cell: (t) => html`<a class="button small" href=${address(["t", id, "logs"], { component: name, task: t.task })}>log</a><button class="small" data-restart=${t.task} disabled=${ended} onClick=${() => restart(t)}>restart</button>` },
  ]} />`;
}

const Inputs = ({ id, list }) => html`<${Table} name="inputs" rows=${list} of=${(i) => i.component + "\n" + i.stream} columns=${[
  { name: "from", left: true, value: (i) => i.component, cell: (i) => html`<a href=${address(["t", id, "c", i.component])}>${i.component}</a>` },
  { name: "stream", left: true, value: (i) => i.stream, cell: (i) => i.stream },
  { name: "grouping", left: true, cell: (i) => i.grouping },
  { name: "executed", value: (i) => i.counts.executed, cell: (i) => count(i.counts.executed) },
  { name: "execute", value: (i) => i.execute_ms, cell: (i) => millis(i.execute_ms) },
  { name: "acked", value: (i) => i.counts.acked, cell: (i) => count(i.counts.acked) },
  { name: "failed", value: (i) => i.counts.failed, cell: (i) => html`<${Quiet} n=${i.counts.failed} bad>${count(i.counts.failed)}<//>` },
]} />`;

const Outputs = ({ id, list, readers, spout }) => (list.length === 0 ? html`<p class="empty">None</p>` : html`<${Table} name="outputs" rows=${list} of=${(o) => o.stream} columns=${[
  { name: "stream", left: true, value: (o) => o.stream, cell: (o) => html`${o.stream}${o.direct ? " (direct)" : ""}` },
  { name: "fields", left: true, cell: (o) => (o.fields || []).join(", ") },
  { name: "to", left: true, cell: (o) => readers.filter((e) => e.stream === o.stream).map((e, i) => html`${i ? ", " : ""}<a href=${address(["t", id, "c", e.to])}>${e.to}</a>`) },
  { name: "emitted", value: (o) => o.counts.emitted, cell: (o) => count(o.counts.emitted) },
  { name: "transferred", value: (o) => o.counts.transferred, cell: (o) => count(o.counts.transferred) },
  ...(spout ? [
    { name: "acked", value: (o) => o.counts.acked, cell: (o) => count(o.counts.acked) },
    { name: "failed", value: (o) => o.counts.failed, cell: (o) => html`<${Quiet} n=${o.counts.failed} bad>${count(o.counts.failed)}<//>` },
  ] : []),
]} />`);

function Waited({ waited }) {
  const names = Object.keys(waited).sort((a, b) => waited[b] - waited[a]);
  const sum = names.reduce((n, k) => n + waited[k], 0) || 1;
  return html`<ul class="list parts">${names.map((k) => html`<li key=${k}><span>${k}</span><${Bar} part=${waited[k] / sum} text=${percent(waited[k] / sum)} color="var(--c2)" /><small>${span(waited[k] / 1000)}</small></li>`)}
    ${names.length === 0 && html`<li class="empty">None yet</li>`}</ul>`;
}

const Groups = ({ id, groups }) => html`<ul class="list groups">${groups.map((g) => html`<li key=${g.headline}><details>
  <summary><span class="count bad">${short(g.count)}×</span><span class="headline">${g.headline}</span><small title=${"first " + new Date(g.first).toLocaleString()}>${ago(g.last)}, ${g.tasks.length === 1 ? "task " + g.tasks[0] : g.tasks.length + " tasks"}</small></summary>
  <pre>${g.text}</pre>
</details></li>`)}${groups.length === 0 && html`<li class="empty">None</li>`}</ul>`;

function Tail({ id, name }) {
  const { data } = usePolled(pathTo(["topologies", id, "logs"], { component: name, limit: 300 }), 2000);
  if (!data) return html`<div style=${{ height: "60px" }}></div>`;
  if (data.length === 0) return html`<p class="empty">No log lines from ${name}</p>`;
  return html`<${Lines} lines=${data} follow=${!paused.value} height=${Math.min(300, 16 + 20 * data.reduce((n, l) => n + l.text.split("\n").length, 0)) + "px"} />`;
}

const onlySet = signal(true);

function Config({ conf }) {
  const set = conf.filter((c) => c.from !== "default");
  const list = onlySet.value ? set : conf;
  return html`<p class="more"><button class="plain" onClick=${() => { onlySet.value = !onlySet.value; }}>${onlySet.value ? `Show ${conf.length - set.length} defaults` : "Hide defaults"}</button></p>
  ${list.length > 0 && html`<${Table} name="config" rows=${list} of=${(c) => c.key} columns=${[
    { name: "key", left: true, value: (c) => c.key, cell: (c) => html`<code>${c.key}</code>` },
    { name: "value", left: true, wide: true, cell: (c) => html`<code>${JSON.stringify(c.value)}</code>` },
    { name: "from", left: true, value: (c) => c.from, cell: (c) => html`<span class=${"layer " + c.from.replace(" ", "-")}>${c.from}</span>` },
  ]} />`}`;
}
