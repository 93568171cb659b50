"""Merchants' pages: by which channels the shop writes, through whose account, and how that goes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from thereafter.console import queries as console_queries
from thereafter.console.actions import doors
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.messaging import accounts, trying
from thereafter.messaging.actions import channels as actions
from thereafter.messaging.channels import registry, team
from thereafter.messaging.channels.letters import Answer, Kind, Provider
from thereafter.messaging.channels.provider_news import USER, confirmation
from thereafter.messaging.channels.tellers import TELLERS
from thereafter.messaging.composing import sender_of
from thereafter.messaging.console.channel_forms import AccountForm, MailTestForm, PhoneTestForm, SecretForm
from thereafter.messaging.models import Browser, ChannelAccount, Receipt, TeamPlace
from thereafter.stores.models import Connection, Store
from thereafter.timeline.models import Inbound

# Those that are connected to a provider, each on a page of this file; the others have pages of their own.
WITH_ACCOUNT = ("email", "sms", "whatsapp")
ABOUT = {
    "email": "Order news, surveys, newsletters: what nearly everything goes by.",
    "sms": "Short, read within minutes, and paid by the message.",
    "whatsapp": "A conversation; outside of it only templates that WhatsApp has approved.",
    "push": "Notifications on the devices of customers who allowed them.",
    "team": "Where your own people hear of things: Slack, Teams, Telegram and a hundred more.",
    "webhook": "Calls to programs of yours, signed.",
}


@dataclass(frozen=True)
class Standing:
    """How a channel stands, in words."""

    text: str
    tone: str
    note: str = ""


@require_safe
@staff_page("settings.edit")
def channels(request: StaffRequest) -> HttpResponse:
    """Every channel, whether it works, and when it last did."""
    own = {row.channel: row for row in ChannelAccount.objects.of(request.store)}
    rows = [
        {
            "kind": registry.KINDS[name],
            "about": about,
            "standing": _standing(request.store, name, own.get(name)),
            "sent_at": own[name].sent_at if name in own else None,
        }
        for name, about in ABOUT.items()
    ]
    return render(request, "messaging/console/channels.html", {"page_title": "Channels", "rows": rows})


def _standing(store: Store, channel: str, row: ChannelAccount | None) -> Standing:
    if channel in _WITHOUT_ACCOUNT:
        return _WITHOUT_ACCOUNT[channel](store)
    if row:
        return _own_standing(channel, row)
    ours = accounts.installation().get(channel)
    if ours is None:
        return Standing("Not connected", "neutral")
    if channel == "email":
        return mail_standing()
    return Standing("Ready", "good", "Through the account of this installation")


def _own_standing(channel: str, row: ChannelAccount) -> Standing:
    provider = registry.provider(channel, row.provider)
    name = provider.name if provider else row.provider
    if accounts.fields_of(row) is None:
        return Standing(
            "Needs a look", "bad", "The secret key of this installation has changed: type the keys in again."
        )
    if row.error:
        return Standing("Needs a look", "bad", row.error)
    return Standing("Connected", "good", name)


def _team_standing(store: Store) -> Standing:
    places = TeamPlace.objects.of(store).count()
    if not team.is_there():
        return Standing("Not installed", "neutral", team.MISSING)
    return Standing(f"{places} {'place' if places == 1 else 'places'}", "good" if places else "neutral")


def _push_standing(store: Store) -> Standing:
    devices = Browser.objects.of(store).filter(closed_at__isnull=True).count()
    note = f"{devices:,} {'device' if devices == 1 else 'devices'}" if devices else "No device yet"
    return Standing("Ready", "good", note)


def _hook_standing(store: Store) -> Standing:
    return Standing("Ready", "good", "Used by the step “Call a webhook” of journeys")


_WITHOUT_ACCOUNT = {"push": _push_standing, "team": _team_standing, "webhook": _hook_standing}


def mail_standing() -> Standing:
    url = settings.MAIL_URL
    if url.startswith("null:"):
        return Standing(
            "Nothing is sent", "warn", "Messages are written and kept. Connect a provider, or a mail server."
        )
    return Standing("Ready", "good", f"Through this installation's own account ({accounts.mail_host_of(url)})")


@staff_page("settings.edit")
def channel(request: StaffRequest, channel: str) -> HttpResponse:
    """One channel's account: connect, try, hear what became of messages, disconnect."""
    if channel not in WITH_ACCOUNT:
        raise Http404
    kind = registry.KINDS[channel]
    row = ChannelAccount.objects.of(request.store).filter(channel=channel).first()
    chosen = _chosen(request, kind, row)
    known = _known(row, chosen)
    shown: dict[str, Any] = {}
    if request.method == "POST":
        done = _DO.get(request.POST.get("action", ""), _nothing)(request, kind, row, chosen, shown)
        if done:
            return done
    context = {
        "page_title": kind.label,
        "kind": kind,
        "about": ABOUT[channel],
        "row": row,
        "provider": registry.provider(channel, row.provider) if row else None,
        "standing": _standing(request.store, channel, row),
        "chosen": chosen,
        "form": AccountForm(chosen.fields, known) if chosen else None,
        "others": [one for one in kind.providers if chosen is None or one.code != chosen.code],
        "trial": (MailTestForm if channel == "email" else PhoneTestForm)(initial=_initial(request, channel)),
        "can_try": row is not None or channel in accounts.installation(),
        "news": _news(request.store, row, request.staff.name),
        "sender": sender_of(request.store) if channel == "email" else "",
        **shown,
    }
    return render(request, "messaging/console/channel.html", context)


