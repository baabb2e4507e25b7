"""Libraries that only some of the work needs, imported where it does."""

import importlib


def extra(module, purpose):
    """Import and return a module of the ``nn`` extra, or say how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        library = module.partition(".")[0]
        raise ImportError(f"{library} is needed for {purpose}: pip install 'fxtypes[nn]'") from None
