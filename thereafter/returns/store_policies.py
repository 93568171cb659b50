"""Which policy a store decides by: its newest published version, or the ready one that every shop begins with."""

from functools import lru_cache

from thereafter.returns.models import PolicyVersion
from thereafter.returns.rules.policy import ready_policies
from thereafter.returns.rules.policy.policies import Document, Policy, compile_policy, fingerprint
from thereafter.stores.models import Store

FIRST = "classic_30"
_KEPT = 256
# By their content, so that what was compiled once is good for ever.
_compiled: dict[str, Policy] = {}


def current(store: Store) -> tuple[PolicyVersion | None, Policy]:
    """The version that holds, None for a store that has published none, and the policy ready to decide by."""
    version = published(store)
    return (version, compiled(version)) if version else (None, ready(FIRST, store.currency))


def published(store: Store) -> PolicyVersion | None:
    return PolicyVersion.objects.of(store).published().first()


def draft(store: Store) -> PolicyVersion | None:
    return PolicyVersion.objects.of(store).filter(number=0).first()


def current_document(store: Store) -> Document:
    """What holds, as a document."""
    version = published(store)
    return version.document if version else ready_policies.document(FIRST, store.currency)


def compiled(version: PolicyVersion) -> Policy:
    """A version ready to decide by; raises `BadPolicy`, for a draft only."""
    name = fingerprint(version.document)
    if name not in _compiled:
        while len(_compiled) >= _KEPT:
            _compiled.pop(next(iter(_compiled)), None)
        _compiled[name] = compile_policy(version.document)
    return _compiled[name]


@lru_cache(maxsize=64)
def ready(key: str, currency: str) -> Policy:
    return compile_policy(ready_policies.document(key, currency))