def _chosen(request: StaffRequest, kind: Kind, row: ChannelAccount | None) -> Provider | None:
    """The provider whose form is shown: the one asked for, else the one that is connected."""
    code = request.POST.get("provider") or request.GET.get("provider") or (row.provider if row else "")
    found = next((one for one in kind.providers if one.code == code), None)
    return kind.providers[0] if found is None and len(kind.providers) == 1 else found


def _known(row: ChannelAccount | None, chosen: Provider | None) -> dict[str, str]:
    same = row is not None and chosen is not None and row.provider == chosen.code
    return (accounts.fields_of(row) or {}) if row and same else {}


def _initial(request: StaffRequest, channel: str) -> dict[str, str]:
    return {"to": request.staff.email} if channel == "email" else {}


Done = HttpResponse | None


def _nothing(*asked: Any) -> Done:
    return None


def _connect(
    request: StaffRequest, kind: Kind, row: ChannelAccount | None, chosen: Provider | None, shown: dict[str, Any]
) -> Done:
    if chosen is None:
        return None
    form = shown["form"] = AccountForm(chosen.fields, _known(row, chosen), request.POST)
    if not form.is_valid():
        return None
    now = clock.now()
    try:
        actions.connect(request.store, kind.name, chosen.code, form.cleaned_data, by=request.staff, now=now)
    except actions.CannotConnect as wrong:
        form.add_error(wrong.field or None, str(wrong))
        return None
    if chosen.code == "twilio":
        # Its token signs what it tells us.
        _open_door(request, "twilio", form.cleaned_data["token"], now)
    messages.success(request, f"{chosen.name} is connected. Send yourself a test below.")
    return redirect("messaging_console:channel", request.store.slug, kind.name)


def _open_door(request: StaffRequest, source: str, secret: str, now: datetime) -> str:
    if not secret and Connection.objects.of(request.store).filter(source=source).exists():
        return ""
    return doors.connect(request.store, source, secret=secret, by=request.staff, now=now)


def _disconnect(
    request: StaffRequest, kind: Kind, row: ChannelAccount | None, chosen: Provider | None, shown: dict[str, Any]
) -> Done:
    if row is None:
        return None
    actions.disconnect(row, by=request.staff, now=clock.now())
    messages.success(request, f"{kind.label} is disconnected, and its keys are forgotten.")
    return redirect("messaging_console:channels", request.store.slug)


def _try(
    request: StaffRequest, kind: Kind, row: ChannelAccount | None, chosen: Provider | None, shown: dict[str, Any]
) -> Done:
    form = shown["trial"] = (MailTestForm if kind.name == "email" else PhoneTestForm)(request.POST)
    if form.is_valid():
        verdict = trying.try_channel(request.store, kind.name, form.cleaned_data["to"], clock.now())
        shown["tried"] = {
            "fine": verdict.answer == Answer.ACCEPTED,
            "to": form.cleaned_data["to"],
            "said": verdict.detail,
        }
    return None


def _set_secret(
    request: StaffRequest, kind: Kind, row: ChannelAccount | None, chosen: Provider | None, shown: dict[str, Any]
) -> Done:
    """The secret by which the provider's news are known to be its own: ours in the address, or theirs."""
    if row is None or row.provider not in TELLERS:
        return None
    teller = TELLERS[row.provider]
    if teller.is_ours:
        secret = _open_door(request, row.provider, "", clock.now()) or doors.connect(
            request.store, row.provider, secret="", by=request.staff, now=clock.now()
        )
        shown["secret_address"] = _with_secret(accounts.hook_address(request.store, row.provider), secret)
        shown["news"] = _news(request.store, row, request.staff.name)
        return None
    form = shown["secret_form"] = SecretForm(request.POST)
    if not form.is_valid():
        return None
    doors.connect(
        request.store, row.provider, secret=form.cleaned_data["secret"].strip(), by=request.staff, now=clock.now()
    )
    messages.success(request, f"{teller.name} may tell us now what became of your messages.")
    return redirect("messaging_console:channel", request.store.slug, kind.name)


def _with_secret(address: str, secret: str) -> str:
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{USER}:{secret}@{rest}"


_DO = {"connect": _connect, "disconnect": _disconnect, "try": _try, "secret": _set_secret}


def _news(store: Store, row: ChannelAccount | None, staff: str) -> dict[str, Any] | None:
    """How the provider tells what became of messages, and when it last did."""
    if row is None or row.provider not in {*TELLERS, "twilio"}:
        return None
    traffic = console_queries.traffic(store).get(row.provider, {})
    last = Receipt.objects.of(store).filter(message__channel=row.channel).aggregate(last=Max("at"))["last"]
    return {
        "teller": TELLERS.get(row.provider),
        "source": row.provider,
        "address": accounts.hook_address(store, row.provider),
        "made": Connection.objects.of(store).filter(source=row.provider).exists(),
        "traffic": traffic,
        "last": last,
        "confirm": _unconfirmed(store) if row.provider == "amazon_ses" else "",
        "secret_form": SecretForm(),
    }


def _unconfirmed(store: Store) -> str:
    """Where Amazon waits for a click, until it has told the first news."""
    rows = Inbound.objects.of(store).filter(source="amazon_ses").order_by("-pk")
    newest = rows.values_list("body", flat=True).first()
    return confirmation(newest) if newest else ""
