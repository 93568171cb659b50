// When would it come? <thereafter-delivery store="acme" country="DE" postcode="10115" sku="TR2-42">, for product pages.
// What stands inside is shown without scripts, and whenever there is no date to tell.
(() => {
  const home = new URL(document.currentScript.src).origin;
  const words = {
    en: {get: "Get it {days}", by: "Order within {left}, get it {days}", h: "h", m: "min"},
    de: {get: "Lieferung {days}", by: "Bestelle in den nächsten {left}: Lieferung {days}", h: "Std.", m: "Min."},
    fr: {get: "Livraison {days}", by: "Commandez d’ici {left}, livraison {days}", h: "h", m: "min"},
    es: {get: "Recíbelo {days}", by: "Pide en las próximas {left} y recíbelo {days}", h: "h", m: "min"},
    pt: {get: "Receba {days}", by: "Peça nas próximas {left} e receba {days}", h: "h", m: "min"},
  };
  const looks = `:host { display: block; font: inherit; color: inherit }
    p { display: flex; align-items: center; gap: .5em; margin: 0 }
    svg { flex: none; width: 1.25em; height: 1.25em; fill: none; stroke: var(--thereafter-colour, currentColor); stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round }
    b { color: var(--thereafter-colour, currentColor); font-weight: 600 }`;
  const van = "M4 14H2.25V5h9.25v9H7.5M11.5 8h3.25l3 3.1V14H16M11.5 14h1M7.5 14.25a1.75 1.75 0 1 1-3.5 0 1.75 1.75 0 0 1 3.5 0M16 14.25a1.75 1.75 0 1 1-3.5 0 1.75 1.75 0 0 1 3.5 0";
  const day = (iso) => new Date(`${iso}T12:00:00Z`);
  const hours = 36e5;

  class Delivery extends HTMLElement {
    static observedAttributes = ["store", "country", "region", "postcode", "sku", "lang"];

    connectedCallback() {
      if (!this.shadowRoot) {
        this.attachShadow({mode: "open"}).append(document.createElement("slot"));
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(looks);
        this.shadowRoot.adoptedStyleSheets = [sheet];
      }
      this.ask();
    }

    disconnectedCallback() { clearTimeout(this.timer); }

    attributeChangedCallback(name, before, after) {
      if (this.isConnected && this.shadowRoot && before !== after) this.ask();
    }

    async ask() {
      clearTimeout(this.timer);
      const store = this.getAttribute("store");
      if (!store) return;
      const asked = new URLSearchParams();
      for (const name of ["country", "region", "postcode", "sku"]) if (this.getAttribute(name)) asked.set(name, this.getAttribute(name));
      const turn = this.turn = {};
      let told = null;
      try {
        const answer = await fetch(`${home}/api/v1/stores/${encodeURIComponent(store)}/delivery-estimate?${asked}`, {credentials: "omit"});
        if (answer.status === 200) told = await answer.json();
      } catch { /* the fallback stays */ }
      if (turn !== this.turn || !this.isConnected) return;
      // An answer out of a cache, and a shopper's wrong clock: only what has passed here since counts.
      this.ends = told && performance.now() + (new Date(told.order_by) - Math.max(new Date(told.now), Math.min(Date.now(), new Date(told.now).getTime() + 3e5)));
      this.told = told;
      this.show();
    }

    show() {
      clearTimeout(this.timer);
      const told = this.told;
      if (!told) return this.shadowRoot.replaceChildren(document.createElement("slot"));
      const left = this.ends - performance.now();
      if (left <= 0) {
        // A clock that is ahead finds the kept answer too old each time.
        this.timer = setTimeout(() => this.ask(), 5000);
        return;
      }
      const wish = (this.getAttribute("lang") || document.documentElement.lang || told.language).toLowerCase();
      const locale = [wish.slice(0, 2), told.language, "en"].find((code) => words[code]);
      const mine = words[locale];
      const text = left < 12 * hours ? mine.by : mine.get;
      const line = document.createElement("p");
      const sentence = document.createElement("span");
      for (const piece of text.split(/({\w+})/)) {
        if (piece === "{days}") sentence.append(this.strong(this.days(told, wish.startsWith(locale) ? wish : locale)));
        else if (piece === "{left}") sentence.append(this.left(left, mine));
        else sentence.append(piece);
      }
      line.append(this.picture(), sentence);
      this.style.setProperty("--thereafter-colour", this.getAttribute("colour") || told.colour);
      this.shadowRoot.replaceChildren(line);
      this.timer = setTimeout(() => this.show(), Math.min(left, 3e4) + 50);
    }

    days(told, locale) {
      const format = new Intl.DateTimeFormat(locale === "en" ? "en-GB" : locale, {weekday: "short", day: "numeric", month: "short", timeZone: "UTC"});
      const [first, last] = [told.expected_from, told.expected_to].map((iso) => format.format(day(iso)).replace(",", locale.startsWith("en") ? "" : ","));
      return first === last ? first : `${first} – ${last}`;
    }

    left(span, mine) {
      const minutes = Math.max(1, Math.floor(span / 6e4));
      const [whole, rest] = [Math.floor(minutes / 60), minutes % 60];
      return whole ? `${whole} ${mine.h} ${rest} ${mine.m}` : `${rest} ${mine.m}`;
    }

    strong(text) {
      const mark = document.createElement("b");
      mark.textContent = text;
      return mark;
    }

    picture() {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      svg.setAttribute("viewBox", "0 0 20 20");
      svg.setAttribute("aria-hidden", "true");
      path.setAttribute("d", van);
      svg.append(path);
      return svg;
    }
  }

  if (!customElements.get("thereafter-delivery")) customElements.define("thereafter-delivery", Delivery);
})();
