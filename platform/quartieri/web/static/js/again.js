// A page that waits for the worker looks again by itself; without scripts its button does.
export function lookAgain(part) {
  setTimeout(() => location.reload(), Number(part.dataset.again) * 1000);
}
