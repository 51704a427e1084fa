// Sampled tuples, live, and the way of each through the topology as a waterfall.
import { html, useRef, useState } from "../html.js";
import { pathTo, post, usePolled } from "../api.js";
import { attempt, question } from "../dialog.js";
import { address, ask, route } from "../route.js";
import { Bar } from "../table.js";
import { clock, count, millis, plural, taskName } from "../format.js";

const presets = [0, 1, 10, 100];
const first = 25; // rows, before more are wanted
const verdicts = { bolt: "failed", timeout: "timed out", died: "died", shutdown: "run ended" };

// Traces is the panel of the newest sampled tuples. While one is open, the list stands still.
export function Traces({ id, view }) {
  const q = route.value.query;
  const [more, setMore] = useState(first);
  const open = q.get("trace"), failed = q.get("failed") === "1", slow = q.get("slow") === "1";
  const { data, error } = usePolled(pathTo(["topologies", id, "traces"], { failed: failed || "", limit: slow ? 1000 : more }), 1000);
  const { data: one, error: gone } = usePolled(open ? pathTo(["topologies", id, "traces", open]) : null, 0);
  const held = useRef(null);
  const filter = id + failed + slow;
  if (data && (!open || !held.current || held.current.filter !== filter)) held.current = { filter, data };
  let list = (held.current && held.current.filter === filter && held.current.data) || [];
  if (slow) list = list.slice().sort((a, b) => b.took_ms - a.took_ms).slice(0, more);
  if (one && !list.some((t) => t.number === one.number)) list = [one, ...list];
  const most = list.reduce((n, t) => Math.max(n, t.took_ms), 0);
  const spouts = view.components.filter((c) => c.kind === "spout");
  const on = spouts.some((c) => c.sampling_percent > 0);
  const chip = (name, value, text) => html`<button aria-pressed=${value} onClick=${() => ask({ [name]: value ? "" : "1", trace: "" })}>${text}</button>`;
  return html`<section class="panel sampled">
    <header><h2>Sampled tuples</h2>
      ${(on || list.length > 0 || failed || slow) && html`<div class="chips">${chip("failed", failed, "failed")}${chip("slow", slow, "slowest first")}</div>`}
      ${!view.ended && html`<${Percent} id=${id} spouts=${spouts} />`}</header>
    ${list.length > 0 && html`<ol class="failurelist traces">${list.map((t) => html`<${Row} key=${t.number} id=${id} t=${t} open=${open === String(t.number)} one=${one && one.number === t.number ? one : null} gone=${gone} most=${most} view=${view} />`)}</ol>
      ${list.length >= more && more < 1000 && html`<p class="more"><button class="plain" onClick=${() => { held.current = null; setMore(more + 100); }}>Show more</button></p>`}`}
    ${list.length === 0 && html`<p class="empty">${error && !data ? error.message : !data ? "" : failed || slow ? "None of them." : on ? "No sampled tuple has been acked or failed yet."
      : view.ended ? "None" : "Off. Choose a percentage of the spouts' tuples, and gust records the way of each through the topology: where it waited, and for how long."}</p>`}
  </section>`;
}

// Percent chooses how many tuples are sampled: of all spouts, or of each.
function Percent({ id, spouts }) {
  const now = spouts.map((c) => c.sampling_percent);
  const same = now.every((n) => n === now[0]) ? now[0] : null;
  const preset = presets.includes(same);
  const set = (percent, component) => post(pathTo(["topologies", id, "sampling"], { percent, component }));
  const custom = () => {
    question.value = {
      title: "Sample tuples", action: "Sample", text: "The percentage of the tuples that a spout emits with a message id. gust samples at most 200 per second.",
      fields: spouts.map((c) => ({ name: c.name, label: c.name, value: c.sampling_percent, min: 0, max: 100, step: "any" })),
      done: (values) => attempt("Sampling tuples", () => Promise.all(spouts.map((c) => set(values[c.name] || 0, c.name)))),
    };
  };
  return html`<div class="segments" role="group" aria-label="percentage of tuples">
    ${presets.map((n) => html`<button key=${n} data-sample=${n} aria-pressed=${same === n} onClick=${() => attempt(n ? `Sampling ${n}% of the tuples` : "Tuples are no longer sampled", () => set(n))}>${n ? n + "%" : "off"}</button>`)}
    <button data-sample="custom" aria-pressed=${!preset} onClick=${custom}>${preset ? "…" : same === null ? "by spout" : same + "%"}</button>
  </div>`;
}

function Row({ id, t, open, one, gone, most, view }) {
  return html`<li class=${open ? "open" : ""} data-trace=${t.number}>
    <button class="row" aria-expanded=${open} onClick=${() => ask({ trace: open ? "" : t.number })}>
      <time title=${new Date(t.time).toLocaleString()}>${clock(t.time, "millis")}</time>
      <b>${taskName(t.spout, t.task)}</b>
      <code class="id" title="message id">${t.message_id}</code>
      <code class="values">${t.values || "–"}</code>
      <span class="hops">${plural(t.hop_count, "hop")}</span>
      <${Bar} part=${most ? t.took_ms / most : 0} text=${millis(t.took_ms)} color="var(--accent)" />
      <span class=${"reason " + (t.failed || "acked")}>${verdicts[t.failed] || t.failed || "acked"}</span>
    </button>
    ${open && html`<div class="detail">${one ? html`<${Waterfall} id=${id} t=${one} view=${view} />` : html`<p class="empty">${gone ? gone.message : ""}</p>`}</div>`}
  </li>`;
}

