"""save and load: what comes back is what went in, bit for bit, or is refused."""

import hashlib
import io
import json
import os
import random
import zipfile

import numpy as np
import pytest
from checks import raw_list
from examples import any_arrays, equal, extremes
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx
from fxtypes.interop.archive import read_archive, write_archive
from fxtypes.interop.atomic_write import atomic_write

BYTE = [8, 0, True, "floor", "wrap"]
Q = fx.Format(16, 8)


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
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    kinds = {
        b"hello\n": "a text file",
        b'{"a": 1}': "a JSON file",
        b"\x93NUMPY\x01\x00": "NumPy",
        b"\x89HDF\r\n": "HDF5",
        b"\x80\x05\x95": "a pickle",
        b"\x00\xff\xfe\x01": "an unknown kind",
        (tmp_path / "other.npz").read_bytes(): "a zip file",
    }
    for data, kind in kinds.items():
        (tmp_path / "other").write_bytes(data)
        with pytest.raises(fx.FileError, match=f"it is .*{kind}.*none that fxtypes") as caught:
            fx.load(tmp_path / "other")
        assert "truncated" not in str(caught.value)
        assert "save it anew" not in str(caught.value)
    (tmp_path / "other").write_bytes(b"")
    with pytest.raises(fx.FileError, match="truncated"):
        fx.load(tmp_path / "other")


def test_a_missing_folder_is_named(tmp_path):
    path = tmp_path / "missing" / "a.npz"
    for write in (lambda: fx.save(path, a=fx.zeros(1, Q)), lambda: fx.to_mem(path, fx.zeros(1, Q))):
        with pytest.raises(FileNotFoundError, match="no folder") as caught:
            write()
        assert caught.value.filename == str(path)
    (tmp_path / "missing").write_text("")  # a file where a folder should be
    with pytest.raises(NotADirectoryError) as caught:
        fx.save(path, a=fx.zeros(1, Q))
    assert caught.value.filename == str(path)


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


def test_saving_keeps_modes_links_and_devices(tmp_path):
    path, link = tmp_path / ("a" * 250), tmp_path / "link"
    fx.save(path, a=fx.ones(1, Q))
    path.chmod(0o600)
    link.symlink_to(path)
    fx.save(link, a=fx.zeros(1, Q))
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600
    assert fx.load(path)["a"] == 0
    with pytest.raises(OSError, match="regular file"):
        fx.save(os.devnull, a=fx.ones(1, Q))
    with pytest.raises(ValueError, match="name an array"):
        fx.save(path, **{"a" * 65533: fx.ones(1, Q)})


@pytest.mark.parametrize("text", [b"{'descr': (", b"'''", b"(((("])
def test_headers_that_no_tokenizer_reads(tmp_path, text):
    path = tmp_path / "a.npz"
    head = {"kind": "fxtypes arrays", "version": 1, "formats": {"a": [8, 0, True, "floor", "wrap"]}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.json", json.dumps(head))
        part = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text
        archive.writestr("a.npy", part)
        archive.comment = bytes(64)
    seal(path, path.read_bytes()[:-64])
    with pytest.raises(fx.FileError):
        fx.load(path)


def test_parts_that_overlap(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", bytes(1000))
        archive.comment = bytes(64)
    data = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x03\x04", 18), (b"PK\x01\x02", 20)):  # sizes in both headers
        at = data.index(signature) + place
        data[at : at + 8] = (5000).to_bytes(4, "little") * 2
    seal(path, data[:-64])
    with pytest.raises(fx.FileError, match="overlap"):
        fx.load(path)
