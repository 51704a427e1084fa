// The page's state is in the fragment of its address, so that it can be shared, reloaded
// and gone back from:  #/t/TOPOLOGY/c/COMPONENT?window=600
import { signal } from "./html.js";

const read = () => {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  return { path: path.split("/").filter(Boolean).map(decode), query: new URLSearchParams(query) };
};

function decode(part) {
  try { return decodeURIComponent(part); } catch { return part; }
}

export const route = signal(read());
addEventListener("hashchange", () => { route.value = read(); });

// address is the address of a place. The window stays chosen from one place to the next.
export function address(path, query = {}) {
  const all = new URLSearchParams();
  const window = route.value.query.get("window");
  if (window) all.set("window", window);
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== "" && one !== null && one !== undefined && one !== false) all.append(key, one);
    }
  }
  const text = all.toString();
  return "#/" + path.map(encodeURIComponent).join("/") + (text ? "?" + text : "");
}

export const go = (path, query) => { location.hash = address(path, query); };

// ask changes parts of the query, and keeps the rest. It makes no step to go back to.
export function ask(changes) {
  const { path, query } = route.value;
  const next = {};
  for (const key of query.keys()) next[key] = query.getAll(key);
  Object.assign(next, changes);
  history.replaceState(null, "", address(path, next));
  route.value = read();
}

export const windows = [[600, "10 min"], [10800, "3 h"], [86400, "1 d"], [0, "all"]];

// window is the span of time that is shown, in seconds; 0 is all of it.
export const shownWindow = () => {
  const text = route.value.query.get("window");
  const seconds = Number(text);
  return text !== null && windows.some(([w]) => w === seconds) ? seconds : 600;
};
