"""What the shop's own pages show of returns."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from thereafter.commerce.models import Product
from thereafter.returns import finding, links
from thereafter.returns.readiness.crawling import Crawl, NotSeen, shown
from thereafter.returns.readiness.reading import SPEAKS_OF_RETURNS, Link, Page
from thereafter.returns.rules.figures.readiness import EASY, Finding, State, lix
from thereafter.storefront.links import page as shopper_page
from thereafter.stores.models import Store

_PRODUCTS = ("/product", "/products/", "/produkt", "/p/", "/item", "/shop/")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What has to be known before anything is called: nothing is read from the database meanwhile."""

    shop_url: str
    product_url: str
    portal: str
    withdraw: str
    shows_withdrawal: bool


def wanted(store: Store) -> Wanted:
    site = urlsplit(store.shop_url).netloc.removeprefix("www.")
    rows = Product.objects.of(store).filter(is_active=True).exclude(url="").order_by("-changed_at")
    urls = rows.values_list("url", flat=True)[:50]
    return Wanted(
        shop_url=store.shop_url,
        product_url=next((url for url in urls if urlsplit(url).netloc.removeprefix("www.") == site), ""),
        portal=shopper_page(store, "returns_storefront:find"),
        withdraw=links.withdraw_page(store),
        shows_withdrawal=finding.shows_withdrawal(store),
    )


@dataclass(slots=True)
class Seen:
    """The pages that were found; for those that were not, why."""

    home: Page | None = None
    product: Page | None = None
    policy: Page | None = None
    why: dict[str, str] = field(default_factory=dict)


def look(asked: Wanted, crawl: Crawl) -> list[Finding]:
    """Calls the shop; outside of any transaction."""
    if not asked.shop_url:
        why = "We do not know your shop's address yet. Say it in the store settings."
        return [Finding(key, "unknown", why) for key in KEYS]
    seen = _see(asked, crawl)
    return [
        _footer(asked, seen),
        _home(seen),
        _product(seen),
        _policy_page(seen),
        *([_withdraw_link(asked, seen)] if asked.shows_withdrawal else []),
        _reading(seen),
        _accessible(seen),
    ]


KEYS = ("footer", "home", "product", "policy_page", "withdraw_link", "reading", "accessible")


def _see(asked: Wanted, crawl: Crawl) -> Seen:
    seen = Seen()
    seen.home = _try(crawl, asked.shop_url, "home", seen)
    if seen.home is None:
        seen.why["product"] = seen.why["policy"] = seen.why["home"]
        return seen
    policy = _policy_address(asked, seen.home)
    seen.policy = _try(crawl, policy, "policy", seen) if policy else None
    product = asked.product_url or _product_address(seen.home)
    seen.product = _try(crawl, product, "product", seen) if product else None
    seen.why.setdefault("product", "We know no address of a product, and the home page links to none.")
    return seen


def _try(crawl: Crawl, url: str, name: str, seen: Seen) -> Page | None:
    try:
        return crawl.page(url)
    except NotSeen as why:
        seen.why[name] = str(why)
        return None


def _policy_address(asked: Wanted, home: Page) -> str:
    """The link that names it best: of returns and of a policy, before one of either."""
    site = urlsplit(home.url).netloc
    here = [link for link in home.links if urlsplit(link.to).netloc == site]
    best = sorted(here, key=lambda one: (one.speaks_of_returns, one.names_policy), reverse=True)
    return best[0].to if best and best[0].speaks_of_returns else ""


def _product_address(home: Page) -> str:
    site = urlsplit(home.url).netloc
    here = (link.to for link in home.links if urlsplit(link.to).netloc == site)
    return next((to for to in here if any(part in urlsplit(to).path.lower() for part in _PRODUCTS)), "")


def _unseen(key: str, seen: Seen, page: str = "home") -> Finding:
    return Finding(key, "unknown", seen.why.get(page, "It could not be looked at."))


def _of(*, good: bool) -> State:
    return "passed" if good else "failed"


def _leads_to_us(link: Link, asked: Wanted) -> bool:
    return link.to.split("?")[0].rstrip("/") == asked.portal.split("?")[0].rstrip("/")


