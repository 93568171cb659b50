// Comforts for who has a scanner in the hand. Every page works without this file.
(() => {
  const field = () => document.querySelector("[data-scan]");

  // Whatever a scanner sends goes to the field, wherever the focus is; a scanner types fast and ends with Enter.
  document.addEventListener("keydown", (event) => {
    const busy = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
    if (busy || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || event.key === " ") return;
    field()?.focus();
  });

  // Where an item usually goes hangs on how it came.
  const tell = (form) => {
    const usual = form.querySelector("[data-usual]");
    if (!usual) return;
    const verdict = form.querySelector("[name=verdict]:checked")?.value;
    const grade = form.querySelector("[name=grade]:checked");
    const words = verdict === "rejected" ? usual.dataset.usual : grade?.dataset.goes;
    usual.textContent = words ? `As usual: ${words}` : "As usual";
  };
  document.addEventListener("change", (event) => { if (event.target.form) tell(event.target.form); });
  document.querySelectorAll("form").forEach(tell);

  // Twice the same press is one.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));
})();
