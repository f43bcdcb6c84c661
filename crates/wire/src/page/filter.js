
"use strict";
const field = document.getElementById("filter");
if (field) {
  const input = field.querySelector("input");
  const shown = field.querySelector("output");
  const entries = [...document.querySelectorAll("[data-entry]")];
  const texts = entries.map((entry) => entry.textContent.toLowerCase());
  const lists = [...document.querySelectorAll("details[data-list]")];
  field.hidden = entries.length < 2;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    entries.forEach((entry, at) => {
      const hit = words.every((word) => texts[at].includes(word));
      entry.hidden = !hit;
      count += hit ? 1 : 0;
    });
    lists.forEach((list) => { list.open = words.length > 0; });
    shown.textContent = words.length > 0 ? `${count} of ${entries.length} shown` : "";
  });
}
