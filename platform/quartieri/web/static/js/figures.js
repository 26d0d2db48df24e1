// A campaign's figures, kept fresh. The server draws them; the browser asks whether they changed.
const EVERY = 20_000;

export function followFigures(box) {
  const figures = box.querySelector("[data-figures-shown]");
  const button = box.querySelector("[data-figures-aloud]");
  const sentence = box.querySelector("[data-figures-said]");
  let last = figures.innerHTML.trim();
  let waiting = false;

  async function look() {
    if (document.hidden || waiting) return;
    waiting = true;
    try {
      const answer = await fetch(box.dataset.figures, { headers: { Accept: "text/html" } });
      if (answer.ok) show(await answer.text());
    } catch {
      // offline: what is shown stays, and the next round asks again
    } finally {
      waiting = false;
    }
  }

  function show(html) {
    if (html.trim() === last) return;
    last = html.trim();
    figures.innerHTML = html;
    const words = figures.querySelector(".q-progress-words");
    if (button.getAttribute("aria-pressed") === "true" && words) sentence.textContent = words.textContent;
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    const aloud = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(aloud));
    sentence.setAttribute("aria-live", aloud ? "polite" : "off");
  });
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
}
