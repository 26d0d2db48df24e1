// Questions that depend on answers of the same page: shown while they are to be answered. The
// server decides by the same rules when the page is saved; nothing that was typed is thrown away.
import { cents } from "./rows.js";

const JOINS = {
  all: (parts) => parts.every(Boolean),
  any: (parts) => parts.some(Boolean),
  not: (parts) => !parts[0],
};

const filled = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value.trim() !== "");
const fieldsOf = (box) => [...box.querySelectorAll("input, select, textarea")];
const figure = (text) => (text.trim() === "" ? null : cents(text));

function day(text) {
  const parts = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/.exec(text.trim());
  if (parts) return `${parts[3]}-${parts[2].padStart(2, "0")}-${parts[1].padStart(2, "0")}`;
  return /^\d{4}-\d\d-\d\d$/.test(text.trim()) ? text.trim() : null;
}

function chosen(fields) {
  const field = fields.find((one) => one.tagName === "SELECT" || one.checked);
  return field?.value || null;
}

function rowsOf(box) {
  return [...box.querySelectorAll("[data-row]")].filter((row) => fieldsOf(row).some(filled));
}

// What conditions see of each kind of question: null for nothing; figures in hundredths.
const READ = {
  short_text: (_box, [field]) => field.value.trim() || null,
  long_text: (_box, [field]) => field.value.trim() || null,
  number: (_box, [field]) => figure(field.value),
  money: (_box, [field]) => figure(field.value),
  date: (_box, [field]) => day(field.value),
  choice: (_box, fields) => chosen(fields),
  yes_no: (_box, fields) => ({ yes: true, no: false })[chosen(fields)] ?? null,
  choices: (_box, fields) => {
    const all = fields.filter((field) => field.checked).map((field) => field.value);
    return all.length ? all : null;
  },
  budget: (box) => {
    const amounts = [...box.querySelectorAll("[name$='-c_amount']")];
    return rowsOf(box).length ? amounts.reduce((sum, field) => sum + (cents(field.value) ?? 0), 0) : null;
  },
  file: (box, fields) => {
    const kept = fields.filter((field) => field.name.endsWith("-remove") && !field.checked).length;
    return kept || fields.some((field) => field.type === "file" && field.value) ? true : null;
  },
};

function answer(box) {
  const fields = fieldsOf(box);
  const read = READ[box.dataset.kind];
  if (read) return fields.length ? read(box, fields) : null;
  return fields.some(filled) ? true : null;
}

function compared(kind, given, value) {
  if (kind === "number") return given - Math.round(Number(value) * 100);
  if (kind === "money" || kind === "budget") return given - Number(value);
  if (typeof given !== typeof value) return NaN;
  return given === value ? 0 : given < value ? -1 : 1;
}

function passes(test, kind, given) {
  if (given === null) return false;
  if (test.op === "answered") return true;
  if (test.op === "has") return given.includes(test.value);
  const order = compared(kind, given, test.value);
  if (test.op === "is") return order === 0;
  return test.op === "least" ? order >= 0 : order <= 0;
}

export function followConditions(form) {
  const boxes = new Map([...form.querySelectorAll("[data-ask]")].map((box) => [box.dataset.ask, box]));
  const rules = new Map([...boxes].filter(([, box]) => box.dataset.when).map(([key, box]) => [key, JSON.parse(box.dataset.when)]));
  if (!rules.size) return;
  form.querySelectorAll("[data-when-note]").forEach((note) => { note.hidden = true; });

  function update() {
    const known = new Map();
    const shown = (key) => {
      if (!known.has(key)) known.set(key, !rules.has(key) || holds(rules.get(key)));
      return known.get(key);
    };
    const holds = (rule) => {
      if (JOINS[rule.op]) return JOINS[rule.op](rule.of.map(holds));
      const box = boxes.get(rule.question);
      return Boolean(box) && shown(rule.question) && passes(rule, box.dataset.kind, answer(box));
    };
    boxes.forEach((box, key) => { box.hidden = !shown(key); });
  }

  form.addEventListener("input", update);
  form.addEventListener("change", update);
  update();
}
