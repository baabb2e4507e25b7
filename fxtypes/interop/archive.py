"""Arrays in files: archives that are complete and unaltered, or refused.

An archive is an ``.npz`` of NumPy's format: one member an array, its words as `storage.words`
has them, and a header in JSON that names kind, version and the formats. Nothing in it is
pickled. The zip file's comment is the SHA-256 of all the bytes before it, so that a change of
any byte shows. (It is no signature: anybody can make a valid archive of other values, which is why
these are checked against their format as well.)
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import FileError
from ..fixed_array import FixedArray
from ..format import Format, read_numbers, storage
from .atomic_write import atomic_write

if TYPE_CHECKING:
    from ..fixed_array.operand_types import StrPath

# json and zipfile are imported where they are used: they would slow `import fxtypes` down.
_KIND, _VERSION = "fxtypes arrays", 1
FOREIGN = "and none that fxtypes has written"
_HEADER = "header.json"
_FIELDS = ("width", "frac_bits", "signed", "rounding", "overflow")
_DIGEST = 64  # hexadecimal digits
_LONGEST_NAME = 65_000  # bytes: a zip file has two for the length


def save(path: StrPath, /, **arrays: FixedArray) -> None:
    """Write arrays, with their formats, into one file.

    The file appears complete or not at all. It is an uncompressed ``.npz``, so NumPy reads the
    raw integers from it too.

    Parameters
    ----------
    path : str or os.PathLike
        Taken as it is; no suffix is added.
    **arrays : FixedArray
        By the names that `load` shall give them.

    Raises
    ------
    TypeError
        If one is not a FixedArray.
    ValueError
        If a name is empty or can't stand in an archive.
    OSError
        If the file can't be written.

    See Also
    --------
    load

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.save("filter.npz", taps=fx.array([0.25, 0.5, 0.25], fx.Format(16, 15)))
    >>> fx.load("filter.npz")
    {'taps': FixedArray([0.25, 0.5 , 0.25], format=Format(16, 15))}
    """
    write_archive(path, _KIND, _VERSION, {}, arrays)


def load(path: StrPath) -> dict[str, FixedArray]:
    """Read what `save` has written.

    Files from anywhere may be read: nothing in them is unpickled or executed. (`pickle`, which
    takes FixedArrays too, is for trusted data only.)

    Parameters
    ----------
    path : str or os.PathLike

    Returns
    -------
    dict of str to FixedArray
        In the order of saving.

    Raises
    ------
    FileError
        If the file is no such archive, or is truncated or altered.
    OSError
        If it can't be read.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.save("a.npz", x=fx.zeros((2, 2), fx.Format(100, 50)))
    >>> fx.load("a.npz")["x"].format
    Format(100, 50)
    """
    try:
        return read_archive(path, _KIND, _VERSION)[1]
    except FileError as error:
        hint = "" if str(error).endswith(FOREIGN) else "; save it anew, or take a copy"
        raise FileError(f"{os.fspath(path)!r} can't be loaded: {error}{hint}") from None


def write_archive(
    path: StrPath,
    kind: str,
    version: int,
    header: dict[str, Any],
    arrays: Mapping[str, FixedArray],
) -> None:
    """Write FixedArrays and a header of the caller's, which JSON can hold; see `save`."""
    import json
    import zipfile

    formats = {}
    for name, array in arrays.items():
        if not isinstance(array, FixedArray):
            raise TypeError(
                f"expected FixedArrays, but {name!r} is of type {type(array).__name__}; "
                "numpy.savez writes NumPy's arrays"
            )
        _check_name(name)
        formats[name] = _fields(array.format)
    contents = {"kind": kind, "version": version, "formats": formats} | header
    with atomic_write(path) as file:
        archive = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, strict_timestamps=False)
        try:
            # ZipInfo's own date: the same arrays give the same bytes.
            archive.writestr(zipfile.ZipInfo(_HEADER), json.dumps(contents))
            for name, array in arrays.items():
                member = zipfile.ZipInfo(f"{name}.npy")
                with archive.open(member, "w", force_zip64=True) as part:
                    # Through asarray: write_array keeps Fortran's order of a transposed array.
                    np.lib.format.write_array(
                        part, np.asarray(array.words, order="C"), allow_pickle=False
                    )
            archive.comment = bytes(_DIGEST)
            archive.close()
        except BaseException:
            # A member that Ctrl-C left open, and the archive, write their ends when they are
            # collected, and would complain of each other in place of Ctrl-C.
            archive.fp = io.BytesIO()
            raise
        file.seek(0)
        digest = _digest(file, file.seek(0, os.SEEK_END) - _DIGEST)
        file.write(digest)


