// The colors of drawings: custom properties of the theme, kept until the theme changes.

const style = getComputedStyle(document.documentElement);
const known = new Map();

export function color(name) {
  if (!known.get(name)) known.set(name, style.getPropertyValue(`--${name}`).trim());
  return known.get(name);
}

export const isLight = () => document.documentElement.dataset.theme === "light";

addEventListener("themechange", () => known.clear());
matchMedia("(forced-colors: active)").addEventListener("change", () => known.clear());
