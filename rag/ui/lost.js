// A server that is out of reach, or began again and knows nothing of this page: the page says so, is loaded anew when
// it can be, and what was asked outlives that.
(() => {
  "use strict";
  const KEPT = "pullquote question";
  const find = (selector, root = document) => root.querySelector(selector);
  const box = () => find("#box textarea");
  let gone = false, kept = sessionStorage.getItem(KEPT);

  function fill(words) {
    box().value = words;
    box().dispatchEvent(new Event("input"));
  }

  function lost() {
    if (gone || !box() || !find("#thread :is(.thread, .welcome)")) return;
    gone = true;
    document.body.dataset.gone = "";
    const pending = find(".turn.pending");
    if (pending && !box().value.trim()) fill(find(".asked", pending).textContent);
    if (pending) pending.remove();
    const notice = document.createElement("p");
    notice.className = "notice";
    const question = box().value.trim() ? "; your question is kept" : "";
    notice.textContent = `Pullquote is not running${question}. This page goes on by itself when it runs again.`;
    find("#thread :is(.thread, .welcome)").after(notice);
    find("#said [role=status]").textContent = notice.textContent;  // and a phone shows it in the other areas
  }

  async function look() {
    try {
      const reply = await fetch("/gradio_api/app_id", { cache: "no-store" });
      if (reply.status > 499) throw new Error(reply.statusText);
      const other = reply.ok && (await reply.json()).app_id !== window.gradio_config.app_id;
      if (other || (gone && reply.ok) || reply.status === 401) {  // 401: to be signed in again
        lost();
        location.reload();
        return;
      }
    } catch {
      lost();
    }
    setTimeout(look, 3000);
  }

  function watch() {
    if (kept !== null && box()) {
      sessionStorage.removeItem(KEPT);
      fill(kept);
      kept = null;
    }
    const toast = find(".toast-wrap");  // a question was on its way
    if (toast && toast.textContent.includes("Connection to the server was lost")) lost();
  }

  window.addEventListener("pagehide", () => { if (gone) sessionStorage.setItem(KEPT, box().value); });
  new MutationObserver(watch).observe(document.documentElement, { childList: true, subtree: true });
  look();
})();
