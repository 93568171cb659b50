// Widgets of reviews on the shop's own pages: <div data-thereafter-reviews="list" data-product="42"></div>.
// Each stands in a shadow root, so that neither page spoils the other's look. Nothing is kept in the browser.
(() => {
  const { base } = globalThis.thereafterWidgets;
  const sheets = {};
  const kind = (host) => host.dataset.thereafterReviews;
  const spoken = (host) => host.closest("[lang]")?.lang || "";
  const first = (root, what) => root.querySelector(what);
  const make = (name) => document.createElement(name);

  const show = (host, html) => {
    const made = make("template");
    made.innerHTML = html;
    const root = host.shadowRoot || host.attachShadow({ mode: "open" });
    // A page that forbids styles in its HTML does not forbid a sheet made by a script.
    const style = first(made.content, "style"), text = style.textContent;
    if (!sheets[text]) (sheets[text] = new CSSStyleSheet()).replaceSync(text);
    root.adoptedStyleSheets = [sheets[text]];
    style.remove();
    // What search engines read stands in the page itself.
    const data = first(made.content, "script");
    if (data) host.replaceChildren(data);
    root.replaceChildren(made.content);
    wire(host, root);
  };

  // Whether it came, and nothing else was asked for meanwhile.
  const load = async (host, query = "") => {
    const turn = (host.turn = {});
    const asked = new URLSearchParams(query);
    asked.delete("lang");
    asked.set("product", host.dataset.product);
    asked.set("locale", spoken(host));
    const answer = await fetch(`${base}${kind(host)}?${asked}`);
    const html = await answer.text();
    if (!answer.ok || turn !== host.turn) return;
    show(host, html);
    return true;
  };

  // What the visitor asked for comes into view; by itself nothing moves.
  const go = async (host, query) => {
    if (!(await load(host, query))) return;
    const head = first(host.shadowRoot, "h2");
    head.focus({ preventScroll: true });
    if (head.getBoundingClientRect().top < 0) head.scrollIntoView();
  };

  const vote = async (form, button) => {
    const body = new FormData(form, button);
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { helpful, unhelpful } = await answer.json();
    for (const one of form.querySelectorAll("button")) {
      one.ariaPressed = one === button;
      first(one, "[data-count]").textContent = one.value > 0 ? helpful : unhelpful;
    }
  };

  const enlarge = (root, link) => {
    const box = make("dialog"), image = make("img"), close = make("button");
    image.src = link.href;
    image.alt = link.firstChild.alt;
    close.textContent = "×";
    box.append(image, close);
    box.onclick = () => box.close();
    box.onclose = () => (box.remove(), link.focus());
    root.firstElementChild.append(box);
    box.showModal();
  };

  const wire = (host, root) => {
    if (host.wired) return;
    host.wired = true;
    root.addEventListener("click", (event) => {
      const link = event.target.closest("a"), list = first(document, '[data-thereafter-reviews="list"]');
      if (!link || event.ctrlKey || event.metaKey) return;
      const { go: goes, photo, jump } = link.dataset;
      if (goes != null) go(host, new URL(link.href).search);
      else if (photo != null) enlarge(root, link);
      else if (jump != null && list) list.scrollIntoView({ behavior: "smooth" });
      else return;
      event.preventDefault();
    });
    root.addEventListener("submit", (event) => {
      const form = event.target;
      event.preventDefault();
      if (form.method === "post") vote(form, event.submitter);
      else go(host, new FormData(form));
    });
    root.addEventListener("change", ({ target }) => target.form.requestSubmit());
  };

  // Loaded before it is seen. The room that the page keeps for it is given back while all of it lies further down.
  const watch = (host, rootMargin, fits, then) =>
    new IntersectionObserver(([seen], self) => {
      if (fits(seen)) {
        self.disconnect();
        then(host);
      }
    }, { rootMargin }).observe(host);
  const near = (seen) => seen.isIntersecting;
  const below = (seen) => !seen.isIntersecting && seen.boundingClientRect.top > 0;
  const giveBack = (host) => (host.style.minHeight = "");
  const fill = (host) => load(host).then(() => watch(host, "0px", below, giveBack));

  const start = () => {
    const stars = [];
    for (const host of document.querySelectorAll("[data-thereafter-reviews][data-product]")) {
      // A page may load this script twice.
      if (host.turn) continue;
      host.turn = {};
      if (host.shadowRoot) wire(host, host.shadowRoot);
      else if (kind(host) === "stars") stars.push(host);
      else watch(host, "1200px", near, fill);
    }
    // One call for all stars of a page with many products.
    while (stars.length) {
      const some = stars.splice(0, 50);
      const asked = new URLSearchParams(some.map((host) => ["product", host.dataset.product]));
      asked.set("locale", spoken(some[0]));
      fetch(`${base}stars.json?${asked}`).then((answer) => answer.json()).then((found) => {
        for (const host of some) show(host, found.style + found.stars[host.dataset.product]);
      });
    }
  };
  // Out of a cache the script may come before the elements do.
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
