"""The console's own pages in its menu."""

from thereafter.console.nav import nav_item
from thereafter.console.queries import attention_count

nav_item(
    "Needs attention",
    url_name="console:attention",
    icon="warning",
    verb="intake.read",
    place=90,
    count=attention_count,
)
nav_item(
    "Shop settings", url_name="console:settings", icon="settings", verb="settings.edit", group="Settings", place=90
)
nav_item("Connections", url_name="console:connections", icon="flow", verb="settings.edit", group="Settings", place=91)
nav_item("People", url_name="console:people", icon="people", verb="staff.edit", group="Settings", place=92)
nav_item("API keys", url_name="console:keys", icon="key", verb="keys.edit", group="Settings", place=93)
nav_item("Audit log", url_name="console:audit", icon="shield", verb="audit.read", group="Settings", place=94)
