"""Matrix products: the exact sum of products rounded once, or the accumulator's loop."""

import numpy as np

from . import plan, storage
from ._kernels import kernels


def matmul(a, a_format, b, b_format, result, accumulator=None):
    """The product of two stacks of matrices (or vectors) in storage; shapes as in np.matmul.

    Returns
    -------
    numpy.ndarray
        Storage of the format `result`.
    """
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError(f"matmul: a 0-d operand; shapes {a.shape} and {b.shape}; use * instead")
    left = a[np.newaxis] if a.ndim == 1 else a
    right = b[:, np.newaxis] if b.ndim == 1 else b
    if left.shape[-1] != right.shape[-2]:
        raise ValueError(f"matmul: inner lengths of shapes {a.shape} and {b.shape} differ")
    stack = _broadcast(left.shape[:-2], right.shape[:-2])
    if stack is None:
        raise ValueError(f"matmul: stacks of shapes {a.shape} and {b.shape} don't broadcast")
    left = np.broadcast_to(left, stack + left.shape[-2:])
    right = np.broadcast_to(right, stack + right.shape[-2:])
    inner = left.shape[-1]
    if accumulator is None:
        step, last = _exact(left, a_format, right, b_format, result, inner), None
    else:
        step, last = plan.accumulation(a_format, b_format, accumulator, result)
    out = kernels.product(step, last, left, right)
    if b.ndim == 1:
        out = out[..., 0]
    if a.ndim == 1:
        out = out[..., 0, :] if b.ndim > 1 else out[..., 0]
    return out


def _broadcast(x, y):
    """The shape that two broadcast to, or None; np.broadcast_shapes stops at 32 axes."""
    longer, shorter = (x, y) if len(x) >= len(y) else (y, x)
    start = len(longer) - len(shorter)
    pairs = list(zip(longer[start:], shorter, strict=True))
    if any(m != n and 1 not in (m, n) for m, n in pairs):
        return None
    return longer[:start] + tuple(n if m == 1 else m for m, n in pairs)


def _exact(left, a_format, right, b_format, result, inner):
    # The operands' real magnitudes, not their formats, decide how wide the sums must be.
    a_bits = kernels.magnitude_bits(_distinct(left), storage.code(a_format))
    b_bits = kernels.magnitude_bits(_distinct(right), storage.code(b_format))
    total = 1 << max(inner - 1, 0).bit_length()
    return plan.product(a_format, b_format, result, a_bits, b_bits, total)


def _distinct(raw):
    """A view of each element once, however often it was broadcast."""
    return raw[tuple(slice(None) if stride else slice(1) for stride in raw.strides)]
