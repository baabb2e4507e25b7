"""Folders of IDX files, as MNIST and its likes are published."""

import math
import os
import re
import struct

import numpy as np
from numpy.typing import NDArray

from ..errors import DatasetError
from .dataset import Dataset
from .files import damaged, is_packed, open_packed, reading
from .labels import Labels, class_numbers
from .published import FILES

_AT_ONCE = 1 << 20  # bytes
_MOST_PACKED = 1032  # bytes that one of gzip's can stand for
# "emnist-letters-train-images-idx3-ubyte.gz" and "test-labels.idx1-ubyte" too.
_NAME = re.compile(r"(?:.*[-_.])?(train|t10k|test)[-_](images|labels)[-_.]idx[13][-_.]ubyte(\.gz)?")


def load_folder(
    name: str,
    folder: str,
    *,
    classes: tuple[str, ...] | None = None,
    image_shape: tuple[int, int] | None = None,
    if_missing: str | None = None,
) -> Dataset:
    """Read a folder of four IDX files, packed or not; any number of classes, any size of image."""
    if_missing = _what_is_there(folder) if if_missing is None else if_missing
    paths = _find(folder)
    images, labels = [], []
    for image_file, label_file in (FILES[:2], FILES[2:]):
        x_path, y_path = paths[image_file], paths[label_file]
        x = _read(x_path, 3, if_missing)
        y = _read(y_path, 1, if_missing)
        if image_shape is not None and x.shape[1:] != image_shape:
            raise damaged(x_path, f"it says images of shape {x.shape[1:]}, not {image_shape}")
        image_shape = x.shape[1], x.shape[2]
        if len(x) != len(y):
            raise DatasetError(
                f"{x_path} has {len(x)} images and {y_path} {len(y)} labels; "
                "take both from the same source"
            )
        images.append(x.reshape(len(x), -1))
        labels.append(Labels(y, y_path, "at index {}".format))
    (y_train, y_test), classes = class_numbers(labels, classes)
    return Dataset(name, images[0], y_train, images[1], y_test, classes, 255, image_shape)


def _what_is_there(folder: str) -> str:
    said = "an IDX folder holds four files of such names, packed or not"
    try:
        others = sorted(entry for entry in os.listdir(folder) if not _NAME.fullmatch(entry))
    except OSError:
        others = []
    if not others:
        return said
    shown = ", ".join(others[:5]) + (", ..." if len(others) > 5 else "")
    return f"{said}; there are {shown}: an .npz or a table is loaded by its own path"


def _find(folder: str) -> dict[str, str]:
    """The paths of the four files; those that would be there, where they are missing."""
    found = present(folder)
    return {name: found.get(name, os.path.join(folder, name + ".gz")) for name in FILES}


def present(folder: str) -> dict[str, str]:
    """The paths of a data set's files that are there, by their names as of MNIST's.

    An unpacked file goes before a packed one.
    """
    found: dict[str, str] = {}
    try:
        entries = sorted(os.listdir(folder))
    except FileNotFoundError:
        entries = []
    except OSError as error:
        raise DatasetError(f"{folder} can't be read: {error.strerror or error}") from None
    for entry in entries:
        if match := _NAME.fullmatch(entry):
            part, what, _ = match.groups()
            standard = FILES[2 * (part != "train") + (what == "labels")]
            path = os.path.join(folder, entry)
            if found.setdefault(standard, path) + ".gz" not in (path + ".gz", path):
                raise DatasetError(
                    f"{folder} holds {os.path.basename(found[standard])} and {entry}; "
                    "give each data set a folder of its own"
                )
    return found


def _read(path: str, axes: int, if_missing: str) -> NDArray[np.uint8]:
    """Read an IDX file of uint8 with so many axes; everything about it is checked."""
    header_size = 4 + 4 * axes
    with reading(path, if_missing), open_packed(path) as file:
        header = file.read(header_size)
        if len(header) < header_size:
            raise damaged(path, f"it ends after {len(header)} bytes")
        # Two zero bytes, 8 for uint8, the number of axes; then the axes, big-endian.
        magic, *shape = struct.unpack(f">{axes + 1}I", header)
        if magic != 0x0800 + axes:
            raise damaged(path, f"its IDX header starts {magic:#010x}, not {0x0800 + axes:#010x}")
        if 0 in shape:
            of_shape = f" of shape {tuple(shape[1:])}" if axes > 1 else ""
            raise damaged(path, f"it says {shape[0]} items{of_shape}")
        size = math.prod(shape)
        _check_size(path, header_size, size)
        try:
            data = np.empty(size, np.uint8)  # read in place: images are large
        except (MemoryError, ValueError):
            raise DatasetError(
                f"{path}: there is no room for the {size} bytes that its header announces"
            ) from None
        view, filled = data.data, 0
        # By parts: some Pythons make room for all that is asked for.
        while count := file.readinto(view[filled : filled + _AT_ONCE]):  # type: ignore[attr-defined]
            filled += count
        if filled < size:
            raise damaged(path, f"its header announces {size} bytes and it has {filled}")
        if file.read(1):  # reaching the end also checks gzip's CRC
            raise damaged(path, f"its header announces {size} bytes and it has more")
    return data.reshape(shape)


def _check_size(path: str, header_size: int, size: int) -> None:
    """Refuse what can't be true before room is made for it."""
    there = os.path.getsize(path)
    if is_packed(path):
        if size > _MOST_PACKED * there:
            raise damaged(
                path, f"its header announces {size} bytes, more than its {there} can hold packed"
            )
    elif there < header_size + size:
        raise damaged(path, f"its header announces {size} bytes and it has {there - header_size}")
