// Puts a page of ours into the merchant's, in a frame in each element with our attribute. The page tells how high it is.
(() => {
  const { place: attribute, page, language, title, highest } = globalThis.thereafterFrame;
  const origin = new URL(page).origin;
  const start = () => {
    for (const place of document.querySelectorAll(`[${attribute}]`)) {
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
          frame.style.height = `${Math.min(Number(event.data.thereafterHeight), highest)}px`;
        }
      });
    }
  };
  // Out of a cache the script may come before the elements do.
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
