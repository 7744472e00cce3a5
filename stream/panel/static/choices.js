// The choices at the top of the page: voice, style and ensemble.

const $ = (id) => document.getElementById(id);

export class Choices {
  #titles = new Map(); // of ensembles, by name
  #ensemble = "";

  constructor(link, requests, showMessage) {
    this.requests = requests;
    this.pick = $("style-choice");
    $("voice").addEventListener("change", async () => {
      const answer = await link.request({ voice: $("voice").value });
      if (answer.refused) showMessage(answer.refused);
    });
    this.pick.addEventListener("change", () => requests.set({ style: this.pick.value }));
    $("ensemble").addEventListener("change", () => {
      this.#ensemble = $("ensemble").value;
      requests.set({ ensemble: this.#ensemble });
    });
  }

  hello({ voice, voices = [], styles = [], ensembles = [] }) {
    $("voice").replaceChildren(...voices.map((name) => new Option(name, name)));
    $("voice").value = voice;
    $("voice").disabled = voices.length < 2;
    this.pick.replaceChildren(new Option("any, by turns", ""), ...styles.map((name) => new Option(name, name)));
    this.#titles = new Map(ensembles.map(({ name, title }) => [name, title]));
    const options = [...this.#titles].map(([name, title]) => new Option(title, name));
    $("ensemble").replaceChildren(new Option("as the style says", ""), ...options);
    choose($("ensemble"), this.#ensemble, this.#ensemble);
  }

  // Show what is set in the player; `words` are those of its style.
  show({ style = "", ensemble = "" }, words) {
    if (this.requests.settled("style")) choose(this.pick, style, words(style));
    if (!this.requests.settled("ensemble")) return;
    this.#ensemble = ensemble;
    choose($("ensemble"), ensemble, ensemble);
  }

  // Show who plays in the phrase that sounds; return the title of the ensemble.
  sounding(phrase) {
    const name = phrase?.ensemble ?? "";
    const title = this.#titles.get(name) ?? name;
    const text = title || (phrase ? "the voice alone" : "");
    if ($("ensemble-now").textContent !== text) $("ensemble-now").textContent = text;
    return text;
  }
}

// Choose a value, which is added if the list does not have it, such as a blend of styles.
function choose(select, value, text) {
  select.querySelector("[data-added]")?.remove();
  if (![...select.options].some((option) => option.value === value)) {
    const option = new Option(text, value);
    option.dataset.added = "";
    select.add(option);
  }
  select.value = value;
}
