// Characters left under a long text. The server counts again: nothing is cut while one types.
export function countCharacters(note) {
  const field = document.getElementById(note.dataset.leftFor);
  if (!field) return;
  const limit = Number(field.dataset.limit);
  const spoken = document.createElement("span");
  spoken.className = "visually-hidden";
  spoken.setAttribute("role", "status");
  note.after(spoken);
  let timer;

  function show() {
    // As maxlength counts, and the server: UTF-16 units, a new line is one.
    const used = field.value.length;
    const left = limit - used;
    note.dataset.state = left < 0 ? "over" : "within";
    note.textContent = (left < 0 ? note.dataset.over : note.dataset.left).replace("{n}", Math.abs(left));
    clearTimeout(timer);
    if (left < limit / 10) timer = setTimeout(() => { spoken.textContent = note.textContent; }, 1000);
  }

  field.addEventListener("input", show);
  show();
}
