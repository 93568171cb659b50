// The editor of a survey without a press of a button; without scripts, saving does the same.
(() => {
  // What a condition may be is asked for as soon as its subject is chosen.
  document.addEventListener("change", async (event) => {
    const about = event.target.closest("[data-condition]");
    if (!about) return;
    const place = document.getElementById(about.dataset.condition);
    const address = new URL(about.dataset.from, location.href);
    address.searchParams.set(about.name, about.value);
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    // Whoever is signed out is sent to sign in, with an empty page.
    if (answer.ok && !answer.headers.has("HX-Redirect")) place.innerHTML = await answer.text();
  });

  // The phone shows what is being written. Each time in a new frame: a frame that goes on would fill the history.
  const form = document.querySelector("form[data-preview]");
  const shown = () => document.querySelector("iframe[data-phone]");
  if (!form || !shown()) return;
  let waiting;
  let number = 0;

  const show = () => {
    const mine = (number += 1);
    const next = Object.assign(shown().cloneNode(), { name: `phone-${mine}`, hidden: true });
    next.removeAttribute("src");
    next.removeAttribute("data-phone");
    shown().after(next);
    const sent = Object.assign(document.createElement("form"), { method: "post", action: form.dataset.preview, target: next.name, hidden: true });
    for (const [name, value] of new FormData(form)) sent.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    next.addEventListener("load", () => {
      if (mine !== number) return next.remove();
      shown().remove();
      next.dataset.phone = "";
      next.hidden = false;
    }, { once: true });
    document.body.append(sent);
    sent.submit();
    sent.remove();
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 500);
  });
})();
