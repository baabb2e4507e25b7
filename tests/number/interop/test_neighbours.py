"""Other libraries' arrays beside FixedArrays: every row of docs/neighbours.md."""

import pickle
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from checks import raw_list

import fxtypes as fx

PAGE = Path(__file__).resolve().parents[3] / "docs" / "neighbours.md"
ROW = re.compile(r"\| `(.+)` \| (\w+) \| `(.+)` \|")
# Errors that say what to do, and those that the library itself raises before it asks us.
OURS = r"(to_numpy|toarray|compute)\(\)|take its \.real"
THEIRS = {
    "x.where(x > 1)",
    "x.shift(c=1)",
    "x.reindex(c=[2, 3])",
    "x.rolling(c=2).sum()",
    "x.interp(c=0.5)",
    "xr.corr(x, x)",
    "frame / a",
    "pd.concat([s, v])",
    "m @ v",
}
ASKS = np.lib.NumpyVersion(np.__version__) >= "2.4.0"  # NumPy asks for `__numpy_dtype__`
KINDS = {"booleans": "b", "integers": "iu", "float64": "f"}


def chapters():
    """(title, the code before it and its own, rows) of each chapter with a table."""
    shared, *rest = PAGE.read_text(encoding="utf-8").split("\n## ")
    for chapter in rest:
        code = [
            c for part in (shared, chapter) for c in re.findall(r"```python\n(.*?)```", part, re.S)
        ]
        title = chapter.splitlines()[0]
        lines = [line for line in chapter.splitlines() if line.startswith("| `")]
        for line in lines:
            yield pytest.param("\n".join(code), line, id=f"{title}-{line.split('`')[1]}")


def plain(value):
    """A container's own array."""
    return getattr(value, "data", value) if type(value).__module__.startswith("xarray.") else value


@pytest.mark.parametrize(("code", "line"), list(chapters()))
def test_the_table(code, line, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for library in re.findall(r"^import (\w+)", code, re.M):
        pytest.importorskip(library)
    expression, gives, other = ROW.fullmatch(line).groups()
    names = {"pickle": pickle}
    exec(code, names)
    if gives.endswith("Error"):
        ours = OURS if ASKS and expression not in THEIRS else None
        with pytest.raises(ValueError if gives == "ValueError" else TypeError, match=ours):
            eval(expression, names)
        eval(other, names)
        return
    found, wanted = plain(eval(expression, names)), eval(other, names)
    if gives == "FixedArray":
        assert isinstance(found, fx.FixedArray)
        assert (found.format, found.shape) == (wanted.format, wanted.shape)
        assert raw_list(found) == raw_list(wanted)
    else:
        found = np.asarray(found)
        assert found.dtype.kind in KINDS[gives]
        assert found.tolist() == np.asarray(wanted).tolist()


@pytest.mark.parametrize(("width", "size"), [(2, 1), (8, 1), (9, 2), (17, 4), (64, 8), (65, 16)])
def test_a_format_answers_as_a_dtype_of_bytes(width, size):
    fmt, bytes_ = fx.Format(width, 1), np.dtype(f"V{size}")
    assert fmt.itemsize == bytes_.itemsize == fx.zeros(1, fmt).itemsize
    for name in (
        *("kind", "char", "num", "type", "hasobject", "names", "fields", "subdtype", "metadata"),
        *("shape", "ndim", "isnative", "byteorder"),
    ):
        assert getattr(fmt, name) == getattr(bytes_, name), name
    assert fmt.name == str(fmt)
    assert fmt.base is fmt.newbyteorder("<") is fmt
    with pytest.raises(AttributeError, match="replace"):
        fmt.kind = "f"


@pytest.mark.skipif(not ASKS, reason="this NumPy doesn't ask what to say")
def test_numpy_has_no_such_data_type():
    fmt = fx.Format(16, 8)
    a = fx.ones(3, fmt)
    for call in (
        lambda: np.zeros(3, dtype=fmt),
        lambda: np.array([1.5], dtype=a.dtype),
        lambda: np.ones(3).astype(fmt),
        lambda: np.dtype(fmt),
        lambda: np.issubdtype(fmt, np.floating),
    ):
        with pytest.raises(TypeError, match=r"no data type for Format\(16, 8\).*fx\.array\(values"):
            call()


def test_the_namespace_has_numpys_functions_too():
    a = fx.array([[1, 2], [3, 4]], fx.Format(16, 8))
    xp = a.__array_namespace__()
    assert raw_list(xp.einsum("ij->i", a)) == raw_list(a.sum(axis=1))
    assert raw_list(xp.cumsum(a, axis=0)) == raw_list(a.cumsum(axis=0))
    assert xp.pad(a, 1).shape == (4, 4)
    assert not hasattr(xp, "linalg")
    assert not hasattr(xp, "nonsense")


@pytest.mark.parametrize("bits", [8, 53, 54, 64, 65, 128, 200])
@pytest.mark.parametrize("frac_bits", [0, 20, -3])
def test_apytypes_arrays_are_read_by_their_bits(bits, frac_bits):
    ap = pytest.importorskip("apytypes")
    rng = np.random.default_rng(bits)
    low, high = -(1 << bits - 1), (1 << bits - 1) - 1
    raws = [low, low + 1, -1, 0, 1, high - 1, high]
    raws += [int.from_bytes(rng.bytes(26)) % (1 << bits) + low for _ in range(5)]
    array = ap.APyFixedArray([raws[:6], raws[6:]], bits=bits, frac_bits=frac_bits)
    unit = Fraction(2) ** -frac_bits
    wanted = [raw * unit for raw in raws]
    if bits <= 128:
        same = fx.Format(bits, frac_bits)
        assert raw_list(fx.array(array, same)) == raws
        assert raw_list(fx.zeros(array.shape, same) - array) == [
            max(min(-raw, high), low) for raw in raws
        ]
        assert raw_list(fx.array([*array[0]], same)) == raws[:6]
    for rounding in ("floor", "nearest_even"):
        narrow = fx.Format(40, 7, rounding=rounding)
        assert raw_list(fx.array(array, narrow)) == raw_list(fx.array(wanted, narrow).reshape(2, 6))
    a = fx.zeros(array.shape, fx.Format(100, 50))
    assert np.array_equal(a < array, np.array([value > 0 for value in wanted]).reshape(2, 6))


def test_apytypes_floats_are_exact_and_theirs_are_infinite():
    ap = pytest.importorskip("apytypes")
    fmt = fx.Format(128, 100)
    third = ap.APyFloat.from_float(1.0, 15, 60) / ap.APyFloat.from_float(3.0, 15, 60)
    assert raw_list(fx.array(third, fmt)) == raw_list(fx.array(third.to_fraction(), fmt))
    assert raw_list(fx.array([third, 1], fmt))[0] != raw_list(fx.array(float(third), fmt))[0]
    infinities = ap.APyFloatArray.from_float([np.inf, -np.inf], 10, 60)
    assert raw_list(fx.array(infinities, fmt)) == [fmt.raw_max, fmt.raw_min]
    nan = ap.APyFloat.from_float(np.nan, 10, 60)
    with pytest.raises(ValueError, match="NaN"):
        fx.array(nan, fmt)
    assert np.array_equal(fx.zeros(2, fmt) == nan, [False, False])
    assert np.array_equal(fx.zeros(2, fmt) != nan, [True, True])
