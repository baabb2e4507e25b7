"""Images changed at random as they are trained on: ``fit(..., augment=)``.

An augmentation is called with a batch of images, uint8 of shape (samples, features), and a NumPy
Generator, and returns another batch of the same shape and dtype. Those here draw raw words of the
generator only, 64 bits each, and make of a word a number below n as (word >> 32) * n >> 32: integer
arithmetic, the same in every version of NumPy.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Images: TypeAlias = NDArray[np.uint8]
Augmentation: TypeAlias = Callable[[Images, np.random.Generator], Images]


@dataclasses.dataclass(frozen=True)
class Shift:
    """Move each image by up to so many pixels in both directions; what comes in is 0.

    Parameters
    ----------
    pixels : int
        At least 1. Down and right each by a whole number from -pixels to pixels, all equally
        likely.
    shape : tuple of int, optional
        The images' (rows, columns); by default they are squares.

    Raises
    ------
    TypeError, ValueError
        If `pixels` or `shape` is no such thing; called, if the images are not uint8 of that shape.

    Notes
    -----
    Image i takes the words 2 i (down) and 2 i + 1 (right) of the call.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.array([[1, 2, 3, 4]], np.uint8)
    >>> Shift(1)(image, np.random.Generator(np.random.PCG64(1)))
    array([[0, 1, 0, 3]], dtype=uint8)
    """

    pixels: int
    shape: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if not _is_positive(self.pixels):
            raise ValueError(f"pixels must be an integer of at least 1, got {self.pixels!r}")
        object.__setattr__(self, "pixels", int(self.pixels))
        object.__setattr__(self, "shape", _checked_shape(self.shape))

    def __call__(self, images: Images, generator: np.random.Generator) -> Images:
        pictures = _pictures(images, self.shape)
        count, rows, columns = pictures.shape
        margin = self.pixels
        down, right = _below(2 * margin + 1, generator, 2 * count).reshape(count, 2).T
        padded = np.zeros((count, rows + 2 * margin, columns + 2 * margin), np.uint8)
        padded[:, margin : margin + rows, margin : margin + columns] = pictures
        # A window further up holds an image further down; all that can be cut, and one for each.
        windows = sliding_window_view(padded, (rows, columns), axis=(1, 2))
        moved: Images = windows[np.arange(count), 2 * margin - down, 2 * margin - right]
        return moved.reshape(images.shape)


@dataclasses.dataclass(frozen=True)
class Flip:
    """Turn each image left to right with a probability of one half.

    Parameters
    ----------
    shape : tuple of int, optional
        The images' (rows, columns); by default they are squares.

    Raises
    ------
    TypeError, ValueError
        If `shape` is no such thing; called, if the images are not uint8 of that shape.

    Notes
    -----
    Image i is turned where word i of the call has its highest bit set.

    Examples
    --------
    >>> import numpy as np
    >>> images = np.array([[1, 2, 3, 4], [1, 2, 3, 4]], np.uint8)
    >>> Flip()(images, np.random.Generator(np.random.PCG64(1)))
    array([[2, 1, 4, 3],
           [2, 1, 4, 3]], dtype=uint8)
    """

    shape: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", _checked_shape(self.shape))

    def __call__(self, images: Images, generator: np.random.Generator) -> Images:
        pictures = _pictures(images, self.shape).copy()
        turned = _below(2, generator, len(pictures)).astype(bool)
        pictures[turned] = pictures[turned, :, ::-1]
        return pictures.reshape(images.shape)


@dataclasses.dataclass(frozen=True)
class Compose:
    """Augmentations one after the other, on the same generator.

    Parameters
    ----------
    steps : sequence of callable
        Each ``(images, generator) -> images``.

    Examples
    --------
    >>> Compose([Shift(2), Flip()])
    Compose(steps=(Shift(pixels=2, shape=None), Flip(shape=None)))
    """

    steps: Sequence[Augmentation]

    def __post_init__(self) -> None:
        steps = tuple(self.steps)
        for step in steps:
            if not callable(step):
                raise TypeError(f"an augmentation must be callable, got {step!r}")
        object.__setattr__(self, "steps", steps)

    def __call__(self, images: Images, generator: np.random.Generator) -> Images:
        for step in self.steps:
            images = step(images, generator)
        return images


def _below(n: int, generator: np.random.Generator, count: int) -> NDArray[np.intp]:
    words = np.asarray(generator.bit_generator.random_raw(count), np.uint64)
    return ((words >> np.uint64(32)) * np.uint64(n) >> np.uint64(32)).astype(np.intp)


def _is_positive(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) > 0


def _checked_shape(shape: Any) -> tuple[int, int] | None:
    if shape is None:
        return None
    sides = tuple(shape) if isinstance(shape, tuple | list) else ()
    if len(sides) != 2 or not all(map(_is_positive, sides)):
        raise ValueError(f"shape must be (rows, columns), each at least 1, got {shape!r}")
    return int(sides[0]), int(sides[1])


def _pictures(images: Images, shape: tuple[int, int] | None) -> Images:
    """A view of the images with rows and columns as axes."""
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.ndim != 2:
        what = f"{images.dtype} {images.shape}" if isinstance(images, np.ndarray) else repr(images)
        raise TypeError(f"images must be uint8 of shape (samples, features), got {what}")
    features = images.shape[1]
    rows, columns = shape or (math.isqrt(features),) * 2
    if rows * columns != features:
        said = f"shape={shape} is not theirs" if shape else "which is no square; pass shape="
        raise ValueError(f"the images have {features} features, {said}")
    return images.reshape(-1, rows, columns)
