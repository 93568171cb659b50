// Hides fields that mean nothing for what is chosen elsewhere on the form. Without scripts all of them are there.
(() => {
  const chosen = (name) => {
    const field = document.querySelector(`[name="${name}"]:checked, select[name="${name}"]`);
    return field ? field.value : "";
  };
  const show = () => document.querySelectorAll("[data-shown-by]").forEach((part) => {
    part.hidden = !part.dataset.shownFor.split(" ").includes(chosen(part.dataset.shownBy));
  });
  document.addEventListener("change", show);
  show();
})();
