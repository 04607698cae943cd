"""The general rules, in the order in which they are asked; each understands one kind of error or says nothing."""

from __future__ import annotations

from collections.abc import Callable

from ..reading import Reading
from .advice import said_itself
from .common import Case
from .install import failed_build, no_distribution
from .keywords import between_libraries, import_failed, unexpected_argument
from .modules import module_not_found
from .names import name_not_found
from .program import wrong_call
from .shared import shared_library
from .symbols import undefined_symbol

RULES: tuple[Callable[[Case], Reading | None], ...] = (
    no_distribution,
    undefined_symbol,
    shared_library,
    name_not_found,
    module_not_found,
    said_itself,
    unexpected_argument,
    failed_build,
    between_libraries,
    import_failed,
    wrong_call,
)
