// The picture of a journey: moving it and its size; and the builder by keys, mouse and touch.
// Whatever changes the journey is posted to the server by htmx, which answers with the new picture; without this file
// every link and form of the page works all the same.
(() => {
  const canvas = document.querySelector("[data-canvas]");
  if (!canvas) return;
  const sheet = canvas.querySelector("#sheet");

  // --- Size and place of the picture.
  let size = 1;
  const zoomTo = (wanted, at) => {
    const next = Math.min(Math.max(wanted, 0.25), 1.5);
    const frame = canvas.getBoundingClientRect();
    const [x, y] = at ? [at.clientX - frame.left, at.clientY - frame.top] : [frame.width / 2, frame.height / 2];
    const [left, top] = [(canvas.scrollLeft + x) / size, (canvas.scrollTop + y) / size];
    size = next;
    sheet.style.zoom = size;
    canvas.scrollTo(left * size - x, top * size - y);
    canvas.parentElement.querySelector("[data-zoom-text]").textContent = `${Math.round(size * 100)} %`;
  };
  // The whole picture, but never smaller than can be read at a glance; the trigger stands in the middle.
  const fit = (least) => {
    const drawn = sheet.firstElementChild;
    zoomTo(Math.max(Math.min(1, canvas.clientWidth / (drawn.offsetWidth + 48), canvas.clientHeight / (drawn.offsetHeight + 104)), least));
    const first = (canvas.querySelector("[data-node]") ?? drawn).getBoundingClientRect();
    canvas.scrollBy(first.left + first.width / 2 - canvas.getBoundingClientRect().left - canvas.clientWidth / 2, -canvas.scrollTop);
  };
  document.addEventListener("click", (event) => {
    const by = event.target.closest("[data-zoom-by]");
    if (by) zoomTo(size + Number(by.dataset.zoomBy) * 0.15);
    if (event.target.closest("[data-zoom-fit]")) fit(0.25);
  });
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoomTo(size * Math.exp(-event.deltaY / 300), event);
  }, { passive: false });

  // The ground is taken along with the mouse (a finger scrolls by itself); two fingers zoom.
  let pan = null;
  const pinch = { far: 0, size: 1 };
  const apart = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  const middle = ([a, b]) => ({ clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 });
  const letGo = () => { pan = null; canvas.classList.remove("panning"); };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button || event.pointerType !== "mouse" || event.target.closest("[data-node], .plus")) return;
    pan = { x: event.clientX, y: event.clientY, left: canvas.scrollLeft, top: canvas.scrollTop };
    canvas.classList.add("panning");
  });
  addEventListener("pointermove", (event) => {
    if (pan) canvas.scrollTo(pan.left + pan.x - event.clientX, pan.top + pan.y - event.clientY);
  });
  addEventListener("pointerup", letGo);
  addEventListener("pointercancel", letGo);
  canvas.addEventListener("touchstart", (event) => {
    if (event.touches.length === 2) Object.assign(pinch, { far: apart(event.touches), size });
  }, { passive: true });
  canvas.addEventListener("touchmove", (event) => {
    if (event.touches.length !== 2) return;
    event.preventDefault();
    zoomTo(pinch.size * (apart(event.touches) / pinch.far), middle(event.touches));
  }, { passive: false });
  fit(0.8);

  // --- From here on: the builder.
  const root = document.querySelector("[data-builder]");
  if (!root) return;
  const panel = root.querySelector("#panel");
  const nodes = () => [...sheet.querySelectorAll("[data-node]")];
  const spots = () => [...sheet.querySelectorAll("[data-spot]")];
  const link = (node) => node?.querySelector(".node-main");
  const nodeOf = (step) => nodes().find((node) => node.dataset.node === step);
  const isTyping = (target) => target.matches("input, textarea, select, [contenteditable]");
  // What has a taking back of its own.
  const isWriting = (target) => target.matches("input:not([type=radio], [type=checkbox]), textarea, [contenteditable]");
  const post = (values) => htmx.ajax("POST", root.dataset.do, { source: root, target: "#sheet", swap: "innerHTML", values });
  const tell = (text) => { root.querySelector("#told").textContent = text; };

  // --- All that is asked for waits in one line (hx-sync of the builder), and is asked by what stays: a form or link may be
  // gone before its turn comes, and htmx would forget what it says.
  // Of which step these values are a save, what was saved of it last, and how often these were tried again.
  const savedOf = new WeakMap(), newest = new Map(), tries = new WeakMap();
  // What brings another panel: nobody writes into the one that is about to go.
  const renews = new WeakSet();
  let awaited = 0;
  const hush = (by) => { awaited += by; panel.inert = awaited > 0; };
  root.addEventListener("htmx:confirm", (event) => {
    const { elt, verb, path, target, triggeringEvent: why } = event.detail;
    if (elt === root || (verb !== "post" && target !== panel)) return;
    event.preventDefault();
    if (verb === "get") return openPanel(path.split("?")[1], wantsFocus);
    const values = new FormData(elt, why?.submitter);
    if (elt.matches("[data-autosave]")) {
      const step = `${values.get("act")} ${values.get("step")}`;
      savedOf.set(values, step);
      newest.set(step, values);
    } else if (panel.contains(elt)) {
      renews.add(values);
      hush(1);
    }
    post(values);
  });
  // Who leaves goes when the last save is back; who still wants to after some seconds is not kept.
  const INSISTS = 5000;
  let leaving = "", heldAt = 0;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]:not([hx-get], [target=_blank], [href^='#'])");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || !root.matches(".htmx-request")) return;
    if (leaving && event.timeStamp - heldAt > INSISTS) return;
    event.preventDefault();
    if (!leaving) heldAt = event.timeStamp;
    leaving = link.href;
  });
  // Another request of the line begins right after this.
  const goOn = () => {
    if (!leaving || root.matches(".htmx-request")) return;
    location.assign(leaving);
    leaving = "";
  };
  root.addEventListener("htmx:afterRequest", () => setTimeout(goOn));

  // --- Where one stands: the step that has the focus, else the one that is open in the panel.
  const standing = () => document.activeElement.closest("[data-node]") ?? sheet.querySelector(".node.chosen");
  const go = (node) => {
    link(node)?.focus({ preventScroll: true });
    node?.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "smooth" });
  };

  // The next step in a direction: straight ahead before aside.
  const DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const neighbour = (from, [across, down]) => {
    const [x, y] = [Number(from.dataset.x), Number(from.dataset.y)];
    const far = (node) => {
      const [dx, dy] = [Number(node.dataset.x) - x, Number(node.dataset.y) - y];
      const ahead = across ? dx * across * 5 : dy * down;
      return ahead > 0 ? ahead + (across ? Math.abs(dy) * 3 : Math.abs(dx) * 4) : Infinity;
    };
    return nodes().filter((node) => far(node) < Infinity).sort((a, b) => far(a) - far(b))[0];
  };

  // The spot below a step: of a fork the one behind its lanes, else in its first lane.
  const spotBelow = (step) => {
    const own = spots().filter((spot) => spot.dataset.spot === step);
    return own.find((spot) => ["next", "join"].includes(spot.dataset.way)) ?? own[0];
  };
  const chosenSpot = () => document.activeElement.closest("[data-spot]") ?? spotBelow(standing()?.dataset.node ?? "");
  const placed = (spot) => ({ at: spot.dataset.spot, way: spot.dataset.way });

  // --- Cut, copy and paste: what was cut stays where it is until it is put down elsewhere.
  let held = null;
  const hold = (how, node) => {
    nodes().forEach((one) => one.classList.remove("cut"));
    held = node?.dataset.node ? { act: how, step: node.dataset.node } : null;
    if (held && how === "move") node.classList.add("cut");
    if (held) tell(`${how === "move" ? "Cut" : "Copied"}. Go to where it should stand and press Control V.`);
  };
  const paste = () => {
    const spot = held && chosenSpot();
    if (!spot) return;
    post({ ...held, ...placed(spot) });
    if (held.act === "move") held = null;
  };

  const remove = (node) => {
    if (!node.dataset.node) return;
    if ("forks" in node.dataset) openPanel(`remove=${encodeURIComponent(node.dataset.node)}`, true);
    else post({ act: "remove", step: node.dataset.node });
  };
  const openPanel = (query, focuses) => {
    wantsFocus = focuses;
    hush(1);
    htmx.ajax("GET", `${root.dataset.panelUrl}?${query}`, { source: root, target: "#panel", swap: "innerHTML" });
  };

  const PLAIN = {
    Delete: remove,
    Backspace: remove,
    a: (node) => spotBelow(node.dataset.node)?.querySelector("a").click(),
  };
  const WITH_CONTROL = { x: (node) => hold("move", node), c: (node) => hold("copy", node), v: paste };
  const undoing = (event) => (event.key === "y" || event.shiftKey ? "redo" : "undo");

  // On the page, not on the builder: what had the focus may be gone with what was taken back.
  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || (key !== "z" && key !== "y") || isWriting(event.target)) return;
    event.preventDefault();
    root.querySelector(`[data-${undoing(event)}]:not([disabled])`)?.click();
  });

  root.addEventListener("keydown", (event) => {
    const control = event.ctrlKey || event.metaKey;
    if (event.key === "Escape") return escape(event);
    if (isTyping(event.target)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const node = standing();
    if (!node || !canvas.contains(document.activeElement)) return;
    if (control) {
      // A text that is marked is copied as everywhere.
      if (!WITH_CONTROL[key] || (key === "c" && String(getSelection()))) return;
      event.preventDefault();
      WITH_CONTROL[key](node);
    } else if (DIRECTIONS[key]) {
      event.preventDefault();
      if (event.altKey && node.dataset.node) post({ act: key === "ArrowUp" || key === "ArrowLeft" ? "up" : "down", step: node.dataset.node });
      else go(neighbour(node, DIRECTIONS[key]) ?? node);
    } else if (PLAIN[key]) {
      event.preventDefault();
      keyboard = true;
      PLAIN[key](node);
    }
  });

  const escape = (event) => {
    if (drag) return endDrag(false);
    if (held) return hold("", null);
    if (!panel.contains(event.target)) return;
    const back = sheet.querySelector(".node.chosen") ?? nodes()[0];
    panel.removeAttribute("data-opened");
    go(back);
  };

  // --- The panel: who opened it by keyboard goes on in it; the step it shows is marked on the picture.
  let keyboard = false, wantsFocus = false;
  root.addEventListener("click", (event) => {
    if (event.target.closest("[hx-target='#panel']")) {
      wantsFocus = keyboard || event.detail === 0;
      keyboard = false;
      panel.toggleAttribute("data-opened", !event.target.closest("[data-close]"));
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target === panel) {
      mark();
      panel.scrollTop = 0;
      const first = panel.querySelector("[data-find], form :is(input:not([type=hidden]), select, textarea), .kind");
      // Its own request is not over yet.
      panel.inert = awaited > 1;
      if (wantsFocus) (first ?? panel).focus();
    }
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => { if (detail.target === panel || renews.has(detail.etc.values)) hush(-1); });
  const mark = () => {
    const step = panel.querySelector("[data-shows]")?.dataset.shows;
    nodes().forEach((node) => node.classList.toggle("chosen", (node.dataset.node || "trigger") === step));
  };
  panel.addEventListener("input", (event) => {
    if (!event.target.matches("[data-find]")) return;
    const wanted = event.target.value.trim().toLowerCase();
    panel.querySelectorAll(".kind").forEach((kind) => { kind.hidden = !kind.textContent.toLowerCase().includes(wanted); });
    panel.querySelectorAll(".shelf").forEach((shelf) => { shelf.hidden = !shelf.querySelector(".kind:not([hidden])"); });
    panel.querySelector("[data-none]").hidden = Boolean(panel.querySelector(".kind:not([hidden])"));
  });
  panel.addEventListener("keydown", (event) => {
    if (event.target.matches("[data-find]") && event.key === "Enter") panel.querySelector(".kind:not([hidden])")?.click();
  });

  // --- After a change: stand on what was changed. The server says which step that is.
  document.addEventListener("builder:done", (event) => {
    mark();
    const step = event.detail.focus;
    if (step) go(nodeOf(step === "trigger" ? "" : step));
    if (held?.act === "move") nodeOf(held.step)?.classList.add("cut");
  });

  // --- Saved, or not.
  const say = (text, bad) => {
    const sign = root.querySelector("#saved");
    sign.textContent = text;
    sign.dataset.state = bad ? "bad" : "";
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.verb === "post") say("Saving …");
  });
  const MOST_TRIES = 10;
  const failed = (event) => {
    const { requestConfig, xhr, etc: { values } } = event.detail;
    if (requestConfig.verb !== "post") return;
    // One stays and sees it.
    leaving = "";
    const step = savedOf.get(values), tried = tries.get(values) ?? 0;
    const isOver = tried >= MOST_TRIES || (xhr.status >= 400 && xhr.status < 500);
    if (step && isOver) return say("Not saved. Copy what you wrote and load the page again.", true);
    if (!step) return say(isOver ? "Not saved. Load the page again." : "Not saved. Try again.", true);
    say("Not saved. Trying again …", true);
    tries.set(values, tried + 1);
    setTimeout(() => { if (newest.get(step) === values) post(values); }, 4000);
  };
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:responseError", failed);

  // --- A step is taken along by mouse or finger (which has to rest on it first) and let go on a plus.
  let drag = null, swallow = false;
  canvas.addEventListener("pointerdown", (event) => {
    const node = event.target.closest("[data-node]");
    if (event.button || !node?.dataset.node || event.target.closest(".node-foot a")) return;
    drag = { node, start: { x: event.clientX, y: event.clientY }, on: false, rest: 0 };
    if (event.pointerType === "touch") drag.rest = setTimeout(() => drag?.node === node && takeUp(), 350);
  });
  const takeUp = () => {
    Object.assign(drag, { on: true, left: canvas.scrollLeft, top: canvas.scrollTop });
    drag.node.classList.add("dragged");
    canvas.classList.add("dragging");
    tell("Move it onto a plus.");
  };
  addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [dx, dy] = [event.clientX - drag.start.x, event.clientY - drag.start.y];
    if (!drag.on && Math.hypot(dx, dy) > 7) {
      // A finger that moves before it rested wants to move the picture.
      if (drag.rest) return endDrag(false);
      takeUp();
    }
    if (drag.on) carry(event, dx, dy);
  });
  const carry = (event, dx, dy) => {
    const frame = canvas.getBoundingClientRect();
    const edge = (at, low, high) => (at < low + 48 ? -14 : at > high - 48 ? 14 : 0);
    canvas.scrollBy(edge(event.clientX, frame.left, frame.right), edge(event.clientY, frame.top, frame.bottom));
    const [x, y] = [dx + canvas.scrollLeft - drag.left, dy + canvas.scrollTop - drag.top];
    drag.node.style.translate = `${x / size}px ${y / size}px`;
    const far = (spot) => {
      const box = spot.getBoundingClientRect();
      return Math.hypot(box.left + box.width / 2 - event.clientX, (box.top + box.height / 2 - event.clientY) * 1.2);
    };
    const near = spots().map((spot) => [far(spot), spot]).sort((a, b) => a[0] - b[0])[0];
    drag.spot = near && near[0] < 110 ? near[1] : null;
    spots().forEach((spot) => spot.classList.toggle("over", spot === drag.spot));
  };
  const endDrag = (drops) => {
    if (!drag) return;
    const { node, spot, on, rest } = drag;
    clearTimeout(rest);
    drag = null;
    canvas.classList.remove("dragging");
    node.classList.remove("dragged");
    node.style.translate = "";
    spots().forEach((one) => one.classList.remove("over"));
    if (!on) return;
    // The click that ends a drag opens nothing.
    swallow = true;
    setTimeout(() => { swallow = false; }, 60);
    if (drops && spot) post({ act: "move", step: node.dataset.node, ...placed(spot) });
  };
  addEventListener("pointerup", () => endDrag(true));
  addEventListener("pointercancel", () => { if (!drag?.on) endDrag(false); });
  canvas.addEventListener("touchend", () => endDrag(true));
  canvas.addEventListener("touchmove", (event) => { if (drag?.on) event.preventDefault(); }, { passive: false });
  canvas.addEventListener("touchstart", (event) => { if (event.touches.length > 1) endDrag(false); }, { passive: true });
  canvas.addEventListener("dragstart", (event) => event.preventDefault());
  canvas.addEventListener("contextmenu", (event) => { if (drag) event.preventDefault(); });
  canvas.addEventListener("click", (event) => {
    if (!swallow) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  if (location.hash.startsWith("#n-")) go(document.getElementById(location.hash.slice(1))?.closest("[data-node]"));
})();
