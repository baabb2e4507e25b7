"""The subscripts of einsum, read as NumPy reads them."""

import string
from functools import lru_cache

LETTERS = string.ascii_uppercase + string.ascii_lowercase
_LETTERS = frozenset(LETTERS)


def read(operands):
    """What einsum was called with as (subscripts, operands): text first, or sublists between.

    Raises
    ------
    ValueError
        If there is no operand, or a sublist holds a number that stands for no letter.
    TypeError
        If it holds something else.
    """
    if operands and isinstance(operands[0], str):
        text, *arrays = operands
        if not arrays:
            raise ValueError(f"einsum: no operand for {text!r}")
        return text, arrays
    if len(operands) < 2:
        raise ValueError("einsum takes subscripts and operands: einsum('ij,jk', a, b), or each "
                         "operand and its sublist: einsum(a, [0, 1], b, [1, 2])")  # fmt: skip
    pairs, wanted = operands[: len(operands) // 2 * 2], operands[len(operands) // 2 * 2 :]
    text = ",".join(map(_text, pairs[1::2]))
    return "->".join([text, *map(_text, wanted)]), list(pairs[::2])


def _text(sublist):
    if isinstance(sublist, str) or not hasattr(sublist, "__iter__"):
        raise TypeError(f"einsum: a sublist of subscripts is a list of integers, got {sublist!r}")
    return "".join(map(_letter, sublist))


def _letter(number):
    if number is Ellipsis:
        return "..."
    if isinstance(number, bool) or not hasattr(number, "__index__"):
        raise TypeError(f"einsum: a sublist holds integers and Ellipsis, got {number!r}")
    number = number.__index__()
    if not 0 <= number < len(LETTERS):
        raise ValueError(f"einsum: subscript {number} of a sublist is not from 0 to 51")
    return LETTERS[number]


@lru_cache(1024)
def labels(text, shapes):
    """The labels of each operand's axes, and of the result's.

    An axis that a letter names has that letter as its label; one under an ellipsis a negative
    number, -1 for the last.

    Raises
    ------
    ValueError
        If the subscripts are none, or don't fit the shapes.
    """
    given, arrow, wanted = text.replace(" ", "").partition("->")
    terms = given.split(",")
    if len(terms) != len(shapes):
        raise ValueError(f"einsum: {text!r} has subscripts of {len(terms)} operands, "
                         f"{len(shapes)} were given")  # fmt: skip
    inputs = tuple(_operand(text, *pair) for pair in zip(terms, shapes, strict=True))
    used = [label for labels in inputs for label in labels]
    dots = -min((label for label in used if isinstance(label, int)), default=0)
    if not arrow:
        once = sorted(label for label in set(used) if used.count(label) == 1 and label in _LETTERS)
        return inputs, (*range(-dots, 0), *once)
    before, ellipsis, after = _split(text, wanted)
    if dots and not ellipsis:
        raise ValueError(f"einsum: the output of {text!r} needs '...' for the {dots} axes that "
                         f"ellipses stand for; shapes {_show(shapes)}")  # fmt: skip
    output = (*before, *(range(-dots, 0) if ellipsis else ()), *after)
    for label in output:
        if label not in used:
            raise ValueError(f"einsum: subscript {label!r} of the output of {text!r} is none of "
                             "an operand's")  # fmt: skip
        if output.count(label) > 1:
            raise ValueError(f"einsum: the output of {text!r} has subscript {label!r} twice")
    return inputs, output


def _split(text, term):
    before, ellipsis, after = term.partition("...")
    for letter in before + after:
        if letter not in _LETTERS:
            raise ValueError(f"einsum: {letter!r} in {text!r} is no subscript: these are letters, "
                             "and '...' once a term")  # fmt: skip
    return before, ellipsis, after


def _operand(text, term, shape):
    before, ellipsis, after = _split(text, term)
    rest = len(shape) - len(before) - len(after)
    if rest < 0 or (rest and not ellipsis):
        raise ValueError(f"einsum: {term!r} of {text!r} names {len(shape) - rest} axes, the "
                         f"operand's shape is {shape}")  # fmt: skip
    return (*before, *range(-rest, 0), *after)


def _show(shapes):
    return " and ".join(map(str, shapes))


def sizes(name, inputs, shapes):
    """The length of each label's axes; those of length 1 broadcast.

    Raises
    ------
    ValueError
        If axes of one label have different lengths.
    """
    found = {}
    for labels, shape in zip(inputs, shapes, strict=True):
        own = {}
        for label, n in zip(labels, shape, strict=True):
            if own.setdefault(label, n) != n:
                raise ValueError(f"{name}: axes of lengths {own[label]} and {n} of the shape "
                                 f"{shape} have one subscript, {label!r}")  # fmt: skip
            if found.setdefault(label, n) == 1:
                found[label] = n
            elif n not in (1, found[label]):
                what = f"of subscript {label!r}" if isinstance(label, str) else "that broadcast"
                raise ValueError(f"{name}: axes {what} have lengths {found[label]} and {n}; "
                                 f"shapes {_show(shapes)}")  # fmt: skip
    return found
