"""Views of the list of cases that the people of a shop keep for themselves."""

from django.db import models

from thereafter.stores.models import Staff, StoreModel


class CaseFilter(StoreModel):
    """A named choice of cases; all who work in the shop see it."""

    name = models.CharField(max_length=40)
    # The choice as it stands in the list's address, without the page.
    query = models.CharField(max_length=500)
    made_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "name"], name="a_view_of_cases_has_its_own_name")]

    def __str__(self) -> str:
        return self.name
