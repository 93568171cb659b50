from datetime import datetime, timedelta

from thereafter.console.models import SignInTry
from thereafter.timeline.schedule import every


@every(hours=6)
def forget_old_tries(now: datetime) -> None:
    SignInTry.objects.filter(at__lt=now - timedelta(days=1)).delete()
