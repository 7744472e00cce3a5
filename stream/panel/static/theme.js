// The theme: that of the system until a person chooses the other one, which this browser keeps.
// Loaded before the page is drawn, so that it never flashes in the wrong colors.

(() => {
  const GROUNDS = { dark: "#0d0e13", light: "#f2f3f8" };
  const KEY = "theme";
  const root = document.documentElement;
  const light = matchMedia("(prefers-color-scheme: light)");
  let chosen = null;
  try {
    chosen = localStorage.getItem(KEY);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  const system = () => (light.matches ? "light" : "dark");

  function apply() {
    const theme = chosen in GROUNDS ? chosen : system();
    root.dataset.theme = theme;
    document.querySelector("meta[name=theme-color]")?.setAttribute("content", GROUNDS[theme]);
    document.getElementById("theme")?.setAttribute("aria-pressed", theme === "light");
    dispatchEvent(new Event("themechange"));
  }

  // Choosing the theme of the system follows the system again.
  function toggle() {
    const other = root.dataset.theme === "light" ? "dark" : "light";
    chosen = other === system() ? null : other;
    try {
      if (chosen) localStorage.setItem(KEY, chosen);
      else localStorage.removeItem(KEY);
    } catch {
      // As above.
    }
    apply();
  }

  light.addEventListener("change", apply);
  document.addEventListener("click", ({ target }) => target.closest?.("#theme") && toggle());
  document.addEventListener("DOMContentLoaded", apply);
  apply();
})();
