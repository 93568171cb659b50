// Rows of a condition were renewed by the server: what was typed since they were asked for stays as it is.
// A module, so that it is there once, however often the editor that brings it is renewed.
const put = (box, typed) => {
  const came = box.value;
  box.value = typed.value;
  // The new box may be another one: a choice that lacks what was typed, or a day.
  if (box.value !== typed.value) box.value = came;
  else if (typed.selectionStart != null && box === document.activeElement) box.setSelectionRange(typed.selectionStart, typed.selectionEnd);
  return box.value !== came;
};

document.addEventListener("htmx:afterSwap", ({ target: rows, detail }) => {
  if (!rows.matches("fieldset.condition")) return;
  const sent = detail.requestConfig.formData;
  // Behind a row that was removed each row has another number.
  if (sent.get(`${sent.get("editor")}.do`).startsWith("drop:")) return;
  const typed = [...detail.target.querySelectorAll("[id][name]")].filter((box) => box.value !== sent.get(box.name));
  const kept = typed.filter((old) => {
    const box = rows.querySelector(`[id="${old.id}"]`);
    return box?.name === old.name && put(box, old);
  });
  if (kept.length) rows.dispatchEvent(new Event("change", { bubbles: true }));
});
