// Keyboard shortcuts, and the dialog that lists them.
import { question } from "./dialog.js";
import { html } from "./html.js";
import { paused } from "./api.js";
import { go, route } from "./route.js";
import { toggleTheme } from "./theme-choice.js";

const keys = [
  ["/", "Search the logs"], ["↑ ↓", "Move between rows"], ["Enter", "Open"], ["← →", "Switch views"], ["1 2 3 4", "Overview, failures, logs, events"],
  ["u", "Go up: topology, all topologies"], ["Space", "Pause or resume"], ["t", "Switch theme"], ["?", "Show this list"],
];

export function help() {
  question.value = { title: "Keys", body: html`<dl class="keys">${keys.map(([key, what]) => html`<div key=${key}><dt>${key.split(" ").map((k) => html`<kbd>${k}</kbd>`)}</dt><dd>${what}</dd></div>`)}</dl>`, done: () => {} };
}

const views = [[], ["failures"], ["logs"], ["events"]];

// open opens one of a topology's views.
function open(n) {
  const { path } = route.value;
  if (path[0] === "t" && views[n]) go(["t", path[1], ...views[n]]);
}

function up() {
  const { path } = route.value;
  if (path.length > 2) go(["t", path[1]]);
  else if (path.length > 0) go([], { all: 1 });
}

// walk moves the focus to the next or previous row or card.
function walk(by) {
  const all = [...document.querySelectorAll("main a.rowlink, main a.card, main .failurelist .row, main summary")].filter((node) => node.offsetParent);
  if (all.length === 0) return false;
  const here = all.indexOf(document.activeElement);
  const next = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, here + by))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
  const typing = e.target.closest("input,select,textarea");
  if (typing) {
    if (e.key === "Escape") typing.blur();
    return;
  }
  const onButton = e.target.closest("button,summary,a,.lines");
  const { path } = route.value;
  const now = Math.max(0, views.findIndex((v) => v[0] === path[2]));
  switch (e.key) {
  case "/": {
    const search = document.querySelector("input.search");
    if (search) search.select();
    else if (path[0] === "t") open(2), setTimeout(() => { const s = document.querySelector("input.search"); if (s) s.focus(); }, 50);
    break;
  }
  case "ArrowDown": if (e.target.closest(".lines") || !walk(1)) return; break;
  case "ArrowUp": if (e.target.closest(".lines") || !walk(-1)) return; break;
  case "ArrowLeft": if (path[0] !== "t" || e.target.closest(".lines")) return; open(path[2] === "c" ? 0 : now - 1); break;
  case "ArrowRight": if (path[0] !== "t" || e.target.closest(".lines")) return; open(now + 1); break;
  case "1": case "2": case "3": case "4": open(Number(e.key) - 1); break;
  case "u": case "Backspace": up(); break;
  case " ": if (onButton) return; paused.value = !paused.value; break;
  case "t": toggleTheme(); break;
  case "?": help(); break;
  default: return;
  }
  e.preventDefault();
});

