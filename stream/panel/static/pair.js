// The pairing page: exchange the code for a session, then open the panel.

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
    answer.textContent = "The player cannot be reached. Is it running?";
  }
});
