// Small comforts. Every page works without this file; load it in <head> without defer so the theme does not flash.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const saved = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  if (root.hasAttribute("data-themed") && saved()) root.dataset.theme = saved();

  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const toggleTheme = () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* private window */ }
  };

  const copySelected = (button) => {
    const area = Object.assign(document.createElement("textarea"), { value: button.dataset.copy });
    // Beside the button, because nothing outside of an open dialog can be selected.
    button.after(area);
    area.select();
    const isCopied = document.execCommand("copy");
    area.remove();
    button.focus();
    return isCopied;
  };
  const copy = async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      // Without https there is no clipboard, and a frame may be denied it.
      if (!copySelected(button)) return;
    }
    button.dataset.copied = "";
    setTimeout(() => delete button.dataset.copied, 1600);
  };

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    if (on("[data-copy]")) copy(on("[data-copy]"));
    if (on("[data-dismiss]")) on("[data-toast]").remove();
    if (on("[data-toggle-theme]")) toggleTheme();
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  document.addEventListener("keydown", (event) => {
    const search = [...document.querySelectorAll("[data-search]")].find((field) => field.offsetParent);
    const typing = event.target.matches("input, textarea, select, [contenteditable]");
    if (search && ((event.key === "k" && (event.metaKey || event.ctrlKey)) || (event.key === "/" && !typing))) {
      event.preventDefault();
      search.focus();
      search.select();
    }
    if (event.key === "Escape") document.querySelectorAll("details.menu[open]").forEach((menu) => {
      menu.open = false;
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    });
  });

  // Lists with boxes: one box for all, and how many are chosen.
  const boxes = (form) => [...form.querySelectorAll('input[type="checkbox"][name="row"]')];
  const tell = (form) => {
    const [all, chosen] = [boxes(form), boxes(form).filter((box) => box.checked)];
    const [whole, words] = [form.querySelector("[data-check-all]"), form.querySelector("[data-chosen]")];
    if (whole) [whole.checked, whole.indeterminate] = [chosen.length === all.length, chosen.length > 0 && chosen.length < all.length];
    if (words) words.textContent = chosen.length ? `${chosen.length} chosen:` : "Choose all";
  };
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-check-all]").forEach((box) => { box.hidden = false; tell(box.form); });
  });

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (event.target.matches("[data-submit]")) form.requestSubmit();
    if (event.target.matches("[data-check-all]")) boxes(form).forEach((box) => { box.checked = event.target.checked; });
    if (form?.matches("[data-bulk]")) tell(form);
  });

  document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest" });

  // Charts: the value under the pointer.
  document.addEventListener("pointerover", (event) => {
    const spot = event.target.closest("[data-tip]");
    document.querySelectorAll(".chart-tip").forEach((tip) => tip.remove());
    if (!spot) return;
    const plot = spot.closest(".chart-plot, .drawn");
    const [at, frame] = [spot.getBoundingClientRect(), plot.getBoundingClientRect()];
    const tip = Object.assign(document.createElement("div"), { className: "chart-tip", textContent: spot.dataset.tip });
    plot.append(tip);
    const half = tip.offsetWidth / 2;
    tip.style.left = `${Math.min(Math.max(at.left + at.width / 2 - frame.left, half), frame.width - half)}px`;
  });
})();
