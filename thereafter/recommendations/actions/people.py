from django.db import transaction

from thereafter.recommendations.models import Bought, Click, Exposure, Showing


@transaction.atomic
def merge(store_id: int, *, keep_id: int, merged_id: int) -> None:
    """Two customers were one person: both pasts are theirs, and they stay on the side on which they were first."""
    both = Exposure.objects.of(store_id).filter(customer_id__in=(keep_id, merged_id)).order_by("at", "pk")
    first = next(iter(both), None)
    if first:
        both.exclude(pk=first.pk).delete()
        both.filter(pk=first.pk).update(customer_id=keep_id)
    twice = Click.objects.of(store_id).filter(customer_id=keep_id).values_list("product_id", "slot", "on")
    seen = set(twice)
    for click in Click.objects.of(store_id).filter(customer_id=merged_id):
        if (click.product_id, click.slot, click.on) in seen:
            click.delete()
    for table in (Click, Showing, Bought):
        table.objects.of(store_id).filter(customer_id=merged_id).update(customer_id=keep_id)
