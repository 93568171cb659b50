"""The pages' template engine: Jinja2 with what every template may use.

Formats follow the language in force (`django.utils.translation`), times the zone of the page's store.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import django_htmx.jinja
from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from django.http import HttpRequest, HttpResponse
from django.template.backends.jinja2 import Jinja2
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from jinja2 import Environment, Undefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from thereafter.kit import clock
from thereafter.kit.charts import drawing, reading
from thereafter.kit.http import wants_fragment
from thereafter.kit.money import Money
from thereafter.kit.sockets import Panel


class Pages(Jinja2):
    """Jinja2 templates live in each module's `templates/`, like Django's."""

    app_dirname = "templates"


def environment(**options: Any) -> Environment:
    options.setdefault("undefined", Undefined)
    env = Environment(**options, extensions=["jinja2.ext.i18n", "jinja2.ext.do"])  # noqa: S701 the backend sets autoescape
    env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        translation.gettext, translation.ngettext, newstyle=True, pgettext=translation.pgettext
    )
    # Jinja's own `_` goes through four calls for each word, which was a third of the time of an order's page.
    env.globals["_"] = words
    env.globals.update(
        url=url,
        url_exists=url_exists,
        static=static,
        htmx_script=django_htmx.jinja.htmx_script,
        csp_nonce_of=csp_nonce_of,
        charting=drawing,
        chart_table=reading.as_table,
    )
    env.filters.update(
        money=money,
        day=day,
        short_day=short_day,
        moment=moment,
        wall_time=wall_time,
        ago=ago,
        number=number,
        percent=percent,
        humanise=humanise,
        territory=territory,
        tongue=tongue,
    )
    return env


def words(message: str, **parts: Any) -> Markup:
    """The message in the language in force, with its parts escaped; safe, because translations are ours."""
    translated = _translated(message, translation.get_language())
    return translated % parts if parts or "%" in message else translated


@lru_cache(maxsize=4096)
def _translated(message: str, language_in_force: str | None) -> Markup:
    """Kept, because a page says some sixty things and gettext goes through four calls for each."""
    return Markup(translation.gettext(message))  # noqa: S704 ours, and the parts are escaped


def url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs)


@pass_context
def csp_nonce_of(context: Context) -> str:
    return str(getattr(context.get("request"), "csp_nonce", ""))


def url_exists(name: str, *args: Any) -> bool:
    """Whether there is such a page, for menus over pages that a shop may have left out."""
    try:
        reverse(name, args=args)
    except NoReverseMatch:
        return False
    return True


def language() -> str:
    """The language in force, in Babel's spelling."""
    return (translation.get_language() or "en").replace("-", "_")


def money(value: Money | int, currency: str = "") -> str:
    amount = value if isinstance(value, Money) else Money(value, currency)
    return amount.format(language())


def day(value: date | datetime | str) -> str:
    """Tuesday 3 March, with the year only when it is not this one."""
    return _in_words(value, "EEEE d MMMM")


def short_day(value: date | datetime | str) -> str:
    """Tue 3 Mar, with the year only when it is not this one."""
    return _in_words(value, "EEE d MMM")


def _in_words(value: date | datetime | str, pattern: str) -> str:
    local = _local(value)
    skeleton = pattern if local.year == clock.now().year else f"{pattern} y"
    return _date_text(local, skeleton, language())


@lru_cache(maxsize=4096)
def _date_text(on: date, pattern: str, locale: str) -> str:
    return format_date(on, _as_said_in(locale, pattern), locale=locale)


# What other languages put between the parts of a day, in place of what English does.
_BETWEEN = {
    "de": {"E d": "E, d", "d M": "d. M"},
    "es": {"EEEE d": "EEEE, d", "d MMMM": "d 'de' MMMM", "MMMM y": "MMMM 'de' y"},
    "pt": {"E d": "E, d", "d M": "d 'de' M", "M y": "M 'de' y"},
}


def _as_said_in(locale: str, pattern: str) -> str:
    """ "EEEE d MMMM" as "EEEE, d. MMMM" for German."""
    for english, theirs in _BETWEEN.get(locale[:2], {}).items():
        pattern = pattern.replace(english, theirs)
    return pattern


def _parsed(value: date | datetime | str) -> date | datetime:
    """Documents carry times as ISO text."""
    if not isinstance(value, str):
        return value
    return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)


def _local(value: date | datetime | str) -> date:
    value = _parsed(value)
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


def moment(value: datetime | str) -> str:
    """3 Mar 2026, 14:05 in the zone of the page."""
    local = timezone.localtime(_moment(value))
    skeleton = "d MMM, HH:mm" if local.year == clock.now().year else "d MMM y, HH:mm"
    return _moment_text(local.replace(tzinfo=None), skeleton, language())


def _moment(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def wall_time(value: str) -> str:
    """ISO text with an offset as the clock of that place showed it, 3 Mar, 14:05; a mere date as the day."""
    if "T" not in value:
        return short_day(value)
    local = datetime.fromisoformat(value).replace(tzinfo=None)
    skeleton = "EEE d MMM, HH:mm" if local.year == clock.now().year else "EEE d MMM y, HH:mm"
    return _moment_text(local, skeleton, language())


@lru_cache(maxsize=4096)
def _moment_text(local: datetime, pattern: str, locale: str) -> str:
    return format_datetime(local, _as_said_in(locale, pattern), locale=locale)


def ago(value: datetime | str) -> str:
    return format_timedelta(_moment(value) - clock.now(), add_direction=True, locale=language())


def number(value: float, digits: int = 0) -> str:
    return format_decimal(round(value, digits), locale=language())


def percent(share: float | None, digits: int = 0) -> str:
    """0.934 as 93 %; a dash when there is nothing to divide."""
    if share is None:
        return "–"
    return format_percent(round(share, 2 + digits), locale=language(), decimal_quantization=False)


def territory(code: str) -> str:
    """The name of a country by its two letters, in the page's language; what is no such code stays as it is."""
    return str(Locale.parse(language()).territories.get(code.upper(), code))


def tongue(code: str) -> str:
    """The name of a language, in the page's language: "en-GB" as "English (United Kingdom)"."""
    try:
        return Locale.parse(code, sep="-").get_display_name(language()) or code
    except (ValueError, UnknownLocaleError):
        return code


def humanise(name: str) -> str:
    """ "parcel.out_for_delivery" as "Parcel out for delivery"."""
    words = name.replace(".", " ").replace("_", " ").replace("/", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def render(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A page, or for htmx its fragment: `orders/list.html` has `orders/_list.html` when it can be renewed in part."""
    folder, _, name = template.rpartition("/")
    chosen = f"{folder}/_{name}" if wants_fragment(request) else template
    body = render_to_string([chosen, template], _shared(request) | (context or {}), request, using="jinja2")
    return HttpResponse(body, status=status)


def _shared(request: HttpRequest) -> dict[str, Any]:
    return {"csp_nonce": getattr(request, "csp_nonce", ""), **getattr(request, "page_context", {})}


def render_panels(
    request: HttpRequest, socket: Iterable[Callable[..., Panel | None]], *subject: Any
) -> list[dict[str, Any]]:
    """The HTML of each panel of a socket that has something to say of the subject."""
    panels = (make(request, *subject) for make in socket)
    return [
        {
            "title": panel.title,
            "wide": panel.wide,
            "html": mark_safe(  # noqa: S308 rendered by an escaping template just now
                render_to_string(panel.template, _shared(request) | panel.context, request, using="jinja2")
            ),
        }
        for panel in panels
        if panel
    ]
