// Words selected in a source can be looked up in all sources. The form does the work, with and without this script.
const form = document.getElementById("find");
const finder = document.createElement("button");
finder.type = "button";
finder.id = "find-selection";
finder.textContent = "Find this in the sources";
finder.hidden = true;
document.body.append(finder);
document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  const words = String(selection).replace(/\s+/g, " ").trim();
  const node = selection.rangeCount ? selection.getRangeAt(0).commonAncestorContainer : null;
  const inside = node && (node.closest ? node : node.parentElement).closest(".text, .jumps, .support");
  finder.hidden = !inside || words.length < 3 || words.length > form.elements.find.maxLength;
  if (finder.hidden) return;
  const box = selection.getRangeAt(0).getBoundingClientRect();
  finder.dataset.words = words;
  finder.style.left = `${Math.max(8, Math.min(box.left, innerWidth - 220))}px`;
  finder.style.top = `${Math.max(8, Math.min(box.bottom + 6, innerHeight - 44))}px`;
});
finder.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the selection
finder.addEventListener("click", () => {
  form.elements.find.value = finder.dataset.words;
  form.requestSubmit(form.elements.everywhere);
});
