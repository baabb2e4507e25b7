"""Files and pickles: what comes back is what went in, bit for bit, or is refused."""

import copy
import hashlib
import io
import json
import os
import pickle
import random
import zipfile

import numpy as np
import pytest
from checks import fixed, raw_list
from hypothesis import given
from hypothesis import strategies as st
from strategies import formats, raw_lists, shapes

from examples import any_arrays, equal, extremes
import fxtypes as fx
from fxtypes.interop.archive import read_archive, write_archive
from fxtypes.interop.atomic_write import atomic_write

WIDTHS = (2, 8, 9, 16, 32, 33, 64, 65, 100, 128)


# -- save and load ------------------------------------------------------------------------


@given(given_arrays=st.dictionaries(st.text("abcé/._ 0", min_size=1), any_arrays(), max_size=4))
def test_save_and_load(tmp_path_factory, given_arrays):
    path = tmp_path_factory.mktemp("io") / "arrays"
    fx.save(path, **given_arrays)
    found = fx.load(path)
    assert list(found) == list(given_arrays)
    for name, array in given_arrays.items():
        assert equal(found[name], array)
    assert [p.name for p in path.parent.iterdir()] == ["arrays"]


def test_loaded_arrays_are_writable_and_their_own(tmp_path):
    a = extremes(100)
    fx.save(tmp_path / "a", a=a, path=a)
    found = fx.load(tmp_path / "a")
    found["a"][0] = 1
    assert equal(found["path"], a)
    assert list(found) == ["a", "path"]


def test_numpy_reads_the_words(tmp_path):
    a, wide = extremes(12), extremes(100)
    fx.save(tmp_path / "a.npz", a=a, wide=wide)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as archive:
        assert archive["a"].dtype == np.int16
        assert archive["a"].tolist() == a.raw.tolist()
        assert np.array_equal(archive["wide"], wide.words)
        header = json.loads(archive["header.json"])
    assert header["formats"]["a"] == [12, 3, True, "floor", "wrap"]


