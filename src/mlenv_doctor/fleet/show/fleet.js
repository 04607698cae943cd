"use strict";
const filter = document.querySelector(".filter");
const chosen = document.querySelector(".chosen");
const cells = [...document.querySelectorAll(".cell")];
const cards = [...document.querySelectorAll(".groups article")];
const search = filter.querySelector("input[type=search]");
filter.hidden = false;
const show = () => {
  const shown = new Set([...filter.querySelectorAll("input:checked")].map((box) => box.value));
  const name = search.value.toLowerCase();
  const there = new Set();
  for (const cell of cells) {
    cell.hidden = !shown.has(cell.dataset.status) || !cell.title.toLowerCase().includes(name);
    if (!cell.hidden) there.add(cell.dataset.group);
  }
  for (const card of cards) card.hidden = !there.has(card.dataset.group);
};
filter.addEventListener("input", show);
for (const kind of ["click", "mouseover"]) {
  document.querySelector(".cells").addEventListener(kind, (event) => {
    const cell = event.target.closest(".cell");
    if (!cell) return;
    chosen.hidden = false;
    chosen.textContent = cell.title;
    if (kind === "mouseover") return;
    for (const other of [...cells, ...cards]) other.classList.toggle("same", other.dataset.group === cell.dataset.group);
  });
}
show();
