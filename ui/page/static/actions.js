// The operations on a topology.
import { html, useEffect, useState } from "./html.js";
import { pathTo, post } from "./api.js";
import { attempt, question } from "./dialog.js";
import { plural } from "./format.js";
import { route } from "./route.js";

const levels = ["trace", "debug", "info", "warn", "error"];

export function Actions({ id, view }) {
  if (view.ended) return null;
  const at = (...parts) => pathTo(["topologies", id, ...parts]);
  const all = view.components.every((c) => c.debug), none = !view.components.some((c) => c.debug);
  const leaving = view.status === "KILLED";
  const kill = () => {
    question.value = {
      title: `Kill ${view.name}?`, action: "Kill", danger: true,
      text: "The spouts stop now. In-flight tuples get this many seconds to finish. Then gust stops all processes, and the run ends.",
      fields: [{ name: "wait", label: "seconds", value: 10, min: 0, max: 86400 }],
      done: ({ wait }) => attempt(`Stopping ${view.name}`, () => post(pathTo(["topologies", id, "kill"], { wait: Number(wait) }))),
    };
  };
  const rebalance = () => {
    question.value = {
      title: `Rebalance ${view.name}`, action: "Rebalance", text: "The number of tasks of each component. gust restarts the topology with them, after its in-flight tuples have finished.",
      fields: view.components.map((c) => ({ name: c.name, label: c.name, value: c.tasks, min: 1, max: 10000 })),
      done: (values) => {
        const tasks = {};
        for (const c of view.components) if (Number(values[c.name]) !== c.tasks) tasks[c.name] = Number(values[c.name]);
        return attempt(`Rebalancing ${view.name}: ${plural(Object.keys(tasks).length, "component")} changed`, () => post(at("rebalance"), tasks));
      },
    };
  };
  return html`<div class="actions">
    ${view.status === "INACTIVE"
      ? html`<button data-action="activate" onClick=${() => attempt("Activated", () => post(at("activate")))}>Activate</button>`
      : html`<button data-action="deactivate" disabled=${leaving || view.status === "REBALANCING"} onClick=${() => attempt("Deactivated", () => post(at("deactivate")))}>Deactivate</button>`}
    <button disabled=${leaving} onClick=${rebalance}>Rebalance</button>
    <${Menu} label="Logging" disabled=${leaving}>
      <p>Log level</p>
      ${levels.map((l) => html`<button key=${l} aria-pressed=${view.log_level === l} title=${l === view.conf_log_level ? "as configured" : ""} onClick=${() => attempt("Log level: " + l, () => post(pathTo(["topologies", id, "loglevel"], { level: l })))}>${l}</button>`)}
      <p>Log emitted tuples</p>
      <button aria-pressed=${all} onClick=${() => attempt("Logging the tuples of all components", () => post(pathTo(["topologies", id, "debug"], { on: true })))}>all components</button>
      <button aria-pressed=${none} onClick=${() => attempt("Tuples are no longer logged", () => post(pathTo(["topologies", id, "debug"], { on: false })))}>none</button>
    <//>
    <button class="danger" data-action="kill" disabled=${leaving && view.phase !== "inactive"} onClick=${kill}>Kill</button>
  </div>`;
}

// Menu is a button that opens a list of buttons.
function Menu({ label, disabled, children }) {
  const [open, setOpen] = useState(false);
  useEffect(() => { setOpen(false); }, [route.value]);
  return html`<div class="menu" onKeyDown=${(e) => { if (e.key === "Escape" && open) { setOpen(false); e.stopPropagation(); } }}>
    <button aria-expanded=${open} disabled=${disabled} onClick=${() => setOpen(!open)}>${label}<i>▾</i></button>
    ${open && html`<div class="behind" onClick=${() => setOpen(false)}></div><div class="items" onClick=${(e) => { if (e.target.closest("button")) setOpen(false); }}>${children}</div>`}
  </div>`;
}
