// Keys: space plays and pauses, N starts the next tune, L listens, Escape is panic.

const KEYS = { " ": "play", n: "next", l: "listen", Escape: "panic" };
const TYPED = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable]";
const PRESSED = "button, a, summary, select, input:not([type=range])"; // what space presses

// Connect the keys to the buttons. A button that was clicked gives up the focus, so that space does
// not press it again; one that was reached by keyboard keeps it, and space presses it.
export function connectKeys() {
  document.addEventListener("keydown", (event) => press(event));
  document.addEventListener("click", ({ detail, target }) => {
    if (detail > 0) target.closest?.("button, summary")?.blur();
  });
}

function press(event) {
  const id = KEYS[event.key];
  if (!id || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest(event.key === " " ? PRESSED : TYPED)) return;
  event.preventDefault();
  document.getElementById(id).click();
}
