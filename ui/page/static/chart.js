// Charts of the history (uPlot), and sparklines (SVG).
import uPlot from "uplot";
import { html, useEffect, useRef, useState } from "./html.js";
import { epoch } from "./theme-choice.js";
import { clock, short } from "./format.js";

const together = uPlot.sync("gust");

// resolved converts a color of the style sheet to one that a canvas understands. The result
// is cached until the theme changes, because each lookup costs a layout.
const looked = { epoch: 0, colors: new Map() };
function resolved(css) {
  if (looked.epoch !== epoch.peek()) Object.assign(looked, { epoch: epoch.peek(), colors: new Map() });
  if (!looked.colors.has(css)) looked.colors.set(css, look(css));
  return looked.colors.get(css);
}

function look(css) {
  const probe = document.documentElement.appendChild(document.createElement("i"));
  probe.style.color = css;
  const text = getComputedStyle(probe).color;
  probe.remove();
  return text;
}

const color = (name) => resolved(`var(${name})`);

// fade makes a color transparent.
const fade = (name, part) => resolved(`color-mix(in srgb, var(${name}) ${part}%, transparent)`);

// markColors are the events that charts mark with a line, and its color.
const markColors = { died: "--bad", restarted: "--warn", activated: "--accent", deactivated: "--accent", reloaded: "--accent", operated: "--accent", ended: "--muted" };
export const marksOf = (events) => events.filter((e) => markColors[e.kind]).slice(-200)
  .map((e) => ({ t: new Date(e.time) / 1000, color: markColors[e.kind], text: [e.kind, e.component, e.text].filter(Boolean).join(" ") }));

// Chart draws series of points over time. The figures above it are the newest ones, or those
// at the cursor; that of the first series is large.
//
// A series is {label, color, value: (point) => number, format, fill, width}.
export function Chart({ title, points, series, marks = [], window, unit = "", format = short, height = 118 }) {
  const box = useRef(null), plot = useRef(null), state = useRef({});
  const [at, setAt] = useState(null);
  const drawnWith = epoch.value;
  const xs = points.map((p) => p.t);
  const data = [xs, ...series.map((s) => points.map(s.value))];
  Object.assign(state.current, { data, window, format, marks });

  useEffect(() => {
    const node = box.current;
    const draw = (width) => {
      const axis = { stroke: color("--faint"), font: "11px Inter, system-ui, sans-serif", ticks: { show: false }, grid: { stroke: color("--grid"), width: 1 } };
      plot.current = new uPlot({
        width, height,
        padding: [6, 22, 0, 0],
        legend: { show: false },
        cursor: { sync: { key: together.key }, y: false, points: { size: 6 }, drag: { x: false, y: false } },
        scales: {
          x: { time: true, range: () => range(state.current.data[0], state.current.window) },
          y: { range: (_, low, high) => [0, high > 0 ? high * 1.12 : 1] },
        },
        axes: [
          { ...axis, size: 24, gap: 6, grid: { show: false }, space: 70, values: (_, ticks) => ticks.map((t) => (t === null ? "" : tick(t, state.current.window))) },
          { ...axis, size: 44, gap: 4, space: 28, values: (_, ticks) => ticks.map((v) => (v === null ? "" : state.current.format(v).replace(" ms", "").replace(" s", "s").replace(/\.0+(?=\D*$)/, ""))) },
        ],
        series: [{}, ...series.map((s) => ({
          label: s.label, stroke: color(s.color), width: s.width || 1.5, points: { show: sparse, size: 4, fill: color(s.color) }, spanGaps: true,
          fill: s.fill ? fade(s.color, 12) : undefined,
        }))],
        hooks: {
          setCursor: [(u) => { const i = u.cursor.idx; setAt(i === null || i === undefined || u.cursor.left < 0 ? null : i); }],
          drawAxes: [(u) => drawMarks(u, state.current.marks)],
        },
      }, state.current.data, node);
      together.sub(plot.current);
    };
    // The width comes from the observer: asking for it here would cost a layout for each chart.
    const watch = new ResizeObserver((entries) => {
      const width = Math.floor(entries[entries.length - 1].contentRect.width);
      if (width <= 0) return;
      if (!plot.current) draw(width);
      else if (width !== plot.current.width) plot.current.setSize({ width, height });
    });
    watch.observe(node);
    return () => {
      watch.disconnect();
      if (!plot.current) return;
      together.unsub(plot.current);
      plot.current.destroy();
      plot.current = null;
    };
  }, [drawnWith, series.map((s) => s.label + s.color).join("|"), height]);

  useEffect(() => { if (plot.current) plot.current.setData(data); }, [points, window]);
  useEffect(() => { if (plot.current) plot.current.redraw(false, true); }, [marks.length]);

  const shown = at !== null && at < points.length ? at : points.length - 1;
  const point = points[shown];
  const mark = at !== null && point && marks.find((m) => Math.abs(m.t - point.t) <= near(points));
  return html`<section class="chart">
    <header>
      <h3>${title}</h3>
      <span class="when">${mark ? mark.text : at !== null && point ? clock(point.t * 1000) : ""}</span>
    </header>
    <div class="figures">
      ${series.map((s, i) => html`<div class=${"figure" + (i === 0 ? " first" : "")} key=${s.label}>
        <b>${point ? (s.format || format)(s.value(point)) : "–"}</b><span><i style=${{ background: `var(${s.color})` }}></i>${s.label}${i === 0 && unit ? html`<em>${unit}</em>` : ""}</span>
      </div>`)}
    </div>
    <div class="plot" ref=${box} style=${{ height: height + "px" }}></div>
  </section>`;
}

