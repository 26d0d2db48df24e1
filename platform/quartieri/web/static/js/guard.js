// Asks before one leaves a form with something typed that was not sent.
export function guardForms(form) {
  let touched = Boolean(form.querySelector("[aria-invalid='true']"));
  form.addEventListener("input", () => { touched = true; });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    touched = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (touched) event.preventDefault();
  });
}