// ordered lists the hops of a trace as a tree: each before those that follow from it.
export function ordered(t) {
  const below = new Map();
  (t.hops || []).forEach((h, i) => {
    if (!below.has(h.parent)) below.set(h.parent, []);
    below.get(h.parent).push({ ...h, number: i + 1 });
  });
  const list = [];
  const stack = (below.get(0) || []).map((h) => [h, 0]).reverse(); // of hops, and how deep they are
  while (stack.length > 0) {
    const [h, depth] = stack.pop();
    list.push({ ...h, depth });
    stack.push(...(below.get(h.number) || []).map((next) => [next, depth + 1]).reverse());
  }
  return list;
}

// ticks are round times on an axis that ends with total.
export function ticks(total) {
  if (!(total > 0)) return [0];
  const rough = total / 4, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const list = [];
  for (let n = 0; n <= total; n += step) list.push(n);
  return list;
}

function Waterfall({ id, t, view }) {
  const [all, setAll] = useState(false);
  const hops = ordered(t), total = Math.max(t.took_ms, 0.001);
  const shown = all ? hops : hops.slice(0, 200);
  const colors = new Map(view.components.map((c, i) => [c.name, `var(--c${1 + (i % 5)})`]));
  const marks = ticks(t.took_ms);
  return html`<div class="waterfall">
    <div class="axis"><span></span><div>${marks.map((n) => html`<i key=${n} style=${{ left: (100 * n) / total + "%" }}>${n === 0 ? "0" : millis(n)}</i>`)}</div><span></span></div>
    <div class="bars">
      <div class="hop root" data-hop=${t.spout}><span class="who" title=${`stream ${t.stream}`}><a href=${address(["t", id, "c", t.spout])}>${taskName(t.spout, t.task)}</a></span>
        <span class="track"><${Grid} marks=${marks} total=${total} /><i class="tree" style=${{ left: 0, width: "100%" }}></i></span><span class="took">${millis(t.took_ms)}</span></div>
      ${shown.map((h) => html`<${Hop} key=${h.number} id=${id} t=${t} h=${h} total=${total} marks=${marks} color=${colors.get(h.to) || "var(--c2)"} />`)}
    </div>
    ${hops.length > shown.length && html`<p class="more"><button class="plain" onClick=${() => setAll(true)}>Show all ${count(hops.length)} hops</button></p>`}
    ${t.missed > 0 && html`<p class="empty">${plural(t.missed, "more hop")}: gust records at most 1,000 of a tuple, and 20,000 per second.</p>`}
    <p class="legend"><span class="key queued"></span>in the queue<span class="key working"></span>being processed${t.hops && html`<small>A bolt's color is the same in all rows. Select a row for its values.</small>`}</p>
    ${t.error && html`<h4>Error</h4><pre class="error">${t.error}</pre>`}
  </div>`;
}

const Grid = ({ marks, total }) => marks.map((n) => html`<u key=${n} style=${{ left: (100 * n) / total + "%" }}></u>`);

function Hop({ id, t, h, total, marks, color }) {
  const end = h.answered_ms ?? t.took_ms, taken = h.taken_ms ?? end;
  const at = (ms) => (100 * ms) / total + "%";
  const says = h.state === "acked" ? "" : h.cause ? verdicts[t.failed] || h.state : h.state;
  return html`<details class=${"hop " + h.state + (h.cause ? " cause" : "")} data-hop=${h.to} style=${{ "--own": color }}>
    <summary title=${`${h.from} → ${h.to}, stream ${h.stream}\n${millis(taken - h.given_ms)} in the queue, ${h.taken_ms === undefined ? "not taken" : millis(end - taken) + " being processed"}`}>
      <span class="who" style=${{ paddingLeft: 14 + Math.min(h.depth, 8) * 12 + "px" }}>${taskName(h.to, h.task)}</span>
      <span class="track"><${Grid} marks=${marks} total=${total} /><i class="queued" style=${{ left: at(h.given_ms), width: at(taken - h.given_ms) }}></i>${h.taken_ms !== undefined && html`<i class="working" style=${{ left: at(taken), width: at(end - taken) }}></i>`}</span>
      <span class="took">${says ? html`<em>${says}</em>` : millis(end - h.given_ms)}</span>
    </summary>
    <div class="facts"><p>From <a href=${address(["t", id, "c", h.from])}>${taskName(h.from, h.from_task)}</a>, stream ${h.stream}, after ${millis(h.given_ms)}: ${millis(taken - h.given_ms)} in the queue${h.taken_ms === undefined ? "" : `, ${millis(end - taken)} being processed`}; ${h.state}.</p>
      ${h.values ? html`<pre>${h.values}</pre>` : html`<p>Values not kept</p>`}</div>
  </details>`;
}
