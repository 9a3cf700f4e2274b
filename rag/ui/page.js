// What needs no server: the areas and their names, copying, filtering the lists, asking before deleting, renaming in
// place, stopping, times by the browser's clock, and where the focus goes.
// All text is set as text.
(() => {
  "use strict";
  const find = (selector, root = document) => root.querySelector(selector);
  const touched = () => window.matchMedia("(pointer: coarse)").matches;  // the focus in the box opens a keyboard there
  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  // What an area's own script passes to the server.
  const wish = (area, detail) => area.dispatchEvent(new CustomEvent("pullquote", { detail, bubbles: true }));

  function show(area) {
    document.body.dataset.area = area;
    document.querySelectorAll("button[data-area]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.area === area));
    });
  }

  // For screen readers, which do not say that the words on a button have changed.
  function tell(words) {
    const live = find("#said [role=status]");
    if (live) live.textContent = words;
  }

  function ready() {
    show("middle");
    find("#box textarea").focus();
  }

  // Over plain HTTP a browser gives pages of other machines no clipboard, only the old command.
  function write(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done ? Promise.resolve() : Promise.reject();
  }

  function copy(button) {
    const name = button.dataset.name || button.textContent;
    button.dataset.name = name;
    write(button.dataset.copy).then(
      () => "Copied",
      () => "Not allowed",
    ).then((said) => { button.textContent = said; button.focus(); tell(said); });
    setTimeout(() => { button.textContent = name; }, 1500);
  }

  // The first click on a button that destroys something changes its words; another one counts, if it comes soon but is
  // no double click.
  let arming = 0, disarming = 0;
  function confirmFirst(event, button) {
    if (button.hasAttribute("data-armed") && event.detail < 2) return;
    event.stopPropagation();
    event.preventDefault();
    if (button.hasAttribute("data-sure")) return;
    button.dataset.sure = button.textContent;
    button.textContent = button.dataset.confirm;
    tell(`${button.dataset.confirm} Press again.`);
    clearTimeout(arming);
    clearTimeout(disarming);
    arming = setTimeout(() => { button.dataset.armed = ""; }, 800);
    disarming = setTimeout(disarm, 5000);
  }
  function disarm() {
    clearTimeout(arming);
    document.querySelectorAll("[data-sure]").forEach((button) => {
      button.textContent = button.dataset.sure;
      button.removeAttribute("data-sure");
      button.removeAttribute("data-armed");
    });
  }
  document.addEventListener("focusout", disarm);

  function rename(button) {
    const input = document.createElement("input");
    input.type = "text";
    input.value = button.dataset.title;
    input.maxLength = 200;
    input.setAttribute("aria-label", "New name of the conversation");
    const tools = button.parentElement;
    tools.replaceChildren(input);
    input.select();
    let over = false;
    function end(title, key) {
      if (over) return;
      over = true;
      pressed = key ? `[data-edit="${CSS.escape(button.dataset.edit)}"]` : "";
      wish(tools, { do: "rename", id: button.dataset.edit, title: title || button.dataset.title });
    }
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") end(input.value.trim(), true);
      if (event.key === "Escape") end("", true);
    });
    input.addEventListener("blur", () => end(input.value.trim(), false));
  }

  // A field with a button: what is in it is sent under the field's name.
  function send(element) {
    const form = element.closest("[data-send]");
    const field = form && find("input", form);
    if (!field || !field.value.trim()) return;
    const detail = { do: form.dataset.send, [field.name]: field.value.trim() };
    if (form.dataset.send === "fetch") field.value = "";  // it comes back where it cannot be fetched
    pressed = form.dataset.send === "create" ? "#collections [aria-current]" : "";
    wish(form, detail);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.closest("[data-send] input")) send(event.target);
  });

  // The form for a new collection closes when there is one; until then the name may have to be mended.
  document.addEventListener("toggle", ({ target }) => {
    const field = !target.open && find("[data-send] input", target);
    if (!field) return;
    field.value = "";
    if (pressed && adrift()) find(pressed)?.focus();
  }, true);

  const running = () => find(".turn.pending") && find("#stop");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    if (find("[data-sure]")) tell("Nothing was deleted.");
    disarm();
    if (event.target.closest("#ask") && running()) {
      event.preventDefault();
      running().click();
    }
    const from = event.target.closest("#right") && cited && find(`#thread ${cited}`);
    if (!from) return;
    show("middle");
    from.focus();
  });

  let pressed = "", beside = "";  // where the focus goes back to when an area is drawn again, and where that is gone
  let cited = "", asking = false;  // the button whose evidence was asked for, whether a button was pressed to ask
  const adrift = () => document.activeElement === document.body || !document.activeElement.checkVisibility();
  const selector = (button) => ["do", "turn", "rank", "verdict", "id", "document"]
    .filter((name) => name in button.dataset)
    .map((name) => `[data-${name}="${CSS.escape(button.dataset[name])}"]`).join("")
    + ("rank" in button.dataset ? "" : ":not([data-rank])");

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    pressed = button.dataset.do && button.matches(":focus") ? selector(button) : "";
    if (button.dataset.do === "drop" && button.hasAttribute("data-armed")) pressed = "#collections [aria-current]";
    const item = button.dataset.do === "remove" && button.closest("li");
    const next = item && (item.nextElementSibling || item.previousElementSibling);
    beside = next ? `#sources a[href="${CSS.escape(find("a", next).getAttribute("href"))}"]` : "#conversations .new";
    if (button.hasAttribute("data-submit")) send(button);
    if (button.dataset.confirm) confirmFirst(event, button);
    if (button.dataset.copy) copy(button);
    if (button.dataset.press) find(button.dataset.press).click();
    if (button.dataset.edit) rename(button);
    if (button.dataset.area) show(button.dataset.area);
    if (button.dataset.do === "evidence") {
      show("right");
      cited = selector(button);
      if (adrift()) find("#right").focus();
    }
    asking = ["send", "stop"].includes(button.id) || button.dataset.do === "ask";
    if (["new", "narrow"].includes(button.dataset.do)) ready();
    if (["send", "stop"].includes(button.id) && !touched()) ready();
    if (["open", "ask", "raw", "narrow", "widen", "collection"].includes(button.dataset.do)) show("middle");
  }, true);

  document.addEventListener("click", (event) => {
    const skip = event.target.closest("a.skip");
    if (!skip) return;
    event.preventDefault();
    if (skip.hash === "#box") return ready();
    show("right");
    find(skip.hash).focus();
  });

  document.addEventListener("input", (event) => {
    const notice = event.target.closest("#box") && find("#thread .notice");
    if (notice && !("gone" in document.body.dataset)) notice.hidden = true;
    if (!event.target.dataset || !event.target.dataset.filter) return;
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    const items = [...document.querySelectorAll(`#${event.target.dataset.filter} li`)];
    const older = find(`#${event.target.dataset.filter} > details`);
    if (older) older.open = words.length > 0;
    items.forEach((item) => {
      item.hidden = !words.every((word) => item.textContent.toLowerCase().includes(word));
    });
    tell(`${items.filter((item) => !item.hidden).length} of ${items.length} in the list`);
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-narrow]");
    if (!form || (event.target.type === "date" && event.target.value.startsWith("0"))) return; // a year half typed: 0202
    pressed = `[data-narrow] [name="${event.target.name}"]`;
    const detail = { do: "narrow" };
    form.querySelectorAll("[name]").forEach((field) => { detail[field.name] = field.value; });
    wish(form, detail);
  });

  // Words selected in an answer or in its evidence can be looked up in all sources.
  const finder = document.createElement("button");
  finder.type = "button";
  finder.id = "find-selection";
  finder.textContent = "Find this in the sources";
  finder.hidden = true;
  function offer() {
    const selection = document.getSelection();
    const words = String(selection).replace(/\s+/g, " ").trim();
    const node = selection.rangeCount ? selection.getRangeAt(0).commonAncestorContainer : null;
    const area = node && (node.closest ? node : node.parentElement).closest("#thread, #evidence");
    finder.hidden = !area || words.length < 3 || words.length > 300;
    if (finder.hidden) return;
    const box = selection.getRangeAt(0).getBoundingClientRect();
    finder.dataset.words = words;
    finder.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - 220))}px`;
    finder.style.top = `${Math.max(8, Math.min(box.bottom + 6, window.innerHeight - 44))}px`;
    if (!finder.isConnected) document.body.append(finder);
  }
  document.addEventListener("selectionchange", () => setTimeout(offer, 150));
  finder.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the selection
  finder.addEventListener("click", () => {
    document.getSelection().removeAllRanges();
    show("middle");
    wish(find("#thread :is(.thread, .welcome)"), { do: "find", question: finder.dataset.words });
  });

  // When a conversation was last used, by the clock and the calendar of whoever looks.
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
  function when(then, now) {
    const words = (options) => new Intl.DateTimeFormat("en-GB", options).format(then);
    const days = Math.round((midnight(now) - midnight(then)) / 864e5);
    const clock = words({ hour: "2-digit", minute: "2-digit" });
    if (days <= 0) return `Today, ${clock}`;
    if (days === 1) return `Yesterday, ${clock}`;
    if (days < 7) return words({ weekday: "long" });
    const year = then.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
    return words({ day: "numeric", month: "long", ...year });
  }
  function sayTimes() {
    document.querySelectorAll("time[data-local]").forEach((time) => {
      const then = new Date(time.dateTime);
      time.removeAttribute("data-local");
      time.textContent = when(then, new Date());
      time.title = then.toLocaleString("en-GB", { dateStyle: "full", timeStyle: "short" });
    });
  }

  const NAMES = { left: "Library", thread: "Conversation", right: "Evidence" };
  function nameAreas() {
    Object.entries(NAMES).forEach(([id, name]) => {
      const area = document.getElementById(id);
      if (!area || area.hasAttribute("role")) return;
      area.setAttribute("role", "region");
      area.setAttribute("aria-label", name);
      area.tabIndex = -1;
    });
  }

  let turns = 0, begun = false;
  function follow() {
    sayTimes();
    nameAreas();
    if (!begun && find("#box textarea")) {  // not by Gradio's autofocus, which comes again and again
      begun = true;
      if (!touched()) ready();
    }
    const items = document.querySelectorAll(".thread > .turn");
    const last = items[items.length - 1];
    const key = items.length + (last && last.classList.contains("pending") ? 0.5 : 0);
    if (last && key !== turns) {
      const asked = last.querySelector(".asked");
      const long = asked && asked.offsetHeight > window.innerHeight / 3;  // its answer is to be seen
      const shown = (long && asked.nextElementSibling) || last;
      shown.scrollIntoView({ behavior: calm() ? "auto" : "smooth", block: "start" });
    }
    turns = key;
    if (document.activeElement.id === "stop" && !running()) find("#box textarea").focus();
    if (asking && adrift()) {
      asking = false;
      find("#thread").focus({ preventScroll: true });
    }
    const chosen = find(".card[aria-current]");
    if (chosen && !chosen.dataset.seen) {
      chosen.dataset.seen = "1";
      chosen.scrollIntoView({ behavior: calm() ? "auto" : "smooth", block: "nearest" });
      if (!chosen.querySelector(pressed || "nothing")) chosen.focus({ preventScroll: true });
    }
    if (!pressed || !adrift()) return;
    const again = find(pressed) || find(beside);
    if (again) again.focus({ preventScroll: true });
  }

  new MutationObserver(follow).observe(document.documentElement, { childList: true, subtree: true });
  show("middle");
})();
