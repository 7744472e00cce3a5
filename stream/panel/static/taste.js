// The taste: what the stars move, in one sentence.

const $ = (id) => document.getElementById(id);

export class Taste {
  show({ sentence = "", moves = false }) {
    const text = sentence || "Give stars to the tunes that you hear: from ten on, they move what is played.";
    if ($("taste-sentence").textContent !== text) $("taste-sentence").textContent = text;
    $("taste").disabled = !moves;
  }
}
