"""How callers of the API show who they are: `Authorization: Bearer ta_…`, with a scope per call."""

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from thereafter.kit import clock
from thereafter.stores.auth import NotAllowed, key_for
from thereafter.stores.models import ApiKey


class Bearer(HttpBearer):
    """`request.auth` becomes the ApiKey; 401 without a live key, 403 when it lacks the scope."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        try:
            return key_for(token, self.scope, clock.now())
        except NotAllowed as refusal:
            raise HttpError(401 if "unknown" in str(refusal) else 403, str(refusal)) from None
