// What is left until a deadline, kept fresh. The server wrote it first; its clock counts, not ours.
const MINUTE = 60_000;

export function countDown(note) {
  const end = Date.parse(note.dataset.countdown);
  const ahead = Date.parse(note.dataset.now) - Date.now();
  const locale = document.documentElement.lang;
  const list = new Intl.ListFormat(locale, { style: "long", type: "conjunction" });

  function unit(count, name) {
    return new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "long" }).format(count);
  }

  function show() {
    const left = end - (Date.now() + ahead);
    if (left < 0) {
      note.textContent = note.dataset.over;
      clearInterval(timer);
      return;
    }
    const minutes = Math.floor(left / MINUTE);
    const days = Math.floor(minutes / 1440);
    const hours = Math.floor(minutes / 60) % 24;
    const parts = days ? [[days, "day"], [hours, "hour"]] : [[hours, "hour"], [minutes % 60, "minute"]];
    const words = parts.filter(([count]) => count).map(([count, name]) => unit(count, name));
    note.textContent = note.dataset.left.replace("{left}", list.format(words.length ? words : [unit(1, "minute")]));
  }

  const timer = setInterval(show, MINUTE / 2);
  show();
}