def test_the_same_arrays_give_the_same_bytes(tmp_path):
    for name in "ab":
        fx.save(tmp_path / name, x=extremes(16), y=extremes(128))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": np.zeros(3)}, TypeError, "'x' is of type ndarray"),
        ({"x": 1.5}, TypeError, "float"),
        ({"": extremes(8)}, ValueError, "''"),
        ({"a\0b": extremes(8)}, ValueError, "can't name"),
        ({"\ud800": extremes(8)}, ValueError, "can't name"),
    ],
)
def test_bad_arguments_leave_no_file(tmp_path, arguments, error, message):
    with pytest.raises(error, match=message):
        fx.save(tmp_path / "a", **arguments)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_opened_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        fx.load(tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        fx.load(tmp_path)
    with pytest.raises(FileNotFoundError):
        fx.save(tmp_path / "none" / "a", x=extremes(8))


@pytest.mark.parametrize("width", [16, 128])
def test_every_altered_or_missing_byte_is_noticed(tmp_path, width):
    path = tmp_path / "a"
    fx.save(path, x=extremes(width))
    whole = path.read_bytes()
    generator = random.Random(1)
    for index in range(len(whole)):
        data = bytearray(whole)
        data[index] ^= 1 << generator.randrange(8)
        path.write_bytes(data)
        with pytest.raises(fx.FileError, match="altered"):
            fx.load(path)
        path.write_bytes(whole[:index])
        with pytest.raises(fx.FileError, match="truncated"):
            fx.load(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(fx.FileError):
        fx.load(path)


def test_other_files_are_refused(tmp_path):
    for name, data in (("empty", b""), ("text", b"hello\n"), ("npy", b"\x93NUMPY\x01\x00")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(fx.FileError, match=name):
            fx.load(tmp_path / name)
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(fx.FileError, match="checksum"):
        fx.load(tmp_path / "other.npz")


def sealed(path, members, compression=zipfile.ZIP_STORED):
    """Write an archive of any members, with a sound checksum."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, compression)
        archive.comment = bytes(64)
    seal(path, buffer.getvalue()[:-64])


def seal(path, data):
    path.write_bytes(data + hashlib.sha256(data).hexdigest().encode())


def npy(array, **options):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, **options)
    return buffer.getvalue()


def header(formats, **changes):
    return json.dumps({"kind": "fxtypes arrays", "version": 1, "formats": formats} | changes)


BYTE = [8, 0, True, "floor", "wrap"]
ONE = npy(np.zeros(1, np.int8))
HUGE = npy(np.zeros((1, 1), np.int8)).replace(b"(1, 1), }        ", b"(999999999, 9), }")


@pytest.mark.parametrize(
    "members",
    [
        [],
        [("a.npy", ONE)],
        [("header.json", "")],
        [("header.json", "[]")],
        [("header.json", "{}")],
        [("header.json", "[" * 100_000)],
        [("header.json", header({}, kind="other"))],
        [("header.json", header({}, version=2))],
        [("header.json", header([]))],
        [("header.json", header(3))],
        [("header.json", header({"a": BYTE}))],
        [("header.json", header({})), ("a.npy", ONE)],
        [("header.json", header({"a": BYTE})), ("a.npy", ONE), ("a.npy", ONE)],
        [("header.json", header({"a": BYTE[:4]})), ("a.npy", ONE)],
        [("header.json", header({"a": [1, *BYTE[1:]]})), ("a.npy", ONE)],
        [("header.json", header({"a": [16, *BYTE[1:]]})), ("a.npy", ONE)],
        [("header.json", header({"a": [[], *BYTE[1:]]})), ("a.npy", ONE)],
        [("header.json", header({"a": [7, *BYTE[1:]]})), ("a.npy", npy(np.array([64], "i1")))],
        [("header.json", header({"a": BYTE})), ("a.npy", ONE[:-1])],
        [("header.json", header({"a": BYTE})), ("a.npy", ONE + b"\0")],
        [("header.json", header({"a": BYTE})), ("a.npy", HUGE)],
        [("header.json", header({"a": BYTE})), ("a.npy", ONE.replace(b"(1,)", b"(-1)"))],
        [("header.json", header({"a": BYTE})), ("a.npy", ONE.replace(b"|i1", b"|O8"))],
        [("header.json", header({"a": BYTE})), ("a.npy", ONE.replace(b"|i1", b"|V1"))],
        [("header.json", header({"a": BYTE})), ("a.npy", npy(np.zeros(1), version=(2, 0)))],
        [
            ("header.json", header({"a": BYTE})),
            ("a.npy", npy(np.array([{}], object), allow_pickle=True)),
        ],
        [("header.json", header({"a": [100, *BYTE[1:]]})), ("a.npy", npy(np.zeros(2, "u8")[:1]))],
        [
            ("header.json", header({"a": [100, *BYTE[1:]]})),
            ("a.npy", npy(np.array([[0, 1 << 35]], "u8"))),
        ],
        [
            ("header.json", header({"a": [100, 0, False, "floor", "wrap"]})),
            ("a.npy", npy(np.array([[0, 1 << 36]], "u8"))),
        ],
    ],
)
def test_archives_with_a_sound_checksum_are_checked_as_well(tmp_path, members):
    if len(members) == 3:
        with pytest.warns(UserWarning, match="Duplicate"):
            sealed(tmp_path / "a", members)
    else:
        sealed(tmp_path / "a", members)
    with pytest.raises(fx.FileError, match=r"'.*a' can't be loaded"):
        fx.load(tmp_path / "a")


def test_compressed_parts_are_refused(tmp_path):
    sealed(tmp_path / "a", [("header.json", header({}))], zipfile.ZIP_DEFLATED)
    with pytest.raises(fx.FileError, match="compressed"):
        fx.load(tmp_path / "a")


def test_random_damage_under_a_sound_checksum(tmp_path):
    fx.save(tmp_path / "a", x=extremes(16), y=extremes(100))
    whole = (tmp_path / "a").read_bytes()[:-64]
    generator = random.Random(2)
    for _ in range(1000):
        data = bytearray(whole)
        for _ in range(generator.randrange(1, 4)):
            data[generator.randrange(len(data))] = generator.randrange(256)
        seal(tmp_path / "b", data)
        try:
            found = fx.load(tmp_path / "b")
        except fx.FileError:
            continue
        for array in found.values():
            low, high = array.format.raw_min, array.format.raw_max
            assert all(low <= raw <= high for raw in raw_list(array))


def test_other_byte_orders_are_read(tmp_path):
    fmt = [16, 8, True, "nearest_even", "saturate"]
    sealed(
        tmp_path / "a",
        [("header.json", header({"a": fmt})), ("a.npy", npy(np.array([258], ">i2")))],
    )
    assert fx.load(tmp_path / "a")["a"].raw.tolist() == [258]


def test_archives_of_another_kind(tmp_path):
    write_archive(tmp_path / "a", "mine", 3, {"more": [1]}, {"x": extremes(8)})
    found, kept = read_archive(tmp_path / "a", "mine", 3)
    assert found["more"] == [1]
    assert equal(kept["x"], extremes(8))
    with pytest.raises(fx.FileError, match="'mine' version 3"):
        fx.load(tmp_path / "a")


# -- files that are written whole or not at all -------------------------------------------


def test_writes_bytes_and_text(tmp_path):
    with atomic_write(tmp_path / "a") as file:
        file.write(b"\x00\xff")
    with atomic_write(tmp_path / "b", text=True) as file:
        file.write("é\n")
    assert (tmp_path / "a").read_bytes() == b"\x00\xff"
    assert (tmp_path / "b").read_bytes() == "é\n".encode()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail():
        with atomic_write(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize(
    "write", [lambda p: fx.save(p, x=extremes(8)), lambda p: fx.to_mem(p, extremes(8))]
)
def test_a_failed_replacement_leaves_the_old_file(tmp_path, monkeypatch, write):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def no_replace(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", no_replace)
    with pytest.raises(OSError, match="no space"):
        write(path)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


# -- memory images ------------------------------------------------------------------------


@given(array=any_arrays(), radix=st.sampled_from(["hex", "bin"]))
def test_to_mem_and_from_mem(tmp_path_factory, array, radix):
    path = tmp_path_factory.mktemp("mem") / "rom"
    fx.to_mem(path, array, radix)
    found = fx.from_mem(path, array.format, radix)
    assert equal(found, array.reshape(-1))
    per_word = -(-array.format.width // 4) if radix == "hex" else array.format.width
    lines = path.read_text().splitlines()
    assert lines[0].startswith("// ")
    assert lines[1:] == [
        f"{raw % 2**array.format.width:0{per_word}{'x' if radix == 'hex' else 'b'}}"
        for raw in raw_list(array)
    ]


BYTES = fx.Format(8, 0, signed=False)


def read(tmp_path, text, fmt=BYTES, radix="hex"):
    path = tmp_path / "rom"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return raw_list(fx.from_mem(path, fmt, radix))


@pytest.mark.parametrize(
    ("text", "radix", "expected"),
    [
        ("1 2 ff", "hex", [1, 2, 255]),
        ("1\n2\r\nFf\t0a\f3", "hex", [1, 2, 255, 10, 3]),
        ("1// 2\n3 //", "hex", [1, 3]),
        ("1/* 2\n\n3 */4", "hex", [1, 4]),
        ("/**/1/***/ /* // */ 2 // /*\n3", "hex", [1, 2, 3]),
        ("// caf\u00e9\n1", "hex", [1]),
        ("1_0 f_ 0_0_0_1", "hex", [16, 15, 1]),
        ("000000000000000000000ff", "hex", [255]),
        ("@2 5 6 @0 1", "hex", [1, 0, 5, 6]),
        ("@a 1", "hex", [0] * 10 + [1]),
        ("@1 1 2 @1 3", "hex", [0, 3, 2]),
        ("@3", "hex", None),
        ("101 1111_0000 @A 1", "bin", [5, 240, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    ],
)
def test_images_of_others(tmp_path, text, radix, expected):
    if expected is None:
        with pytest.raises(fx.FileError, match="no words"):
            read(tmp_path, text, radix=radix)
    else:
        assert read(tmp_path, text, radix=radix) == expected


@pytest.mark.parametrize("width", WIDTHS)
def test_signed_words(tmp_path, width):
    fmt = fx.Format(width, 1)
    assert read(tmp_path, f"{2**width - 1:b} {2 ** (width - 1):b} 1", fmt, "bin") == [
        -1,
        fmt.raw_min,
        1,
    ]
    with pytest.raises(fx.FileError, match=f"line 3: .* needs more than {width} bits"):
        read(tmp_path, f"0\n\n{2**width:x}", fmt)


@pytest.mark.parametrize(
    ("text", "radix", "message"),
    [
        ("1\n0x 2", "hex", "line 2: '0x' has unknown digits"),
        ("/*\n\n*/ 1\nzz", "hex", "line 4: 'zz' has unknown digits"),
        ("1 ? 1", "bin", "line 1: '\\?' has unknown digits"),
        ("1 g", "hex", "line 1: 'g' is no hexadecimal word"),
        ("1 2", "bin", "line 1: '2' is no binary word"),
        ("_1", "hex", "line 1: '_1'"),
        ("-1", "hex", "line 1: '-1'"),
        ("1.5", "hex", "line 1: '1.5'"),
        ("1 @ 2", "hex", "'@' is no address"),
        ("1 @0x2 2", "hex", "is no address"),
        ("1 @1_0 2", "hex", "is no address"),
        ("1\n/* 2", "hex", "line 2: '/\\*' begins a comment that never ends"),
        ("1 /", "hex", "'/'"),
        ("@100000000 1", "hex", "beyond 32 bits"),
        ("100", "hex", "'100' needs more than 8 bits"),
        ("f" * 5000, "hex", "needs more than 8 bits"),
        ("", "hex", "no words"),
        ("// nothing", "hex", "no words"),
        (b"\xff\xfe1\x00", "hex", "line 1"),
        ("1\u0663", "hex", "line 1"),
        ("\u00a01", "hex", "line 1"),
    ],
)
def test_what_is_no_image_is_refused_by_line(tmp_path, text, radix, message):
    with pytest.raises(fx.FileError, match=message):
        read(tmp_path, text, radix=radix)


@pytest.mark.parametrize("radix", ["hex", "bin"])
def test_a_truncated_image_of_ours_is_refused(tmp_path, radix):
    path = tmp_path / "rom"
    fx.to_mem(path, extremes(12), radix)
    whole = path.read_bytes()
    for length in range(len(whole) - 1):  # without its last line end it is still whole
        path.write_bytes(whole[:length])
        with pytest.raises(fx.FileError):
            fx.from_mem(path, extremes(12).format, radix)


def test_an_image_of_ours_knows_its_words(tmp_path):
    path = tmp_path / "rom"
    fx.to_mem(path, extremes(12))
    with pytest.raises(fx.FileError, match=r"12 bits, hex.*16 bits, hex"):
        fx.from_mem(path, fx.Format(16, 3))
    with pytest.raises(fx.FileError, match="12 bits, bin"):
        fx.from_mem(path, fx.Format(12, 3), "bin")
    fx.to_mem(path, fx.zeros(0, fx.Format(12, 3)))
    assert fx.from_mem(path, fx.Format(12, 3)).shape == (0,)


def test_mem_arguments(tmp_path):
    with pytest.raises(ValueError, match="radix must be 'hex' or 'bin', got 'oct'"):
        fx.to_mem(tmp_path / "a", extremes(8), "oct")
    with pytest.raises(ValueError, match="radix"):
        fx.from_mem(tmp_path / "a", fx.Format(8, 0), ["hex"])
    with pytest.raises(TypeError, match="ndarray"):
        fx.to_mem(tmp_path / "a", np.zeros(3))
    with pytest.raises(TypeError, match="Format"):
        fx.from_mem(tmp_path / "a", 8)
    with pytest.raises(FileNotFoundError):
        fx.from_mem(tmp_path / "a", fx.Format(8, 0))


# -- pickle and copy ----------------------------------------------------------------------


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
