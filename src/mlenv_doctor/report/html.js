"use strict";
const filter = document.querySelector(".filter");
filter.hidden = false;
filter.addEventListener("change", () => {
  const shown = new Set([...filter.querySelectorAll("input:checked")].map((box) => box.value));
  for (const check of document.querySelectorAll(".check")) check.hidden = !shown.has(check.dataset.status);
  for (const family of document.querySelectorAll(".family")) family.hidden = !family.querySelector(".check:not([hidden])");
});
filter.dispatchEvent(new Event("change"));
for (const button of document.querySelectorAll(".command button")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}
