"""Everything that can happen, as plain dataclasses: past tense, frozen, true for ever.

Add fields with a default; never rename one. Importing this package makes every event known in `Event.names`.
"""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
