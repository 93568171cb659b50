"""Taking photos: of a case, of a unit in the warehouse, or of a wish that is still being written down."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from thereafter.kit import pictures
from thereafter.kit.pictures import Picture
from thereafter.returns.models import Case, CaseUnit, Photo
from thereafter.stores.models import Store

MOST = 10
# An upload that no case was made of: so long a shopper may take over it.
KEPT_FOR = timedelta(days=7)


def add(
    store: Store, files: Iterable[Any], *, belongs_to: Case | CaseUnit | str, taken_by: str, now: datetime
) -> tuple[list[Photo], list[str]]:
    """Keeps photos of a case, a unit or (a name of) an upload; at most ten of each case or upload.

    Returns those that were kept, and a sentence for each that was not. The same photo twice is kept once.
    """
    made, problems = pictures.read_some(files, MOST, _too_many())
    return _keep(store, made, problems, belongs_to, Photo(store=store, taken_by=taken_by, added_at=now))


def attach(store: Store, upload: str, case: Case) -> int:
    """Photos of an upload become those of the case that was made of it."""
    return Photo.objects.of(store).filter(upload=upload, case=None).exclude(upload="").update(case=case, upload="")


def forget_uploads(now: datetime) -> int:
    """Photos of uploads that no case was made of."""
    deleted, _each = Photo.objects.filter(case=None, added_at__lt=now - KEPT_FOR).exclude(upload="").delete()
    return deleted


@transaction.atomic
def _keep(
    store: Store, made: Sequence[Picture], problems: list[str], belongs_to: Case | CaseUnit | str, blank: Photo
) -> tuple[list[Photo], list[str]]:
    where = _where(belongs_to)
    if case_id := where.get("case_id"):
        # Who adds at the same time waits, so that ten are ten.
        list(Case.objects.of(store).select_for_update().filter(pk=case_id).values_list("pk"))
    there = set(_beside(store, where).values_list("fingerprint", flat=True))
    added: list[Photo] = []
    for picture in made:
        if picture.fingerprint in there:
            continue
        if len(there) >= MOST:
            problems.append(_too_many())
            break
        there.add(picture.fingerprint)
        added.append(_row(store, picture, where, blank))
    return Photo.objects.bulk_create(added), problems


def _where(belongs_to: Case | CaseUnit | str) -> dict[str, Any]:
    if isinstance(belongs_to, Case):
        return {"case_id": belongs_to.pk}
    if isinstance(belongs_to, CaseUnit):
        return {"case_id": belongs_to.case_id, "unit_id": belongs_to.pk}
    if not belongs_to:
        raise ValueError("An upload has a name.")
    return {"upload": belongs_to}


def _beside(store: Store, where: dict[str, Any]) -> Any:
    ours = Photo.objects.of(store)
    return ours.filter(case_id=where["case_id"]) if "case_id" in where else ours.filter(upload=where["upload"])


def _row(store: Store, picture: Picture, where: dict[str, Any], blank: Photo) -> Photo:
    return Photo(
        store=store,
        taken_by=blank.taken_by,
        added_at=blank.added_at,
        fingerprint=picture.fingerprint,
        width=picture.width,
        height=picture.height,
        content=picture.content,
        thumbnail=picture.thumbnail,
        **where,
    )


def _too_many() -> str:
    return _("No more than ten photos fit.")
