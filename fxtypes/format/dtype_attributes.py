"""What other libraries ask of a data type, answered as NumPy's dtype of plain bytes answers it."""

from typing import Any, NoReturn

import numpy as np


class DtypeAttributes:
    """The part of `Format` that looks like a `numpy.dtype`.

    ``kind`` is "V": elements are bytes that only fxtypes can read. So libraries leave what they
    do with integers, floats and missing values (a fixed-point number never is one) alone, and
    pass the array itself on.

    Attributes
    ----------
    kind, char, num, type, byteorder, isnative, hasobject, names, fields, subdtype, shape, ndim
        As of ``numpy.dtype("V2")``.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fmt = fx.Format(12, 8)
    >>> fmt.kind, fmt.itemsize, fmt.name
    ('V', 2, 'Q3.8')
    """

    __slots__ = ()

    kind = char = "V"
    num = np.dtype("V").num
    type = np.void
    byteorder = "|"
    isnative = True
    hasobject = False
    names = fields = subdtype = metadata = None
    shape: tuple[int, ...] = ()
    ndim = 0

    @property
    def name(self) -> str:
        """What ``str(format)`` is."""
        return str(self)

    @property
    def base(self) -> Any:
        """The format itself: it is no array of another type."""
        return self

    def newbyteorder(self, new_order: str = "S", /) -> Any:
        """The format itself: files hold elements in an order of their own.

        Examples
        --------
        >>> import fxtypes as fx
        >>> fx.Format(12, 8).newbyteorder()
        Format(12, 8)
        """
        return self

    @property
    def __numpy_dtype__(self) -> NoReturn:
        """NumPy (2.4 and later) asks for a dtype of its own, and tells the user what we say."""
        raise TypeError(
            f"NumPy has no data type for {self!r}; fx.array(values, format) and "
            "fx.zeros(shape, format) make FixedArrays, a.to_numpy() is for libraries that compute "
            "with NumPy's types"
        )
