"""Memory images of hardware simulators: the files of Verilog's $readmemh and $readmemb.

IEEE 1364-2005, 17.2.9: words separated by white space or comments; underscores between digits;
``@`` and a hexadecimal address say where the next word goes.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import numpy as np

from ..errors import FileError
from ..fixed_array import FixedArray
from ..fixed_array.array import check_format
from ..functions.creation import from_bits, zeros
from .atomic_write import atomic_write

if TYPE_CHECKING:
    from ..fixed_array.operand_types import Radix, StrPath
    from ..format import Format

_BITS = {"hex": 4, "bin": 1}  # a digit's
_DIGITS = {"hex": "0-9a-fA-F", "bin": "01"}
_MAX_ADDRESS = (1 << 32) - 1
# What to_mem writes first, and from_mem checks: a truncated image would be one of fewer words.
_TITLE = "// {count} words of {width} bits, {radix}, written by fxtypes\n"
_TITLE_READ = r"// ([0-9]{1,18}) words of ([0-9]{1,3}) bits, (hex|bin), written by fxtypes\r?\n"


def to_mem(path: StrPath, a: FixedArray, radix: Radix = "hex") -> None:
    """Write an array's bit patterns as Verilog's ``$readmemh`` or ``$readmemb`` reads them.

    One word a line, in C order, from address 0, each with all digits of its width. The file
    appears complete or not at all; a comment at its head says what it holds.

    Parameters
    ----------
    path : str or os.PathLike
    a : FixedArray
        Of any shape; `from_mem` gives one axis.
    radix : {"hex", "bin"}
        For ``$readmemh`` or ``$readmemb``.

    Raises
    ------
    TypeError
        If `a` is not a FixedArray.
    ValueError
        If the radix is another.
    OSError
        If the file can't be written.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.to_mem("rom.hex", fx.array([1.5, -0.0625], fx.Format(12, 4)))
    >>> from pathlib import Path
    >>> print(Path("rom.hex").read_text(), end="")
    // 2 words of 12 bits, hex, written by fxtypes
    018
    fff
    """
    if not isinstance(a, FixedArray):
        raise TypeError(f"to_mem writes FixedArrays, got {type(a).__name__}")
    per_digit = _bits_per_digit(radix)
    width = a.format.width
    digits = -(-width // per_digit)
    kind = "x" if radix == "hex" else "b"
    words = a.to_bits().reshape(-1)
    with atomic_write(path, text=True) as file:
        file.write(_TITLE.format(count=words.size, width=width, radix=radix))
        for start in range(0, words.size, 1 << 16):
            block = words[start : start + (1 << 16)].tolist()
            file.writelines([f"{word:0{digits}{kind}}\n" for word in block])


def from_mem(path: StrPath, format: Format, radix: Radix = "hex") -> FixedArray:
    """Read a memory image: bit patterns in the text form of ``$readmemh`` or ``$readmemb``.

    Comments (``//`` and ``/* */``), underscores in words and ``@address`` are understood. Words
    that the image leaves out below its last one are 0. An image that `to_mem` wrote must be
    complete, and of this width and radix.

    Parameters
    ----------
    path : str or os.PathLike
    format : Format
        Signed: the words are two's complement of ``format.width`` bits.
    radix : {"hex", "bin"}

    Returns
    -------
    FixedArray
        One axis: the words from address 0 to the last.

    Raises
    ------
    FileError
        If the file is no memory image of words of this width: for unknown digits (x, z) and
        anything else that is no digit, words too large, and an image without words. The
        message names the line.
    ValueError
        If the radix is another.
    OSError
        If the file can't be read.

    Examples
    --------
    >>> import fxtypes as fx
    >>> with open("rom.mem", "w") as file:
    ...     _ = file.write("1_8 ff // two words\\n@3 01")
    >>> fx.from_mem("rom.mem", fx.Format(8, 4))
    FixedArray([ 1.5   , -0.0625,  0.    ,  0.0625], format=Format(8, 4))
    """
    check_format(format)
    per_digit = _bits_per_digit(radix)
    with open(path, "rb") as file:
        text = file.read().decode("latin-1")  # so that a comment may hold anything
    name = os.fspath(path)
    title = re.match(_TITLE_READ, text)
    if title:
        _check_kind(name, title, format.width, radix)
    words, lengths = _words(text, name, format.width, radix)
    if title:
        _check_complete(name, int(title[1]), lengths, -(-format.width // per_digit))
    elif not words:
        raise FileError(f"{name!r} holds no words; it is no memory image, or truncated")
    top = max(words, default=-1) + 1
    try:
        image = zeros(top, format)
    except MemoryError:
        raise FileError(f"{name!r} addresses {top} words, more than there is memory for") from None
    if words:
        image[np.fromiter(words, np.int64, len(words))] = from_bits(list(words.values()), format)
    return image


def _words(text: str, path: str, width: int, radix: Radix) -> tuple[dict[int, int], list[int]]:
    """({address: word}, the digits of each word) of an image."""
    # Comments become blanks that keep the line numbers.
    text = re.sub(r"//[^\n]*|/\*.*?\*/", lambda m: " " + "\n" * m[0].count("\n"), text, flags=re.S)
    word = re.compile(f"[{_DIGITS[radix]}][{_DIGITS[radix]}_]*")
    base, limit = 1 << _BITS[radix], 1 << width
    words: dict[int, int] = {}
    lengths, address = [], 0
    for number, line in enumerate(text.split("\n"), 1):
        for token in re.split(r"[ \t\r\f\v]+", line.strip(" \t\r\f\v")):
            if not token:
                continue
            if token.startswith("@"):
                if not re.fullmatch("@[0-9a-fA-F]+", token):
                    raise _error(path, number, token, "is no address, which is @ and hex digits")
                address = int(token[1:], 16)
                continue
            if not word.fullmatch(token):
                raise _error(path, number, token, _complaint(token, radix))
            digits = token.replace("_", "")
            value = int(digits, base)
            if value >= limit:
                raise _error(path, number, token, f"needs more than {width} bits")
            if address > _MAX_ADDRESS:
                raise _error(path, number, f"@{address:x}", "is beyond 32 bits of address")
            words[address] = value
            lengths.append(len(digits))
            address += 1
    return words, lengths


def _complaint(token: str, radix: Radix) -> str:
    if re.fullmatch("0[xX][0-9a-fA-F_]+|0[bB][01_]+|[0-9]*'[sS]?[hHbBdDoO].*", token):
        return f"has a prefix; $readmem{radix[0]} takes the digits alone"
    if re.fullmatch(f"[{_DIGITS[radix]}xXzZ?_]+", token) and not token.startswith("_"):
        return "has unknown digits (x or z), which no number stands for"
    if token.startswith("/*"):
        return "begins a comment that never ends"
    return f"is no {'hexadecimal' if radix == 'hex' else 'binary'} word"


def _check_kind(path: str, title: re.Match[str], width: int, radix: Radix) -> None:
    if (int(title[2]), title[3]) != (width, radix):
        raise FileError(
            f"{path!r} was written as words of {title[2]} bits, {title[3]}; it can't be read as "
            f"words of {width} bits, {radix}"
        )


def _check_complete(path: str, count: int, lengths: list[int], digits: int) -> None:
    if len(lengths) != count or any(length != digits for length in lengths):
        raise FileError(
            f"{path!r} should hold {count} words of {digits} digits and holds {len(lengths)} "
            "words: it is truncated or altered; write it anew (or, if you edited it, take its "
            "first line away)"
        )


def _error(path: str, line: int, token: str, complaint: str) -> FileError:
    shown = token if len(token) <= 60 else f"{token[:57]}..."
    return FileError(f"{path!r}, line {line}: {shown!r} {complaint}")


def _bits_per_digit(radix: Radix) -> int:
    try:
        return _BITS[radix]
    except (KeyError, TypeError):
        raise ValueError(f"radix must be 'hex' or 'bin', got {radix!r}") from None
