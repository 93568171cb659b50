"""Thank you: what becomes of the answer, and for seven days room for words and for another answer."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from thereafter.feedback.actions import answering
from thereafter.feedback.actions.answering import Said
from thereafter.feedback.models import Answer, FollowUp
from thereafter.feedback.queries.sittings import Sitting
from thereafter.feedback.rules import answers as rules
from thereafter.feedback.rules import follow_ups, replies
from thereafter.feedback.storefront import doors, showing
from thereafter.feedback.storefront.turning_away import no_such_link
from thereafter.kit import clock
from thereafter.kit.pages import render, url_exists
from thereafter.storefront.guards import ShopperRequest, shopper_page
from thereafter.storefront.links import absolute, order_page


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def thanks(request: ShopperRequest, token: str) -> HttpResponse:
    sitting = doors.begun(request.store, token)
    if sitting is None or sitting.given is None:
        return no_such_link(request)
    if request.method == "POST":
        return _take(request, sitting, sitting.given)
    return render(request, "feedback/storefront/thanks.html", _thanks(request, sitting, sitting.given))


def _take(request: ShopperRequest, sitting: Sitting, given: Answer) -> HttpResponse:
    words = request.POST.get("comment") if "comment" in request.POST else None
    try:
        score = _score(request, sitting)
        if score is None and words is None:
            return redirect(showing.here(request))
        answering.give(sitting, Said(score=score, comment=words), now=clock.now())
    except replies.BadReply:
        return redirect(showing.here(request))
    except answering.TooLate:
        return showing.to_thanks(request, given, "late")
    return showing.to_thanks(request, given, "words" if words and words.strip() else "")


def _score(request: ShopperRequest, sitting: Sitting) -> int | None:
    asked = sitting.document.score
    if asked is None or "score" not in request.POST:
        return None
    chosen = replies.read(asked, sitting.document.kind, request.POST.getlist("score"))
    return chosen if isinstance(chosen, int) else None


def _thanks(request: ShopperRequest, sitting: Sitting, given: Answer) -> dict[str, Any]:
    may_change = rules.may_change(given.answered_at, clock.now())
    first = next(iter(replies.pages(sitting.document, sitting.replies, sitting.facts)), None)
    asks_here = sitting.version == 0
    return {
        "answer": given,
        "kind": sitting.document.kind,
        "band": given.band,
        "word": showing.score_word(sitting.document.kind, given.score),
        "own_words": showing.voice(sitting).say(sitting.document.thanks_for(given.band)),
        "answered_by": _answered_by(sitting, given),
        "invite": _invite(request, sitting, given),
        "story": _story(request, sitting, given),
        "order_url": order_page(sitting.order) if sitting.order else "",
        "may_change": may_change,
        "asks_here": asks_here,
        "again": showing.question_address(request, given, first) if may_change and first and not asks_here else "",
        "question": showing.voice(sitting).asked(sitting.document.score, given.score)
        if sitting.document.score
        else None,
        "was_late": "late" in request.GET,
        "added_words": "words" in request.GET,
        "here": showing.here(request),
    }


def _answered_by(sitting: Sitting, given: Answer) -> Any:
    """Until when a person of the shop writes; None where nobody is going to. It is opened right after, by the event."""
    known = FollowUp.objects.of(given.store_id).filter(answer=given).first()
    if known is not None:
        return None if known.is_closed else known.due_at
    low = sitting.survey.low
    if given.customer_id and follow_ups.is_wanted(low, given.band, age=timedelta(0)):
        return given.answered_at + follow_ups.time_to_answer(low)
    return None


def _invite(request: ShopperRequest, sitting: Sitting, given: Answer) -> dict[str, str] | None:
    """Who is happy and a member may want to pass the shop on; to a review nobody is led by their score."""
    if not _may_invite(sitting, given, "referral"):
        return None
    traits = sitting.customer.traits if sitting.customer else {}
    code, slug = str(traits.get("loyalty.referral_code") or ""), request.store.slug
    if not code or not traits.get("loyalty.member") or not url_exists("loyalty_storefront:friend", slug, code):
        return None
    link = absolute(request.store, reverse("loyalty_storefront:friend", args=[slug, code]))
    said = _("I like to shop at %(shop)s. Take a look:") % {"shop": request.store.name}
    mail = urlencode({"subject": request.store.name, "body": f"{said} {link}"}, quote_via=quote)
    home = reverse("loyalty_storefront:invite", args=[slug]) if url_exists("loyalty_storefront:invite", slug) else ""
    return {"link": link, "mail": f"mailto:?{mail}", "home": home}


def _story(request: ShopperRequest, sitting: Sitting, given: Answer) -> str:
    """The page where people tell their story, while there is one."""
    name = "community_storefront:story"
    if not _may_invite(sitting, given, "story") or not url_exists(name, request.store.slug):
        return ""
    return reverse(name, args=[request.store.slug])


def _may_invite(sitting: Sitting, given: Answer, what: str) -> bool:
    return given.band == "high" and bool(sitting.survey.high.get(what, True))
