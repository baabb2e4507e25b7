"""What `matmul` would do, and why."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..fixed_array.array import pair
from ..format import Format

if TYPE_CHECKING:
    from ..fixed_array.operand_types import OperandLike


class MatmulPlan(NamedTuple):
    """How a matrix product is computed: what `explain_matmul` returns.

    Attributes
    ----------
    path : str
        ``"blas"``: one float64 product, exact as every sum stays within 2**53; ``"slices"``:
        several such products of parts of the operands; ``"limbs"``: one to four products of
        int16; ``"karatsuba"``: three or six of those, of limbs of 11 bits and their
        differences; ``"low64"``: 32-bit products modulo 2**64, the high word from the operands'
        top bits; ``"residues"``: products modulo small numbers; ``"loops"``: direct integer
        loops. All give the same bits. (Those that are neither float64's nor loops need AVX2 or
        AVX-512.)
    why : str
        What makes the path exact.
    rows, inner, columns : int
        A product's shape; `products` of them are made.
    products : int
    a_bits, b_bits : int
        What the operands' largest magnitudes really need, the sign included.
    sum_bits : int
        What the exact sums need.
    result : Format
    threads : int
        How many of our own threads share the work.
    expected_seconds : float
        A rough guess for one thread of a common machine, of all products.
    others : dict of str to float or str
        Every other path: its expected seconds, or why it can't be taken.

    Examples
    --------
    >>> import fxtypes as fx
    >>> a = fx.ones((2, 3), fx.Format(16, 8))
    >>> print(fx.explain_matmul(a, a.T))
    (2, 3) @ (3, 2) -> Q7.8
    path:    loops: direct integer loops
    bits:    operands 10 and 10, sums 21
    expect:  about ... us on one thread, shared by 1
      blas: ...
    """

    path: str
    why: str
    rows: int
    inner: int
    columns: int
    products: int
    a_bits: int
    b_bits: int
    sum_bits: int
    result: Format
    threads: int
    expected_seconds: float
    others: dict[str, float | str]

    def __str__(self) -> str:
        stack = f"{self.products} products " if self.products != 1 else ""
        lines = [
            f"{stack}({self.rows}, {self.inner}) @ ({self.inner}, {self.columns}) -> {self.result}",
            f"path:    {self.path}: {self.why}",
            f"bits:    operands {self.a_bits} and {self.b_bits}, sums {self.sum_bits}",
            f"expect:  {_duration(self.expected_seconds)} on one thread, shared by {self.threads}",
        ]
        width = max(map(len, self.others), default=0) + 2
        for path, found in self.others.items():
            shown = _duration(found) if isinstance(found, float) else f"no: {found}"
            lines.append(f"  {path + ':':{width}}{shown}")
        return "\n".join(lines)


MatmulPlan.__module__ = "fxtypes"  # what pickles name


def explain_matmul(a: "OperandLike", b: "OperandLike", format: Format | None = None) -> MatmulPlan:
    """How `matmul` computes a product of these operands: a `MatmulPlan`, which prints well.

    The path depends on the operands' largest magnitudes, the shapes and the formats.
    The environment variable ``FXTYPES_GEMM`` forces or forbids paths: ``auto``, ``integer`` (no
    float64), or one of the paths' names; a path that wouldn't be exact is `ValueError`. Initial
    terms (``initial=`` of `matmul`) change no path.

    Parameters
    ----------
    a, b : FixedArray or numpy.ndarray
        As for `matmul`.
    format : Format, optional
        The result's.

    Raises
    ------
    ValueError
        If the shapes don't fit, or FXTYPES_GEMM forces a path that isn't exact here.

    Examples
    --------
    >>> import fxtypes as fx
    >>> q = fx.Format(16, 8)
    >>> fx.explain_matmul(fx.ones((4, 8), q), fx.ones((8, 2), q)).path
    'loops'
    """
    from ..products import matrix_product, paths  # late: products are a good part of the package

    parts: Any = pair("matmul", a, b, format)
    (x, x_format), (y, y_format), result = parts
    if x_format is None or y_format is None:
        raise OverflowError(
            "matmul: an operand's integers need more than 128 bits; use fx.array with a format"
        )
    left, right = matrix_product.as_matrices(x, y)
    found, p, q = matrix_product.choice(left, x_format, right, y_format)
    m, k, n = left.shape[-2], left.shape[-1], right.shape[-1]
    stack = int(np.prod(left.shape[:-2], dtype=object))
    others: dict[str, float | str] = {}
    for path in paths.PATHS:
        if path != found.path:
            try:
                others[path] = paths.choose(p, q, m, k, n, path).cost * stack / 1e9
            except paths.NotExactError as error:
                others[path] = error.reason
    return MatmulPlan(
        found.path, found.why, m, k, n, stack, p + 1, q + 1, paths.sum_bits(p, q, k), result,
        matrix_product.thread_count(found), found.cost * stack / 1e9, others,
    )  # fmt: skip


def _duration(seconds: float) -> str:
    scale, unit = next(
        (pair for pair in ((1.0, "s"), (1e3, "ms")) if seconds * pair[0] >= 1), (1e6, "us")
    )
    return f"about {seconds * scale:.3g} {unit}"
