// Tables that can be sorted by each column.
import { html, useLayoutEffect, useRef, useState } from "./html.js";

// Table shows rows. A column is {name, title, value, cell, left, wide}: value(row) sorts the
// rows, cell(row) is displayed. of(row) is a row's key, and to(row) the address that it opens.
// Of a long table, only the rows near the visible part of the page are in the document.
export function Table({ name, rows, columns, of, to, sorted, foot }) {
  const [by, setBy] = useState(sorted || null); // {column, down}
  let list = rows;
  if (by) {
    const column = columns.find((c) => c.name === by.column);
    if (column) {
      list = rows.slice().sort((a, b) => {
        const x = column.value(a), y = column.value(b);
        const order = typeof x === "string" || typeof y === "string" ? String(x).localeCompare(String(y)) : (x || 0) - (y || 0);
        return by.down ? -order : order;
      });
    }
  }
  const { table, from, until, height } = useNear(list.length);
  const sort = (c) => setBy(by && by.column === c.name ? (by.down === !c.left ? { column: c.name, down: !by.down } : null) : { column: c.name, down: !c.left });
  return html`<div class="scroll"><table ref=${table} class="data" data-table=${name} aria-rowcount=${list.length + 1}>
    <thead><tr aria-rowindex="1">${columns.map((c) => html`<th key=${c.name} class=${c.left ? "left" : ""} title=${c.title} aria-sort=${by && by.column === c.name ? (by.down ? "descending" : "ascending") : undefined}>
      ${c.value ? html`<button onClick=${() => sort(c)}>${c.name}<i>${by && by.column === c.name ? (by.down ? "↓" : "↑") : ""}</i></button>` : c.name}
    </th>`)}</tr></thead>
    <${Gap} rows=${from} height=${height} />
    <tbody>${list.slice(from, until).map((row, i) => html`<tr key=${of(row)} data-row=${of(row)} aria-rowindex=${from + i + 2} class=${to ? "to" : ""} onClick=${to ? (e) => { if (!e.target.closest("a,button") && !String(getSelection())) location.hash = to(row); } : undefined}>
      ${columns.map((c, i) => html`<td key=${c.name} class=${(c.left ? "left" : "") + (c.wide ? " wide" : "")}>${i === 0 && to ? html`<a class="rowlink" href=${to(row)}>${c.cell(row)}</a>` : c.cell(row)}</td>`)}
    </tr>`)}</tbody>
    <${Gap} rows=${list.length - until} height=${height} />
    ${foot && html`<tfoot><tr>${columns.map((c) => html`<td key=${c.name} class=${c.left ? "left" : ""}>${foot(c.name)}</td>`)}</tr></tfoot>`}
  </table></div>`;
}

const few = 60;    // rows that a table shows whatever is visible
const beyond = 12; // rows above and below the visible ones
const step = 8;    // by which the first and the last row move

// Gap takes the place of rows that are not in the document.
const Gap = ({ rows, height }) => (rows > 0 ? html`<tbody aria-hidden="true"><tr class="gap" style=${{ height: rows * height + "px" }}></tr></tbody>` : null);

// useNear returns which of a table's rows are near the visible part of the page. The rows of
// a table have the same height, and its columns keep the width that they once needed.
function useNear(count) {
  const table = useRef(null), widths = useRef([]);
  const [near, set] = useState({ from: 0, until: 2 * beyond, height: 29 });
  useLayoutEffect(() => {
    if (count <= few || !table.current) return undefined;
    const look = () => {
      const body = table.current && table.current.querySelector("tbody:not([aria-hidden])");
      const row = body && body.rows[0];
      const height = (row && row.getBoundingClientRect().height) || near.height;
      const top = table.current.tHead.getBoundingClientRect().bottom;
      const from = Math.max(0, Math.min(count - step, step * Math.floor((-top / height - beyond) / step)));
      const until = Math.min(count, Math.max(from + step, step * Math.ceil(((innerHeight - top) / height + beyond) / step)));
      set((was) => (was.from === from && was.until === until && was.height === height ? was : { from, until, height }));
    };
    look();
    const cells = [...table.current.tHead.rows[0].cells];
    const needed = cells.map((cell) => Math.ceil(cell.getBoundingClientRect().width)); // all before the first change, which costs a layout
    cells.forEach((cell, i) => {
      if (needed[i] > (widths.current[i] || 0) + 1) {
        widths.current[i] = needed[i];
        cell.style.minWidth = needed[i] + "px";
      }
    });
    addEventListener("scroll", look, { capture: true, passive: true });
    addEventListener("resize", look);
    return () => {
      removeEventListener("scroll", look, { capture: true });
      removeEventListener("resize", look);
    };
  });
  if (count <= few) return { table, from: 0, until: count, height: near.height };
  const from = Math.min(near.from, Math.max(0, count - step));
  return { table, from, until: Math.min(count, Math.max(near.until, from + step)), height: near.height };
}

// Bar shows a fraction as a bar, and its text.
export const Bar = ({ part, text, color }) => html`<span class="barred"><span class="bartrack"><i style=${{ width: Math.min(100, 100 * (part || 0)).toFixed(1) + "%", background: color || (part > 0.95 ? "var(--bad)" : part > 0.8 ? "var(--warn)" : "var(--accent)") }}></i></span><span>${text}</span></span>`;

// Quiet is a figure that is pale if it is zero.
export const Quiet = ({ n, bad, children }) => html`<span class=${n ? (bad ? "bad" : "") : "zero"}>${children}</span>`;
