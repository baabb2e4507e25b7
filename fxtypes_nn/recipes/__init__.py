"""Settings of trainings that are known to go well, as files for ``fxtypes-nn train --config``."""

from __future__ import annotations

from importlib import resources

__all__ = ["names", "read"]

_SUFFIX = ".toml"


def names() -> list[str]:
    """The recipes, in the order of the alphabet.

    Examples
    --------
    >>> from fxtypes_nn import recipes
    >>> "mnist" in recipes.names()
    True
    """
    files = resources.files(__name__).iterdir()
    return sorted(file.name.removesuffix(_SUFFIX) for file in files if file.name.endswith(_SUFFIX))


def read(name: str) -> str:
    """A recipe's text, which is TOML.

    Raises
    ------
    ValueError
        If there is no such recipe.

    Examples
    --------
    >>> import tomllib
    >>> from fxtypes_nn import recipes
    >>> tomllib.loads(recipes.read("mnist"))["width"]
    16
    """
    known = names()
    if name not in known:
        raise ValueError(f"there is no recipe {name!r}; there are {', '.join(known)}")
    return resources.files(__name__).joinpath(name + _SUFFIX).read_text(encoding="utf-8")
