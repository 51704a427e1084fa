// gust's HTTP API.
import { effect, signal, useEffect, useRef, useState } from "./html.js";

const prefix = "/api/gust/v1/";

// pathTo is an address of the API: its parts, and a query.
export function pathTo(parts, query = {}) {
  const all = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== "" && one !== null && one !== undefined) all.append(key, one);
    }
  }
  const text = all.toString();
  return prefix + parts.map(encodeURIComponent).join("/") + (text ? "?" + text : "");
}

// Failure is an answer of the API that says why not.
class Failure extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

async function call(path, options) {
  const answer = await fetch(path, options);
  let body = null;
  try { body = await answer.json(); } catch { /* of a proxy, perhaps */ }
  if (!answer.ok) throw new Failure(answer.status, (body && body.error) || answer.statusText);
  return body;
}

export const get = (path, signal) => call(path, { signal });
export const post = (path, body) => call(path, {
  method: "POST",
  headers: body === undefined ? {} : { "Content-Type": "application/json" },
  body: body === undefined ? undefined : JSON.stringify(body),
});

// paused keeps what is shown as it is, so that it can be read.
export const paused = signal(false);

// hidden is set while nobody can see the page: nothing is asked for then.
export const hidden = signal(document.hidden);
document.addEventListener("visibilitychange", () => { hidden.value = document.hidden; });

// usePolled asks for a path at once, and again so many milliseconds after each answer.
// Of a path that has changed nothing old is shown. path may be null: then nothing is asked.
export function usePolled(path, every) {
  const [state, set] = useState({ path: null, data: null, error: null });
  const current = useRef(path);
  current.current = path;
  useEffect(() => {
    if (path === null) return undefined;
    let timer = 0, abort = null, over = false, asked = false, asking = false;
    const ask = async () => {
      clearTimeout(timer);
      if (over || asking) return;
      if (asked && (paused.peek() || hidden.peek())) return; // the effect below asks again
      asked = asking = true;
      abort = new AbortController();
      try {
        const data = await get(path, abort.signal);
        if (!over) set({ path, data, error: null });
      } catch (error) {
        if (!over && error.name !== "AbortError") set((was) => ({ path, data: was.path === path ? was.data : null, error }));
      }
      asking = false;
      if (!over && every) timer = setTimeout(ask, every);
    };
    const stop = effect(() => { if (!paused.value && !hidden.value || !asked) ask(); });
    return () => {
      over = true;
      stop();
      clearTimeout(timer);
      if (abort) abort.abort();
    };
  }, [path, every]);
  return state.path === path ? state : { path, data: null, error: null };
}
