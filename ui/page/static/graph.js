// The topology's graph. The server computes the layout once; live figures are drawn on it.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./html.js";
import { usePolled, pathTo } from "./api.js";
import { millis, percent, plural, short } from "./format.js";
import { address } from "./route.js";

export function Graph({ id, view }) {
  // The parameter `of` makes a new request when the topology changes: usePolled compares paths.
  const shape = view.components.map((c) => c.name).join() + view.edges.length + view.id;
  const { data: plan, error } = usePolled(pathTo(["topologies", id, "graph"], { of: hash(shape) }), 0);
  const [zoom, setZoom] = useState(0); // 0 fits the graph into its panel
  const box = useRef(null);
  const [room, setRoom] = useState(() => Math.min(1680, innerWidth) - 60);
  useLayoutEffect(() => {
    if (!box.current) return undefined;
    const watch = new ResizeObserver(() => { if (box.current) setRoom(box.current.clientWidth - 16); });
    watch.observe(box.current);
    return () => watch.disconnect();
  }, [!plan]);
  const [drawn, draw] = useState(chunk);
  useEffect(() => {
    if (!plan || drawn >= Math.max(plan.nodes.length, plan.edges.length)) return undefined;
    const soon = setTimeout(() => draw(drawn + chunk));
    return () => clearTimeout(soon);
  }, [plan, drawn]);
  if (error) return html`<p class="empty">The graph could not be loaded: ${error.message}</p>`;
  if (!plan) return html`<div class="graph" style=${{ height: "220px" }}></div>`;
  const pad = 14;
  const components = new Map(view.components.map((c) => [c.name, c]));
  const edges = new Map(view.edges.map((e) => [e.from + "\n" + e.stream + "\n" + e.to, e]));
  const waits = throttled(view);
  const cause = view.diagnosis.severity === "good" ? "" : view.diagnosis.component;
  const width = plan.width + 2 * pad, height = plan.height + 2 * pad;
  const fit = fitting(width, height, room);
  const scale = zoom || fit;
  const grown = (by) => setZoom(Math.min(2, Math.max(0.08, scale * by)));
  return html`<div class="graph" ref=${box} onPointerDown=${pan}>
    ${fit < legible && html`<div class="zoom"><button title="zoom out" onClick=${() => grown(1 / 1.5)}>−</button><button title="zoom in" onClick=${() => grown(1.5)}>+</button><button onClick=${() => setZoom(0)}>Fit</button></div>`}
    <svg viewBox=${`${-pad} ${-pad} ${width} ${height}`} width=${Math.round(width * scale)} height=${Math.round(height * scale)} role="img" aria-label="graph of the topology">
      <defs>
        ${["line", "hot"].map((kind) => html`<marker key=${kind} id=${"arrow-" + kind} class=${"arrow " + kind} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto"><path d="M0,0.5L8,4L0,7.5Z" /></marker>`)}
      </defs>
      ${plan.edges.slice(0, drawn).map((e) => html`<${Edge} key=${"e" + e.from + "\n" + e.stream + "\n" + e.to} plan=${e} live=${edges.get(e.from + "\n" + e.stream + "\n" + e.to)} waits=${waits(e)} />`)}
      ${plan.nodes.slice(0, drawn).map((n) => html`<${Node} key=${"n" + n.name} id=${id} plan=${n} live=${components.get(n.name)} cause=${cause === n.name ? view.diagnosis.severity : ""} />`)}
    </svg>
  </div>`;
}

const chunk = 40; // nodes and edges that are drawn at a time when the graph opens: the page reacts in between

const legible = 0.72; // the scale below which names are hard to read
const tallest = 620;

// fitting returns the initial scale: the whole graph, unless it is legible with some
// scrolling to the side.
function fitting(width, height, room) {
  const fit = Math.min(1.1, room / width, tallest / height);
  return fit < legible && width * legible < 4 * room && height * legible < tallest ? legible : fit;
}

// pan drags the graph with the pointer.
function pan(down) {
  const box = down.currentTarget;
  if (down.button !== 0 || down.pointerType === "touch" || down.target.closest("a,button")) return;
  const { scrollLeft, scrollTop } = box;
  const move = (e) => box.scrollTo(scrollLeft - (e.clientX - down.clientX), scrollTop - (e.clientY - down.clientY));
  const up = () => { removeEventListener("pointermove", move); removeEventListener("pointerup", up); };
  addEventListener("pointermove", move);
  addEventListener("pointerup", up);
}

function hash(text) {
  let n = 0;
  for (let i = 0; i < text.length; i++) n = (n * 31 + text.charCodeAt(i)) | 0;
  return (n >>> 0).toString(36);
}

// throttled returns a function that reports whether an edge leads from a component that
// waits to the component that it waits for.
function throttled(view) {
  const next = new Map();
  for (const e of view.edges) next.set(e.from, [...(next.get(e.from) || []), e.to]);
  const reach = new Map(); // component -> itself and all components downstream
  const downstream = (name) => {
    if (!reach.has(name)) {
      const seen = new Set([name]);
      for (const one of seen) for (const to of next.get(one) || []) seen.add(to);
      reach.set(name, seen);
    }
    return reach.get(name);
  };
  const waiting = view.components.filter((c) => c.waits_for);
  return (e) => waiting.some((c) => downstream(c.name).has(e.from) && downstream(e.to).has(c.waits_for));
}

function Edge({ plan, live, waits }) {
  const rate = live ? live.rate : 0;
  const width = 1.2 + Math.min(5, Math.log10(1 + rate) * 1.1);
  const label = rate > 0 ? short(rate) + "/s" : "";
  const half = 5 + label.length * 3.4;
  return html`<g class=${"edge" + (waits ? " throttled" : "") + (rate > 0 ? "" : " idle")}>
    <title>${`${plan.from} → ${plan.to}\nstream ${plan.stream}, ${plan.grouping}\n${short(rate)} tuples/s${waits ? "\nthrottled: a component downstream has no room" : ""}`}</title>
    <path class="hit" d=${plan.path} />
    <path d=${plan.path} stroke-width=${width.toFixed(2)} marker-end=${`url(#arrow-${waits ? "hot" : "line"})`} />
    ${label && html`<rect x=${plan.x - half} y=${plan.y - 9} width=${2 * half} height="18" rx="9" /><text x=${plan.x} y=${plan.y + 3.8}>${label}</text>`}
  </g>`;
}

const recently = 60; // seconds for which an error's dot is filled

function Node({ id, plan, live, cause }) {
  const c = live || { name: plan.name, kind: "bolt", tasks: 0, errors: 0, now: {}, down: 0 };
  const spout = c.kind === "spout";
  const load = spout ? 0 : c.busy || 0;
  const waiting = spout ? c.pending : c.queued;
  const latency = spout ? c.complete_ms : c.execute_ms;
  const fresh = c.last_error && Date.now() - new Date(c.last_error.time) < recently * 1000;
  const state = c.down > 0 ? " down" : c.loading > 0 ? " loading" : "";
  const w = plan.width, inner = w - 24;
  const most = Math.floor((w - 76) / 7.6);
  const name = plan.name.length > most ? plan.name.slice(0, most - 1) + "…" : plan.name;
  return html`<a class=${"node " + c.kind + state + (cause ? " cause " + cause : "")} href=${address(["t", id, "c", plan.name])} data-component=${plan.name}>
    <title>${`${plan.name}: ${c.kind}, ${plural(c.tasks, "task")}${c.down ? ", " + c.down + " down" : ""}${c.last_error ? "\n" + c.last_error.headline : ""}`}</title>
    <g transform=${`translate(${plan.x},${plan.y})`}>
      <rect class="body" width=${w} height=${plan.height} rx=${spout ? 5 : 12} />
      <text class="name" x="12" y="22">${name}</text>
      <text class="tasks" x=${w - 12 - (c.errors > 0 ? 12 : 0)} y="22">${c.down > 0 ? `${c.tasks - c.down}/${c.tasks}` : "×" + c.tasks}</text>
      ${c.errors > 0 && html`<circle class=${"error" + (fresh ? " fresh" : "")} cx=${w - 14} cy="17.5" r="4" />`}
      <text class="figure" x="12" y="41">${spout ? short(c.now.emitted) + "/s" : percent(load) + " busy"}</text>
      <text class="figure right" x=${w - 12} y="41">${waiting > 0 ? short(waiting) + (spout ? " pending" : " queued") : latency ? "p99 " + millis(latency.p99) : ""}</text>
      ${spout
        ? html`<text class="kind" x="12" y=${plan.height - 10}>spout</text>`
        : html`<rect class="track" x="12" y=${plan.height - 15} width=${inner} height="5" rx="2.5" />
          <rect class=${"bar" + (load > 0.95 ? " full" : load > 0.8 ? " high" : "")} x="12" y=${plan.height - 15} width=${Math.max(0, inner * Math.min(1, load)).toFixed(1)} height="5" rx="2.5" />`}
    </g>
  </a>`;
}
