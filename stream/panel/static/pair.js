// The pairing page: exchange the code for a session, then open the panel. A QR code has brought the
// code in the fragment of the address, which browsers send to nobody.

const form = document.getElementById("pair");
const answer = document.getElementById("answer");

async function pair(code) {
  answer.textContent = "";
  try {
    const response = await fetch("/pair", { method: "POST", body: code });
    if (response.ok) location.replace("/");
    else answer.textContent = await response.text();
  } catch {
    answer.textContent = "The player cannot be reached. Is it running?";
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  pair(form.elements.code.value);
});

function pairByFragment() {
  const code = decodeURIComponent(location.hash.slice(1));
  if (!code) return;
  // The code is to stay neither in the history nor in a bookmark.
  history.replaceState(null, "", location.pathname);
  pair(code);
}

addEventListener("hashchange", pairByFragment);
pairByFragment();
