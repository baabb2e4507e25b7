"""The exceptions that fxtypes raises beyond Python's own."""


class FormatError(ValueError):
    """A number format that can't exist, can't be written, or can't be derived from two others."""


class FixedOverflowError(OverflowError):
    """A value did not fit into a format whose overflow mode is ``raise``.

    Also raised, in every mode, when a float operand does not fit into the format of the
    array that it meets.
    """


class FileError(ValueError):
    """A file that is not what it should be: truncated, altered, or of another kind."""
