"""What a merchant sets of shoppers' pages and product pages, as forms."""

import re
from typing import Any

from django import forms
from msgspec.structs import replace

from thereafter.tracking.console.settings_forms import Lines, Part
from thereafter.tracking.rules.settings import Page, Settings, Slot

MOST_ORIGINS, SLOTS = 10, 2
# It goes into a content policy as it stands, so nothing but a name and a port.
_SITE = re.compile(r"(?:(https?)://)?((?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d{1,5})?)(?:[/?#].*)?", re.IGNORECASE | re.ASCII)


class PageForm(Part):
    """The order's page and how long parcels are followed."""

    number_of_scans_shown = forms.IntegerField(
        label="Scans shown at first", min_value=1, max_value=20, help_text="The rest is behind “Show all”."
    )
    subscribe = forms.BooleanField(label="Offer to follow the parcel by e-mail, SMS or push", required=False)
    returns_url = forms.URLField(
        label="Where your shop takes returns", required=False, max_length=500, assume_scheme="https"
    )
    chat_url = forms.URLField(
        label="Where your shop answers chats", required=False, max_length=500, assume_scheme="https"
    )
    embed_origins = Lines(
        label="Sites that may show them",
        help_text="One address a line, such as https://shop.example. Other sites are refused.",
    )
    notify_within_hours = forms.IntegerField(
        label="Tell nobody of news older than",
        min_value=12,
        max_value=1_000,
        help_text="Hours. An import of old parcels then writes to nobody.",
    )
    expire_after_days = forms.IntegerField(
        label="Stop asking carriers after",
        min_value=5,
        max_value=180,
        help_text="Days without news. A parcel that stopped can be asked for again.",
    )

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        for at in range(SLOTS):
            for name, field in _slot_fields(at).items():
                self.fields[name] = field

    def taken_from(self, settings: Settings) -> dict[str, Any]:
        plain = {name: getattr(settings.page, name) for name in ("subscribe", "returns_url", "chat_url")} | {
            name: getattr(settings, name)
            for name in ("number_of_scans_shown", "notify_within_hours", "expire_after_days")
        }
        slots = {
            f"slot_{at}_{name}": getattr(slot, name)
            for at, slot in enumerate(settings.page.slots[:SLOTS])
            for name in Slot.__struct_fields__
        }
        return plain | slots | {"embed_origins": "\n".join(settings.page.embed_origins)}

    def clean_embed_origins(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_origin(line) for line in self.cleaned_data["embed_origins"][:MOST_ORIGINS]))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for at in range(SLOTS):
            parts = {name: given.get(f"slot_{at}_{name}") for name in Slot.__struct_fields__}
            if any(parts.values()) and not parts["title"]:
                self.add_error(f"slot_{at}_title", "A piece needs a title; empty it wholly to take it away.")
        return given

    def put_into(self, settings: Settings) -> Settings:
        given = self.cleaned_data
        slots = [Slot(**{name: given[f"slot_{at}_{name}"] for name in Slot.__struct_fields__}) for at in range(SLOTS)]
        page = Page(
            slots=tuple(slot for slot in slots if slot.title),
            subscribe=given["subscribe"],
            embed_origins=given["embed_origins"],
            returns_url=given["returns_url"],
            chat_url=given["chat_url"],
        )
        follows = {name: given[name] for name in ("number_of_scans_shown", "notify_within_hours", "expire_after_days")}
        return replace(settings, page=page, **follows)


def _slot_fields(at: int) -> dict[str, forms.Field]:
    name = f"Piece {at + 1}"
    return {
        f"slot_{at}_title": forms.CharField(label=f"{name}: title", required=False, max_length=80),
        f"slot_{at}_text": forms.CharField(
            label=f"{name}: text", required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2})
        ),
        f"slot_{at}_url": forms.URLField(
            label=f"{name}: link", required=False, max_length=500, assume_scheme="https"
        ),
        f"slot_{at}_label": forms.CharField(label=f"{name}: words of the link", required=False, max_length=40),
        f"slot_{at}_image_url": forms.URLField(
            label=f"{name}: picture", required=False, max_length=500, assume_scheme="https"
        ),
    }  # fmt: skip


def _origin(line: str) -> str:
    found = _SITE.fullmatch(line)
    if not found:
        raise forms.ValidationError(f"“{line[:60]}” is not the address of a site. Write it as https://shop.example.")
    return f"{found[1] or 'https'}://{found[2]}".lower()


class WidgetForm(Part):
    show_before_purchase = forms.BooleanField(
        label="Show dates on product pages",
        required=False,
        help_text="When off, the element shows only the words that you put inside it.",
    )

    def taken_from(self, settings: Settings) -> dict[str, Any]:
        return {"show_before_purchase": settings.dates.show_before_purchase}

    def put_into(self, settings: Settings) -> Settings:
        return replace(settings, dates=replace(settings.dates, **self.cleaned_data))
