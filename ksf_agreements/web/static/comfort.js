// Comfort only: every page works without it. Moves the focus to the summary of errors, where there is one.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const summary = document.querySelector(".ds-error-summary");
  if (summary) {
    summary.focus();
  }
});