def read_archive(
    path: StrPath, kind: str, version: int
) -> tuple[dict[str, Any], dict[str, FixedArray]]:
    """Read what `write_archive` has written: (header, arrays by name).

    Raises
    ------
    FileError
        If the file is anything else; the message is a clause that says what is wrong.
    OSError
        If it can't be read.
    """
    import json
    import zipfile

    with open(path, "rb") as file:
        data = file.read()
    if _is_foreign(data):
        raise FileError(f"it is {_kind_of(data)}, {FOREIGN}")
    body = io.BytesIO(data)
    if len(data) < _DIGEST or data[-_DIGEST:] != _digest(body, len(data) - _DIGEST, peek=True):
        raise FileError("its checksum is not that of its contents: it is truncated or altered")
    try:
        with zipfile.ZipFile(body) as archive:
            members = _members(archive, len(data))
        header = json.loads(members.pop(_HEADER))
        if not isinstance(header, dict):
            raise FileError("its header is no object")
        if (header.get("kind"), header.get("version")) != (kind, version):
            raise FileError(
                f"it says it is {header.get('kind')!r} version {header.get('version')!r}, not "
                f"{kind!r} version {version}"
            )
        arrays = _arrays(header["formats"], members)
    except FileError:
        raise
    except Exception as error:  # whatever zipfile, json and NumPy's header reader make of damage
        raise FileError(f"it is damaged: {type(error).__name__}: {error}") from None
    return header, arrays


# What an archive begins with: a zip file's signature, and the name of its first member.
_NAME_AT, _LOOKED_AT = 30, 200  # bytes: where that name is; at which a text is told by
_ZIP = b"PK\x03\x04"
_SIGNATURES = {
    _ZIP: "a zip file, such as numpy.savez makes",
    b"PK": "a zip file",
    b"\x93NUMPY": "an array of NumPy's (.npy: numpy.load reads it)",
    b"\x89HDF": "an HDF5 file",
    b"\x89PNG": "a PNG picture",
    b"\x1f\x8b": "a gzip file",
    b"\x80": "a pickle",
    b"%PDF": "a PDF",
    b"\x7fELF": "a program",
}


def _is_foreign(data):
    """Whether a file begins otherwise than ours, or a part of one, does.

    A single byte may differ: that one is altered.
    """
    ours = zip(_ZIP + _HEADER.encode(), data[: len(_ZIP)] + data[_NAME_AT:], strict=False)
    return sum(x != y for x, y in ours) > 1


def _kind_of(data):
    """What a file is, by its first bytes."""
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            return kind
    with contextlib.suppress(UnicodeDecodeError):
        if data[:_LOOKED_AT].decode("ascii").isprintable() or b"\n" in data[:_LOOKED_AT]:
            return "a text file" if data[:1] not in b"{[" else "a JSON file"
    return "a file of an unknown kind"


def _digest(file, length, peek=False):
    """The checksum of the first `length` bytes; leaves `file` there (`peek`: at its start)."""
    file.seek(0)
    from hashlib import sha256  # its import takes long

    sha = sha256()
    while length:
        block = file.read(min(length, 1 << 20))
        if not block:
            raise FileError("it changed while it was read")
        sha.update(block)
        length -= len(block)
    if peek:
        file.seek(0)
    return sha.hexdigest().encode()


def _members(archive, size):
    """Every member's bytes by name; together no larger than the file, whose size is given."""
    found = {}
    if sum(member.file_size for member in archive.infolist()) > size:
        raise FileError("its parts overlap")
    for member in archive.infolist():
        if member.compress_type:  # ZIP_STORED is 0
            raise FileError(f"its part {member.filename!r} is compressed, which save never does")
        if member.filename in found:
            raise FileError(f"it has two parts {member.filename!r}")
        found[member.filename] = archive.read(member)  # checks the length and the CRC
    return found


def _arrays(formats, members):
    if members.keys() != {f"{name}.npy" for name in formats}:
        raise FileError(f"its header names {sorted(formats)}, its parts are {sorted(members)}")
    return {
        name: _array(name, Format(*_known(fields)), members[f"{name}.npy"])
        for name, fields in formats.items()
    }


def _known(fields):
    if not isinstance(fields, list) or len(fields) != len(_FIELDS):
        raise FileError(f"{fields!r} is no format")
    return fields


def _array(name, fmt, data):
    part = io.BytesIO(data)
    if np.lib.format.read_magic(part) != (1, 0):
        raise FileError(f"{name!r} is of an unknown version of NumPy's format")
    shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(part)
    words = np.frombuffer(data, np.uint8, offset=part.tell())
    # Sizes are compared before anything of that size is made.
    if fortran_order or dtype.hasobject or words.size != dtype.itemsize * _product(shape):
        raise FileError(f"{name!r} is not the array of {dtype} {shape} that it says it is")
    try:
        raw = storage.from_words(words.view(dtype).reshape(shape), fmt)
    except ValueError as error:
        raise FileError(f"{name!r}: {error}") from None
    return FixedArray._from_storage(raw, fmt)


def _product(shape):
    size = 1
    for n in shape:
        if type(n) is not int or n < 0:
            raise FileError(f"{shape} is no shape")
        size *= n
    return size


def _fields(fmt):
    values = (getattr(fmt, field) for field in _FIELDS)
    return [str(value) if isinstance(value, str) else value for value in values]


def _check_name(name):
    import zipfile

    try:
        sound = name and "\0" not in name and name.encode()
    except UnicodeEncodeError:
        sound = False
    if not sound or zipfile.ZipInfo(name).filename != name or len(sound) > _LONGEST_NAME:
        raise ValueError(
            f"{read_numbers.shorten(name)} can't name an array in an archive; use letters and "
            "digits"
        )
