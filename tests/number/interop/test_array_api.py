"""The Array API namespace; the public suite's verdict is in tests/README.md."""

import copy
import math
import pickle

import numpy as np
import pytest
from checks import raw_list

import fxtypes as fx

Q, WIDE = fx.Format(16, 8), fx.Format(100, 50, rounding="floor")

XP = fx.zeros(0, Q).__array_namespace__()

# https://data-apis.org/array-api/2025.12/API_specification/
STANDARD = """
    e inf nan newaxis pi
    arange asarray empty empty_like eye from_dlpack full full_like linspace meshgrid ones ones_like
    tril triu zeros zeros_like
    astype can_cast finfo iinfo isdtype result_type
    bool int8 int16 int32 int64 uint8 uint16 uint32 uint64
    abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_left_shift bitwise_invert
    bitwise_or bitwise_right_shift bitwise_xor ceil clip conj copysign cos cosh divide equal exp
    expm1 floor floor_divide greater greater_equal hypot imag isfinite isinf isnan less less_equal
    log log1p log2 log10 logaddexp logical_and logical_not logical_or logical_xor maximum minimum
    multiply negative nextafter not_equal positive pow real reciprocal remainder round sign signbit
    sin sinh square sqrt subtract tan tanh trunc
    take take_along_axis __array_namespace_info__
    matmul matrix_transpose tensordot vecdot
    broadcast_arrays broadcast_shapes broadcast_to concat expand_dims flip moveaxis permute_dims
    repeat reshape roll squeeze stack tile unstack
    argmax argmin count_nonzero nonzero searchsorted where
    isin unique_all unique_counts unique_inverse unique_values argsort sort
    cumulative_prod cumulative_sum max mean min prod std sum var
    all any diff
""".split()  # noqa: SIM905 - one list entry a line would be three pages


def test_every_name_of_the_standard_but_ieees_types():
    assert [name for name in STANDARD if not hasattr(XP, name)] == []
    assert set(STANDARD) <= {*dir(XP), "__array_namespace_info__"}
    for name in ("float32", "float64", "complex64", "complex128", "linalg", "fft"):
        assert not hasattr(XP, name)


def test_one_namespace_a_format():
    assert fx.ones(2, Q).__array_namespace__() is XP
    assert fx.ones(2, Q).__array_namespace__(api_version="2024.12") is XP
    assert fx.ones(2, WIDE).__array_namespace__() is not XP
    assert XP.__array_api_version__ == "2025.12"
    assert "Format(16, 8)" in repr(XP)
    with pytest.raises(ValueError, match=r"2030\.12"):
        fx.ones(2, Q).__array_namespace__(api_version="2030.12")


def test_creation_defaults_to_the_format():
    for made in (
        *(XP.zeros(3), XP.ones((2, 3)), XP.empty(2), XP.eye(2, 3, k=1), XP.full(2, 0.5)),
        *(XP.linspace(0, 1, 5), XP.arange(0.0, 2.0, 0.5), XP.asarray([0.5, 1])),
        *(XP.asarray(np.array([0.1])), XP.asarray("0.1"), XP.asarray([])),
    ):
        assert isinstance(made, fx.FixedArray)
        assert made.format is Q
    assert XP.eye(2, 3, k=1).tolist() == [[0, 1, 0], [0, 0, 1]]
    assert XP.arange(0.0, 2.0, 0.5).tolist() == [0, 0.5, 1, 1.5]
    assert XP.linspace(0, 1, 4, endpoint=False).tolist() == [0, 0.25, 0.5, 0.75]
    assert XP.zeros(3, dtype=WIDE).format is WIDE
    for made, dtype in (
        (XP.asarray([1, 2]), np.int64),
        (XP.asarray([True]), np.bool_),
        (XP.arange(3), np.int64),
        (XP.full(2, 3), np.int64),
        (XP.full(2, True), np.bool_),
        (XP.zeros(2, dtype=XP.int8), np.int8),
        (XP.asarray(np.array([1], np.uint8)), np.uint8),
        (XP.asarray(np.array([], bool)), np.bool_),
    ):
        assert isinstance(made, np.ndarray)
        assert made.dtype == dtype
    assert XP.asarray([1, 2], dtype=Q).format is Q
    a = XP.asarray([0.5, 1])
    assert XP.asarray(a) is a
    assert XP.asarray(a, copy=True) is not a
    assert XP.asarray([a, a]).shape == (2, 2)
    assert XP.asarray(a, dtype=XP.int64).tolist() == [0, 1]
    assert XP.full_like(a, 2).format is Q
    assert XP.zeros_like(a, dtype=XP.bool).dtype == bool
    for call in (
        lambda: XP.zeros(2, device="gpu"),
        lambda: XP.asarray([0.5], copy=False),
        lambda: XP.asarray(math.nan),
    ):
        with pytest.raises(ValueError, match=r"gpu|copy|NaN"):
            call()
    with pytest.raises(TypeError, match="DLPack"):
        XP.from_dlpack(a)
    assert XP.from_dlpack(np.array([0.5])).format is Q


