// The cards that fold: those that a person has opened or closed stay so in this browser.

import { store, stored } from "./stored.js";

const KEY = "folds";
const NARROW = matchMedia("(max-width: 699px)");

// Open each card as it was left, or else as it fits the width of the page.
export function restoreFolds() {
  const open = stored(KEY) ?? {};
  for (const card of document.querySelectorAll("details[id]")) {
    card.open = open[card.id] ?? (card.open && !(NARROW.matches && "folds" in card.dataset));
    card.firstElementChild.addEventListener("click", () => {
      open[card.id] = !card.open;
      store(KEY, open);
    });
  }
}
