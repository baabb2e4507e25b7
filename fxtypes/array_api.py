"""Where pickles of version 0.1 look for Array API namespaces; use ``a.__array_namespace__()``."""

from .interop.array_api import namespace

__all__ = ["namespace"]
