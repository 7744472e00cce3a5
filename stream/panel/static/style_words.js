// Styles in words: a blend as shares, a walk as its places.

export function shortStyle(style) {
  if (!style) return "any style";
  return style
    .split("/")
    .map((place) =>
      place
        .split(",")
        .map((part) => part.split(":"))
        .map(([name, weight]) => (weight ? `${name} ${Math.round(100 * weight)} %` : name))
        .join(" + "),
    )
    .join(" → ");
}