// sparse reports whether a series has so few values that a line does not show them all.
function sparse(u, series) {
  const values = u.data[series];
  const n = values.reduce((sum, v) => sum + (v !== null), 0);
  return n < values.length && n < 40;
}

const near = (points) => (points.length < 2 ? 2 : Math.max(1.5, (points[points.length - 1].t - points[0].t) / 80));

// range returns the time range to show: the window, or less while there is less history.
function range(times, window) {
  const least = 60;
  if (times.length === 0) {
    const now = Date.now() / 1000;
    return [now - least, now];
  }
  const low = times[0], high = times[times.length - 1];
  const from = window ? Math.max(low, high - window) : low;
  return [Math.min(from, high - least), high];
}

function tick(t, window) {
  const time = new Date(t * 1000);
  if (window === 0 || window > 10800) return clock(time, "minutes");
  return time.getSeconds() === 0 ? clock(time, "minutes") : clock(time);
}

function drawMarks(u, marks) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  for (const mark of marks) {
    if (mark.t < u.scales.x.min || mark.t > u.scales.x.max) continue;
    const x = Math.round(u.valToPos(mark.t, "x", true));
    ctx.strokeStyle = ctx.fillStyle = color(mark.color);
    ctx.globalAlpha = 0.55;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.beginPath();
    ctx.arc(x, bbox.top + 2 * devicePixelRatio, 2.2 * devicePixelRatio, 0, 7);
    ctx.fill();
  }
  ctx.restore();
}

// Spark is a sparkline.
export function Spark({ values, color: name = "--accent", width = 120, height = 28 }) {
  const n = values.length;
  const top = Math.max(...values, 0) || 1;
  const x = (i) => (n < 2 ? width : (i * width) / (n - 1));
  const y = (v) => height - 2 - (v / top) * (height - 4);
  const line = values.map((v, i) => `${i ? "L" : "M"}${x(i).toFixed(1)},${y(v).toFixed(1)}`).join("");
  return html`<svg class="spark" viewBox=${`0 0 ${width} ${height}`} width=${width} height=${height} preserveAspectRatio="none" aria-hidden="true">
    ${n > 1 && html`<path d=${`${line}L${width},${height}L0,${height}Z`} fill=${`var(${name})`} opacity="0.12" />
    <path d=${line} fill="none" stroke=${`var(${name})`} stroke-width="1.5" vector-effect="non-scaling-stroke" />`}
  </svg>`;
}
