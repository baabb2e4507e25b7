"""Libraries that only some of the work needs, imported where it does."""

from __future__ import annotations

import importlib
from typing import Any


def extra(module: str, purpose: str, group: str = "nn", name: str | None = None) -> Any:
    """Import and return a module of an extra, or say how to get it.

    Parameters
    ----------
    module : str
        As it is imported.
    purpose : str
        What needs it.
    group : str
        The extra that installs it.
    name : str, optional
        The library's, where it isn't the module's.

    Raises
    ------
    ImportError
        If it isn't installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        library = name or module.partition(".")[0]
        raise ImportError(
            f"{library} is needed for {purpose}: pip install 'fxtypes[{group}]'"
        ) from None