def test_data_types():
    a = XP.asarray([-1.75, 1.75])
    assert XP.astype(a, WIDE).format is WIDE
    assert XP.astype(a, XP.int32).tolist() == [-1, 1]
    assert XP.astype(a, XP.bool).tolist() == [True, True]
    assert XP.astype(a, Q, copy=False) is a
    assert XP.astype(np.array([1, 2]), Q).format is Q
    assert XP.isdtype(Q, "real floating")
    assert XP.isdtype(Q, ("integral", "numeric"))
    assert XP.isdtype(Q, Q)
    assert not XP.isdtype(Q, WIDE)
    assert not XP.isdtype(Q, "integral")
    assert not XP.isdtype(XP.int8, Q)
    assert XP.isdtype(XP.int8, "signed integer")
    assert XP.result_type(a, fx.Format(12, 2)) == Q.replace(width=18)
    assert XP.result_type(a, XP.int8, 3) is Q
    assert XP.result_type(XP.int8, XP.int16) == np.int16
    assert XP.can_cast(fx.Format(8, 4), Q)
    assert not XP.can_cast(Q, fx.Format(8, 4))
    assert not XP.can_cast(Q, WIDE)  # other modes
    assert not XP.can_cast(Q, XP.int8)
    assert XP.can_cast(XP.int8, XP.int16)
    assert XP.finfo(a).eps == 2.0**-8
    assert (XP.finfo(Q).min, XP.finfo(Q).bits) == (-128, 16)
    assert XP.iinfo(XP.int8).max == 127
    with pytest.raises(TypeError, match="format"):
        XP.finfo(XP.int8)


def test_inspection():
    info = XP.__array_namespace_info__()
    assert info.capabilities()["boolean indexing"] is True
    assert info.devices() == (info.default_device(),)
    assert info.default_dtypes()["real floating"] is Q
    assert info.dtypes(kind="real floating") == {"format": Q}
    assert set(info.dtypes(kind="unsigned integer")) == {"uint8", "uint16", "uint32", "uint64"}
    a = XP.ones(2)
    assert complex(a[0]) == 1
    assert a.device == "cpu"
    assert a.to_device("cpu") is a
    with pytest.raises(ValueError, match="gpu"):
        a.to_device("gpu")
    assert XP.ones((2, 3)).mT.shape == (3, 2)


