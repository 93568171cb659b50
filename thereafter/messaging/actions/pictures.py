"""Keeping images that mails show."""

import hashlib
from datetime import datetime

from django.db import transaction

from thereafter.messaging.models import Picture
from thereafter.messaging.rules.pictures import look_at
from thereafter.stores.models import Store


@transaction.atomic
def add_picture(store: Store, name: str, content: bytes, now: datetime) -> Picture:
    """Keeps an image, once however often it is added; raises `rules.pictures.BadPicture`."""
    seen = look_at(content)
    picture, _ = Picture.objects.get_or_create(
        store=store,
        digest=hashlib.sha256(content).hexdigest(),
        defaults={
            "name": name[-120:],
            "content_type": seen.content_type,
            "width": seen.width,
            "height": seen.height,
            "content": content,
            "added_at": now,
        },
    )
    return picture
