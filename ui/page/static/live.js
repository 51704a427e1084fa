// The topology on display: one stream of server-sent events with its current view, and the
// history for the charts.
import { batch, effect, signal } from "./html.js";
import { get, hidden, pathTo, paused } from "./api.js";

export const view = signal(null);         // status.View, or null before the first
export const points = signal([]);         // the topology's history, continued from the stream
export const events = signal([]);
export const connection = signal("opening"); // "open", "lost", "missing" or "ended"

const mostPoints = 750; // ten minutes have 600, and the server may send a few more

// wanted is the topology on display, by id or name, and its window.
const wanted = signal(null);

export function follow(id, window) {
  const now = wanted.peek();
  if (now ? now.id === id && now.window === window : id === null) return;
  batch(() => {
    if (!now || now.id !== id) forget();
    wanted.value = id === null ? null : { id, window };
  });
}

function forget() {
  view.value = null;
  points.value = [];
  events.value = [];
  connection.value = "opening";
}

// appended returns a history with one more point.
export function appended(list, point) {
  if (!point || !point.t || list.length > 0 && point.t <= list[list.length - 1].t) return list;
  const next = list.length >= mostPoints ? list.slice(list.length - mostPoints + 1) : list.slice();
  next.push(point);
  return next;
}

effect(() => {
  const want = wanted.value;
  if (!want || paused.value || hidden.value) return undefined;
  let stream = null, retry = 0, renew = 0, over = false, seen = "";
  const history = async () => {
    clearTimeout(renew);
    try {
      const list = await get(pathTo(["topologies", want.id, "history"], { window: want.window }));
      if (!over) points.value = list;
    } catch { /* the stream shows the error */ }
    if (!over && want.window !== 600) renew = setTimeout(history, 10000);
  };
  const happened = async () => {
    try {
      const list = await get(pathTo(["topologies", want.id, "events"]));
      if (!over) events.value = list;
    } catch { /* the stream shows the error */ }
  };
  const open = () => {
    stream = new EventSource(pathTo(["topologies", want.id, "stream"], { window: want.window }));
    stream.addEventListener("view", (message) => {
      const v = JSON.parse(message.data);
      if (v.ended) v.components.forEach((c) => { c.down = c.loading = 0; }); // as all are, which is no alarm
      batch(() => {
        const before = view.peek();
        if (before && before.id !== v.id) { // another run of the same name
          points.value = [];
          history();
        }
        view.value = v;
        connection.value = v.ended ? "ended" : "open";
        if (want.window === 600 && !v.ended) points.value = appended(points.peek(), v.now);
      });
      const mark = v.id + v.restarts + v.status + v.phase + v.components.map((c) => c.down).join();
      if (mark !== seen) {
        seen = mark;
        happened();
      }
      if (v.ended) { // the server closes the stream, too
        stream.close();
        again(3000);
      }
    });
    stream.onerror = () => {
      stream.close();
      again(view.peek() ? 1500 : 150);
    };
  };
  // again waits, and opens the stream if there is a running topology of that name.
  const again = (wait) => {
    clearTimeout(retry);
    retry = setTimeout(async () => {
      try {
        const v = await get(pathTo(["topologies", want.id], { window: want.window }));
        if (over) return;
        if (v.ended && view.peek() && view.peek().id === v.id) return again(3000);
        seen = "";
        history();
        open();
      } catch (error) {
        if (over) return;
        connection.value = error.status === 404 ? "missing" : "lost";
        again(2000);
      }
    }, wait);
  };
  history();
  open();
  return () => {
    over = true;
    stream.close();
    clearTimeout(retry);
    clearTimeout(renew);
  };
});
// Some events do not change the view, such as a new log level: poll them slowly.
setInterval(async () => {
  const want = wanted.peek();
  if (!want || paused.peek() || hidden.peek() || connection.peek() !== "open") return;
  try {
    const list = await get(pathTo(["topologies", want.id, "events"]));
    if (wanted.peek() === want) events.value = list;
  } catch { /* the stream shows the error */ }
}, 5000);