@pytest.mark.parametrize("fmt", [Q, WIDE], ids=str)
def test_functions_serve_fixed_arrays_and_integers(fmt):
    xp = fx.zeros(0, fmt).__array_namespace__()
    plain = np.array([[3, 1, 2], [1, 1, 5]])
    a = xp.asarray(plain, dtype=fmt)
    for name in ("sort", "argsort"):
        for descending in (False, True):
            for axis in (0, 1):
                ours, numpys = (
                    getattr(xp, name)(x, axis=axis, descending=descending) for x in (a, plain)
                )
                assert np.array_equal(np.asarray(ours), numpys)
    assert np.array_equal(xp.cumulative_sum(plain, axis=1), np.cumsum(plain, axis=1))
    for x in (a, plain):
        found = xp.cumulative_sum(x, axis=1, include_initial=True)
        assert found.tolist() == [[0, 3, 4, 6], [0, 1, 2, 7]]
        found = xp.cumulative_prod(x, axis=0, include_initial=True)
        assert found.tolist() == [[1, 1, 1], [3, 1, 2], [3, 1, 10]]
        assert [part.tolist() for part in xp.unstack(x, axis=1)] == [[3, 1], [1, 1], [2, 5]]
        assert xp.matrix_transpose(x).shape == (3, 2)
        assert xp.take_along_axis(x, xp.argsort(x)).tolist() == [[1, 2, 3], [1, 1, 5]]
        with pytest.raises(ValueError, match="axis"):
            xp.cumulative_sum(x)
    assert xp.concat([a, a]).format is fmt
    assert xp.permute_dims(a, (1, 0)).format is fmt
    assert xp.abs(-a).tolist() == plain.tolist()
    assert xp.sqrt(xp.asarray([4.0])).tolist() == [2]
    assert raw_list(xp.pow(a, 2)) == raw_list(a * a)
    assert xp.mean(a, axis=1, keepdims=True).shape == (2, 1)
    assert xp.var(a, correction=1).format is fmt
    for name in ("sqrt", "exp", "mean", "divide"):
        with pytest.raises(TypeError, match="FixedArray"):
            getattr(xp, name)(*(plain, plain)[: 2 if name == "divide" else 1])
    for name, ours in (("sin", fx.sin), ("atan", fx.arctan), ("log2", fx.log2), ("sinh", fx.sinh)):
        assert raw_list(getattr(xp, name)(a)) == raw_list(ours(a))
    assert raw_list(xp.atan2(a, a)) == raw_list(fx.arctan2(a, a))
    assert raw_list(xp.pow(a, a)) == raw_list(fx.power(a, a))
    with pytest.raises(TypeError, match="refuses"):
        xp.nextafter(a, a)


def test_what_2025_12_added():
    a = XP.asarray([[1.5, 2], [0.25, -1]])
    for x1, x2 in ((a, XP.asarray([2, 0.25])), (a.to_numpy(), XP.asarray([0.25, 2]))):
        assert XP.isin(x1, x2).tolist() == [[False, True], [True, False]]
        assert XP.isin(x1, x2, invert=True).tolist() == [[True, False], [False, True]]
    for found, wanted in ((XP.isin(2, a), True), (XP.isin(a[0, 0], 3), False)):
        assert isinstance(found, np.ndarray)
        assert (found.shape, found.dtype, found.item()) == ((), np.bool_, wanted)
    assert XP.broadcast_shapes((2, 1), (3,)) == (2, 3)
    assert XP.broadcast_shapes() == ()
    with pytest.raises(ValueError, match="shape"):
        XP.broadcast_shapes((2,), (3,))
    for many in (XP.broadcast_arrays(a, a[0]), XP.meshgrid(a[0], a[1])):
        assert isinstance(many, tuple)
        assert [x.shape for x in many] == [(2, 2)] * 2
    assert XP.expand_dims(a, axis=(0, 2)).shape == (1, 2, 1, 2)
    assert raw_list(XP.permute_dims(a, (-1, 0))) == raw_list(a.T)
    assert XP.searchsorted(XP.asarray([1.0, 2.0]), 1.5).tolist() == 1


@pytest.mark.parametrize("name", ["zeros_like", "full_like", "from_dlpack", "cumulative_sum"])
def test_what_is_no_array(name):
    for other in (3, "text", None):
        with pytest.raises(TypeError, match=f"{name} takes"):
            getattr(XP, name)(other, *(1,) * (name == "full_like"))


def test_namespaces_are_copied_and_pickled():
    xp = fx.zeros(1, Q).__array_namespace__()
    assert copy.copy(xp) is copy.deepcopy(xp) is pickle.loads(pickle.dumps(xp)) is xp
    with pytest.raises(ValueError, match="kind"):
        xp.isdtype(Q, "foo")
