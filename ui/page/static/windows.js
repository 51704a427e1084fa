// The choice of the span of time that counts and charts are of.
import { html } from "./html.js";
import { ask, shownWindow, windows } from "./route.js";

export function Windows() {
  const now = shownWindow();
  return html`<div class="segments" role="group" aria-label="window">${windows.map(([seconds, name]) => html`
    <button key=${name} aria-pressed=${now === seconds} onClick=${() => ask({ window: String(seconds) })}>${name}</button>`)}</div>`;
}
