// What may be done to a topology.
import { html, useState } from "./html.js";
import { pathTo, post } from "./api.js";
import { attempt, question } from "./dialog.js";
import { plural } from "./format.js";

const levels = ["trace", "debug", "info", "warn", "error"];

export function Actions({ id, view }) {
  if (view.ended) return null;
  const at = (...parts) => pathTo(["topologies", id, ...parts]);
  const all = view.components.every((c) => c.debug), none = !view.components.some((c) => c.debug);
  const leaving = view.status === "KILLED";
  const kill = () => {
    question.value = {
      title: `Kill ${view.name}?`, action: "Kill", danger: true,
      text: "The spouts stop at once. Tuples in flight have this long to finish; then the processes end, and the run with them.",
      fields: [{ name: "wait", label: "seconds", value: 10, min: 0, max: 86400 }],
      done: ({ wait }) => attempt(`${view.name} is stopping`, () => post(pathTo(["topologies", id, "kill"], { wait: Number(wait) }))),
    };
  };
  const rebalance = () => {
    question.value = {
      title: `Rebalance ${view.name}`, action: "Rebalance", text: "Tasks of each component.",
      fields: view.components.map((c) => ({ name: c.name, label: c.name, value: c.tasks, min: 1, max: 10000 })),
      done: (values) => {
        const tasks = {};
        for (const c of view.components) if (Number(values[c.name]) !== c.tasks) tasks[c.name] = Number(values[c.name]);
        return attempt(`${view.name} is rebalanced: ${plural(Object.keys(tasks).length, "component")} changed`, () => post(at("rebalance"), tasks));
      },
    };
  };
  return html`<div class="actions">
    ${view.status === "INACTIVE"
      ? html`<button data-action="activate" onClick=${() => attempt("activated", () => post(at("activate")))}>Activate</button>`
      : html`<button data-action="deactivate" disabled=${leaving} onClick=${() => attempt("deactivated", () => post(at("deactivate")))}>Deactivate</button>`}
    <button disabled=${leaving} onClick=${rebalance}>Rebalance</button>
    <${Menu} label="Logging" disabled=${leaving}>
      <p>log level</p>
      ${levels.map((l) => html`<button key=${l} onClick=${() => attempt("log level " + l, () => post(pathTo(["topologies", id, "loglevel"], { level: l })))}>${l}</button>`)}
      <p>log each tuple</p>
      <button aria-pressed=${all} onClick=${() => attempt("the tuples of all components are logged", () => post(pathTo(["topologies", id, "debug"], { on: true })))}>of all components</button>
      <button aria-pressed=${none} onClick=${() => attempt("tuples are no longer logged", () => post(pathTo(["topologies", id, "debug"], { on: false })))}>of none</button>
    <//>
    <button class="danger" data-action="kill" disabled=${leaving} onClick=${kill}>Kill</button>
  </div>`;
}

// Menu is a button that opens more of them.
function Menu({ label, disabled, children }) {
  const [open, setOpen] = useState(false);
  return html`<div class="menu" onKeyDown=${(e) => { if (e.key === "Escape" && open) { setOpen(false); e.stopPropagation(); } }}>
    <button aria-expanded=${open} disabled=${disabled} onClick=${() => setOpen(!open)}>${label}<i>▾</i></button>
    ${open && html`<div class="behind" onClick=${() => setOpen(false)}></div><div class="items" onClick=${(e) => { if (e.target.closest("button")) setOpen(false); }}>${children}</div>`}
  </div>`;
}
