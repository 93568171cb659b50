// Comforts for who stands at a counter. Every page works without this file.
(() => {
  const look = document.querySelector("[data-look]");
  const field = look?.querySelector("[data-scan]");
  if (!field) return;

  // Whatever a scanner sends goes to the field, wherever the focus is; a scanner types fast and ends with Enter.
  document.addEventListener("keydown", (event) => {
    const busy = event.target.closest("input, textarea, select, [contenteditable]");
    if (busy || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || event.key === " ") return;
    field.focus();
  });

  // Twice the same press is one; the shop's books know that too.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));

  const box = document.querySelector("[data-camera]");
  if (!box || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const [start, video, trouble] = ["start", "video", "trouble"].map((name) => box.querySelector(`[data-${name}]`));
  const scan = async () => {
    const detector = new BarcodeDetector({ formats: ["qr_code", "code_128"] });
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.hidden = false;
    start.hidden = true;
    await video.play();
    const seen = async () => {
      const [found] = await detector.detect(video).catch(() => []);
      if (!found) return void setTimeout(seen, 150);
      video.srcObject.getTracks().forEach((track) => track.stop());
      navigator.vibrate?.(60);
      field.value = found.rawValue;
      look.requestSubmit();
    };
    seen();
  };
  box.hidden = false;
  start.addEventListener("click", () => scan().catch(() => { trouble.textContent = "The camera cannot be used. Type the code under the picture on the card."; }));
})();
