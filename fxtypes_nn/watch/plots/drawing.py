"""All pictures by name, and `draw`, which writes them."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fxtypes.interop.atomic_write import atomic_write

from ...errors import reason
from ..record import Record
from .bits import BITS
from .events import EVENTS, LOST
from .original import ORIGINAL
from .picture import Picture
from .predictions import CONFUSION, MISTAKES
from .progress import LOSS_PICTURE
from .ranges import ACTIVATIONS, GRADIENTS, PARAMETERS
from .style import styled
from .training import TRAINING
from .weights import WEIGHTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURES: dict[str, Picture] = {
    "training": TRAINING,
    "original": ORIGINAL,
    "loss": LOSS_PICTURE,
    "bits": BITS,
    "parameters": PARAMETERS,
    "activations": ACTIVATIONS,
    "gradients": GRADIENTS,
    "events": EVENTS,
    "lost": LOST,
    "weights": WEIGHTS,
    "confusion": CONFUSION,
    "mistakes": MISTAKES,
}
FORMATS = ("png", "pdf", "svg")


class PicturesError(RuntimeError):
    """Pictures that couldn't be made; the message is one line that says which, and why.

    Attributes
    ----------
    written : list of str
        The paths of those that were.
    failed : dict of str to Exception
        By path, why it wasn't.
    """

    def __init__(self, written: list[str], failed: dict[str, Exception]) -> None:
        self.written, self.failed = written, failed
        reasons = "; ".join(f"{path}: {reason(error)}" for path, error in failed.items())
        super().__init__(
            f"{len(failed)} of {len(failed) + len(written)} pictures couldn't be made, the others "
            f"were: {reasons}"
            if written
            else f"no picture could be made: {reasons}"
        )


def draw(
    record: Record, folder: str | os.PathLike[str], formats: Iterable[str] = ("png",)
) -> list[str]:
    """Write every picture that a record has something for, ``<name>.<format>`` in a folder.

    Each file is written whole or not at all, and one that can't be made keeps none of the others
    back. The same record gives the same bytes.

    Parameters
    ----------
    record : Record
    folder : str or os.PathLike
        Made where it is missing.
    formats : iterable of {"png", "pdf", "svg"}

    Returns
    -------
    list of str
        The paths written.

    Raises
    ------
    PicturesError
        If some or all couldn't be made; all that could are there.
    ValueError
        If a format is none of these.
    ImportError
        If there is no Matplotlib.
    OSError
        If the folder can't be made.
    """
    formats = tuple(formats)
    unknown = [fmt for fmt in formats if fmt not in FORMATS]
    if unknown:
        raise ValueError(f"pictures are png, pdf or svg, got {unknown[0]!r}")
    os.makedirs(folder, exist_ok=True)
    written: list[str] = []
    failed: dict[str, Exception] = {}
    for name, picture in PICTURES.items():
        paths = [os.path.join(folder, f"{name}.{fmt}") for fmt in formats]
        try:
            figure = picture(record)
        except ImportError:
            raise
        except Exception as error:  # whatever Matplotlib, or a fault of ours, comes up with
            failed |= dict.fromkeys(paths, error)
            continue
        if figure is None:
            continue
        for path, fmt in zip(paths, formats, strict=True):
            try:
                made = rendered(figure, fmt, record.title)
                with atomic_write(path) as file:
                    file.write(made)
                written.append(path)
            except Exception as error:
                failed[path] = error
    if failed:
        raise PicturesError(written, failed)
    return written


def rendered(figure: Figure, fmt: str, title: str = "") -> bytes:
    """A figure as a file's bytes, without the time or the place that it was made."""
    metadata: dict[str, dict[str, Any]] = {
        "png": {"Title": title, "Software": None},
        "pdf": {"Title": title, "CreationDate": None, "Producer": None, "Creator": None},
        "svg": {"Title": title, "Date": None, "Creator": None},
    }
    file = io.BytesIO()
    with styled(), warnings.catch_warnings():
        # A class in a script that the font lacks is drawn as a box; the numbers are what counts.
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        figure.savefig(file, format=fmt, metadata=metadata[fmt])
    return file.getvalue()
