"""Functions that bring several arrays together, or values into an array's places.

Elements of the result's own format are moved as they are. Others are rounded once into it:
the formats of the operands make the result's as in `add`, over all of them.
"""

from functools import reduce

import numpy as np

from . import context, convert, dimensions, inputs, operands, plan
from .errors import FormatError
from .fixed_array import FixedArray, check_format
from .shaping import wrap, wrapped

__all__ = [
    "append",
    "block",
    "choose",
    "column_stack",
    "concatenate",
    "dstack",
    "hstack",
    "select",
    "stack",
    "vstack",
    "where",
]


def _meet(name, values, format):
    """Operands as (raw, format) each, and the result's format; one must be a FixedArray."""
    own = [v.format for v in values if isinstance(v, FixedArray)]
    if not own:
        raise TypeError(f"{name} needs a FixedArray among its operands; make one by fx.array")
    if format is not None:
        beside = result = check_format(format)
        if len(set(own)) == 1:
            beside = own[0]
    else:
        beside = result = reduce(plan.common_format, own)
    parts = [
        (v._storage, v.format) if isinstance(v, FixedArray) else operands.operand(v, beside)
        for v in values
    ]
    return parts, result


def beside(value, fmt):
    """An operand beside an array of a format as a FixedArray, if 128 bits hold its integers."""
    if isinstance(value, FixedArray):
        return value
    raw, found = operands.operand(value, fmt)
    return value if found is None else wrap(raw, found)


def gather(name, values, format, move):
    """Bring operands into one format and let NumPy move their elements.

    Where nobody draws, counts or raises, each operand is rounded into the result's format
    before its elements move. Else only those that get into the result may be: the parts meet in
    a format that holds them all, or as Fractions where there is none, and the outcome is
    converted once.
    """
    parts, result = _meet(name, values, format)
    formats = {fmt for _, fmt in parts}
    if formats == {result}:
        return wrap(move(*(raw for raw, _ in parts)), result)
    if _unseen(result):
        return wrap(move(*(_into(part, result) for part in parts)), result)
    try:
        if None in formats:
            raise FormatError
        meeting = reduce(plan.common_format, map(plan.exact, formats))
    except FormatError:
        exact = (raw if fmt is None else convert.to_fractions(raw, fmt) for raw, fmt in parts)
        moved = np.asarray(move(*exact), dtype=object)
        return wrap(convert.from_numbers(moved, result, name), result)
    moved = move(*(convert.cast(raw, fmt, meeting, "move") for raw, fmt in parts))
    return wrap(convert.cast(np.asarray(moved), meeting, result, name), result)


def _unseen(fmt):
    """Whether nothing tells of an element that is rounded into a format and left out."""
    seen = fmt.rounding == "stochastic" or fmt.overflow == "raise"
    return not seen and context.current.get().recorder is None


def _into(part, result):
    raw, fmt = part
    if fmt is None:
        return convert.from_numbers(raw, result, "move")
    # The lowest raw value leaves a symmetric range, as it does where somebody counts.
    kept = fmt is result and fmt.overflow != "saturate_symmetric"
    return raw if kept else convert.cast(raw, fmt, result, "move")


# -- joining ------------------------------------------------------------------------------


def concatenate(arrays, axis=0, format=None):
    """The arrays side by side along an existing axis (None: each read in C order).

    Parameters
    ----------
    arrays : sequence of FixedArray or array
        One of them a FixedArray; equal shapes but along `axis`.
    axis : int or None
    format : Format, optional
        The result's; without it as for `add`, over all arrays.

    Returns
    -------
    FixedArray
        A new array. Elements that don't have the result's format are rounded once into it.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1.5], fx.Format(8, 4))
    >>> fx.concatenate([a, fx.array([0.125], fx.Format(8, 6))])
    FixedArray([1.5  , 0.125], format=Format(10, 6))
    """
    return _join("concatenate", arrays, format, axis=axis)


def stack(arrays, axis=0, format=None):
    """The arrays, all of one shape, side by side along a new axis; formats as `concatenate`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> fx.stack([fx.array([1, 2], q), fx.array([3, 4], q)], axis=1)
    FixedArray([[1., 3.],
                [2., 4.]], format=Format(8, 4))
    """
    return _join("stack", arrays, format, axis=axis)


def hstack(tup, format=None):
    """The arrays side by side along the second axis (vectors: their only one).

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> fx.hstack([fx.array([1, 2], q), fx.array([3, 4], q)])
    FixedArray([1., 2., 3., 4.], format=Format(8, 4))
    """
    return _join("hstack", tup, format)


def vstack(tup, format=None):
    """The arrays one below the other; vectors are rows.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> fx.vstack([fx.array([1, 2], q), fx.array([3, 4], q)])
    FixedArray([[1., 2.],
                [3., 4.]], format=Format(8, 4))
    """
    return _join("vstack", tup, format)


def dstack(tup, format=None):
    """The arrays side by side along the third axis.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> fx.dstack([fx.array([1, 2], q), fx.array([3, 4], q)])
    FixedArray([[[1., 3.],
                 [2., 4.]]], format=Format(8, 4))
    """
    return _join("dstack", tup, format)


