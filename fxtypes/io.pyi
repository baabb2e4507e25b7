# Made by tools/make_stubs.py from the module; run it again instead of editing this.
import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

from .fixed_array import FixedArray

def load(path: str | os.PathLike[str]) -> dict[str, FixedArray]: ...
def read_archive(
    path: str | os.PathLike[str], kind: str, version: Any
) -> tuple[dict[str, Any], dict[str, FixedArray]]: ...
def save(path: str | os.PathLike[str], /, **arrays: FixedArray) -> None: ...
def write_archive(
    path: str | os.PathLike[str], kind: str, version: Any, header: Any, arrays: Iterable[FixedArray]
) -> None: ...
def write_whole(path: str | os.PathLike[str], text: Any = ...) -> AbstractContextManager[Any]: ...
