// <thereafter-tracking> on the merchant's own page: looks an order up there, then shows its page in a frame.
// The view before it puts the shop's words, colours and addresses into `thereafterTracking`.
(() => {
  const shop = globalThis.thereafterTracking;
  if (!shop || customElements.get("thereafter-tracking")) return;
  const ours = new URL(shop.lookUp).origin;

  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { display: block; max-width: 44rem; font: inherit; color: inherit }
    form { display: grid; gap: .875rem; max-width: 26rem }
    label { display: grid; gap: .25rem; font-weight: 600 }
    input { font: inherit; padding: .6rem .75rem; min-height: 2.875rem; border: 1px solid #8a929a; border-radius: 8px;
      background: #fff; color: #1d2126; box-sizing: border-box; width: 100% }
    small { font-weight: 400; opacity: .8 }
    button { font: inherit; font-weight: 600; min-height: 2.875rem; padding: .6rem 1.1rem; border: 0; border-radius: 8px;
      background: ${shop.colour}; color: ${shop.onColour}; cursor: pointer; justify-self: start }
    button.back { background: none; color: inherit; padding-inline: 0; text-decoration: underline }
    :is(input, button):focus-visible { outline: 3px solid ${shop.colour}; outline-offset: 2px }
    [role=alert] { margin: 0; padding: .6rem .75rem; border-radius: 8px; background: #fdf0e1; color: #5b3a08 }
    [role=alert]:empty { display: none }
    iframe { display: block; width: 100%; border: 0; min-height: 20rem; color-scheme: light dark }
  `);

  const made = (name, fields = {}, ...children) => {
    const element = Object.assign(document.createElement(name), fields);
    element.append(...children);
    return element;
  };

  class Tracking extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [style];
      addEventListener("message", (event) => this.resize(event));
      this.ask();
    }

    get language() {
      const wanted = (this.getAttribute("lang") || document.documentElement.lang || "").slice(0, 2).toLowerCase();
      return wanted in shop.words ? wanted : shop.language;
    }

    ask() {
      const words = shop.words[this.language];
      const field = (name, label, help, autocomplete) => made("label", {}, label,
        made("input", { name, required: true, maxLength: 254, autocomplete }), ...(help ? [made("small", {}, help)] : []));
      this.alert = made("p", { role: "alert" });
      this.alert.setAttribute("role", "alert");
      const form = made("form", {}, field("number", words.number, "", "off"), field("proof", words.proof, words.help, "email"),
        this.alert, made("button", {}, words.find));
      form.addEventListener("submit", (event) => { event.preventDefault(); this.lookUp(form, words); });
      this.shadowRoot.replaceChildren(form);
    }

    async lookUp(form, words) {
      const button = form.querySelector("button");
      button.disabled = true;
      this.alert.textContent = "";
      try {
        const answer = await fetch(shop.lookUp, { method: "POST", credentials: "omit", body: new URLSearchParams(new FormData(form)) });
        if (answer.ok) this.show((await answer.json()).page, words);
        else this.alert.textContent = answer.status === 429 ? words.wait : answer.status === 404 ? words.nothing : words.broken;
      } catch {
        this.alert.textContent = words.broken;
      }
      button.disabled = false;
    }

    show(page, words) {
      const address = new URL(page);
      if (address.origin !== ours) return;
      address.searchParams.set("in", location.origin);
      address.searchParams.set("lang", this.language);
      this.frame = made("iframe", { src: address.href, title: words.title });
      const back = made("button", { className: "back", type: "button" }, words.back);
      back.addEventListener("click", () => { this.frame = null; this.ask(); });
      this.shadowRoot.replaceChildren(this.frame, back);
      this.frame.focus();
    }

    resize(event) {
      if (event.origin !== ours || !this.frame || event.source !== this.frame.contentWindow) return;
      const height = Number(event.data?.thereafterHeight);
      if (height > 0) this.frame.style.height = `${Math.min(Math.ceil(height), 20000)}px`;
    }
  }
  customElements.define("thereafter-tracking", Tracking);
})();
