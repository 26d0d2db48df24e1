// The order of a form's questions: buttons that keep the focus, and dragging by mouse, pen or finger.
// Every button is a form that works alone; here its answer is put in place and said aloud.
function parts(box) {
  return {
    order: [...box.querySelectorAll("[data-arrange-item]")].map(
      (item) => `${item.closest("[data-arrange-list]").dataset.arrangeList}:${item.dataset.arrangeItem}`,
    ),
    version: box.dataset.version,
  };
}

export function arrange(box) {
  let busy = false;

  async function send(action, body, focus) {
    if (busy) return;
    busy = true;
    box.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(action, { method: "POST", body, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-arrange]");
      if (!answer.ok || !fresh) throw new Error(String(answer.status));
      const said = page.querySelector(".q-flashes")?.textContent.replace(/\s+/g, " ").trim() ?? "";
      box.replaceChildren(...fresh.childNodes);
      box.dataset.version = fresh.dataset.version;
      for (const field of document.querySelectorAll("input[name$='version']")) field.value = fresh.dataset.version;
      document.getElementById(focus)?.focus();
      prepare();
      box.querySelector("[data-arrange-said]").textContent = said;
    } catch {
      window.location.reload();
    } finally {
      busy = false;
      box.removeAttribute("aria-busy");
    }
  }

  function prepare() {
    box.querySelectorAll("[data-arrange-handle]").forEach((handle) => { handle.hidden = false; });
  }

  box.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-arrange-button]");
    if (!form) return;
    event.preventDefault();
    send(form.action, new FormData(form), form.querySelector("button").id);
  });

  let dragged = null;
  let before = "";
  box.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-arrange-handle]");
    if (!handle || event.button > 0 || busy) return;
    dragged = handle.closest("[data-arrange-item]");
    before = parts(box).order.join();
    dragged.classList.add("q-dragged");
    box.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  box.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const under = document.elementFromPoint(event.clientX, event.clientY);
    const list = under?.closest("[data-arrange-list]");
    if (!list || !box.contains(list)) return;
    const item = under.closest("[data-arrange-item]");
    if (!item) {
      if (!list.querySelector("[data-arrange-item]")) list.append(dragged);
    } else if (item !== dragged) {
      const { top, height } = item.getBoundingClientRect();
      if (event.clientY < top + height / 2) item.before(dragged);
      else item.after(dragged);
    }
  });
  function drop(event) {
    if (!dragged) return;
    const item = dragged;
    dragged = null;
    item.classList.remove("q-dragged");
    const { order, version } = parts(box);
    if (order.join() === before) return;
    if (event.type === "pointercancel") {
      window.location.reload();
      return;
    }
    const body = new FormData();
    body.append("csrf_token", box.dataset.token);
    body.append("version", version);
    body.append("moved", item.dataset.arrangeItem);
    order.forEach((pair) => body.append("order", pair));
    send(box.dataset.arrange, body, `question-${item.dataset.arrangeItem}`);
  }
  box.addEventListener("pointerup", drop);
  box.addEventListener("pointercancel", drop);
  prepare();
}
