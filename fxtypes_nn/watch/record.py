"""Record: what the pictures and the report of a training are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .history import History
from .series import Series, columns

if TYPE_CHECKING:
    import numpy.typing as npt

    import fxtypes as fx


def _none() -> npt.NDArray[np.int64]:
    return np.empty(0, np.int64)


@dataclass(frozen=True)
class Record:
    """What is known of a training when its pictures and its report are made.

    Only the first three have to be there: a picture that lacks what it shows isn't made.

    Parameters
    ----------
    title : str
        One line: the data, the network, its width.
    config : mapping of str to object
        The run's ``config.json``.
    history : History
    parameters : mapping of str to FixedArray
        The trained model's, by name; empty where there is none.
    formats : mapping of str to Format
        What the ranges are held against, by the prefix of the history's columns:
        ``dense1.weights``, ``dense1.output``, ``dense1.input`` and so on.
    classes : sequence of str
    labels, predicted : ndarray
        Of the test part, class numbers; empty where they aren't known.
    images : ndarray, optional
        The test part's inputs as stored, of shape (samples, features); None where they are no
        pictures.
    image_shape : tuple of int, optional
        Rows and columns of an image.
    siblings : sequence of History
        The same run with other seeds; the curves get bands.
    twin : History, optional
        The same run in float64.
    summary : str
        The model's.
    warnings : sequence of str
        What the training warned of, in order.
    command : str
        What makes the run again.

    Raises
    ------
    ValueError
        If labels, predictions and images aren't as many.

    Examples
    --------
    >>> from fxtypes_nn.watch.history import History
    >>> from fxtypes_nn.watch.record import Record
    >>> Record("digits, 64-10, 16 bits", {}, History()).labels.size
    0
    """

    title: str
    config: Mapping[str, Any]
    history: History
    parameters: Mapping[str, fx.FixedArray] = field(default_factory=dict)
    formats: Mapping[str, fx.Format] = field(default_factory=dict)
    classes: Sequence[str] = ()
    labels: npt.NDArray[Any] = field(default_factory=_none)
    predicted: npt.NDArray[Any] = field(default_factory=_none)
    images: npt.NDArray[Any] | None = None
    image_shape: tuple[int, int] | None = None
    siblings: Sequence[History] = ()
    twin: History | None = None
    summary: str = ""
    warnings: Sequence[str] = ()
    command: str = ""

    def __post_init__(self) -> None:
        images = len(self.labels) if self.images is None else len(self.images)
        if not len(self.labels) == len(self.predicted) == images:
            raise ValueError(
                f"labels, predicted and images must be as many, got {len(self.labels)}, "
                f"{len(self.predicted)} and {images}"
            )

    @cached_property
    def curves(self) -> Mapping[str, Series]:
        """The history's columns as arrays; see `series.columns`."""
        return columns(self.history)
