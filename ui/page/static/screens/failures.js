// The screen of failed tuple trees.
import { html, useEffect, useState } from "../html.js";
import { get, pathTo, post, usePolled } from "../api.js";
import { view } from "../live.js";
import { address, ask, route } from "../route.js";
import { question, say } from "../dialog.js";
import { Lines } from "../lines.js";
import { ago, clock, count, millis, plural, short, taskName } from "../format.js";

const reasons = { bolt: "failed by a bolt", timeout: "timed out", died: "process died", shutdown: "run ended" };

export function Failures({ id }) {
  const q = route.value.query;
  const cause = { reason: q.get("reason") || "", component: q.get("component") || "", headline: q.get("headline") || "" };
  const time = { since: q.get("since") || "", until: q.get("until") || "" };
  const filter = { ...cause, ...time };
  const open = q.get("n");
  const [more, setMore] = useState(100);
  const [selected, select] = useState(new Set());
  const { data, error } = usePolled(pathTo(["topologies", id, "failures"], { ...filter, limit: more }), 2000);
  const chosen = Object.values(filter).some(Boolean);
  if (error && !data) return html`<main class="one"><p class="empty">${error.message}</p></main>`;
  const facets = (data && data.facets) || [];
  const list = (data && data.failures) || [];
  const ticked = list.filter((f) => selected.has(f.number)); // those that are still there
  const toggle = (number) => {
    const next = new Set(selected);
    if (!next.delete(number)) next.add(number);
    select(next);
  };
  const all = () => select(new Set(ticked.length === list.length ? [] : list.map((f) => f.number)));
  const total = facets.reduce((n, f) => n + f.count, 0);
  const picked = facets.filter((f) => picks(f, cause));
  return html`<main class="one failures">
    <aside class="panel facets">
      <header><h2>${data ? plural(total, "failure") : "Failures"}</h2>${chosen && html`<button class="plain" onClick=${() => ask({ reason: "", component: "", headline: "", since: "", until: "" })}>Clear</button>`}</header>
      <${Times} spans=${(data && data.spans) || []} time=${time} />
      <${Facet} title="reason" name="reason" facets=${facets} filter=${cause} text=${(r) => reasons[r] || r} />
      <${Facet} title="caused by" name="component" facets=${facets} filter=${cause} text=${(c) => c} />
      <${Facet} title="error" name="headline" facets=${facets} filter=${cause} text=${(h) => h} />
    </aside>
    <section class="panel rows">
      <header><input type="checkbox" aria-label="select all" checked=${ticked.length > 0 && ticked.length === list.length} disabled=${list.length === 0} onChange=${all} />
        <h2>${ticked.length ? count(ticked.length) + " selected" : chosen ? plural(picked.reduce((n, f) => n + f.count, 0), "failure") : "Newest first"}</h2>
        ${ticked.length > 0 && html`<${Operations} id=${id} list=${ticked} done=${() => select(new Set())} />`}</header>
      ${list.length === 0 ? html`<p class="empty">${!data ? "" : chosen ? "gust no longer has these failures." : "No failures."}</p>` : html`<ol class="failurelist">
        ${list.map((f) => html`<${Row} key=${f.number} id=${id} f=${f} open=${open === String(f.number)} selected=${selected.has(f.number)} toggle=${toggle} />`)}
      </ol>`}
      ${list.length >= more && html`<p class="more"><button class="plain" onClick=${() => setMore(more + 200)}>Show older</button></p>`}
    </section>
  </main>`;
}

// picks reports whether a cause, of which parts may be empty, picks a facet.
const picks = (facet, cause, except) => Object.entries(cause).every(([k, v]) => k === except || !v || facet[k] === v);