def _footer(asked: Wanted, seen: Seen) -> Finding:
    if seen.home is None:
        return _unseen("footer", seen)
    found = [one for one in seen.home.edge_links if one.speaks_of_returns or _leads_to_us(one, asked)]
    if not found:
        return Finding(
            "footer", "failed", "Neither header nor footer has a link that speaks of returns.", seen.home.url
        )
    ours = next((one for one in found if _leads_to_us(one, asked)), None)
    words = " ".join((ours or found[0]).text.split())[:60]
    what = "to the page where a return begins" if ours else f"to {shown(found[0].to)}"
    return Finding("footer", "passed", f"“{words}” leads {what}.", seen.home.url)


def _home(seen: Seen) -> Finding:
    if seen.home is None:
        return _unseen("home", seen)
    edges = {link.text for link in seen.home.edge_links} if seen.home.has_edges else set()
    said = [words for words in seen.home.words if SPEAKS_OF_RETURNS.search(words) and not _is_in(words, edges)]
    evidence = f"It says “{said[0][:100]}”." if said else "Beside header and footer it says nothing of returns."
    return Finding("home", _of(good=bool(said)), evidence, seen.home.url)


def _is_in(words: str, edges: set[str]) -> bool:
    return any(words in " ".join(text.split()) for text in edges)


def _product(seen: Seen) -> Finding:
    if seen.product is None:
        return _unseen("product", seen, "product")
    edges = {link.text for link in seen.product.edge_links} if seen.product.has_edges else set()
    said = [words for words in seen.product.words if SPEAKS_OF_RETURNS.search(words) and not _is_in(words, edges)]
    evidence = f"It says “{said[0][:100]}”." if said else f"{shown(seen.product.url)} says nothing of returns."
    return Finding("product", _of(good=bool(said)), evidence, seen.product.url)


def _policy_page(seen: Seen) -> Finding:
    if seen.policy is not None:
        return Finding("policy_page", "passed", f"It is at {shown(seen.policy.url)}.", seen.policy.url)
    if seen.home is None or "policy" in seen.why:
        return _unseen("policy_page", seen, "policy")
    return Finding("policy_page", "failed", "The home page links to no page about returns.", seen.home.url)


def _withdraw_link(asked: Wanted, seen: Seen) -> Finding:
    if seen.home is None:
        return _unseen("withdraw_link", seen)
    pages = [page for page in (seen.home, seen.policy) if page]
    ours = asked.withdraw.split("?")[0].rstrip("/")
    for page in pages:
        for link in page.links:
            if link.to.split("?")[0].rstrip("/") == ours or link.speaks_of_withdrawal:
                return Finding("withdraw_link", "passed", f"{shown(page.url)} links to it.", page.url)
    return Finding("withdraw_link", "failed", "No link on the home page or the policy names it.", seen.home.url)


def _reading(seen: Seen) -> Finding:
    if seen.policy is None:
        why = seen.why.get("policy", "There is no policy page to read.")
        return Finding("reading", "unknown", why)
    found = lix(seen.policy.text)
    if found is None:
        return Finding("reading", "unknown", "The page has too few words to tell.", seen.policy.url)
    words = "reads easily" if found < EASY else "is hard to read: shorter sentences and words help"
    return Finding("reading", _of(good=found < EASY), f"LIX is {found:.0f}, it {words}.", seen.policy.url)


def _accessible(seen: Seen) -> Finding:
    pages = [page for page in (seen.home, seen.product, seen.policy) if page]
    if not pages:
        return _unseen("accessible", seen)
    missing = [
        f"{shown(page.url)} {what}"
        for page in pages
        for what, is_missing in (
            ("does not name its language", not page.language),
            ("has no title", not page.title),
            (f"has {page.silent_pictures} pictures without words", page.silent_pictures > 0),
        )
        if is_missing
    ]
    if missing:
        return Finding("accessible", "failed", f"{'; '.join(missing[:3])}.", pages[0].url)
    return Finding("accessible", "passed", f"{len(pages)} pages were looked at.", pages[0].url)
