// The screen of a topology's events: sampled tuples, and what happened to its tasks.
import { html } from "../html.js";
import { events, view } from "../live.js";
import { address, ask, route } from "../route.js";
import { clock, taskName } from "../format.js";
import { Traces } from "./traces.js";

const colors = { died: "bad", restarted: "warn", activated: "accent", deactivated: "accent", reloaded: "accent", operated: "accent", ended: "off", ready: "ok", started: "off" };

// Happened lists events.
export const Happened = ({ id, list }) => html`<ul class="list events">
  ${list.map((e) => html`<li key=${e.time + e.kind + (e.task || "") + (e.text || "")}><time title=${new Date(e.time).toLocaleString()}>${clock(e.time)}</time><span class=${"dot " + (colors[e.kind] || "off")}></span><b>${e.kind}</b>
    ${e.component ? html`<a href=${address(["t", id, "c", e.component])}>${taskName(e.component, e.task)}</a>` : html`<span class="whole">topology</span>`}<span class="headline" title=${e.text}>${e.text || (e.pid ? "pid " + e.pid : "")}</span></li>`)}
  ${list.length === 0 && html`<li class="empty">None</li>`}
</ul>`;

export function Events({ id }) {
  const chosen = route.value.query.getAll("kind");
  const counts = {};
  for (const e of events.value) counts[e.kind] = (counts[e.kind] || 0) + 1;
  const list = events.value.filter((e) => chosen.length === 0 || chosen.includes(e.kind)).reverse();
  return html`<main class="one"><${Traces} id=${id} view=${view.value} /><section class="panel">
    <header><h2>Events</h2><div class="chips">${Object.keys(counts).sort().map((kind) => html`
      <button key=${kind} aria-pressed=${chosen.includes(kind)} onClick=${() => ask({ kind: chosen.includes(kind) ? chosen.filter((k) => k !== kind) : [...chosen, kind] })}>${kind}<i>${counts[kind]}</i></button>`)}</div></header>
    <${Happened} id=${id} list=${list.slice(0, 1000)} />
  </section></main>`;
}
