"""Archives of NumPy arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DatasetError, reason
from .dataset import Dataset
from .files import damaged, name_of, reading
from .labels import Labels, class_numbers
from .magnitude import largest_magnitude

KEYS = ("x_train", "y_train", "x_test", "y_test")
_SHOWN = 200  # characters of what another library says


def load_npz(path: str) -> Dataset:
    """Read ``x_train, y_train, x_test, y_test`` and, if there, ``classes``.

    uint8 with more than two axes are images, with a maximum of 255; further axes become features.
    """
    arrays = _read(path)
    train, test = (_features(path, key, arrays[key]) for key in ("x_train", "x_test"))
    labels = []
    for x, key in ((train, "y_train"), (test, "y_test")):
        y = arrays[key]
        if y.shape != (len(x),):
            raise DatasetError(
                f"{path}: {key} has shape {y.shape} and must have ({len(x)},), a class for each "
                f"sample of x{key[1:]}"
            )
        labels.append(Labels(_text(y), path, (f"at {key}[" + "{}]").format))
    if train.shape[1:] != test.shape[1:]:
        raise DatasetError(
            f"{path}: a sample of x_train has shape {train.shape[1:]} and one of x_test "
            f"{test.shape[1:]}; they must be the same"
        )
    names = arrays.get("classes")
    classes = None if names is None else tuple(map(str, _text(names).reshape(-1).tolist()))
    (y_train, y_test), classes = class_numbers(labels, classes)
    images = train.ndim > 2 and train.dtype == test.dtype == np.uint8
    maximum = 255 if images else largest_magnitude(train)
    shape = train.shape[1:] if images and train.ndim == 3 else None
    x_train, x_test = (x.reshape(len(x), -1) for x in (train, test))
    return Dataset(name_of(path), x_train, y_train, x_test, y_test, classes, maximum, shape)


def _read(path: str) -> dict[str, NDArray[Any]]:
    key = None
    arrays: dict[str, Any] = {}
    with reading(path), open(path, "rb") as file:
        try:
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise damaged(path, "it is a single array, not an .npz")
            found = archive.files
            missing = [name for name in KEYS if name not in found]
            if missing:
                raise DatasetError(
                    f"{path} has no {', '.join(missing)} (it has {', '.join(found) or 'nothing'}); "
                    f"an .npz data set holds {', '.join(KEYS)}, and classes if it names them"
                )
            for key in (*KEYS, "classes"):
                if key in found:
                    arrays[key] = archive[key]
                    if not isinstance(arrays[key], np.ndarray):
                        raise damaged(path, f"{key} is no array")
        except (DatasetError, OSError):
            raise
        except Exception as error:  # whatever zipfile and NumPy's header reader make of damage
            if key is not None and "allow_pickle" in str(error):
                raise DatasetError(
                    f"{path}: {key} holds pickled objects, which are not read; "
                    "save it as numbers or text"
                ) from None
            # zipfile shows the bytes that it found, thousands of them.
            what = "it is no .npz file" if key is None else reason(error)[:_SHOWN]
            raise damaged(path, what) from None
    return arrays


def _features(path: str, key: str, x: NDArray[Any]) -> NDArray[Any]:
    if x.dtype.kind == "b":
        x = x.view(np.uint8)
    if x.dtype.kind not in "iuf" or x.dtype.itemsize > 8:
        raise DatasetError(f"{path}: {key} must be integers or floats, it is {x.dtype}")
    if x.ndim < 2 or not x.size:
        raise DatasetError(
            f"{path}: {key} has shape {x.shape} and must have (samples, features), none of them 0"
        )
    if x.dtype.kind == "f" and not (finite := np.isfinite(x)).all():
        place = np.unravel_index(int(finite.argmin()), x.shape)
        raise DatasetError(
            f"{path}: {key}[{', '.join(map(str, place))}] is {x[place]}; features must be finite"
        )
    return np.ascontiguousarray(x, x.dtype.newbyteorder("="))


def _text(values: NDArray[Any]) -> NDArray[Any]:
    return np.char.decode(values, "utf-8", "replace") if values.dtype.kind == "S" else values
