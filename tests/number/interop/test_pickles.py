"""Pickles and copies; altered pickles are refused."""

import copy
import pickle

import numpy as np
import pytest
from examples import any_arrays, equal, extremes
from hypothesis import given
from hypothesis import strategies as st
from strategies import formats

import fxtypes as fx

WIDTHS = (2, 8, 9, 16, 32, 33, 64, 65, 100, 128)
Q = fx.Format(8, 4)
WIDE = fx.Format(100, 4)


@given(array=any_arrays(), protocol=st.integers(0, pickle.HIGHEST_PROTOCOL))
def test_pickle(array, protocol):
    found = pickle.loads(pickle.dumps(array, protocol))
    assert equal(found, array)
    assert found.format is array.format


@given(array=any_arrays())
def test_copies_are_their_own(array):
    for copied in (copy.copy(array), copy.deepcopy(array), array.copy()):
        assert equal(copied, array)
        assert not np.shares_memory(copied.words, array.words)
    assert copy.deepcopy([array, array])[0].format is array.format


@given(fmt=formats())
def test_formats_pickle_to_themselves(fmt):
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(fmt, protocol)) is fmt
    assert copy.copy(fmt) is copy.deepcopy(fmt) is fmt


def altered(reduced, index, value):
    hook, state = reduced
    return hook, (*state[:index], value, *state[index + 1 :])


WORDS = [
    None,
    3,
    "x",
    [1, 2, 3, 4, 5],
    np.zeros(5),
    np.zeros(5, bool),
    np.zeros(5, object),
    np.zeros(5, np.uint16),
    np.zeros(5, "V2"),
    np.zeros((5, 3), np.uint64),
    np.array(3, np.uint64),
    np.zeros(4, np.int16),
    np.zeros((2, 5), np.int16),
    np.ma.zeros(5, np.int16),
    np.full(5, 2048, np.int16),
]


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("width", [12, 100])
def test_altered_words_are_refused(width, words):
    hook, state = altered(extremes(width).__reduce__(), 0, words)
    with pytest.raises(ValueError, match="altered"):
        hook(*state)


@pytest.mark.parametrize("shape", [None, 5, (4,), (5, 1), (), [5], ("5",), (5.5,), (-5,), (2**70,)])
@pytest.mark.parametrize("width", [12, 100])
def test_altered_shapes_are_refused(width, shape):
    hook, state = altered(extremes(width).__reduce__(), 1, shape)
    with pytest.raises(ValueError, match="altered"):
        hook(*state)


@pytest.mark.parametrize("fmt", [None, 12, "Q8.3", (12, 3), fx.Format(32, 3), fx.Format(11, 3)])
def test_altered_formats_are_refused(fmt):
    hook, state = altered(extremes(12).__reduce__(), 2, fmt)
    with pytest.raises(ValueError, match=r"altered|Format"):
        hook(*state)


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("width", WIDTHS)
def test_words_are_checked_to_the_last_value(width, signed):
    a = extremes(width, signed)
    hook, state = a.__reduce__()
    assert equal(hook(*state), a)
    size = max(8, 1 << (width - 1).bit_length())
    for raw in (a.format.raw_min - 1, a.format.raw_max + 1):
        bits = raw % 2**size
        limit = range(-(2 ** (size - 1)), 2 ** (size - 1)) if signed else range(2**size)
        if raw not in limit:
            continue
        words = state[0].copy()
        if size == 128:
            words[0] = bits % 2**64, bits >> 64
        else:
            words[0] = raw
        with pytest.raises(ValueError, match="outside"):
            hook(words, *state[1:])


@pytest.mark.parametrize(
    "fields",
    [
        (),
        (8,),
        (8, 4, True, "floor"),
        (8, 4, True, "floor", "wrap", 1),
        (1, 4, True, "floor", "wrap"),
        (8, 4.5, True, "floor", "wrap"),
        (8, 4, 1, "floor", "wrap"),
        (8, 4, True, [], "wrap"),
        (8, 4, True, "floor", None),
        ([], {}, (), set(), b""),
    ],
)
def test_an_altered_pickle_of_a_format_is_refused(fields):
    hook, _ = fx.Format(8, 4).__reduce__()
    with pytest.raises(fx.FormatError):
        hook(*fields)


def test_pickles_cannot_set_state_or_make_hollow_arrays():
    with pytest.raises(ValueError, match="altered"):
        extremes(8).__setstate__({"storage": 1})
    with pytest.raises(ValueError, match="altered"):
        fx.Format(8, 4).__setstate__((None, {"width": 3}))
    hollow = fx.FixedArray.__new__(fx.FixedArray)
    assert hollow.shape == (0,)
    assert repr(hollow) == "FixedArray([], format=Format(8, 0))"
    assert (hollow + hollow).shape == (0,)


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (0, 3)])
@pytest.mark.parametrize("fmt", [Q, WIDE])
def test_pickles_of_no_axes_and_of_nothing(fmt, shape):
    assert pickle.loads(pickle.dumps(fx.zeros(shape, fmt))).shape == shape
