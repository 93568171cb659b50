"""The list of rewards, and the form for each kind."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from thereafter.commerce.console.coupon_lists import product_choices, product_titles
from thereafter.commerce.models import CouponPool
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.money import Money
from thereafter.kit.pages import money, render
from thereafter.loyalty.actions import rewards, starter_rewards
from thereafter.loyalty.actions.rewards import BadReward, RewardSettings
from thereafter.loyalty.console import rewards_words as words
from thereafter.loyalty.console.rewards_forms import PLACES, RewardForm
from thereafter.loyalty.models import Reward
from thereafter.loyalty.queries import rewards as queries
from thereafter.loyalty.queries.programmes import programme_now
from thereafter.loyalty.rules import rewards as rules
from thereafter.stores.models import Store

PAGE = 50


def tiers_of(store: Store) -> dict[str, str]:
    """Names of the programme's tiers by their keys."""
    return {tier.id: tier.name for tier in programme_now(store.pk).programme.tiers}


@staff_page("loyalty.read")
def index(request: StaffRequest) -> HttpResponse:
    store, archived, now = request.store, request.GET.get("show") == "archived", clock.now()
    found = list(queries.in_order(store, archived=archived))
    figures = queries.figures(store, found)
    titles = _titles(store, found)
    context = {
        "page_title": "Rewards",
        "rows": [
            {
                "reward": one,
                "icon": words.KINDS[one.kind][0],
                "gives": words.gives(one, titles),
                "price": words.price(queries.terms_of(one)),
                "figures": figures.get(one.pk),
                "state": _state(one, now),
                "problems": _problems(store, one),
            }
            for one in found
        ],
        "archived": archived,
        "hints": words.better(*_compared(found, now)) if not archived else [],
        "troubles": queries.troubles(store, now).count(),
        "to_send": queries.to_do(store),
        "lists": queries.codes_left([one.pool_id for one in found if one.pool_id], store),
    }
    return render(request, "loyalty/console/rewards.html", context)


def _compared(found: list[Reward], now: Any) -> tuple[list[tuple[str, str]], dict[str, Reward]]:
    """Only what members can choose between today is compared."""
    open_ones = {one.key: one for one in found if one.is_offered(now) and one.is_shown and one.stock != 0}
    return rules.pointless({key: queries.terms_of(one) for key, one in open_ones.items()}), open_ones


def _titles(store: Store, found: list[Reward]) -> dict[str, str]:
    ids = sorted({str(pk) for one in found for pk in one.products})
    return dict(zip(ids, product_titles(store, ids), strict=True))


def _state(reward: Reward, now: Any) -> tuple[str, str] | None:
    """What is special about it; None for one that is simply offered."""
    if reward.archived_at:
        return "Archived", "neutral"
    if reward.stock == 0:
        return "None left", "warn"
    if reward.starts_at and reward.starts_at > now:
        return "Planned", "info"
    if reward.kind == rules.SEAT and rules.is_over(reward.details, now):
        return "The event is over", "neutral"
    if not reward.is_offered(now):
        return "Over", "neutral"
    return None if reward.is_shown else ("Not shown", "neutral")


def _problems(store: Store, reward: Reward) -> list[str]:
    gone = rules.unknown_tiers(reward.tiers, tiers_of(store)) if reward.tiers else []
    found = [f"It is for the tier “{one}”, which the programme does not have any more." for one in gone]
    if reward.kind == rules.PRODUCT and reward.products:
        price = queries.price_of(store, str(reward.products[0]))
        if price is not None and price != reward.value:
            now_costs = money(Money(price, reward.currency))
            taken_off = money(Money(reward.value, reward.currency))
            found.append(f"The product costs {now_costs} today, and its code takes {taken_off} off.")
    return found


@staff_page("loyalty.write")
def new(request: StaffRequest) -> HttpResponse:
    """First the kind, then its form."""
    kind = request.GET.get("kind", "")
    if kind not in words.KINDS:
        return render(request, "loyalty/console/rewards_kinds.html", {"kinds": words.KINDS, "page_title": "New reward"})
    return _edit(request, kind, None)


@staff_page("loyalty.write")
def edit(request: StaffRequest, reward_id: int) -> HttpResponse:
    reward = _reward(request, reward_id)
    return _edit(request, reward.kind, reward)


def _reward(request: StaffRequest, reward_id: int) -> Reward:
    return get_object_or_404(Reward.objects.of(request.store).select_related("pool"), pk=reward_id)


def _edit(request: StaffRequest, kind: str, reward: Reward | None) -> HttpResponse:
    form = _form(request, kind, reward, request.POST or None)
    if request.method == "POST" and form.is_valid():
        saved = _saved(request, form, reward)
        if saved:
            messages.success(
                request, f"{saved.name} is saved." if reward else f"{saved.name} can be taken from now on."
            )
            if not reward and saved.pool and saved.pool.delivery == CouponPool.Delivery.LIST:
                messages.info(request, "Add the list of codes now: without one nobody can take it.")
                return redirect("commerce_console:coupon_pool", request.store.slug, saved.pool_id)
            return redirect("loyalty_console:reward", request.store.slug, saved.pk)
    context = {
        "form": form,
        "kind": words.KINDS[kind],
        "kind_key": kind,
        "reward": reward,
        "is_taken": bool(reward and rewards.is_taken(reward)),
        "preview": _preview(request, form),
        "page_title": f"Edit {reward.name}" if reward else f"New reward: {words.KINDS[kind][1].lower()}",
    }
    return render(request, "loyalty/console/rewards_edit.html", context)


