// A counter's comforts: the camera, and scans that are kept while there is no line. The page works without this file.
(() => {
  const page = document.querySelector("[data-counter]");
  if (!page) return;
  const words = page.dataset;
  const box = page.querySelector("[data-offline]");
  const name = `counter:${location.pathname}`;
  // What the browser does not keep (a private window, no room) lives as long as the page.
  let unkept = null;
  const stored = () => { try { return JSON.parse(localStorage.getItem(name) || "[]"); } catch { return []; } };
  const kept = () => unkept || stored();
  const keep = (scans) => {
    try {
      localStorage.setItem(name, JSON.stringify(scans));
      unkept = null;
    } catch {
      unkept = scans;
    }
  };

  const tell = (text, tone) => {
    const waiting = kept();
    box.replaceChildren();
    if (!text && !waiting.length) return;
    const callout = Object.assign(document.createElement("div"), { className: `callout tone-${tone || "warn"}` });
    if (text) callout.append(Object.assign(document.createElement("p"), { textContent: text }));
    if (waiting.length) callout.append(Object.assign(document.createElement("p"), { textContent: `${words.waiting} ${waiting.map((one) => one.code.split(":")[1] || one.code).join(", ")}` }));
    box.append(callout);
  };

  // The signature of the shopper's code, so that a forged one is known without a line too.
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const base32 = (bytes) => {
    const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    return bits.match(/.{1,5}/g).map((five) => LETTERS[parseInt(five.padEnd(5, "0"), 2)]).join("");
  };
  const checked = async (code) => {
    if (!crypto.subtle || !code.includes(":")) return null;
    const parts = code.toUpperCase().split(":");
    const text = new TextEncoder();
    const key = await crypto.subtle.importKey("raw", text.encode(words.key), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const made = new Uint8Array(await crypto.subtle.sign("HMAC", key, text.encode(parts.slice(0, 3).join(":"))));
    return base32(made.slice(0, 10)) === parts[3];
  };

  const keepForLater = async (scanned, bag = "") => {
    // No more than the shop reads, or it would never name this one as told.
    const code = scanned.slice(0, 200);
    const good = await checked(code);
    if (good === false) return tell(words.forged, "bad");
    const others = kept().filter((one) => one.code !== code);
    keep([...others, { code, bag, at: new Date().toISOString() }]);
    tellSoon();
    // That it is not told yet is all that can be promised of what is not kept.
    if (unkept) return tell("", "bad");
    return tell(good ? words.saved : words.savedUnchecked);
  };

  // Told as often as it takes: the shop counts each parcel once.
  const [AT_ONCE, PAUSE] = [200, 60_000];
  const refused = [];
  let next;
  const tellSoon = () => { clearTimeout(next); next = setTimeout(tellLater, PAUSE); };
  const tellLater = async () => {
    const waiting = kept().slice(0, AT_ONCE);
    if (!waiting.length) return;
    // Also for what is left over: the shop may have had too many tries, or a line is there that leads nowhere.
    tellSoon();
    try {
      const answer = await fetch(words.scans, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(waiting) });
      if (!answer.ok) return;
      const { told } = await answer.json();
      if (!told.length) return;
      keep(kept().filter((one) => !told.some((each) => each.code === one.code)));
      refused.push(...told.filter((each) => !each.taken).map((each) => `${each.code.split(":")[1] || each.code}: ${each.text}`));
      tell(refused.join(" ") || words.told, refused.length || kept().length ? "warn" : "good");
    } catch { /* still no line */ }
  };
  addEventListener("online", tellLater);
  // The browser asks in its own words.
  addEventListener("beforeunload", (event) => { if (unkept?.length) event.preventDefault(); });

  const look = page.querySelector("[data-look]");
  look?.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault();
    keepForLater(look.elements.code.value.trim());
    look.reset();
  });
  const take = page.querySelector("[data-take]");
  take?.addEventListener("submit", async (event) => {
    event.preventDefault();
    take.querySelector("button").disabled = true;
    try {
      const answer = await fetch(take.action, { method: "POST", body: new FormData(take) });
      location.assign(answer.redirected ? answer.url : `${take.action}?code=${encodeURIComponent(take.elements.code.value)}`);
    } catch {
      await keepForLater(take.elements.code.value, take.elements.bag.value);
      take.remove();
    }
  });

  // The page came from the last visit: there was no line for the question.
  const asked = new URLSearchParams(location.search).get("code");
  if (asked && !page.querySelector("[data-answer]")) keepForLater(asked);
  else { tell(""); tellLater(); }

  const [start, video] = [page.querySelector("[data-camera]"), page.querySelector("[data-video]")];
  const scan = async () => {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.hidden = false;
    start.hidden = true;
    await video.play();
    const seen = async () => {
      const [found] = await detector.detect(video).catch(() => []);
      if (!found) return void setTimeout(seen, 150);
      video.srcObject.getTracks().forEach((track) => track.stop());
      // Without a line the page stays, for the next one.
      video.hidden = true;
      start.hidden = false;
      navigator.vibrate?.(60);
      look.elements.code.value = found.rawValue;
      look.requestSubmit();
    };
    seen();
  };
  if (start && "BarcodeDetector" in window && navigator.mediaDevices) {
    start.hidden = false;
    start.addEventListener("click", () => scan().catch(() => tell(words.noCamera)));
  }

  navigator.serviceWorker?.register(words.worker).catch(() => {});
})();
