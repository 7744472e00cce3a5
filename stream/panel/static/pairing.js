// Pairing of one more phone: a QR code, and the code to type where there is no camera.

const SVG = "http://www.w3.org/2000/svg";

export class Pairing {
  #section = document.getElementById("pairing");
  #button = document.getElementById("invite");
  #shown = document.getElementById("invitation");
  #text = document.getElementById("invitation-text");
  #image = document.getElementById("invitation-code");
  #timer = 0;

  constructor(showMessage) {
    this.showMessage = showMessage;
    this.#button.addEventListener("click", () => this.#invite());
    this.#appear();
  }

  // Show the card if other machines reach the panel, so that browsers are paired.
  async #appear() {
    try {
      const { pairing } = await (await fetch("/invite")).json();
      this.#section.hidden = !pairing;
    } catch {
      this.#section.hidden = true; // the player is gone, and with it the page
    }
  }

  async #invite() {
    try {
      const response = await fetch("/invite", { method: "POST" });
      if (response.ok) this.#show(await response.json());
      else this.showMessage(await response.text());
    } catch {
      this.showMessage("the player cannot be reached; try again");
    }
  }

  #show({ url, code, minutes, qr }) {
    this.#image.replaceChildren();
    this.#image.toggleAttribute("hidden", !qr);
    if (qr) {
      this.#image.setAttribute("viewBox", `0 0 ${qr.size} ${qr.size}`);
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", qr.path);
      this.#image.append(path);
    }
    const scan = qr ? "Scan this, or open" : "Open";
    this.#text.textContent = `${scan} ${url} and type ${code}. It pairs one phone, within ${minutes} minutes.`;
    this.#shown.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#shown.hidden = true), minutes * 60000);
  }
}
