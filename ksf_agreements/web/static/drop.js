// Comfort only: files may be dragged onto a field for files, and a form that takes its time says so.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll(".drop")) {
    const input = box.querySelector("input[type=file]");
    const words = document.createElement("p");
    words.className = "muted";
    words.textContent = box.dataset.words;
    box.append(words);
    const lit = (on) => box.classList.toggle("over", on);
    box.addEventListener("dragover", (event) => { event.preventDefault(); lit(true); });
    box.addEventListener("dragleave", () => lit(false));
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      lit(false);
      const files = event.dataTransfer.files;
      if (files.length && (input.multiple || files.length === 1)) {
        input.files = files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }
  for (const form of document.querySelectorAll("form[data-wait]")) {
    form.addEventListener("submit", () => {
      const words = document.createElement("p");
      words.setAttribute("role", "status");
      words.textContent = form.dataset.wait;
      form.append(words);
    });
  }
});
