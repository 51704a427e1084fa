// Sets the theme before the first paint, so that nothing flashes. It is no module: those run later.
(() => {
  let theme = null;
  try { theme = localStorage.getItem("gust.theme"); } catch { /* storage is off */ }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
