// Light or dark: the system's theme, unless the user has chosen one.
import { effect, signal } from "./html.js";

const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", () => { systemDark.value = system.matches; });

const chosen = signal(document.documentElement.dataset.theme || null);

export const dark = { get value() { return chosen.value ? chosen.value === "dark" : systemDark.value; } };

export function toggleTheme() {
  chosen.value = dark.value ? "light" : "dark";
  try { localStorage.setItem("gust.theme", chosen.value); } catch { /* storage is off */ }
}

// epoch changes with the theme. Charts then draw their canvas again.
export const epoch = signal(0);

effect(() => {
  if (chosen.value) document.documentElement.dataset.theme = chosen.value;
  void systemDark.value;
  epoch.value = epoch.peek() + 1;
});
