from typing import Any

from django import forms
from django.core.validators import RegexValidator

from thereafter.feedback import widget_pages
from thereafter.feedback.models import WidgetSettings
from thereafter.feedback.rules.widgets import PAGE_SIZES
from thereafter.kit.colours import contrast

SORTS = [("newest", "Newest first"), ("helpful", "Most helpful first"), ("photos", "With photos first")]


class LookForm(forms.Form):
    stars_colour = forms.CharField(
        label="Colour of the stars",
        widget=forms.TextInput(attrs={"type": "color"}),
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", "Choose a colour.")],
        help_text="Where it could not be seen on a light or dark page it is darkened or lightened there.",
    )
    sort = forms.ChoiceField(
        label="What comes first",
        choices=SORTS,
        help_text="None of these looks at the stars; the law wants it so. Visitors may choose another order.",
    )
    page_size = forms.TypedChoiceField(
        label="Reviews on a page", choices=[(size, str(size)) for size in PAGE_SIZES], coerce=int
    )
    shows_attributes = forms.BooleanField(label="Show what buyers say of fit, age and so on", required=False)
    shows_country = forms.BooleanField(label="Show the author's country", required=False)
    sites = forms.CharField(
        label="Sites that may show them",
        required=False,
        help_text="One a line, such as https://shop.example. Your shop's own address always may.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_sites(self) -> list[str]:
        return str(self.cleaned_data["sites"]).split()


def look_form(kept: WidgetSettings) -> LookForm:
    initial: dict[str, Any] = {name: getattr(kept, name) for name in LookForm.base_fields}
    return LookForm(initial=initial | {"sites": "\n".join(kept.sites)})


def colour_note(kept: WidgetSettings) -> str:
    """What becomes of the stars' colour where it could not be seen, or ""."""
    pages = (("light", widget_pages.LIGHT, "#000000"), ("dark", widget_pages.DARK, "#ffffff"))
    changed = [
        f"{widget_pages.visible(kept.stars_colour, page, towards)} on a {name} page"
        for name, page, towards in pages
        if contrast(kept.stars_colour, page) < widget_pages.VISIBLE
    ]
    return f"Shown as {' and as '.join(changed)}, where {kept.stars_colour} could hardly be seen." if changed else ""
