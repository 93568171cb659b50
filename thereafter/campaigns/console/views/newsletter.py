"""The newsletter's form: what it says, where it may stand, and who signed up."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect

from thereafter.campaigns.actions import signups
from thereafter.campaigns.models import Signup, SignupForm
from thereafter.commerce.queries import coupon_pools
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.storefront.links import page
from thereafter.stores.models import Store

PAGE = 50
MOST_SITES = 10


class NewsletterSettings(forms.Form):
    is_open = forms.BooleanField(label="Take sign-ups", required=False)
    asks_name = forms.BooleanField(label="Ask for the first name", required=False)
    pool = forms.ChoiceField(label="Coupon for who confirms", required=False)
    origins = forms.CharField(
        label="Sites that may show the form",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text="One a line, such as https://shop.example.",
    )

    def __init__(self, store: Store, form: SignupForm | None, data: Any = None) -> None:
        kept = form or SignupForm(store=store)
        initial = {"is_open": kept.is_open, "asks_name": kept.asks_name, "pool": kept.pool}
        initial |= {"origins": "\n".join(kept.origins)} | {f"promise_{at}": text for at, text in kept.promise.items()}
        super().__init__(data, initial=initial)
        pool = self.fields["pool"]
        assert isinstance(pool, forms.ChoiceField)  # noqa: S101 declared above
        pool.choices = [("", "None"), *((one.key, one.name) for one in coupon_pools(store))]
        for code, language in settings.LANGUAGES:
            self.fields[f"promise_{code}"] = forms.CharField(
                label=f"What people agree to, in {language}",
                required=False,
                max_length=600,
                widget=forms.Textarea(attrs={"rows": 2, "lang": code}),
                help_text="Left empty: our sentence. It is kept word for word as evidence.",
            )

    def clean_origins(self) -> list[str]:
        found = [_origin(line) for line in self.cleaned_data["origins"].split() if line.strip()]
        if "" in found or len(found) > MOST_SITES:
            raise forms.ValidationError("Give up to ten addresses that begin with https://, one a line.")
        return sorted(set(found))

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        promise = {code: given[f"promise_{code}"].strip() for code, _ in settings.LANGUAGES}
        kept = {name: given[name] for name in ("is_open", "asks_name", "pool", "origins")}
        return kept | {"promise": {code: text for code, text in promise.items() if text}}


def _origin(text: str) -> str:
    """ "https://shop.example/page" as "https://shop.example"; "" for what no browser could be at."""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        return ""
    host = parts.hostname or ""
    is_here = parts.scheme == "http" and host in ("localhost", "127.0.0.1")
    is_site = parts.scheme == "https" and "." in host and host.replace("-", "").replace(".", "").isalnum()
    return f"{parts.scheme}://{parts.netloc.lower()}" if (is_site or is_here) and "@" not in parts.netloc else ""


@staff_page("campaigns.edit")
def newsletter(request: StaffRequest) -> HttpResponse:
    kept = SignupForm.objects.of(request.store).first()
    form = NewsletterSettings(request.store, kept, request.POST or None)
    if request.method == "POST" and form.is_valid():
        signups.change_form(request.store, now=clock.now(), by=request.staff, **form.values())
        messages.success(request, "Saved.")
        return redirect("campaigns_console:newsletter", request.store.slug)
    rows = Signup.objects.of(request.store).select_related("customer").order_by("-asked_at", "-pk")
    context = {
        "form": form,
        "promises": [f"promise_{code}" for code, _ in settings.LANGUAGES],
        "is_open": kept is None or kept.is_open,
        "address": page(request.store, "campaigns_storefront:newsletter"),
        "script": page(request.store, "campaigns_storefront:embed_script"),
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "asked": rows.count(),
        "confirmed": rows.filter(confirmed_at__isnull=False).count(),
        "page_title": "Newsletter",
    }
    return render(request, "campaigns/console/newsletter.html", context)