def _form(request: StaffRequest, kind: str, reward: Reward | None, data: Any) -> RewardForm:
    store = request.store
    return RewardForm(
        store,
        kind,
        reward,
        data,
        tiers=list(tiers_of(store).items()),
        products=product_choices(store, reward.products if reward else []),
        delivery=queries.usual_delivery(store),
    )


def _settings(request: StaffRequest, form: RewardForm) -> RewardSettings:
    """A product without a price takes today's from the catalogue."""
    settings = form.settings()
    if settings.kind == rules.PRODUCT and not settings.value and settings.products:
        price = queries.price_of(request.store, settings.products[0])
        if price is None:
            raise BadReward("value", "The shop did not tell its price. Type in what the code takes off.")
        return RewardSettings(**{**vars(settings), "value": price})
    return settings


def _saved(request: StaffRequest, form: RewardForm, reward: Reward | None) -> Reward | None:
    now = clock.now()
    try:
        settings = _settings(request, form)
        if reward is None:
            return rewards.make(request.store, settings, now=now, by=request.staff)
        return rewards.change(reward, settings, now=now, by=request.staff)
    except BadReward as wrong:
        shown = [name for name in (*PLACES.get(wrong.field, ()), wrong.field) if name in form.fields]
        form.add_error(shown[0] if shown else None, str(wrong))
        return None


@staff_page("loyalty.write")
@require_POST
def preview(request: StaffRequest) -> HttpResponse:
    """The reward in plain words while it is typed in."""
    kind = request.GET.get("kind", "")
    if kind not in words.KINDS:
        raise Http404
    number = request.GET.get("reward", "")
    reward = _reward(request, int(number)) if number.isdecimal() else None
    form = _form(request, kind, reward, request.POST)
    form.fields["name"].required = False
    return render(request, "loyalty/console/_rewards_preview.html", {"preview": _preview(request, form)})


def _preview(request: StaffRequest, form: RewardForm) -> Mapping[str, Any] | None:
    """Sentences, and what speaks against it beside the other rewards; None while a field is wrong."""
    shown = _shown(request, form)
    if shown is None:
        return None
    now = clock.now()
    others = [one for one in queries.in_order(request.store) if one.pk != shown.pk]
    pairs, known = _compared([*others, shown], now)
    mine = [pair for pair in pairs if shown.key in pair]
    return {
        "sentences": words.sentences(shown, tiers_of(request.store), _titles(request.store, [shown])),
        "hints": words.better(mine, known),
    }


def _shown(request: StaffRequest, form: RewardForm) -> Reward | None:
    if not form.is_bound:
        return form.reward
    if not form.is_valid():
        return None
    try:
        settings = _settings(request, form)
    except BadReward:
        return None
    names = [name for name in vars(settings) if name not in ("checkout", "stock_was")]
    filled = {name: getattr(settings, name) for name in names}
    mine = {"pk": form.reward.pk, "key": form.reward.key} if form.reward else {"key": "new one"}
    return Reward(store=request.store, created_at=clock.now(), **mine, **filled | {"name": settings.name or "This one"})


@staff_page("loyalty.read")
def reward(request: StaffRequest, reward_id: int) -> HttpResponse:
    """One reward: what it is, who took it, what became of that."""
    found, now = _reward(request, reward_id), clock.now()
    rows = queries.redemptions(request.store).filter(reward=found)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    left = queries.codes_left([found.pool_id], request.store) if found.pool_id else {}
    context = {
        "page_title": found.name,
        "reward": found,
        "icon": words.KINDS[found.kind][0],
        "sentences": words.sentences(found, tiers_of(request.store), _titles(request.store, [found])),
        "state": _state(found, now),
        "problems": _problems(request.store, found),
        "figures": queries.figures(request.store, [found]).get(found.pk),
        "page": page,
        "rows": [{"one": one, "state": words.state(one, now), "story": words.story(one, now)} for one in page],
        "left": left.get(found.pool_id or 0, 0) if found.pool and found.pool.delivery == "list" else None,
    }
    return render(request, "loyalty/console/rewards_one.html", context)


@require_POST
@staff_page("loyalty.write")
def move(request: StaffRequest, reward_id: int) -> HttpResponse:
    rewards.move(_reward(request, reward_id), by_places=-1 if request.POST.get("to") == "up" else 1)
    return redirect("loyalty_console:rewards", request.store.slug)


@require_POST
@staff_page("loyalty.write")
def archive(request: StaffRequest, reward_id: int) -> HttpResponse:
    found, archived = _reward(request, reward_id), bool(request.POST.get("archived"))
    rewards.archive(found, archived=archived, now=clock.now(), by=request.staff)
    said = "is archived; who has it can still use it." if archived else "can be taken again."
    messages.success(request, f"{found.name} {said}")
    return redirect("loyalty_console:rewards", request.store.slug)


@require_POST
@staff_page("loyalty.write")
def starters(request: StaffRequest) -> HttpResponse:
    """Rewards to begin with, in one press."""
    store = request.store
    made = starter_rewards.make_all(store, delivery=queries.usual_delivery(store), now=clock.now(), by=request.staff)
    if made:
        messages.success(request, f"{len(made)} rewards are on the list. Change or archive what does not fit.")
    return redirect("loyalty_console:rewards", store.slug)
