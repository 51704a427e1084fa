// Formats of numbers, durations and times.

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

// count formats a whole number: 12,345,678.
export const count = (n) => whole.format(n || 0);

// short formats a number in at most five characters: 7, 0.4, 950, 1.25k, 38.1M.
export function short(n) {
  n = n || 0;
  if (n < 0) return "−" + short(-n);
  if (n === 0) return "0";
  if (n < 0.05) return "<0.1";
  if (n < 9.95) return trim(n.toFixed(1));
  if (n < 999.5) return n.toFixed(0);
  for (const unit of ["k", "M", "G", "T"]) {
    n /= 1000;
    if (n < 9.995) return n.toFixed(2) + unit;
    if (n < 99.95) return n.toFixed(1) + unit;
    if (n < 999.5) return n.toFixed(0) + unit;
  }
  return n.toExponential(1);
}

const trim = (text) => text.replace(/\.0$/, "");

// millis formats a latency in milliseconds.
export function millis(ms) {
  if (ms === undefined || ms === null) return "–";
  if (ms === 0) return "0 ms";
  if (ms < 0.0095) return "<0.01 ms";
  if (ms < 0.995) return ms.toFixed(2) + " ms";
  if (ms < 9.95) return ms.toFixed(1) + " ms";
  if (ms < 999.5) return ms.toFixed(0) + " ms";
  if (ms < 9950) return (ms / 1000).toFixed(2) + " s";
  return span(ms / 1000);
}

// span formats a number of seconds in the two largest units: 3d 4h, 12m 5s, 8s.
export function span(seconds) {
  let s = Math.max(0, Math.floor(seconds || 0));
  const parts = [[86400, "d"], [3600, "h"], [60, "m"], [1, "s"]];
  const first = parts.findIndex(([size]) => s >= size);
  if (first < 0) return "0s";
  const shown = [];
  for (const [size, unit] of parts.slice(first, first + 2)) {
    const n = Math.floor(s / size);
    s -= n * size;
    if (n > 0 || shown.length === 0) shown.push(n + unit);
  }
  return shown.join(" ");
}

export function bytes(n) {
  if (!n) return "0 B";
  for (const unit of ["B", "KiB", "MiB", "GiB"]) {
    if (n < 1024) return (n < 10 && unit !== "B" ? n.toFixed(1) : n.toFixed(0)) + " " + unit;
    n /= 1024;
  }
  return n.toFixed(1) + " TiB";
}

export const percent = (part) => (100 * (part || 0)).toFixed(part >= 0.0005 && part < 0.0995 ? 1 : 0) + "%";

const two = (n) => String(n).padStart(2, "0");

// clock formats a time of day, with the date if it is not today.
export function clock(time, parts = "seconds") {
  const t = time instanceof Date ? time : new Date(time);
  if (isNaN(t)) return "–";
  let text = two(t.getHours()) + ":" + two(t.getMinutes());
  if (parts !== "minutes") text += ":" + two(t.getSeconds());
  if (parts === "millis") text += "." + String(t.getMilliseconds()).padStart(3, "0");
  return t.toDateString() === new Date().toDateString() ? text : day(t) + " " + text;
}

const day = (t) => t.getFullYear() + "-" + two(t.getMonth() + 1) + "-" + two(t.getDate());

// ago formats how long ago a time was.
export const ago = (time) => span((Date.now() - new Date(time)) / 1000) + " ago";

// plural formats a number with its noun.
export const plural = (n, noun) => count(n) + " " + noun + (n === 1 ? "" : "s");

// taskName formats a task as gust's log does: count[3].
export const taskName = (component, task) => (component || "gust") + (task ? "[" + task + "]" : "");
