// The button for notifications appears only where the browser can show them.
(() => {
  const box = document.querySelector("[data-push-key]");
  if (!box || !("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return;
  const { pushKey, worker, page } = box.dataset;
  const [button, done, refused] = ["button", "[data-push-done]", "[data-push-refused]"].map((part) => box.querySelector(part));
  const raw = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const show = (part) => { button.hidden = true; done.hidden = part !== done; refused.hidden = part !== refused; };

  const subscribe = async () => {
    if (await Notification.requestPermission() !== "granted") return show(refused);
    const registration = await navigator.serviceWorker.register(worker, { scope: worker.replace(/[^/]*$/, "") });
    const ready = registration.active || await new Promise((resolve) => {
      const installing = registration.installing || registration.waiting;
      installing.addEventListener("statechange", () => installing.state === "activated" && resolve(installing));
    });
    const known = ready && await registration.pushManager.getSubscription();
    const subscription = known || await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: raw(pushKey) });
    const body = new URLSearchParams({ channel: "push", subscription: JSON.stringify(subscription) });
    const guard = box.querySelector("[name=csrfmiddlewaretoken]");
    if (guard) body.set("csrfmiddlewaretoken", guard.value);
    const answer = await fetch(page, { method: "POST", body });
    show(answer.ok ? done : refused);
  };

  box.hidden = false;
  if (Notification.permission === "denied") show(refused);
  button.addEventListener("click", () => {
    button.disabled = true;
    subscribe().catch(() => show(refused)).finally(() => { button.disabled = false; });
  });
})();
