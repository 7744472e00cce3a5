// Kept tunes: keep the one that plays, and play, download, like or delete those that are kept.

const $ = (id) => document.getElementById(id);
const FORMS = { mid: "MIDI", musicxml: "MusicXML", abc: "ABC" };

export class Kept {
  #tune = null; // number of the tune that sounds
  #playing = ""; // name of the kept tune that sounds
  #waiting = [];
  #known = "";

  constructor(link, showMessage) {
    this.link = link;
    this.showMessage = showMessage;
    $("keep").addEventListener("click", () => this.#keep());
    document.addEventListener("keydown", (event) => {
      const free = event.target === document.body && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (event.key === "k" && free && !event.repeat) $("keep").click();
    });
  }

  // Show the state of the player; the list is read again when it may have changed.
  show(state) {
    this.#waiting = state.waiting ?? [];
    this.#buttons();
    const known = `${state.revision} ${state.deleted ?? ""}`;
    if (known === this.#known) return;
    this.#known = known;
    this.#read();
  }

  sounding(phrase) {
    const playing = phrase?.kept ?? "";
    const tune = phrase ? phrase.tune : null;
    if (tune === this.#tune && playing === this.#playing) return;
    this.#tune = tune;
    this.#playing = playing;
    this.#buttons();
    for (const row of $("kept-list").children) row.classList.toggle("playing", row.dataset.name === playing && playing !== "");
  }

  #buttons() {
    const waits = this.#waiting.includes(this.#tune);
    $("keep").disabled = this.#tune === null || waits || this.#playing !== "";
    $("keep").textContent = waits ? "Kept when it ends" : this.#playing ? "Kept" : "Keep this tune";
  }

  async #keep() {
    const answer = await this.#ask({ keep: { tune: this.#tune } });
    if (answer) this.showMessage(answer.ended ? "Kept." : `Tune ${this.#tune + 1} is kept when it ends.`);
  }

  async #read() {
    const answer = await this.link.request({ kept: true });
    if (answer.refused) return;
    $("kept-list").replaceChildren(...answer.tunes.map((tune) => this.#row(tune)));
    $("kept-hint").textContent = answer.tunes.length ? `${answer.tunes.length} kept` : "nothing is kept yet";
  }

  #row(tune) {
    const row = document.createElement("li");
    row.dataset.name = tune.name;
    row.classList.toggle("playing", tune.name === this.#playing);
    const title = document.createElement("b");
    title.textContent = tune.title;
    const facts = document.createElement("span");
    facts.className = "hint";
    facts.textContent = [tune.style, tune.stars && "★".repeat(tune.stars), lengthOf(tune.seconds), dayOf(tune.time)]
      .filter(Boolean)
      .join(" · ");
    const again = this.#button("Play again", tune, () => this.#again(tune));
    const like = this.#button("More like this", tune, () => this.#ask({ [tune.favourite ? "unlike" : "like"]: tune.name }));
    like.setAttribute("aria-pressed", tune.favourite);
    const remove = this.#button("Delete", tune, () => this.#delete(tune));
    row.append(title, facts, again, like, ...Object.keys(FORMS).map((form) => linkTo(tune, form)), remove);
    return row;
  }

  #button(text, tune, action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "chip";
    button.textContent = text;
    button.setAttribute("aria-label", `${text}: ${tune.title}`);
    button.addEventListener("click", action);
    return button;
  }

  async #again(tune) {
    if (await this.#ask({ again: tune.name })) this.showMessage(`${tune.title} plays before the next tune.`);
  }

  async #delete(tune) {
    if (confirm(`Delete ${tune.title}?`)) await this.#ask({ delete: tune.name });
  }

  async #ask(request) {
    const answer = await this.link.request(request);
    if (answer.refused) this.showMessage(answer.refused);
    return answer.refused ? null : answer;
  }
}

function linkTo(tune, form) {
  const link = document.createElement("a");
  link.href = `/kept/${encodeURIComponent(tune.name.replace(/mid$/, form))}`;
  link.download = "";
  link.textContent = FORMS[form];
  link.setAttribute("aria-label", `${FORMS[form]}: ${tune.title}`);
  return link;
}

function lengthOf(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.round(seconds) % 60).padStart(2, "0")}`;
}

function dayOf(time) {
  return new Date(1000 * time).toLocaleDateString(undefined, { day: "numeric", month: "short" });
}