def column_stack(tup, format=None):
    """The arrays side by side along the second axis; vectors are columns.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> fx.column_stack([fx.array([1, 2], q), fx.array([3, 4], q)])
    FixedArray([[1., 3.],
                [2., 4.]], format=Format(8, 4))
    """
    return _join("column_stack", tup, format)


def _join(name, arrays, format, **kwargs):
    arrays = list(arrays)
    if not arrays:
        raise ValueError(f"{name} needs at least one array")
    function = getattr(np, name)
    return gather(name, arrays, format, lambda *raws: function(raws, **kwargs))


def append(arr, values, axis=None, format=None):
    """`values` after the elements of `arr`; without `axis` both are read in C order first.

    Examples
    --------
    >>> import fxtypes as fx
    >>> fx.append(fx.array([1, 2], fx.Format(8, 4)), [3, 4.5])
    FixedArray([1. , 2. , 3. , 4.5], format=Format(8, 4))
    """
    return gather(
        "append", [arr, values], format, lambda a, v: np.append(np.asarray(a), v, axis=axis)
    )


def block(arrays, format=None):
    """One array from nested lists of blocks, as `numpy.block` puts them together.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.ones((1, 2), fx.Format(8, 4))
    >>> fx.block([[a, a], [a, a * 2]])
    FixedArray([[1., 1., 1., 1.],
                [1., 1., 2., 2.]], format=Format(8, 4))
    """
    leaves = []

    def number(item):
        if isinstance(item, list):
            return [number(part) for part in item]
        leaves.append(item)
        return len(leaves) - 1

    tree = number(arrays)

    def build(item, raws):
        return [build(i, raws) for i in item] if isinstance(item, list) else raws[item]

    return gather("block", leaves, format, lambda *raws: np.block(build(tree, raws)))


# -- choosing -----------------------------------------------------------------------------


def where(condition, x=None, y=None, format=None):
    """Elements of `x` where `condition` is true, elsewhere of `y`.

    Parameters
    ----------
    condition : array of bool, or FixedArray (true where not 0)
    x, y : FixedArray or number or numpy.ndarray
        One of them a FixedArray; all three broadcast. Without both, the places where
        `condition` is true, as `numpy.nonzero` gives them.
    format : Format, optional
        The result's; without it as for `add`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, -2], fx.Format(8, 4))
    >>> fx.where(a > 0, a, 0.5)
    FixedArray([1. , 0.5], format=Format(8, 4))
    """
    inputs.refuse_masked(condition)
    mask = np.asarray(condition, dtype=bool)
    if x is None and y is None and format is None:
        return np.nonzero(np.atleast_1d(mask))
    if x is None or y is None:
        raise ValueError("where takes both x and y, or neither")
    numbers = not isinstance(x, FixedArray) and not isinstance(y, FixedArray)
    if isinstance(condition, FixedArray) and numbers and format is None:
        return np.where(mask, x, y)
    return gather("where", [x, y], format, lambda x, y: np.where(mask, x, y))


def select(condlist, choicelist, default=0, format=None):
    """Each element from the first of `choicelist` whose condition holds, else `default`.

    Formats as for `concatenate`, over `choicelist` and `default`.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.array([1, 2, 3], fx.Format(8, 4))
    >>> fx.select([a < 2, a > 2], [a, -a], default=0.5)
    FixedArray([ 1. ,  0.5, -3. ], format=Format(8, 4))
    """
    conditions = [np.asarray(c) for c in condlist]
    if any(condition.dtype != bool for condition in conditions):
        raise TypeError("select: conditions are arrays of booleans")
    if len(conditions) != len(choicelist):
        raise ValueError(
            f"select: {len(conditions)} conditions for {len(choicelist)} choices; give as many"
        )
    return gather(
        "select",
        [*choicelist, default],
        format,
        lambda *raws: _first_of(conditions, *raws),
    )


def _first_of(conditions, *choices):
    found = choices[-1]
    for condition, choice in zip(conditions[::-1], choices[-2::-1], strict=True):
        found = np.where(condition, choice, found)
    return found


def choose(a, choices, mode="raise", format=None):
    """Each element from the choice that the integer array `a` names there.

    Parameters
    ----------
    a : array of int
    choices : sequence of FixedArray or array, or one array (its first axis counts the choices)
        They broadcast with `a`; at most 64.
    mode : {"raise", "wrap", "clip"}
        What a number that names no choice does.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(8, 4)
    >>> fx.choose([1, 0], [fx.array([1, 2], q), fx.array([3, 4], q)])
    FixedArray([3., 2.], format=Format(8, 4))
    """
    if isinstance(a, FixedArray):
        raise TypeError("choose: the array that chooses holds integers, not fixed-point numbers")
    choices = list(choices)
    chooser = wrapped("choose", a, len(choices), mode)

    def move(*raws):
        return dimensions.elementwise(
            lambda i, *parts: np.choose(i, parts, mode=mode), [chooser, *raws]
        )

    return gather("choose", choices, format, move)
