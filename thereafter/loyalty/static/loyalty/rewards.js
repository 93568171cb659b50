// Puts the programme into the merchant's page. The page itself is ours, in a frame; it tells how high it is.
(() => {
  const { page, language, title } = globalThis.thereafterRewards;
  const origin = new URL(page).origin;
  for (const place of document.querySelectorAll("[data-thereafter-rewards]")) {
    if (place.firstElementChild) continue;
    const wanted = (place.lang || document.documentElement.lang || language).slice(0, 2);
    const frame = document.createElement("iframe");
    frame.title = title[wanted] || title.en;
    frame.src = `${page}?in=${encodeURIComponent(location.origin)}&lang=${encodeURIComponent(wanted)}`;
    frame.style.cssText = "width:100%;border:0;min-height:15rem;display:block";
    frame.loading = "lazy";
    place.append(frame);
    addEventListener("message", (event) => {
      if (event.origin === origin && event.source === frame.contentWindow && event.data?.thereafterHeight > 0) {
        frame.style.height = `${Math.min(Number(event.data.thereafterHeight), 2400)}px`;
      }
    });
  }
})();
