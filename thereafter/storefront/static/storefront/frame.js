// Inside the merchant's page: tells it how high this page is, and nobody else.
(() => {
  const parent = document.currentScript.dataset.parent;
  if (!parent || window.parent === window) return;
  const tell = () => window.parent.postMessage({ thereafterHeight: document.body.offsetHeight }, parent);
  document.addEventListener("DOMContentLoaded", () => { new ResizeObserver(tell).observe(document.body); tell(); });
  addEventListener("load", tell);
})();
