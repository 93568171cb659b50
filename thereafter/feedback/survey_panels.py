"""Where surveys stand in the menu."""

from thereafter.console.nav import nav_item

nav_item("Surveys", url_name="feedback_console:surveys", icon="edit", verb="feedback.read", group="Engage", place=29)
