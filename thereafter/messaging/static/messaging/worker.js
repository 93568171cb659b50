// Shows news of a shop and opens their page when tapped.
self.addEventListener("push", (event) => {
  let news = {};
  try { news = event.data.json(); } catch { /* nothing we can show more of */ }
  const { title = "", body = "", url = "", tag = "", lang = "" } = news;
  event.waitUntil(self.registration.showNotification(title, { body, tag, lang, renotify: Boolean(tag), data: { url } }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url } = event.notification.data || {};
  if (!url) return;
  event.waitUntil((async () => {
    const open = await clients.matchAll({ type: "window", includeUncontrolled: true });
    const same = open.find((page) => page.url === url);
    return same ? same.focus() : clients.openWindow(url);
  })());
});
