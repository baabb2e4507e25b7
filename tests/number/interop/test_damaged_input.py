"""Random and damaged files, notations and pickled states: refused by the documented error, or
read as values of their format. Seeded, so that every run is the same."""

import pickle
import random
import string

import numpy as np
import pytest
from checks import fixed, raw_list

import fxtypes as fx

WIDTHS = (8, 13, 16, 32, 64, 65, 128)
MODES = {"rounding": "floor", "overflow": "wrap"}


def sample(width, shape=(5,), signed=True):
    fmt = fx.Format(width, 3, signed, **MODES)
    size = int(np.prod(shape))
    raws = [fmt.raw_min, fmt.raw_max, 0, 1, fmt.raw_max - 1] * (size // 5 + 1)
    return fixed(raws[:size], fmt, shape)


def sound(array):
    """Whether an array is one of its format: every raw value inside it, its size that of the
    shape, and its parts usable."""
    assert isinstance(array, fx.FixedArray)
    low, high = array.format.raw_min, array.format.raw_max
    assert all(low <= raw <= high for raw in raw_list(array))
    assert array.size == np.prod(array.shape, dtype=object)
    assert str(array)
    return True


def attempt(error, function, *args):
    """What a call gives; None where it refuses by that error, in a message of some length."""
    try:
        return function(*args)
    except error as caught:
        text = str(caught)
    assert 0 < len(text) < 500
    return None


def mutated(data, generator):
    """Bytes with a few changed, cut out, doubled or put in at random."""
    data = bytearray(data)
    for _ in range(generator.randrange(1, 5)):
        at = generator.randrange(len(data) + 1)
        length = generator.randrange(1, 9)
        kind = generator.randrange(4)
        if kind == 0 and at < len(data):
            data[at] = generator.randrange(256)
        elif kind == 1:
            del data[at : at + length]
        elif kind == 2:
            data[at:at] = data[at : at + length]
        else:
            data[at:at] = generator.randbytes(length)
    return bytes(data)


# --- files ----------------------------------------------------------------------------------


def test_random_bytes_are_no_archive(tmp_path):
    generator, path = random.Random(1), tmp_path / "a"
    starts = (b"", b"PK\x03\x04", b"PK\x05\x06", b"\x93NUMPY\x01\x00", b"\x80\x05")
    for _ in range(1000):
        path.write_bytes(generator.choice(starts) + generator.randbytes(generator.randrange(600)))
        with pytest.raises(fx.FileError):
            fx.load(path)


def test_damaged_archives(tmp_path):
    generator, path = random.Random(2), tmp_path / "a"
    for width in WIDTHS:
        fx.save(path, x=sample(width, (2, 3)), y=sample(width, (0, 2), False))
        whole = path.read_bytes()
        for _ in range(150):
            data = mutated(whole, generator)
            path.write_bytes(data)
            if data != whole:
                with pytest.raises(fx.FileError):
                    fx.load(path)
            path.write_bytes(whole[: generator.randrange(len(whole))])
            with pytest.raises(fx.FileError):
                fx.load(path)


@pytest.mark.parametrize("radix", ["hex", "bin"])
def test_random_bytes_are_no_memory_image(tmp_path, radix):
    generator, path = random.Random(3), tmp_path / "rom"
    fmt = fx.Format(13, 3)
    refused = 0
    for _ in range(1000):
        path.write_bytes(generator.randbytes(generator.randrange(200)))
        found = attempt(fx.FileError, fx.from_mem, path, fmt, radix)
        refused += found is None
        assert found is None or sound(found)
    assert refused > 900


@pytest.mark.parametrize("radix", ["hex", "bin"])
def test_random_words_as_a_memory_image(tmp_path, radix):
    generator, path = random.Random(4), tmp_path / "rom"
    tokens = [
        "0", "1", "01_1", "f", "1fff", "@0", "@3", "@fff", "@", "@@1", "//", "/*", "*/",
        "/", "\n", "\t", "x", "z", "?", "_", "1_", "-1", "0x1", "1.5", "\0", "\xff",
        "11111111111111", "@123456789",
        "// 2 words of 13 bits, hex, written by fxtypes\n",
        "// 2 words of 13 bits, bin, written by fxtypes\n",
    ]  # fmt: skip
    read = refused = 0
    for _ in range(1500):
        chosen = generator.choices(tokens, k=generator.randrange(6))
        text = generator.choice(["", " ", "\n"]).join(chosen)
        path.write_text(text, encoding="latin-1")
        fmt = fx.Format(generator.choice(WIDTHS), 3, generator.choice([True, False]))
        found = attempt(fx.FileError, fx.from_mem, path, fmt, radix)
        refused += found is None
        read += found is not None and sound(found)
    assert read > 50
    assert refused > 500


@pytest.mark.parametrize("radix", ["hex", "bin"])
@pytest.mark.parametrize("width", WIDTHS)
def test_damaged_memory_images(tmp_path, width, radix):
    generator, path = random.Random(5), tmp_path / "rom"
    array = sample(width, (6,))
    fx.to_mem(path, array, radix)
    whole = path.read_bytes()
    for _ in range(150):
        path.write_bytes(mutated(whole, generator))
        found = attempt(fx.FileError, fx.from_mem, path, array.format, radix)
        assert found is None or sound(found)
        path.write_bytes(whole[: generator.randrange(len(whole) - 1)])
        with pytest.raises(fx.FileError):
            fx.from_mem(path, array.format, radix)


def test_a_far_address_takes_no_more_than_its_words(tmp_path):
    path = tmp_path / "rom"
    path.write_text("@3fffff 7f")
    image = fx.from_mem(path, fx.Format(8, 0))
    assert (image.size, image.nbytes, int(image[-1])) == (2**22, 2**22, 127)


# --- notations ------------------------------------------------------------------------------

NOTATIONS = (
    "Q15.16", "UQ8.8", "ap_fixed<32,16,AP_RND_CONV,AP_SAT>", "ap_ufixed<8,4>",
    "ac_fixed<32,16,true,AC_RND_CONV,AC_SAT>", "sc_fixed<32,16,SC_RND_CONV,SC_SAT>",
    "sc_ufixed<12, 3>", "fixdt(1,32,16)",
)  # fmt: skip


def parsed(text):
    fmt = attempt(fx.FormatError, fx.Format.parse, text)
    if fmt is None:
        return False
    assert eval(repr(fmt), {"Format": fx.Format}) is fmt
    return True


def test_random_text_is_no_format():
    generator = random.Random(6)
    letters = string.printable + "<>,().-_QU\u0661\u00b2\uff11\U0001f40d\0"
    for _ in range(5000):
        text = "".join(generator.choices(letters, k=generator.randrange(30)))
        parsed(text)
        parsed(generator.choice(("Q", "UQ", "ap_fixed<", "fixdt(", "sc_fixed<")) + text)


def test_damaged_notations():
    generator = random.Random(7)
    fine = 0
    for _ in range(5000):
        text = generator.choice(NOTATIONS)
        fine += parsed(mutated(text.encode(), generator).decode("latin-1"))
        parsed(text[: generator.randrange(len(text))])
        parsed(text.replace(generator.choice("0123456789"), "9" * generator.randrange(30)))
    assert fine > 10
    for digits in (5000, 10**5):  # more than int() reads
        for text in (
            f"Q{'9' * digits}.1",
            f"fixdt(1,{'9' * digits},1)",
            f"ap_fixed<1,-{'9' * digits}>",
        ):
            with pytest.raises(fx.FormatError):
                fx.Format.parse(text)


@pytest.mark.parametrize("obj", [None, 3, 1.5, b"Q1.2", ["Q1.2"], {}, object(), fx.Format(8, 4)])
def test_what_is_no_text_is_no_format(obj):
    with pytest.raises(fx.FormatError, match="notation"):
        fx.Format.parse(obj)


# --- pickled states -------------------------------------------------------------------------

ODD = [
    None, True, False, 0, 1, -1, 8, 129, 2**70, 0.5, float("nan"), "", "floor", "wrap", "Q4.4", b"",
    b"12345", (), [], {}, {1}, (5,), [5], (2, 3), (6,), (-1,), (2**70,), ("5",), 1j, object, len,
    slice(3),
    np.int16(3), np.float64(5), np.zeros(5), np.zeros(5, bool), np.zeros((5, 2), np.uint64),
    np.zeros((5, 3), np.uint64), np.zeros(0, np.int8), np.zeros((), np.int16), np.array([None] * 5),
    np.zeros(5, "i2,i2"), np.zeros(5, "S2"), np.zeros(5, "M8[s]"), np.ma.zeros(5, np.int16),
    np.full(5, 2**15 - 1, np.int16), np.full((5, 2), 2**64 - 1, np.uint64),
    np.full(5, 200, np.uint8),
    np.zeros(10, np.int16)[::2], np.zeros(5, ">i2"), fx.Format(8, 4), fx.Format(64, 0, False),
    fx.Format(128, 3), fx.Format, fx.zeros(5, fx.Format(13, 3)),
]  # fmt: skip


def altered(state, generator):
    """A state with parts replaced, left out, doubled or exchanged at random."""
    state = list(state)
    for _ in range(generator.randrange(1, 4)):
        kind = generator.randrange(6)
        at = generator.randrange(len(state)) if state else 0
        if kind == 0 and state:
            del state[at]
        elif kind == 1:
            state.insert(at, generator.choice(ODD))
        elif kind == 2 and state:
            generator.shuffle(state)
        elif state:
            state[at] = generator.choice(ODD)
    return tuple(state)


@pytest.mark.parametrize("width", WIDTHS)
def test_altered_states_of_arrays(width):
    generator = random.Random(width)
    hook, state, *_ = sample(width).__reduce__()
    assert sound(hook(*state))
    refused = 0
    for _ in range(1500):
        found = attempt(ValueError, hook, *altered(state, generator))
        refused += found is None
        assert found is None or sound(found)
    assert refused > 1000


def test_altered_states_of_formats():
    generator = random.Random(9)
    for fmt in (fx.Format(13, 3, **MODES), fx.Format(128, -256, False), fx.Format(8, 4)):
        hook, state, *_ = fmt.__reduce__()
        assert hook(*state) is fmt
        refused = 0
        for _ in range(2000):
            found = attempt(ValueError, hook, *altered(state, generator))
            refused += found is None
            assert found is None or pickle.loads(pickle.dumps(found)) is found
        assert refused > 1000


def test_states_set_afterwards():
    for obj in (sample(8), fx.Format(8, 4)):
        before = repr(obj)
        for state in ODD:
            with pytest.raises(ValueError, match="altered"):
                obj.__setstate__(state)
        assert repr(obj) == before
