// The screen of the log of all tasks.
import { html, useEffect, useRef, useState } from "../html.js";
import { view } from "../live.js";
import { get, hidden, pathTo, paused } from "../api.js";
import { ask, go, route } from "../route.js";
import { Lines, patternOf } from "../lines.js";
import { count } from "../format.js";

const levels = ["trace", "debug", "info", "warn", "error"];
const mostLines = 20000; // in the browser; the server keeps more

export function Logs({ id }) {
  const q = route.value.query;
  const components = q.getAll("component");
  const task = q.get("task") || "";
  const level = q.get("level") || "";
  const search = q.get("search") || "";
  const at = Number(q.get("at")) || 0; // the number of a line to show in its context
  const filter = { component: components, task, level, search };
  const key = JSON.stringify([id, filter, at]);
  const [follow, setFollow] = useState(!at);
  useEffect(() => { setFollow(!at); }, [at]);
  const { lines, error, older, end } = useLines(id, filter, key, at, follow);
  const filtered = components.length > 0 || task || level || search;
  const names = [...((view.value && view.value.components) || []).map((c) => c.name), "gust"];
  const tasks = tasksOf(lines, components, task);
  const toggle = (name) => ask({ component: components.includes(name) ? components.filter((c) => c !== name) : [...components, name] });
  return html`<main class="logs">
    <div class="toolbar">
      <${Search} value=${search} bad=${error} />
      <div class="segments" role="group" aria-label="lowest level">${levels.map((l) => html`<button key=${l} aria-pressed=${level === l || (!level && l === "trace")} onClick=${() => ask({ level: l === "trace" ? "" : l })}>${l === "trace" ? "all" : l}</button>`)}</div>
      <button class="follow" aria-pressed=${follow} onClick=${() => (at ? ask({ at: "" }) : setFollow(!follow))}>Follow</button>
      <a class="button" href=${pathTo(["topologies", id, "logs", "download"], filter)} download>Download</a>
    </div>
    <div class="chips names">${names.map((name) => html`<button key=${name} aria-pressed=${components.includes(name)} onClick=${() => toggle(name)}>${name}</button>`)}${tasks.length > 0 && html`<i></i>`}${tasks.map((t) => html`<button key=${"task" + t} aria-pressed=${task === String(t)} onClick=${() => ask({ task: task === String(t) ? "" : t })}>task ${t}</button>`)}</div>
    <div class="panel loglist">
      <${Lines} lines=${lines} search=${search} follow=${follow && !paused.value} setFollow=${at ? null : setFollow} older=${older} at=${at}
        jump=${filtered ? (line) => go(["t", id, "logs"], { at: line.number }) : null} />
      <footer><span>${error ? html`<span class="bad">${error}</span>` : `${count(lines.length)} lines${end ? "" : ", more above"}`}</span><span>${paused.value ? "paused" : follow ? "following" : at ? "around a line" : "scrolled back"}</span></footer>
    </div>
  </main>`;
}

const mostTasks = 30;

// tasksOf returns the tasks to choose from: those of the one chosen component that have
// logged something, and the chosen task.
function tasksOf(lines, components, task) {
  const tasks = new Set(task ? [Number(task)] : []);
  if (components.length === 1) for (const line of lines) if (line.task && tasks.size < mostTasks) tasks.add(line.task);
  return [...tasks].sort((a, b) => a - b);
}

// Search searches while the user types.
function Search({ value, bad }) {
  const [text, setText] = useState(value);
  const timer = useRef(0);
  useEffect(() => { setText(value); }, [value]);
  const type = (e) => {
    const next = e.target.value;
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => ask({ search: next }), 250);
  };
  return html`<input class=${"search" + (bad ? " bad" : "")} type="search" placeholder="Search (regular expression)" spellcheck=${false} autocomplete="off" value=${text} onInput=${type} aria-label="search" />`;
}

// useLines returns the newest lines that match the filter, or the lines around the line with
// the number at. It polls for new lines while follow is set, and older() loads older ones.
function useLines(id, filter, key, at, follow) {
  const [state, set] = useState({ key, lines: [], error: "", end: true });
  const busy = useRef(false);
  const following = useRef(follow);
  following.current = follow;
  const held = useRef(state);
  const put = (next) => { held.current = next; set(next); };
  useEffect(() => {
    let over = false, timer = 0;
    busy.current = false;
    if (filter.search && !patternOf(filter.search)) {
      put({ key, lines: [], error: filter.search + " is not a valid regular expression", end: true });
      return undefined;
    }
    const page = 2000;
    const ask = async () => {
      const was = held.current.key === key ? held.current : null;
      const idle = was && (paused.value || hidden.value || !following.current);
      if (!idle) {
        try {
          const last = was && was.lines.length ? was.lines[was.lines.length - 1].number : 0;
          const fresh = await get(pathTo(["topologies", id, "logs"], { ...filter, after: last || "", before: !was && at ? at + 500 : "", limit: page }));
          if (over) return;
          if (!was) put({ key, lines: fresh, error: "", end: fresh.length < page });
          // More new lines than a page: drop the old ones, so that there is no gap.
          else if (fresh.length >= page) put({ key, lines: fresh, error: "", end: false });
          else if (fresh.length > 0) {
            const lines = was.lines.concat(fresh);
            put({ key, lines: lines.length > mostLines ? lines.slice(-mostLines) : lines, error: "", end: was.end && lines.length <= mostLines });
          } else if (was.error) put({ ...was, error: "" });
        } catch (error) {
          if (over) return;
          put({ key, lines: was ? was.lines : [], error: error.message, end: true });
        }
      }
      timer = setTimeout(ask, 700);
    };
    ask();
    return () => { over = true; clearTimeout(timer); };
  }, [key]);
  const older = async () => {
    const was = held.current;
    if (busy.current || was.end || was.key !== key || was.lines.length === 0 || was.lines.length >= mostLines) return;
    busy.current = true;
    try {
      const list = await get(pathTo(["topologies", id, "logs"], { ...filter, before: was.lines[0].number, limit: 2000 }));
      if (held.current.key === key) put({ ...held.current, lines: list.concat(held.current.lines), end: list.length < 2000 });
    } catch { /* the next scroll tries again */ }
    busy.current = false;
  };
  const shown = state.key === key ? state : { lines: [], error: "", end: true };
  return { ...shown, older };
}
