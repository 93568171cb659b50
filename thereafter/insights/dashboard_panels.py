"""The pages of figures in the menu."""

from thereafter.console.nav import nav_item

_PAGES = (
    ("retention", "Retention", "return"),
    ("cohorts", "Cohorts", "columns"),
    ("returning", "What brings them back", "heart"),
    ("customers", "Customer groups", "people"),
    ("value", "Customer value", "card"),
    ("products", "Products bought", "bag"),
    ("experience", "Experience", "star"),
    ("delivery", "Delivery & returns", "truck"),
    ("worked", "What worked", "sparkle"),
)

for _place, (_key, _label, _icon) in enumerate(_PAGES, start=10):
    nav_item(
        _label, url_name=f"insights_console:{_key}", icon=_icon, verb="insights.read", group="Insights", place=_place
    )
