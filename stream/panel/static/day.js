// The day as a ribbon, the sentence that says why it sounds so now, and the sleep timer.

const $ = (id) => document.getElementById(id);
const element = (name, properties) => Object.assign(document.createElement(name), properties);
const DAY_MINUTES = 24 * 60;
const UPDATE_MS = 1000;

export class Day {
  #day = null;
  #sleep = null;
  #received = 0; // local time in minutes since the Unix epoch at which the day was received
  #timer = setInterval(() => this.#tick(), UPDATE_MS);

  constructor(link, clock, showMessage) {
    this.link = link;
    this.clock = clock;
    this.showMessage = showMessage;
    $("overrule").addEventListener("click", () => {
      this.#request({ day: this.#day?.overruled ? "follow" : "until next" });
    });
    for (const button of document.querySelectorAll("#sleep button")) {
      button.addEventListener("click", () => this.#request({ sleep: Number(button.value) }));
    }
  }

  // Show the day; null: there is no plan.
  show(day) {
    this.#day = day;
    $("day").hidden = !day;
    if (!day) return;
    this.#received = Date.now() / 60_000 - day.now;
    $("why").textContent = day.sentence;
    $("overrule").textContent = day.overruled ? "Follow the day" : `Overrule until ${day.next || "the next"}`;
    $("overrule").setAttribute("aria-pressed", `${day.overruled}`);
    $("ribbon").replaceChildren(...day.entries.map((entry, index) => this.#entry(entry, index)));
    this.#tick();
  }

  // Show the sleep timer; null: it is off.
  sleep(sleep) {
    this.#sleep = sleep;
    this.#tick();
  }

  #entry(entry, index) {
    const { entries, current } = this.#day;
    const end = entries[index + 1]?.minute ?? DAY_MINUTES;
    const item = element("li", { title: `${entry.start}: ${entry.title}` });
    item.append(
      element("b", { textContent: entry.at }),
      element("span", { textContent: entry.title }),
    );
    item.style.setProperty("--from", entry.minute / DAY_MINUTES);
    item.style.setProperty("--span", (end - entry.minute) / DAY_MINUTES);
    item.classList.toggle("silent", entry.silent);
    if (index === current) item.setAttribute("aria-current", "time");
    return item;
  }

  #tick() {
    if (this.#day) {
      const minute = (Date.now() / 60_000 - this.#received) % DAY_MINUTES;
      $("ribbon").style.setProperty("--now", minute / DAY_MINUTES);
    }
    $("sleep-left").textContent = this.#left();
    for (const button of document.querySelectorAll("#sleep button[value='0']")) {
      button.disabled = !this.#sleep?.end;
    }
  }

  // Return the time that is left in words.
  #left() {
    if (!this.#sleep) return "";
    if (this.#sleep.asleep) return "asleep";
    const seconds = Math.max(this.#sleep.end - this.clock.now(), 0);
    return `ends in ${seconds < 60 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`}`;
  }

  async #request(command) {
    const answer = await this.link.request(command);
    if (answer.refused) this.showMessage(answer.refused);
  }
}
