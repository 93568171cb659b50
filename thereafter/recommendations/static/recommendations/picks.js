// Recommendations on the shop's own pages: <div data-thereafter-picks="product" data-product="42"></div>, or
// data-thereafter-picks="basket" data-basket="42,43" in the cart. Each stands in a shadow root, so that neither page
// spoils the other's look. Nothing is kept in the browser.
(() => {
  const { base } = globalThis.thereafterPicks;
  const kind = (host) => host.dataset.thereafterPicks;
  const spoken = (host) => host.closest("[lang]")?.lang || "";

  const show = (host, html) => {
    const made = document.createElement("template");
    made.innerHTML = html;
    const style = made.content.querySelector("style"), sheet = new CSSStyleSheet();
    sheet.replaceSync(style.textContent);
    style.remove();
    const root = host.shadowRoot || host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.replaceChildren(made.content);
    // With nothing to show the place is given back, while it is out of sight.
    if (!root.querySelector("section")) giveBack(host);
  };

  const load = async (host) => {
    const asked = new URLSearchParams({ locale: spoken(host) });
    const name = kind(host) === "basket" ? "basket" : "product";
    const named = host.dataset[name];
    if (!named) {
      host.shadowRoot?.replaceChildren();
      return giveBack(host);
    }
    asked.set(name, named);
    if (host.dataset.count === "0") asked.set("count", "0");
    const answer = await fetch(`${base}${kind(host)}?${asked}`);
    const html = await answer.text();
    // A cart that changed meanwhile has asked again.
    if (answer.ok && host.dataset[name] === named) show(host, html);
  };

  const watch = (host, rootMargin, fits, then) =>
    new IntersectionObserver(([seen], self) => {
      if (fits(seen)) {
        self.disconnect();
        then(host);
      }
    }, { rootMargin }).observe(host);
  const outOfSight = (seen) => !seen.isIntersecting && seen.boundingClientRect.top > 0;
  const giveBack = (host) => watch(host, "0px", outOfSight, () => (host.style.minHeight = ""));

  // A basket that changes says so: the element's data-basket is set anew, and it is filled again.
  const changes = new MutationObserver((seen) => new Set(seen.map((one) => one.target)).forEach(load));
  const start = () => {
    for (const host of document.querySelectorAll("[data-thereafter-picks]")) {
      // The shop's server has filled it, or the page loads this script twice.
      if (host.shadowRoot || host.isStarted) continue;
      host.isStarted = true;
      watch(host, "600px", (seen) => seen.isIntersecting, load);
      changes.observe(host, { attributeFilter: ["data-product", "data-basket"] });
    }
  };
  // Out of a cache the script may come before the elements do.
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
