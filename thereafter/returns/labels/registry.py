"""Every adapter for labels there is, by its code."""

from collections.abc import Mapping

from thereafter.returns.labels import easypost, karrio, shippo
from thereafter.returns.labels.adapter import Adapter

ADAPTERS: Mapping[str, Adapter] = {one.code: one for one in (easypost.ADAPTER, shippo.ADAPTER, karrio.ADAPTER)}
