"""Results made box by box, each element rounded once, as one operation."""

from ..context import blocked_operation, blocks
from ..format import derived


def fill(out, fmt, boxes):
    """Compute boxes of a result, a part at a time.

    Parameters
    ----------
    out : numpy.ndarray
        Storage of `fmt`, contiguous in C order; what no box covers stays.
    fmt : Format
    boxes : iterable of (tuple of slice, callable)
        Where a box lies: slices with both their ends. ``compute(places)`` makes storage for a part
        of it; it takes one operation's step and makes its report.
    """
    with blocked_operation.blocked(out.shape) as operation:
        for box, compute in boxes:
            for places in _parts(box, derived.depends_on_index(fmt)):
                bytes_before = sum(p.start * n for p, n in zip(places, out.strides, strict=True))
                operation.start_at(bytes_before // out.itemsize)
                out[places] = compute(places)


def _parts(box, in_rows):
    """A box in parts of one block at most; `in_rows`: whose elements follow each other in C order.

    Without elements it is one part.
    """
    shape = tuple(place.stop - place.start for place in box)
    size = min(blocks.SIZE, shape[-1]) if in_rows else blocks.SIZE
    for key in blocks.cut(shape, size):
        cut = key[:-1]
        yield (
            *(
                slice(place.start + part.start, min(place.start + part.stop, place.stop))
                for place, part in zip(box, cut, strict=False)
            ),
            *box[len(cut) :],
        )
