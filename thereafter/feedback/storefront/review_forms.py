"""The form of one product: stars, words, what else the shop asks of it, photos."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from thereafter.commerce.models import Product
from thereafter.commerce.rules.text import normal_email
from thereafter.feedback.actions.reviews import Draft
from thereafter.feedback.models import Review
from thereafter.feedback.rules import reviews as rules
from thereafter.kit.pictures import Picture

STARS = (1, 2, 3, 4, 5)
YES, NO = "yes", "no"


class ReviewForm(forms.Form):
    """`schema` are the attributes of this product; photos are read apart from it."""

    rating = forms.TypedChoiceField(coerce=int, required=False, empty_value=None, choices=[(n, n) for n in STARS])
    title = forms.CharField(label=_("In a few words"), required=False, max_length=rules.LONGEST_TITLE, strip=True)
    body = forms.CharField(
        label=_("What should others know?"),
        required=False,
        max_length=rules.LONGEST_BODY,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    recommends = forms.ChoiceField(
        label=_("Would you recommend it?"),
        required=False,
        choices=[(YES, _("Yes")), (NO, _("No"))],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, schema: Sequence[Mapping[str, Any]] = (), language: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schema = schema
        for attribute in schema:
            self.fields[f"a_{attribute['key']}"] = forms.ChoiceField(
                label=rules.in_language(attribute["label"], language),
                required=False,
                choices=[(one["key"], rules.in_language(one["label"], language)) for one in attribute["options"]],
                widget=forms.RadioSelect,
            )

    @property
    def attributes(self) -> list[forms.BoundField]:
        return [self[f"a_{attribute['key']}"] for attribute in self.schema]

    @property
    def chosen(self) -> int:
        """How many stars are chosen so far, by the link or by what was posted."""
        value = str(self["rating"].value() or "")
        return int(value) if value in map(str, STARS) else 0

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if any(said.get(name) for name in self.fields if name != "rating") and not said.get("rating"):
            self.add_error("rating", _("Choose one to five stars for it."))
        return said

    def draft(self, *, language: str, photos: Sequence[Picture], keep: Sequence[int] | None = None) -> Draft:
        said = self.cleaned_data
        given = {attribute["key"]: said.get(f"a_{attribute['key']}", "") for attribute in self.schema}
        return Draft(
            rating=said["rating"],
            title=said["title"],
            body=said["body"],
            recommends={YES: True, NO: False}.get(said["recommends"]),
            attributes=rules.chosen(self.schema, given),
            language=language,
            photos=photos,
            keep=keep,
        )


def said_before(review: Review) -> dict[str, Any]:
    """What the form begins with when its product is reviewed already."""
    recommends = "" if review.recommends is None else YES if review.recommends else NO
    known = {"rating": review.rating, "title": review.title, "body": review.body, "recommends": recommends}
    return known | {f"a_{key}": value for key, value in review.attributes.items()}


@dataclass
class Asked:
    """One product of the page: its form, what is wrong with its photos, and what was written before."""

    place: int
    product: Product
    title: str
    form: ReviewForm
    review: Review | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def photos_name(self) -> str:
        return f"p{self.place}-photos"


class AuthorForm(forms.Form):
    """Who writes, where we know them by their order: how they are shown, and whether they belong to the shop."""

    name = forms.CharField(
        label=_("Your name, as it is shown"),
        required=False,
        max_length=rules.LONGEST_NAME,
        help_text=_("A surname is cut to its first letter. Your e-mail address is never shown."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    insider = forms.BooleanField(label=_("I work for this shop, or am related to somebody who does"), required=False)


class StrangerForm(AuthorForm):
    """Who writes where we do not know them; `website` is filled in by machines only."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("We send you one mail, to confirm that the review is yours."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    website = forms.CharField(required=False, max_length=200)
    field_order = ("name", "email", "insider", "website")

    def clean_email(self) -> str:
        return normal_email(self.cleaned_data["email"])
