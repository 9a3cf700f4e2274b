// Files on their way to the server: the names they are sent under, and those that are dropped on the page.
(() => {
  "use strict";
  // Files are sent under their bare names; in a folder the path below it tells two of the same name apart.
  function put(input, files) {
    const named = new DataTransfer();
    for (const [file, path] of files) {
      const { type, lastModified } = file;
      named.items.add(new File([file], encodeURIComponent(path), { type, lastModified }));
    }
    input.files = named.files;
  }
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type !== "file" || event.detail === "dropped") return;
    put(input, [...input.files].map((file) => [file, file.webkitRelativePath || file.name]));
  }, true);

  // What was dropped, with everything in it if it is a folder.
  async function below(entry) {
    if (entry.isFile) {
      const file = await new Promise((found, failed) => entry.file(found, failed));
      return [[file, entry.fullPath.slice(1)]];
    }
    const reader = entry.createReader();
    const next = () => new Promise((found, failed) => reader.readEntries(found, failed));
    const inside = [];
    for (let some = await next(); some.length; some = await next()) {
      for (const each of some) inside.push(...await below(each));
    }
    return inside;
  }

  const field = () => document.querySelector("#add input[type=file]");
  const over = (is) => document.body.toggleAttribute("data-over", is);
  const ours = (event) => event.dataTransfer.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!ours(event)) return;
    event.preventDefault();  // else the browser shows the file instead of the page
    event.dataTransfer.dropEffect = field() ? "copy" : "none";
    over(Boolean(field()));
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(false); });
  document.addEventListener("drop", async (event) => {
    over(false);
    if (!ours(event)) return;
    event.preventDefault();
    const input = field();
    if (!input) return;
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    const files = [];
    for (const entry of entries) files.push(...await below(entry));
    if (!files.length) return;
    document.querySelector("#tabs [data-area=left]").click();  // where one sees what becomes of them
    put(input, files);
    input.dispatchEvent(new CustomEvent("change", { detail: "dropped", bubbles: true }));
  });
})();
