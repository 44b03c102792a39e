// Comfort only: the agreement as it will read follows what one types, a search is sent with Enter, and one is
// warned before leaving with something unsaved. Without this the buttons do the same.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("skjema");
  const paper = document.getElementById("papir");
  if (!form || !paper) {
    return;
  }
  const wide = window.matchMedia("(min-width: 64rem)");
  let dirty = document.querySelector(".unsaved, .ds-error-summary") !== null;
  let waiting = 0;
  let asked = 0;

  async function show() {
    const mine = ++asked;
    const sent = new FormData(form);
    for (const [name, value] of [...sent]) {
      if (value instanceof File) {
        sent.delete(name);
      }
    }
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(sent) });
      if (answer.ok && mine === asked) {
        const place = paper.scrollTop;
        paper.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
        paper.scrollTop = place;
      }
    } catch {
      // Without an answer the last preview stays; the button still works.
    }
  }

  form.addEventListener("input", () => {
    dirty = true;
    window.clearTimeout(waiting);
    waiting = window.setTimeout(show, 600);
  });
  form.addEventListener("submit", () => {
    dirty = false;
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.id === "find") {
      event.preventDefault();
      form.querySelector("button[value=find]").click();
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) {
      event.preventDefault();
    }
  });
  form.addEventListener("focusin", (event) => {
    const section = event.target.closest("[data-clause]");
    const clause = section && document.getElementById(`les-${section.dataset.clause}`);
    if (clause && wide.matches) {
      paper.scrollTop = clause.offsetTop - paper.offsetTop;
    }
  });
  if (wide.matches && !paper.querySelector(".clause-text")) {
    show();
  }
});
