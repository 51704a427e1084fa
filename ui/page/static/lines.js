// A virtual list of log lines: only the visible rows are in the document.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./html.js";
import { clock, taskName } from "./format.js";

const rowHeight = 20;

// rowsOf adds a row for each line of text: a traceback has several.
function rowsOf(line, rows) {
  const texts = line.text.split("\n");
  for (let i = 0; i < texts.length; i++) rows.push({ line, text: texts[i], first: i === 0, key: line.number + "." + i });
}

// patternOf compiles a search; null if it is empty or not a regular expression.
export function patternOf(search) {
  if (!search) return null;
  try { return new RegExp(search, "gi"); } catch { return null; }
}

function Marked({ text, pattern }) {
  if (!pattern || !text) return text;
  const parts = [];
  let last = 0;
  pattern.lastIndex = 0;
  for (let n = 0, found; n < 50 && (found = pattern.exec(text)); n++) {
    if (found[0] === "") { pattern.lastIndex++; continue; }
    parts.push(text.slice(last, found.index), html`<mark>${found[0]}</mark>`);
    last = found.index + found[0].length;
  }
  parts.push(text.slice(last));
  return parts;
}

// Lines shows log lines, oldest first. With follow, the list stays at its end. It calls
// setFollow when the user scrolls away from the end or back to it, older near the start of
// the list, and jump when the user clicks a line. It scrolls to the line with the number at.
export function Lines({ lines, search, follow, setFollow, older, height, at, jump }) {
  const box = useRef(null);
  const [range, setRange] = useState([0, 60]);
  const rows = useMemo(() => {
    const all = [];
    for (const line of lines) rowsOf(line, all);
    return all;
  }, [lines]);
  const pattern = useMemo(() => patternOf(search), [search]);
  const widest = useMemo(() => rows.reduce((most, r) => Math.max(most, r.text.length), 0), [rows]);
  const before = useRef({ first: null, count: 0 });

  const look = () => {
    const node = box.current;
    if (!node) return;
    const from = Math.max(0, Math.floor(node.scrollTop / rowHeight) - 20);
    const to = Math.ceil((node.scrollTop + node.clientHeight) / rowHeight) + 20;
    setRange((was) => (was[0] === from && was[1] === to ? was : [from, to]));
  };
  useLayoutEffect(() => {
    const node = box.current;
    const was = before.current;
    const first = rows.length ? rows[0].key : null;
    if (follow) {
      node.scrollTop = node.scrollHeight;
    } else if (was.first !== null && first !== was.first) { // older lines were added: the visible ones keep their place
      const grown = rows.findIndex((r) => r.key === was.first);
      if (grown > 0) node.scrollTop += grown * rowHeight;
    }
    before.current = { first, count: rows.length };
    look();
  }, [rows, follow]);
  useEffect(() => {
    if (!at) return;
    const i = rows.findIndex((r) => r.line.number === at);
    if (i >= 0) box.current.scrollTop = i * rowHeight - box.current.clientHeight / 2;
  }, [at, rows.length > 0]);
  useEffect(() => {
    const watch = new ResizeObserver(look);
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  const scrolled = () => {
    const node = box.current;
    look();
    const end = node.scrollHeight - node.scrollTop - node.clientHeight < rowHeight * 1.5;
    if (setFollow && end !== follow) setFollow(end);
    if (older && node.scrollTop < 40 * rowHeight) older();
  };
  const shown = rows.slice(range[0], range[1]);
  return html`<div class=${"lines" + (jump ? " jump" : "")} ref=${box} onScroll=${scrolled} style=${height ? { height } : undefined} tabindex="0">
    <div class="all" style=${{ height: rows.length * rowHeight + "px", minWidth: `calc(${Math.min(widest, 4000)}ch + 300px)` }}>
      <div class="shown" style=${{ transform: `translateY(${range[0] * rowHeight}px)` }}>
        ${shown.map((r) => html`<div key=${r.key} class=${"line " + r.line.level + (at && r.line.number === at ? " at" : "")} data-number=${r.line.number} title=${jump ? "show the lines around it" : undefined} onClick=${jump ? () => { if (!String(getSelection())) jump(r.line); } : undefined}>
          <time>${r.first ? clock(r.line.time, "millis") : ""}</time><b>${r.first ? r.line.level : ""}</b><span class="from">${r.first ? taskName(r.line.component, r.line.task) : ""}</span><span class="text"><${Marked} text=${r.text} pattern=${pattern} /></span>
        </div>`)}
      </div>
    </div>
  </div>`;
}
