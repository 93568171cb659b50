"""Every adapter there is, by its code."""

from collections.abc import Mapping

from thereafter.tracking.carriers.adapter import Adapter

_ALL: tuple[Adapter, ...] = ()
ADAPTERS: Mapping[str, Adapter] = {adapter.code: adapter for adapter in _ALL}
