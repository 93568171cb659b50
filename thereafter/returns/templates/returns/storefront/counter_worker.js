// Without a line the counter's page and what it needs come from the last visit.
const KEPT = "counter-1";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const keep = async (request, response) => {
  if (!response.ok) return;
  const shell = request.mode === "navigate" ? new URL("./", self.location).href : request.url;
  // A page with an answer must not come back as the empty one.
  if (request.mode === "navigate" && new URL(request.url).search) return;
  (await caches.open(KEPT)).put(shell, response);
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(
    fetch(request)
      .then((response) => { event.waitUntil(keep(request, response.clone())); return response; })
      .catch(async () => (await caches.match(request.mode === "navigate" ? new URL("./", self.location).href : request)) || Response.error()),
  );
});
