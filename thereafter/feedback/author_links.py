"""Signed links by which authors object to a decision, or take back what the shop mended."""

from thereafter.feedback.models import Decision, ReviewVersion
from thereafter.kit.tokens import BadToken
from thereafter.storefront.links import page, row_in, row_token
from thereafter.stores.models import Store

APPEAL, MENDED = "feedback.appeal", "feedback.mended"
# Regulation (EU) 2022/2065, article 20: six months to object.
APPEAL_DAYS = 190
MENDED_DAYS = 400


def appeal_page(decision: Decision) -> str:
    return page(decision.store, "feedback_storefront:appeal", row_token(APPEAL, decision))


def mended_page(version: ReviewVersion) -> str:
    return page(version.store, "feedback_storefront:mended", row_token(MENDED, version))


def hidden_by(store: Store, token: str) -> Decision:
    """What was decided; raises `BadToken`, also where it is gone or of another shop."""
    row_id = row_in(store, APPEAL, token, max_age_days=APPEAL_DAYS)
    decision = Decision.objects.of(store).filter(pk=row_id).select_related("review__product", "photo").first()
    if decision is None or decision.review is None:
        raise BadToken("it is gone")
    return decision


def mended(store: Store, token: str) -> ReviewVersion:
    """The words before the shop mended them; raises `BadToken`."""
    row_id = row_in(store, MENDED, token, max_age_days=MENDED_DAYS)
    version = ReviewVersion.objects.of(store).filter(pk=row_id).select_related("review__product").first()
    if version is None or version.changed_by != "shop":
        raise BadToken("it is gone")
    return version
