"""Menu entries for what takes figures out of the console."""

from thereafter.console.nav import nav_item

nav_item(
    "Shared links",
    url_name="insights_console:links",
    icon="external",
    verb="insights.write",
    group="Insights",
    place=48,
)
nav_item(
    "Weekly summary", url_name="insights_console:summary", icon="mail", verb="insights.read", group="Insights", place=49
)
