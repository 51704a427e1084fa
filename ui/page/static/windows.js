// The buttons that choose the window of charts and counts.
import { html } from "./html.js";
import { ask, shownWindow, windows } from "./route.js";

export function Windows() {
  const now = shownWindow();
  return html`<div class="segments" role="group" aria-label="window">${windows.map(([seconds, name]) => html`
    <button key=${name} aria-pressed=${now === seconds} onClick=${() => ask({ window: String(seconds) })}>${name}</button>`)}</div>`;
}
