// A topology's status in one word, and its diagnosis in one sentence.
import { html } from "./html.js";
import { address } from "./route.js";

export function Status({ view }) {
  const word = view.ended ? "ended" : view.phase === "starting" ? "starting" : view.status === "KILLED" ? "stopping" : view.status.toLowerCase();
  const kind = view.ended ? (view.reason ? "bad" : "off") : view.diagnosis.severity === "trouble" ? "bad" : word === "active" ? "ok" : word === "inactive" ? "off" : "warn";
  return html`<span class=${"status " + kind} data-status=${word}><i></i>${word}</span>`;
}

// Banner shows the diagnosis, with a link to the component that it names.
export function Banner({ id, diagnosis }) {
  const { text, component, severity, task } = diagnosis;
  return html`<div class=${"banner " + severity} data-diagnosis=${diagnosis.kind}>
    <i></i>
    <p>${linked(text, component, id)}</p>
    ${component && severity !== "good" && html`<a class="button" href=${address(["t", id, "c", component])}>Open ${component}${task ? "[" + task + "]" : ""}</a>`}
  </div>`;
}

function linked(text, component, id) {
  if (!component) return text;
  const at = text.search(new RegExp("(?<![\\w-])" + component.replace(/[^\w]/g, "\\$&") + "(?![\\w-])"));
  if (at < 0) return text;
  return [text.slice(0, at), html`<a href=${address(["t", id, "c", component])}>${component}</a>`, text.slice(at + component.length)];
}
