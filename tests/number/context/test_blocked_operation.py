"""Work in blocks is one operation: the same bits, draws, counts and errors as without blocks."""

import numpy as np
import pytest

import fxtypes as fx
from fxtypes.context import blocks
from fxtypes.elementary import evaluate_rows

MODES = [
    {},
    {"rounding": "stochastic"},
    {"rounding": "stochastic", "overflow": "raise"},
    {"overflow": "wrap"},
]
SHAPES = [(61,), (7, 9), (2, 3, 11)]


def _vectors(a):
    return fx.take(a, [[0, 1, 2], [5, 3, 2], [4, 4, 6]])


CALLS = {
    "shift": lambda a, b, mask, n: fx.left_shift(a, n),
    "cube": lambda a, b, mask, n: fx.power(a, 3),
    "powers": lambda a, b, mask, n: fx.power(b, n),
    "round": lambda a, b, mask, n: fx.round(a, 1),
    "ceil": lambda a, b, mask, n: fx.ceil(a),
    "sign": lambda a, b, mask, n: fx.sign(a),
    "where": lambda a, b, mask, n: fx.multiply(a, b, where=mask),
    "broadcast": lambda a, b, mask, n: fx.add(a, b[..., :1], where=mask),
    "divmod": lambda a, b, mask, n: fx.divmod(a, b, where=mask)[1],
    "huge": lambda a, b, mask, n: fx.minimum(a, 1 << 200),
    "exp": lambda a, b, mask, n: fx.exp(a, where=mask),
    "sqrt": lambda a, b, mask, n: fx.sqrt(b),
    "floats": lambda a, b, mask, n: fx.array((a.to_numpy() / 7).astype(np.float32), a.format),
    "sum": lambda a, b, mask, n: fx.sum(a, -1, where=mask, format=fx.Format(9, 2)),
    "mean": lambda a, b, mask, n: fx.mean(a, 0, where=mask | (n > 1)),
    "var": lambda a, b, mask, n: fx.var(a, where=mask),
    "var of columns": lambda a, b, mask, n: fx.var(a, 0),
    "softmax of columns": lambda a, b, mask, n: fx.softmax(
        a / 8, 0, a.format.replace(frac_bits=a.format.width)
    ),
    "cross": lambda a, b, mask, n: fx.cross(_vectors(a), _vectors(b)),
    "cross in the first axis": lambda a, b, mask, n: fx.cross(_vectors(a), _vectors(b), axisc=0),
}


@pytest.mark.parametrize("modes", MODES, ids=str)
@pytest.mark.parametrize("text", ["ij,jk,kl->il", "ij,jk,kl->li", "ij,jk,kl,l->i", "j,jk,kl->l",
                                  "j,jk,k->", "ij,jk,kl,lm->im", "aij,ajk,kl->ial"])  # fmt: skip
def test_products_past_128_bits_in_blocks(monkeypatch, modes, text):
    rng = np.random.default_rng(5)
    sizes = dict(i=5, j=7, k=3, l=11, m=2, a=2)
    arrays = [
        fx.FixedArray.from_raw(
            rng.integers(-1 << 62, 1 << 62, [sizes[label] for label in labels]), fx.Format(64, 60)
        )
        for labels in text.split("->")[0].split(",")
    ]
    outcomes = []
    for size in (1 << 14, 1, 6, 40):
        monkeypatch.setattr(blocks, "OBJECTS", size)
        with fx.seeded(3), fx.record() as events:
            try:
                result = fx.einsum(text, *arrays, format=fx.Format(9, 4, **modes)).raw.tolist()
            except fx.FixedOverflowError as error:
                result = str(error)
        outcomes.append((result, events.by_operation))
    assert outcomes[1:] == outcomes[:1] * 3


@pytest.mark.parametrize("modes", MODES, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("width", [16, 100])
@pytest.mark.parametrize("transposed", [False, True])
def test_blocks_change_nothing(monkeypatch, modes, shape, width, transposed):
    fmt = fx.Format(width, 6, **modes)
    plain = fx.Format(width, 6)
    rng = np.random.default_rng(5)
    a = fx.FixedArray.from_raw(rng.integers(-3000, 3000, shape), plain).view_as(fmt)
    b = fx.FixedArray.from_raw(rng.integers(1, 300, shape), plain).view_as(fmt)
    mask, n = rng.random(shape) < 0.6, rng.integers(-2, 5, shape)
    operands = [x.T if transposed else x for x in (a, b, mask, n)]
    outcomes = []
    for size in (1 << 14, 4):
        monkeypatch.setattr(blocks, "SIZE", size)
        monkeypatch.setattr(blocks, "OBJECTS", size)
        monkeypatch.setattr(evaluate_rows, "_FEWEST_ROWS", size)
        found = {}
        for name, call in CALLS.items():
            with fx.seeded(3), fx.record() as events:
                try:
                    result = call(*operands)
                    found[name] = result.shape, result.raw.tolist(), events.by_operation
                except (ArithmeticError, ValueError) as error:
                    found[name] = repr(error), events.by_operation
        outcomes.append(found)
    for name in CALLS:
        assert outcomes[0][name] == outcomes[1][name], name
