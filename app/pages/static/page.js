// What pages do better with scripts on; all of it works without. A form or a link with data-swap="ID" replaces that
// part of the page alone: the focus stays where it was, and the browser's history goes on.

const whole = "text/html";
const again = 10_000; // milliseconds

/** Fetch a page and put its part in place of ours; when that cannot be done, let the browser go there as ever. */
async function swap(id, address, request, keeps) {
  const part = document.getElementById(id);
  part.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { ...request, headers: { accept: whole } });
    const page = new DOMParser().parseFromString(await answer.text(), whole);
    const fresh = page.getElementById(id);
    if (!fresh) throw new Error("a page without this part");
    const focused = document.activeElement?.id;
    part.replaceWith(document.adoptNode(fresh));
    document.title = page.title;
    if (keeps && answer.url !== location.href) history.pushState({ swap: id }, "", answer.url);
    focus(fresh, focused);
    return true;
  } catch {
    part.removeAttribute("aria-busy");
    return false;
  }
}

/** What went wrong comes first; then where the focus was; then the beginning of what is new. */
function focus(part, focused) {
  const errors = part.querySelector("[autofocus]");
  const before = focused && document.getElementById(focused);
  const target = errors ?? before ?? part;
  if (target === part && !part.hasAttribute("tabindex")) part.tabIndex = -1;
  target.focus();
}

function isPlain(event) {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || !isPlain(event) || event.defaultPrevented) return;
  event.preventDefault();
  if (!(await swap(link.dataset.swap, link.href, {}, true))) location.assign(link.href);
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault(); // the second of a double click
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, again); // should no answer come: it was stopped, or brought no page
  if (!form.dataset.swap) return;
  event.preventDefault();
  const { submitter } = event;
  const typed = new URLSearchParams(new FormData(form, submitter));
  const byGet = form.method === "get";
  const address = new URL(submitter?.hasAttribute("formaction") ? submitter.formAction : form.action);
  if (byGet) address.search = typed;
  const request = byGet ? {} : { method: "POST", body: typed };
  const swapped = await swap(form.dataset.swap, address, request, byGet);
  delete form.dataset.sent;
  if (swapped) return;
  delete form.dataset.swap; // now as without scripts
  form.requestSubmit(submitter);
});

/** Show the order whose key stands behind the #, which browsers send to no server; it stays there, to be loaded again. */
let shown = "";
function showByKey() {
  const closed = document.querySelector("[data-view]");
  const [behind, key] = location.hash.match(/^#view=([\w.-]+)$/) ?? [];
  if (closed && key) {
    shown = behind;
    for (const link of document.querySelectorAll(".languages a")) link.hash = behind;
    swap(closed.id, closed.dataset.view, { method: "POST", body: new URLSearchParams({ key }) }, false);
  } else if (shown) history.replaceState(history.state, "", shown); // a link within the page took its place
}

showByKey();
addEventListener("hashchange", showByKey);

// A page that the browser shows again, as it was left, may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

addEventListener("popstate", (event) => {
  const id = event.state?.swap ?? document.querySelector("[data-swap]")?.dataset.swap;
  if (id && document.getElementById(id)) swap(id, location.href, {}, false);
});
