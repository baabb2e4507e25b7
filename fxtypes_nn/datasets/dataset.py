"""What a data set is, however it was read."""

import dataclasses
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

import fxtypes as fx

from .lazy import LazyArray, Numeric
from .standardisation import Standardisation

Elements: TypeAlias = Numeric | fx.FixedArray | LazyArray


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """Samples and their classes, in a training and a test part.

    Attributes
    ----------
    name : str
        As `load` takes it; that of the file or folder, without endings, where it takes a path.
    x_train, x_test : numpy.ndarray, fxtypes.FixedArray or LazyArray
        Of shape (samples, features). As read: images uint8, anything else in its own numeric
        dtype. FixedArrays after `to_fixed`, LazyArrays after `lazy`.
    y_train, y_test : numpy.ndarray
        Class numbers, int64, shape (samples,).
    classes : tuple of str
        The classes' names, by number.
    maximum : int or float
        What `to_fixed` divides by: 255 for images, 16 for ``digits``, else the largest magnitude
        of the training part (1 if that is 0).
    image_shape : tuple of int, optional
        (rows, columns) where the features are an image's pixels in row order.
    standardisation : Standardisation, optional
        What `to_fixed` does instead of dividing, after `standardise`.
    """

    name: str
    x_train: Elements
    y_train: NDArray[np.int64]
    x_test: Elements
    y_test: NDArray[np.int64]
    classes: tuple[str, ...]
    maximum: int | float
    image_shape: tuple[int, int] | None = None
    standardisation: Standardisation | None = None

    def standardise(self, by: Standardisation | None = None) -> "Dataset":
        """Return the data set with a standardisation: `to_fixed` and `lazy` follow it.

        Parameters
        ----------
        by : Standardisation, optional
            By default that of the training part, whose features then have a mean of 0 and a
            deviation of 1; a feature that is the same in all of them becomes 0.

        Raises
        ------
        ValueError
            If the elements are fixed point already, or `by` is one of samples of another shape.
        TypeError
            If `by` is none.

        Examples
        --------
        >>> import fxtypes as fx
        >>> from fxtypes_nn import datasets
        >>> digits = datasets.load("digits").standardise()
        >>> digits.lazy(fx.Format(16, 10)).x_train[0, 2:4]
        FixedArray([-0.037109375 ,  0.2841796875], format=Format(16, 10))
        """
        train, _ = self._own_parts()
        by = Standardisation.of(train) if by is None else by
        if not isinstance(by, Standardisation):
            raise TypeError(f"by must be a Standardisation, got {by!r}")
        if by.shape != train.shape[1:]:
            raise ValueError(
                f"{self.name} has samples of shape {train.shape[1:]}, the standardisation is one "
                f"of {by.shape}"
            )
        return dataclasses.replace(self, standardisation=by)

    def to_fixed(self, format: fx.Format) -> "Dataset":
        """Return the data set with elements as FixedArrays, rounded once.

        Of value / maximum, or of (value - mean) / deviation after `standardise`.

        Raises
        ------
        ValueError
            If the elements are fixed point already.
        fxtypes.FixedOverflowError
            If `format` raises on overflow and can't hold an element.

        Examples
        --------
        >>> import fxtypes as fx
        >>> from fxtypes_nn import datasets
        >>> digits = datasets.load("digits").to_fixed(fx.Format(16, 10))
        >>> digits.x_train[:1].max().item()
        Fraction(15, 16)
        """
        train, test = self._lazy_parts(format)
        return dataclasses.replace(self, x_train=train[:], x_test=test[:])

    def lazy(self, format: fx.Format) -> "Dataset":
        """Return the data set with elements as they are, made FixedArrays where rows are taken.

        ``lazy(format).x_train[rows]`` is ``to_fixed(format).x_train[rows]``, but for formats that
        round stochastically, where each access draws anew. Nothing is copied.

        Raises
        ------
        ValueError
            If the elements are fixed point already.

        Examples
        --------
        >>> import fxtypes as fx
        >>> from fxtypes_nn import datasets
        >>> digits = datasets.load("digits").lazy(fx.Format(16, 10))
        >>> digits.x_train.stored.dtype
        dtype('uint8')
        >>> digits.x_train[:2, 2:4]
        FixedArray([[0.3125, 0.8125],
                    [0.    , 0.75  ]], format=Format(16, 10))
        """
        train, test = self._lazy_parts(format)
        return dataclasses.replace(self, x_train=train, x_test=test)

    def _lazy_parts(self, format: fx.Format) -> tuple[LazyArray, LazyArray]:
        train, test = (
            LazyArray(x, format, self.maximum, self.standardisation) for x in self._own_parts()
        )
        return train, test

    def _own_parts(self) -> tuple[Numeric, Numeric]:
        train, test = self.x_train, self.x_test
        if isinstance(train, np.ndarray) and isinstance(test, np.ndarray):
            return train, test
        raise ValueError(f"{self.name} is fixed point already; load it anew")
