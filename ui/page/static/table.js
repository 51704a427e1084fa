// Tables that can be sorted by each column.
import { html, useState } from "./html.js";

// Table shows rows. A column is {name, title, value, cell, left, wide}: value(row) sorts the
// rows, cell(row) is displayed. of(row) is a row's key, and to(row) the address that it opens.
export function Table({ name, rows, columns, of, to, sorted, foot, most = 300 }) {
  const [by, setBy] = useState(sorted || null); // {column, down}
  const [all, setAll] = useState(false);
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
  const cut = !all && list.length > most;
  const shown = cut ? list.slice(0, most) : list;
  const sort = (c) => setBy(by && by.column === c.name ? (by.down === !c.left ? { column: c.name, down: !by.down } : null) : { column: c.name, down: !c.left });
  return html`<div class="scroll"><table class="data" data-table=${name}>
    <thead><tr>${columns.map((c) => html`<th key=${c.name} class=${c.left ? "left" : ""} title=${c.title} aria-sort=${by && by.column === c.name ? (by.down ? "descending" : "ascending") : undefined}>
      ${c.value ? html`<button onClick=${() => sort(c)}>${c.name}<i>${by && by.column === c.name ? (by.down ? "↓" : "↑") : ""}</i></button>` : c.name}
    </th>`)}</tr></thead>
    <tbody>${shown.map((row) => html`<tr key=${of(row)} data-row=${of(row)} class=${to ? "to" : ""} onClick=${to ? (e) => { if (!e.target.closest("a,button") && !String(getSelection())) location.hash = to(row); } : undefined}>
      ${columns.map((c, i) => html`<td key=${c.name} class=${(c.left ? "left" : "") + (c.wide ? " wide" : "")}>${i === 0 && to ? html`<a class="rowlink" href=${to(row)}>${c.cell(row)}</a>` : c.cell(row)}</td>`)}
    </tr>`)}</tbody>
    ${foot && html`<tfoot><tr>${columns.map((c) => html`<td key=${c.name} class=${c.left ? "left" : ""}>${foot(c.name)}</td>`)}</tr></tfoot>`}
  </table></div>
  ${cut && html`<p class="more"><button class="plain" onClick=${() => setAll(true)}>Show all ${list.length} rows</button></p>`}`;
}

// Bar shows a fraction as a bar, and its text.
export const Bar = ({ part, text, color }) => html`<span class="barred"><span class="bartrack"><i style=${{ width: Math.min(100, 100 * (part || 0)).toFixed(1) + "%", background: color || (part > 0.95 ? "var(--bad)" : part > 0.8 ? "var(--warn)" : "var(--accent)") }}></i></span><span>${text}</span></span>`;

// Quiet is a figure that is pale if it is zero.
export const Quiet = ({ n, bad, children }) => html`<span class=${n ? (bad ? "bad" : "") : "zero"}>${children}</span>`;