// Times shows when the failures were, as bars. A click selects a span, one with the shift key
// extends the selection to it.
function Times({ spans, time }) {
  if (spans.length === 0) return null;
  const most = Math.max(...spans.map((s) => s.count));
  const [from, until] = [Date.parse(time.since) || -Infinity, Date.parse(time.until) || Infinity];
  const any = time.since || time.until;
  const within = (s) => any && Date.parse(s.from) >= from && Date.parse(s.until) <= until;
  const choose = (event, s) => {
    if (any && event.shiftKey) ask({ since: Date.parse(s.from) < from ? s.from : time.since, until: Date.parse(s.until) > until ? s.until : time.until, n: "" });
    else if (time.since === s.from && time.until === s.until) ask({ since: "", until: "", n: "" });
    else ask({ since: s.from, until: s.until, n: "" });
  };
  const text = (s) => `${clock(s.from, "minutes")} to ${clock(s.until, "minutes")}: ${plural(s.count, "failure")}`;
  return html`<div class="facet times"><h3>when</h3><div class="bars">${spans.map((s) => html`
    <button key=${s.from} data-span=${s.from} aria-pressed=${!!within(s)} aria-label=${text(s)} title=${text(s)} disabled=${s.count === 0} onClick=${(e) => choose(e, s)}><i style=${{ height: s.count ? Math.max(6, (100 * s.count) / most) + "%" : 0 }}></i></button>`)}</div>
    <p><span>${clock(spans[0].from, "minutes")}</span><span>${any ? `${time.since ? clock(time.since, "minutes") : ""} to ${time.until ? clock(time.until, "minutes") : "now"}` : ""}</span><span>${clock(spans[spans.length - 1].until, "minutes")}</span></p></div>`;
}

function Facet({ title, name, facets, filter, text }) {
  const sums = new Map();
  for (const f of facets) {
    if (picks(f, filter, name) && f[name]) sums.set(f[name], (sums.get(f[name]) || 0) + f.count);
  }
  const list = [...sums].sort((a, b) => b[1] - a[1]).slice(0, 12);
  if (list.length === 0) return null;
  const most = list[0][1];
  return html`<div class="facet"><h3>${title}</h3>${list.map(([value, n]) => html`
    <button key=${value} aria-pressed=${filter[name] === value} title=${value} onClick=${() => ask({ [name]: filter[name] === value ? "" : value, n: "" })}>
      <i style=${{ width: (100 * n) / most + "%" }}></i><span>${text(value)}</span><b>${short(n)}</b>
    </button>`)}</div>`;
}

function Row({ id, f, open, selected, toggle }) {
  const blames = f.cause ? taskName(f.cause.component, f.cause.task) : taskName(f.spout, f.task);
  return html`<li class=${open ? "open" : ""} data-failure=${f.number}>
    <input type="checkbox" aria-label=${"select failure " + f.number} checked=${selected} onChange=${() => toggle(f.number)} />
    <button class="row" aria-expanded=${open} onClick=${() => ask({ n: open ? "" : f.number })}>
      <time title=${new Date(f.time).toLocaleString()}>${clock(f.time)}</time>
      <span class=${"reason " + f.reason}>${f.reason}</span>
      <b>${blames}</b>
      <span class="values">${f.headline || f.values || "–"}</span>
      <small>${f.replay && html`<em class=${"replay " + f.replay.state}>replay ${f.replay.state}</em>`}${f.poison && html`<em title="processes died on this tuple at least twice">poison</em>`}${f.dead && html`<em title="no further attempts (gust.max.attempts)">dead letter</em>`}${f.attempts > 1 && `attempt ${f.attempts}`}</small>
    </button>
    ${open && html`<${Detail} id=${id} f=${f} />`}
  </li>`;
}

function Detail({ id, f }) {
  const c = f.cause;
  return html`<div class="detail">
    <ol class="way">
      <li><h4><a href=${address(["t", id, "c", f.spout])}>${taskName(f.spout, f.task)}</a></h4><p>emitted it on stream ${f.stream}, message id <code>${f.message_id}</code></p>
        ${f.values ? html`<pre>${f.values}</pre>` : html`<p class="empty">Values not kept</p>`}</li>
      ${c && html`<li><h4><a href=${address(["t", id, "c", c.component])}>${taskName(c.component, c.task)}</a></h4>
        <p>${c.taken ? "was processing" : "had queued"} a tuple from ${c.from}, stream ${c.stream}, for ${millis(c.age_ms)}</p>
        ${c.values ? html`<pre>${c.values}</pre>` : html`<p class="empty">Values not kept</p>`}</li>`}
      <li class=${"end " + f.reason}><h4>${reasons[f.reason] || f.reason}</h4><p>${millis(f.took_ms)} after the emit, ${ago(f.time)}${f.attempts > 1 ? `; attempt ${count(f.attempts)} of this message id` : ""}</p></li>
    </ol>
    <${Replayed} replay=${f.replay} />
    <${Operations} id=${id} list=${[f]} />
    ${f.error && html`<h4>Error</h4><pre class="error">${f.error}</pre>`}
    <${Try} f=${f} />
    <h4>Log at that time</h4>
    <${Around} id=${id} f=${f} />
  </div>`;
}

