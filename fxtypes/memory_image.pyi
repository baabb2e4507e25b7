# Made by tools/make_stubs.py from the module; run it again instead of editing this.
import os

from .fixed_array import FixedArray
from .format import Format

def from_mem(path: str | os.PathLike[str], format: Format, radix: str = ...) -> FixedArray: ...
def to_mem(path: str | os.PathLike[str], a: FixedArray, radix: str = ...) -> None: ...
