// The page's state is in the fragment of its address, so links, reloading and the browser's
// history work:  #/t/TOPOLOGY/c/COMPONENT?window=600
import { signal } from "./html.js";

// The token that opened the page is a cookie by now: it need not stay where others see it.
if (new URLSearchParams(location.search).has("token")) history.replaceState(null, "", location.pathname + location.hash);

const read = () => {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  return { path: path.split("/").filter(Boolean).map(decode), query: new URLSearchParams(query) };
};

function decode(part) {
  try { return decodeURIComponent(part); } catch { return part; }
}

export const route = signal(read());
addEventListener("hashchange", () => { route.value = read(); });

// address returns the address of a view. It keeps the current window.
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

// ask changes parts of the query, without a new entry in the browser's history.
export function ask(changes) {
  const { path, query } = route.value;
  const next = {};
  for (const key of query.keys()) next[key] = query.getAll(key);
  Object.assign(next, changes);
  history.replaceState(null, "", address(path, next));
  route.value = read();
}

export const windows = [[600, "10 min"], [10800, "3 h"], [86400, "1 d"], [0, "all"]];

// shownWindow returns the current window in seconds; 0 is all time.
export const shownWindow = () => {
  const text = route.value.query.get("window");
  const seconds = Number(text);
  return text !== null && windows.some(([w]) => w === seconds) ? seconds : 600;
};
