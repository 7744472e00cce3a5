// The pairing page: the code buys a session, then the panel opens.

const form = document.getElementById("pair");
const answer = document.getElementById("answer");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  answer.textContent = "";
  try {
    const response = await fetch("/pair", { method: "POST", body: form.elements.code.value });
    if (response.ok) location.replace("/");
    else answer.textContent = await response.text();
  } catch {
    answer.textContent = "The player can not be reached.";
  }
});
