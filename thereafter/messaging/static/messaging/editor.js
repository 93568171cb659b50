// The editor of templates. Every part works by forms and links alone; this makes it quick to the hand.
(() => {
  const desk = document.getElementById("desk");
  if (!desk) return;
  const one = (selector, within = desk) => within.querySelector(selector);
  const sheet = one("#desk-sheet");
  let picked = false;

  // Pages that were left are loaded again: what they showed is old.
  htmx.config.historyCacheSize = 0;
  htmx.config.refreshOnHistoryMiss = true;

  // All that is asked for waits in one line, and is asked by what stays: a link or form may be renewed before its turn
  // comes, and htmx would forget it then. `renews` says that the settings come anew with the answer.
  const line = [];
  let leave = null;
  const send = (verb, url, values, renews) => {
    line.push(renews);
    still();
    htmx.ajax(verb, url, { source: desk, target: desk, swap: "none", values });
  };
  // Nobody types into what is about to be replaced.
  const still = () => { const settings = one("#desk-settings"); if (settings) settings.inert = line.includes(true); };
  const ask = (verb, url, values = {}) => send(verb, url, values, true);
  desk.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== desk) return;
    // Where something could not be saved one stays, and sees it.
    if (!event.detail.successful) leave = null;
    line.shift();
    still();
    if (line.length) return;
    const go = leave;
    leave = null;
    go?.();
  });
  // What is typed is kept as it stands, with no button that happens to have the focus, and whatever a field should hold:
  // the server says what it cannot take.
  desk.addEventListener("htmx:confirm", (event) => {
    const { elt, verb, triggeringEvent } = event.detail;
    const form = elt.matches("[data-converts]") ? elt.form : elt;
    if (elt === desk || verb !== "post" || !form.matches("[data-autosave], [enctype]")) return;
    event.preventDefault();
    const button = form === elt ? triggeringEvent?.submitter : elt;
    send("POST", form.getAttribute("hx-post"), new FormData(form, button), elt.matches("[data-converts], [enctype]"));
  });
  // Publishing, a test or another language wait for what was typed last.
  const post = (form, data) => {
    const made = Object.assign(document.createElement("form"), { method: form.getAttribute("method"), action: form.getAttribute("action"), hidden: true });
    for (const [name, value] of data) made.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    document.body.append(made);
    made.submit();
  };
  // Who still wants to go after some seconds is not kept: the answer may never come.
  const INSISTS = 5000;
  let heldAt = 0;
  const later = (event, how) => {
    if (!line.length || (leave && event.timeStamp - heldAt > INSISTS)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!leave) heldAt = event.timeStamp;
    leave = how;
  };
  const act = (verb, fields = {}) => ask("POST", one("#desk-act").getAttribute("hx-post"), { do: verb, ...fields });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    if (!link.matches(".desk-pick")) return leads(link) && later(event, () => location.assign(link.href));
    event.preventDefault();
    event.stopPropagation();
    picked = innerWidth <= 1200;
    ask("GET", link.getAttribute("hx-get"));
  }, true);
  const leads = (link) => link.target !== "_blank" && !link.getAttribute("href").startsWith("#") && !["width", "dark", "line"].some((name) => name in link.dataset);
  desk.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("hx-post")) {
      const data = new FormData(form, event.submitter);
      later(event, () => post(form, data));
      return;
    }
    if (form.matches("[data-autosave], [enctype]")) return;
    one(".desk-add")?.removeAttribute("open");
    event.preventDefault();
    event.stopPropagation();
    ask("POST", form.getAttribute("hx-post"), Object.fromEntries(new FormData(form, event.submitter)));
  }, true);

  // The mail: loaded beside the one that is shown, so that nothing flickers and one stays where one was.
  let frame = one("#desk-frame");
  // What has only begun to come has no root yet, and is not there for us.
  const view = () => { try { return frame.contentDocument?.documentElement ? frame.contentDocument : null; } catch { return null; } };
  const shown = { dark: new URL(location).searchParams.get("dark") || "" };
  const address = () => {
    const url = new URL(frame.src), here = new URL(location);
    for (const name of ["lang", "reader"]) here.searchParams.get(name) ? url.searchParams.set(name, here.searchParams.get(name)) : name === "reader" && url.searchParams.delete(name);
    shown.dark ? url.searchParams.set("dark", "1") : url.searchParams.delete("dark");
    return url;
  };
  const reload = () => {
    if (!frame) return;
    sheet.querySelectorAll(".is-next").forEach((old) => old.remove());
    const next = Object.assign(document.createElement("iframe"), { className: "desk-frame is-next", title: frame.title });
    next.setAttribute("sandbox", "allow-same-origin");
    next.src = address();
    next.addEventListener("load", () => {
      if (!next.isConnected || !next.classList.contains("is-next")) return;
      const top = view()?.documentElement.scrollTop || 0;
      next.contentDocument?.documentElement.scrollTo(0, top);
      frame.remove();
      next.classList.remove("is-next");
      next.id = "desk-frame";
      frame = next;
      fit();
      listen();
    }, { once: true });
    sheet.append(next);
  };

  // On a desktop a mail is 640 wide; where there is less room it is shown smaller, not as a phone would show it.
  const WIDE = 640;
  const fit = () => {
    if (!frame) return;
    const room = sheet.clientWidth, scale = sheet.classList.contains("is-phone") || room >= WIDE ? 1 : room / WIDE;
    frame.removeAttribute("style");
    if (scale < 1) Object.assign(frame.style, { width: `${WIDE}px`, height: `${100 / scale}%`, transform: `scale(${scale})` });
  };
  if (frame) new ResizeObserver(fit).observe(sheet);

  // A click in the mail chooses the block; the chosen one is outlined.
  const idOf = (element) => element.className && [...element.classList].find((name) => name.startsWith("block-"))?.slice(6);
  const under = (element) => { for (let at = element; at && at.classList; at = at.parentElement) if (idOf(at)) return idOf(at); return ""; };
  const chosen = () => one(".desk-block [aria-current]")?.id.slice(5) || "";
  const outline = () => {
    const doc = view();
    if (!doc) return;
    doc.querySelectorAll('[class*="block-"]').forEach((element) => { element.style.outline = idOf(element) === chosen() && chosen() ? "2px solid #0f7f8f" : ""; element.style.outlineOffset = "-2px"; });
  };
  const listen = () => {
    const doc = view();
    if (!doc) return;
    doc.addEventListener("click", (event) => {
      if (event.target.closest("a")) event.preventDefault();
      const id = under(event.target);
      if (id) document.getElementById(`pick-${id}`)?.click();
    });
    doc.documentElement.style.cursor = "default";
    doc.querySelectorAll('[class*="block-"]').forEach((element) => { element.style.cursor = "pointer"; });
    outline();
  };
  const intoSight = () => { const found = view()?.querySelector(`.block-${CSS.escape(chosen() || "none")}`); found?.scrollIntoView({ block: "nearest", behavior: "smooth" }); };
  if (frame) { view()?.readyState === "complete" && view().URL !== "about:blank" ? listen() : frame.addEventListener("load", listen, { once: true }); }

  // What the server renewed. Where the settings are not beside the list, one is led there.
  document.body.addEventListener("mail-changed", reload);
  document.body.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target.id === "desk-blocks") { outline(); intoSight(); }
    if (event.detail.target.id === "desk-settings" && picked) { picked = false; one("#settings-title")?.focus({ preventScroll: innerWidth > 1200 }); }
    ready();
  });

  // What is renewed under one's hands stays open, and keeps what is being typed.
  document.body.addEventListener("htmx:oobBeforeSwap", ({ detail: { target, fragment } }) => {
    if (!["desk-blocks", "desk-languages", "desk-readers"].includes(target.id)) return;
    const fresh = [...fragment.querySelectorAll("details")];
    target.querySelectorAll("details").forEach((old, at) => { if (old.open && fresh[at]) fresh[at].open = true; });
    const typing = document.activeElement, same = typing.id && target.contains(typing) && fragment.querySelector(`#${CSS.escape(typing.id)}`);
    if (same && typing.matches("input")) same.value = typing.value;
  });

  // Texts: variables, marks, and boxes that grow with what is in them.
  const type = (field, text, from, to) => {
    field.focus();
    field.setRangeText(text, from ?? field.selectionStart, to ?? field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const field = (button) => document.getElementById(button.dataset.into);
  const wrap = (box, mark) => {
    const said = box.value.slice(box.selectionStart, box.selectionEnd) || "text";
    type(box, `${mark}${said}${mark}`);
  };
  const actions = {
    insert: (button) => { type(field(button), button.dataset.insert); button.closest("details").open = false; },
    wrap: (button) => wrap(field(button), button.dataset.wrap),
    link: (button) => { const box = field(button); type(box, `[${box.value.slice(box.selectionStart, box.selectionEnd) || "words"}](https://)`); },
    bullets: (button) => {
      const box = field(button), from = box.value.lastIndexOf("\n", box.selectionStart - 1) + 1;
      type(box, box.value.slice(from, box.selectionEnd).split("\n").map((line) => `- ${line.replace(/^- /, "")}`).join("\n"), from, box.selectionEnd);
    },
    picture: (button) => { const box = one('[name="s:src"]'); box.value = button.dataset.picture; box.dispatchEvent(new Event("input", { bubbles: true })); },
  };
  desk.addEventListener("click", (event) => {
    const button = event.target.closest("button, a");
    const does = button && Object.keys(actions).find((name) => name in button.dataset && button.type === "button");
    if (does) actions[does](button);
    if (button?.dataset.width !== undefined) {
      event.preventDefault();
      sheet.classList.toggle("is-phone", button.dataset.width === "phone");
      fit();
      press(button);
    }
    if (button?.dataset.dark !== undefined && button.closest(".segmented")) {
      event.preventDefault();
      shown.dark = button.dataset.dark;
      press(button);
      reload();
    }
    if (button?.dataset.line) { const box = one("[data-source]"); if (box) { event.preventDefault(); toLine(box, Number(button.dataset.line)); } }
  });
  const press = (link) => { link.parentElement.querySelectorAll("[aria-current]").forEach((other) => other.removeAttribute("aria-current")); link.setAttribute("aria-current", "true"); };
  // By rows, because no style may stand in a page.
  const grow = (box) => {
    box.dataset.least ??= box.rows;
    box.rows = box.dataset.least;
    const line = parseFloat(getComputedStyle(box).lineHeight), more = Math.ceil((box.scrollHeight - box.clientHeight) / line);
    if (more > 0) box.rows = Math.min(box.rows + more, 22);
  };
  const toLine = (box, line) => {
    const lines = box.value.split("\n"), from = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    box.focus();
    box.setSelectionRange(from, from + (lines[line - 1] || "").length);
    box.scrollTop = Math.max(0, (line - 5) * parseFloat(getComputedStyle(box).lineHeight));
  };
  const number = (box) => {
    const margin = one("[data-lines]"), wrong = new Set([...desk.querySelectorAll("[data-line]")].map((link) => Number(link.dataset.line)));
    margin.replaceChildren(...box.value.split("\n").map((_, at) => Object.assign(document.createElement("span"), { textContent: `${at + 1}\n`, className: wrong.has(at + 1) ? "bad" : "" })));
    margin.scrollTop = box.scrollTop;
  };
  const conditions = () => { const when = one("#show-when"), own = one('[data-when="own"]'); if (when && own) own.hidden = when.value !== "own"; };
  desk.addEventListener("input", (event) => {
    const box = event.target;
    if (box.matches("[data-grows]")) grow(box);
    if (box.matches("[data-source]")) number(box);
    if (box.matches("#show-when")) conditions();
    if (box.dataset.own) { const own = one(`[name="${box.dataset.own}"][value="own"]`); if (own) own.checked = true; }
    const saved = one("#desk-saved");
    if (saved && box.closest("[data-autosave]")) saved.textContent = "Saving …";
  });
  desk.addEventListener("scroll", (event) => { if (event.target.matches?.("[data-source]")) one("[data-lines]").scrollTop = event.target.scrollTop; }, true);
  document.body.addEventListener("htmx:responseError", () => { const saved = one("#desk-saved"); if (saved) saved.textContent = "Not saved: the server did not answer as it should. Try again."; });
  document.body.addEventListener("htmx:sendError", () => { const saved = one("#desk-saved"); if (saved) saved.textContent = "Not saved: there is no connection."; });

  // Undo, again and delete by keyboard, outside of what one types in.
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, textarea, select")) return;
    const key = event.key.toLowerCase();
    if ((event.metaKey || event.ctrlKey) && key === "z") { event.preventDefault(); act(event.shiftKey ? "redo" : "undo", { block: chosen() }); }
    // What had the focus may have been renewed under it: then it is the chosen one that is meant.
    const at = event.target === document.body ? one(".desk-block [aria-current]") : event.target;
    const row = key === "delete" && at?.closest(".desk-block[data-block]");
    if (row) { event.preventDefault(); act("delete", { block: row.dataset.block }); }
  });
  desk.addEventListener("click", (event) => {
    const button = event.target.closest("[data-undo], [data-redo]");
    if (button) { event.preventDefault(); act("undo" in button.dataset ? "undo" : "redo", { block: chosen() }); }
  });

  // Dragging by the grip, with mouse, pen or finger. The buttons beside it do the same.
  let held = null, spot = null;
  const clear = () => desk.querySelectorAll(".drop-before, .drop-after, .drop-into").forEach((row) => row.classList.remove("drop-before", "drop-after", "drop-into"));
  const overRow = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest(".desk-list .desk-block[data-block], .desk-empty");
  desk.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest("[data-grip]");
    if (!grip) return;
    event.preventDefault();
    held = grip.closest(".desk-block");
    held.classList.add("is-dragged");
    grip.setPointerCapture(event.pointerId);
  });
  desk.addEventListener("pointermove", (event) => {
    if (!held) return;
    const row = overRow(event);
    clear();
    spot = null;
    if (!row || row === held) return;
    const list = row.closest("[data-within]"), within = list?.dataset.within || "";
    if (row.matches(".desk-empty")) { row.classList.add("drop-into"); spot = { before: "", within }; return; }
    const box = row.getBoundingClientRect(), isAfter = event.clientY > box.top + box.height / 2;
    row.classList.add(isAfter ? "drop-after" : "drop-before");
    const rows = [...list.children].filter((child) => child.dataset.block);
    const next = isAfter ? rows[rows.indexOf(row) + 1] : row;
    spot = { before: next?.dataset.block || "", within };
  });
  const drop = () => {
    if (!held) return;
    if (spot && spot.before !== held.dataset.block) act("move", { block: held.dataset.block, ...spot });
    held.classList.remove("is-dragged");
    clear();
    held = spot = null;
  };
  desk.addEventListener("pointerup", drop);
  desk.addEventListener("pointercancel", () => { spot = null; drop(); });

  const ready = () => {
    desk.querySelectorAll("[data-grows]").forEach(grow);
    const box = one("[data-source]");
    if (box) number(box);
    conditions();
  };
  ready();
})();
