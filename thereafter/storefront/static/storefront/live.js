// Keeps an open order page fresh: asks with the page's own tag, and while nothing happened gets an empty 304.
// Only while the page is looked at, and never under the reader's hands: what has the focus is not taken away.
(() => {
  const LONGEST = 900;
  let shown = document.getElementById("live");
  let every = Number(shown.dataset.every);
  let failures = 0;
  let timer;

  // A little apart from each other, so that a thousand readers of one mail do not ask in the same second.
  const wait = () => {
    clearTimeout(timer);
    const seconds = Math.min(every * 2 ** failures, LONGEST) * (1 + Math.random() / 4);
    if (every && !document.hidden) timer = setTimeout(ask, seconds * 1000);
  };

  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { cache: "no-store", headers: { "If-None-Match": shown.dataset.tag } });
      failures = 0;
      if (answer.status === 200) renew(new DOMParser().parseFromString(await answer.text(), "text/html"));
      else if (answer.status !== 304) every = answer.status < 500 ? 0 : every;
    } catch {
      failures += 1;
    }
    wait();
  };

  const renew = (page) => {
    const fresh = page.getElementById("live");
    if (!fresh) return;
    if (shown.contains(document.activeElement)) {
      shown.addEventListener("focusout", () => setTimeout(ask, 500), { once: true });
      return;
    }
    const said = page.getElementById("renewed") || document.getElementById("renewed");
    const changed = shown.innerText !== fresh.innerText && shown.textContent !== fresh.textContent;
    every = Number(fresh.dataset.every);
    swap(fresh, page.title);
    if (changed && said) announce(said, fresh.querySelector("h1"));
  };

  const swap = (fresh, title) => {
    const opened = [...shown.querySelectorAll("details")].map((one) => one.open);
    const details = [...fresh.querySelectorAll("details")];
    if (details.length === opened.length) details.forEach((one, at) => { one.open = opened[at]; });
    shown.replaceWith(document.adoptNode(fresh));
    shown = fresh;
    document.title = title;
  };

  // The region of toasts is aria-live: what is put there is read out.
  const announce = (said, headline) => {
    const toast = said.content.firstElementChild.cloneNode(true);
    if (headline) toast.querySelector("p").append(` ${headline.textContent}`);
    document.getElementById("toasts").replaceChildren(toast);
    setTimeout(() => toast.remove(), 12_000);
  };

  let left = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) left = Date.now();
    else if (every && Date.now() - left > every * 1000) ask();
    else wait();
  });
  wait();
})();
