// Sets the theme before the first paint. It is not a module, because modules run later.
(() => {
  let theme = null;
  try { theme = localStorage.getItem("gust.theme"); } catch { /* storage is off */ }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
