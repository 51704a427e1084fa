// Dialogs that ask before an operation, and the message about its result.
import { html, signal, useEffect, useRef, useState } from "./html.js";

export const notice = signal(null); // {text, bad}
let fades = 0;

export function say(text, bad = false) {
  notice.value = { text, bad };
  clearTimeout(fades);
  fades = setTimeout(() => { notice.value = null; }, bad ? 9000 : 4000);
}

// attempt runs an operation and shows its result.
export async function attempt(what, deed) {
  try {
    await deed();
    say(what);
    return true;
  } catch (error) {
    say(error.message, true);
    return false;
  }
}

export const Notice = () => html`<div class="toast" role="status" aria-live="polite">${notice.value && html`<p class=${notice.value.bad ? "bad" : ""}>${notice.value.text}</p>`}</div>`;

// question is the open dialog: {title, text, body, action, danger, fields, done}, or null.
export const question = signal(null);

export function Question() {
  const q = question.value;
  const ref = useRef(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (q && ref.current && !ref.current.open) ref.current.showModal();
    setBusy(false);
  }, [q]);
  if (!q) return null;
  const close = () => { question.value = null; };
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    const values = Object.fromEntries(new FormData(event.currentTarget));
    await q.done(values);
    close();
  };
  return html`<dialog ref=${ref} onClose=${close} onClick=${(e) => { if (e.target === ref.current) close(); }}>
    <form method="dialog" onSubmit=${submit}>
      <h2>${q.title}</h2>
      ${q.text && html`<p>${q.text}</p>`}
      ${q.body || null}
      ${(q.fields || []).map((f) => html`<label key=${f.name} class="field"><span>${f.label}</span><input name=${f.name} type=${f.type || "number"} min=${f.min} max=${f.max} step=${f.step} value=${f.value} /></label>`)}
      <footer>
        <button type="button" class="plain" onClick=${close}>${q.action ? "Cancel" : "Close"}</button>
        ${q.action && html`<button type="submit" class=${q.danger ? "danger" : "primary"} disabled=${busy}>${q.action}</button>`}
      </footer>
    </form>
  </dialog>`;
}