// Operations replay failures, park or discard them.
function Operations({ id, list, done }) {
  const ended = !view.value || !!view.value.ended;
  const each = async (what, said) => {
    let begun = 0, error = null;
    for (const f of list) {
      try {
        await post(pathTo(["topologies", id, "failures", String(f.number), what]));
        begun++;
      } catch (e) { error = e; }
    }
    if (error) say(list.length === 1 ? error.message : `${begun} of ${list.length} ${said}: ${error.message}`, true);
    else say(`${plural(begun, "failure")} ${said}`);
    if (done) done();
  };
  const discard = () => {
    if (list.length === 1) return each("discard", "discarded");
    question.value = {
      title: `Discard ${plural(list.length, "failure")}?`, action: "Discard", danger: true,
      text: "gust forgets their values and errors, and their dead letters. They can no longer be replayed.",
      done: () => each("discard", "discarded"),
    };
  };
  return html`<div class="actions">
    <button data-action="replay" disabled=${ended} title="send the tuple that failed to its bolt again" onClick=${() => each("replay", "replayed")}>Replay</button>
    <button data-action="park" disabled=${ended || list.every((f) => f.dead)} title="keep it in the file of dead letters" onClick=${() => each("park", "kept as dead letters")}>Park</button>
    <button data-action="discard" disabled=${ended} title="forget the failure, and its dead letter" onClick=${discard}>Discard</button>
  </div>`;
}

// Replayed is the result of the last replay.
function Replayed({ replay: r }) {
  if (!r) return null;
  const text = { pending: "was sent to its bolt again, and is pending", acked: `was replayed and acked after ${millis(r.took_ms)}`, failed: `was replayed and failed after ${millis(r.took_ms)}` }[r.state];
  return html`<p class=${"replay " + r.state}>The tuple ${text}${r.headline ? ": " + r.headline : ""}.</p>`;
}

// tryInput returns the tuple as input for `gust try`; null if its values were not kept.
export function tryInput(f) {
  const c = f.cause;
  const values = c && c.whole ? c.values : "";
  if (!values) return null;
  const quoted = JSON.stringify;
  return `{"tuple": ${values}, "comp": ${quoted(c.from)}, "stream": ${quoted(c.stream)}}`;
}

function Try({ f }) {
  const line = tryInput(f);
  if (!line) return null;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(line);
      say("Copied");
    } catch {
      say("The browser does not allow copying here: select the line instead", true);
    }
  };
  return html`<h4>Input for <code>gust try ${f.cause.component}</code></h4><div class="copy"><pre>${line}</pre><button onClick=${copy}>Copy</button></div>`;
}

function Around({ id, f }) {
  const [lines, setLines] = useState(null);
  useEffect(() => {
    let over = false;
    const time = new Date(f.time).getTime();
    const iso = (t) => new Date(t).toISOString();
    const who = f.cause ? [f.cause.component, f.spout] : [f.spout];
    get(pathTo(["topologies", id, "logs"], { component: [...who, "gust"], since: iso(time - 3000), until: iso(time + 1500), limit: 200 }))
      .then((list) => { if (!over) setLines(list); }, () => { if (!over) setLines([]); });
    return () => { over = true; };
  }, [id, f.number]);
  if (!lines) return html`<div style=${{ height: "60px" }}></div>`;
  if (lines.length === 0) return html`<p class="empty">None</p>`;
  return html`<${Lines} lines=${lines} height=${Math.min(260, 24 + 20 * lines.reduce((n, l) => n + l.text.split("\n").length, 0)) + "px"} />`;
}
