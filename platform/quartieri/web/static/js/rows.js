// A table of like rows (a budget): a button adds one more, the sum follows what is typed.
const NUMBER = /-(\d+)(?=-|$)/;

function renumber(row, name, index) {
  for (const element of row.querySelectorAll("[name], [id], [aria-describedby]")) {
    for (const attribute of ["name", "id", "aria-describedby"]) {
      const value = element.getAttribute(attribute);
      if (value?.startsWith(`${name}-`)) {
        element.setAttribute(attribute, name + value.slice(name.length).replace(NUMBER, `-${index}`));
      }
    }
  }
}

// Cents of what a person typed ("1.234,50" or "1,234.50"); null when it is no amount.
export function cents(text) {
  const plain = text.replace(/[\s\u00a0€]/g, "");
  if (!/^[\d.,]+$/.test(plain)) return null;
  const mark = Math.max(plain.lastIndexOf(","), plain.lastIndexOf("."));
  const decimals = mark >= 0 && plain.length - mark - 1 <= 2 ? plain.slice(mark + 1) : "";
  const units = (decimals || mark === plain.length - 1 ? plain.slice(0, mark) : plain).replace(/[.,]/g, "");
  return Number(units || "0") * 100 + Number(decimals.padEnd(2, "0") || "0");
}

export function growRows(box) {
  const name = box.dataset.rows;
  const body = box.querySelector("tbody");
  const button = box.querySelector("[data-add-row]");
  const sum = box.querySelector(".q-rows-sum");
  const output = sum?.querySelector("output");

  function add() {
    const rows = [...body.querySelectorAll("[data-row]")];
    const row = rows.at(-1).cloneNode(true);
    row.querySelectorAll(".q-error").forEach((error) => error.remove());
    row.querySelectorAll("input, textarea, select").forEach((field) => {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
      if (field.tagName === "SELECT") field.selectedIndex = 0;
      else field.value = "";
      const label = field.getAttribute("aria-label");
      if (label) field.setAttribute("aria-label", label.replace(/\d+$/, rows.length + 1));
    });
    renumber(row, name, rows.length);
    body.append(row);
    row.querySelector("input, textarea, select").focus();
  }

  function total() {
    const fields = [...box.querySelectorAll(`[name$="-${box.dataset.sum}"]`)];
    const all = fields.reduce((so_far, field) => so_far + (cents(field.value) ?? 0), 0);
    const format = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: "EUR", useGrouping: "always" });
    output.textContent = format.format(all / 100);
  }

  if (button && body) {
    button.hidden = false;
    button.addEventListener("click", add);
  }
  if (sum) {
    sum.hidden = false;
    box.addEventListener("input", total);
    total();
  }
}
