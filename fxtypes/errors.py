"""The exceptions that fxtypes raises beyond Python's own."""


class FormatError(ValueError):
    """A number format that can't exist, can't be written, or can't be derived from two others.

    Examples
    --------
    >>> import fxtypes as fx
    >>> try:
    ...     fx.Format(129, 4)
    ... except fx.FormatError as error:
    ...     print(error)
    width must be from 2 to 128, got 129
    """


class FixedOverflowError(OverflowError):
    """A value did not fit into a format whose overflow mode is ``raise``.

    Also raised, in every mode, when a float operand does not fit into the format of the
    array that it meets.

    Examples
    --------
    >>> import fxtypes as fx
    >>> try:
    ...     fx.array(200, fx.Format(8, 0, overflow="raise"))
    ... except fx.FixedOverflowError as error:
    ...     print(error)
    convert: 1 of 1 element overflowed Format(8, 0, overflow='raise'), whose range is
    [-128, 127]; the first is 200
    """


class FileError(ValueError):
    """A file that is not what it should be: truncated, altered, or of another kind.

    Examples
    --------
    >>> import fxtypes as fx
    >>> with open("notes.npz", "w") as file:
    ...     _ = file.write("no archive")
    >>> try:
    ...     fx.load("notes.npz")
    ... except fx.FileError as error:
    ...     print(error)
    'notes.npz' can't be loaded: it is a text file, and none that fxtypes has written
    """
