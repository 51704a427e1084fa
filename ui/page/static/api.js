// Requests to gust's HTTP API.
import { effect, signal, useEffect, useRef, useState } from "./html.js";

const prefix = "/api/gust/v1/";

// pathTo returns an address of the API, from the parts of its path and a query.
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

// Failure is an error that the API reported.
class Failure extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

async function call(path, options) {
  const answer = await fetch(path, options);
  let body = null;
  try { body = await answer.json(); } catch { /* not from gust, but from a proxy */ }
  if (!answer.ok) throw new Failure(answer.status, (body && body.error) || answer.statusText);
  return body;
}

export const get = (path, signal) => call(path, { signal });
export const post = (path, body) => call(path, {
  method: "POST",
  headers: body === undefined ? {} : { "Content-Type": "application/json" },
  body: body === undefined ? undefined : JSON.stringify(body),
});

// paused stops all updates, so that the page can be read.
export const paused = signal(false);

// hidden is true while nobody can see the page. It then sends no requests.
export const hidden = signal(document.hidden);
document.addEventListener("visibilitychange", () => { hidden.value = document.hidden; });

// usePolled requests a path now, and again `every` milliseconds after each answer. When the
// path changes, data is null until the first answer. A null path requests nothing.
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
      if (asked && (paused.peek() || hidden.peek())) return; // the effect below resumes
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
