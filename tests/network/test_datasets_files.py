"""Data sets of one's own: IDX folders, .npz and tables, and everything wrong with them."""

import gzip
import io
import os
import re
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import fxtypes as fx
from fxtypes_nn import DatasetError, datasets

# IDX


def idx(array):
    """An IDX file of uint8."""
    header = struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def write_idx(folder, *, prefix="", test="t10k", packed=False, labels=(0, 1, 2, 11), shape=(3, 5)):
    """Four files whose pixels count on from 0; returns the images of both parts."""
    folder.mkdir(exist_ok=True)
    images = [np.arange(4 * 15).reshape(4, *shape), 100 + np.arange(2 * 15).reshape(2, *shape)]
    for part, x, y in (("train", images[0], labels), (test, images[1], labels[:2])):
        for kind, array in (("images-idx3", x), ("labels-idx1", np.array(y))):
            name, data = f"{prefix}{part}-{kind}-ubyte", idx(array)
            if packed:
                name, data = name + ".gz", gzip.compress(data)
            (folder / name).write_bytes(data)
    return images


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("prefix", "test"), [("", "t10k"), ("emnist-letters-", "test")])
@pytest.mark.parametrize("as_given", [str, Path])
def test_an_idx_folder(tmp_path, packed, prefix, test, as_given):
    train, held = write_idx(tmp_path / "own", prefix=prefix, test=test, packed=packed)
    data = datasets.load(as_given(tmp_path / "own"))
    assert data.x_train.tolist() == train.reshape(4, 15).tolist()
    assert data.x_test.tolist() == held.reshape(2, 15).tolist()
    assert data.x_train.dtype == data.x_test.dtype == np.uint8
    assert (data.y_train.tolist(), data.y_test.tolist()) == ([0, 1, 2, 11], [0, 1])
    assert data.y_train.dtype == data.y_test.dtype == np.int64
    assert data.classes == tuple(map(str, range(12)))
    assert (data.name, data.maximum, data.image_shape) == ("own", 255, (3, 5))


def test_idx_labels_from_one_on(tmp_path):
    write_idx(tmp_path, labels=(26, 1, 7, 7))
    data = datasets.load(tmp_path)
    assert (data.y_train.tolist(), data.y_test.tolist()) == ([2, 0, 1, 1], [2, 0])
    assert data.classes == ("1", "7", "26")


def test_published_files_may_be_unpacked(tmp_path):
    folder = tmp_path / "mnist"
    write_idx(folder, packed=True, shape=(15, 1))
    for name in datasets.idx.FILES:
        part = 5 if "train" in name else 2
        size = (part, 28, 28) if "images" in name else (part,)
        (folder / name).write_bytes(idx(np.full(size, 9)))  # goes before the packed one
    data = datasets.load("mnist", tmp_path)
    assert (data.x_train.shape, data.x_test.shape) == ((5, 784), (2, 784))
    assert data.classes == tuple("0123456789")


def refused(path, message, **options):
    with pytest.raises(DatasetError, match=message) as caught:
        datasets.load(path, **options)
    assert str(path) in str(caught.value)


def test_idx_folders_that_are_none(tmp_path):
    refused(tmp_path, "train-images-idx3-ubyte.gz is missing; an IDX folder holds four files")
    (tmp_path / "letter.npz").write_bytes(b"")
    refused(tmp_path, r"is missing; .*; there are letter.npz: an .npz or a table is loaded by its")
    for i in range(6):
        (tmp_path / f"a{i}").write_bytes(b"")
    refused(tmp_path, "there are a0, a1, a2, a3, a4, ...: an .npz")
    write_idx(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    refused(tmp_path, "train-labels-idx1-ubyte.gz is missing")
    write_idx(tmp_path, prefix="kmnist-")
    refused(tmp_path, "holds kmnist-t10k-images-idx3-ubyte and t10k-images-idx3-ubyte; give each")


def test_idx_parts_that_do_not_go_together(tmp_path):
    write_idx(tmp_path)
    path = tmp_path / "t10k-images-idx3-ubyte"
    path.write_bytes(idx(np.zeros((2, 5, 3))))
    refused(tmp_path, r"t10k-images-idx3-ubyte is damaged: .* shape \(5, 3\), not \(3, 5\)")
    path.write_bytes(idx(np.zeros((3, 3, 5))))
    refused(tmp_path, "3 images .* 2 labels")
    path.write_bytes(idx(np.zeros((2, 3, 5)))[:-1])
    refused(tmp_path, "announces 30 bytes and it has 29")
    path.write_bytes(struct.pack(">4I", 0x0803, 2**32 - 1, 2**32 - 1, 2**32 - 1))
    refused(tmp_path, "announces 79228162458924105385300197375 bytes")
    path.write_bytes(struct.pack(">4I", 0x0D03, 2, 3, 5))
    refused(tmp_path, "header starts 0x00000d03, not 0x00000803")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", datasets.idx.FILES)
def test_a_damaged_count_makes_no_room(tmp_path, name, packed):
    write_idx(tmp_path, packed=packed)
    path = tmp_path / (name + ".gz" * packed)
    whole = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    tracemalloc.start()
    try:
        for bit in range(8 * 4, 8 * (16 if "images" in name else 8)):
            data = bytearray(whole)
            data[bit // 8] ^= 128 >> bit % 8
            path.write_bytes(gzip.compress(bytes(data)) if packed else data)
            refused(tmp_path, r"announces \d+ bytes|says 0 items|labels; take both|of shape")
        assert tracemalloc.get_traced_memory()[1] < 2**23
    finally:
        tracemalloc.stop()


def test_an_idx_file_that_finds_no_room(tmp_path, monkeypatch):
    write_idx(tmp_path)

    def no_room(*_):
        raise MemoryError

    monkeypatch.setattr(datasets.idx.np, "empty", no_room)
    refused(tmp_path, "there is no room for the 60 bytes that its header announces")


@pytest.mark.parametrize("change", [lambda data: b"", lambda data: data[:-1], lambda data: b"\1\2"])
def test_an_unpacked_file_beside_a_packed_one_is_read(tmp_path, change):
    write_idx(tmp_path, packed=True)
    write_idx(tmp_path)
    for path in tmp_path.glob("*.gz"):
        path.write_bytes(change(path.read_bytes()))
    assert len(datasets.load(tmp_path).x_train) == 4


def test_a_packed_file_without_the_ending_is_read(tmp_path):
    write_idx(tmp_path, packed=True)
    for path in tmp_path.glob("*.gz"):
        path.rename(path.with_suffix(""))
    assert len(datasets.load(tmp_path).x_train) == 4


def test_folders_as_kmnist_and_emnist_are_published(tmp_path):
    # KMNIST: MNIST's names. EMNIST letters: a prefix, and labels from 1 to 26.
    train, _ = write_idx(tmp_path / "kmnist", packed=True, labels=(9, 0, 3, 5))
    data = datasets.load(tmp_path / "kmnist")
    assert (data.name, data.x_train.tolist()) == ("kmnist", train.reshape(4, 15).tolist())
    assert data.classes == tuple("0123456789")
    letters = tmp_path / "emnist"
    write_idx(letters, packed=True, prefix="emnist-letters-", test="test", labels=(1, 26, 2, 1))
    data = datasets.load(letters)
    assert (data.y_train.tolist(), data.y_test.tolist()) == ([0, 2, 1, 0], [0, 2])
    assert data.classes == ("1", "2", "26")
    # All of EMNIST's splits in one folder, as its archive has them.
    write_idx(letters, packed=True, prefix="emnist-digits-", test="test")
    refused(letters, "holds emnist-digits-.* and emnist-letters-.*; give each .* a folder")


def test_without_a_folder_all_four_files_are_named(monkeypatch):
    monkeypatch.delenv("FXTYPES_DATA", raising=False)
    with pytest.raises(DatasetError) as caught:
        datasets.load("fashion-mnist")
    for file in datasets.idx.FILES:
        assert f"fashion-mnist/{file}.gz" in str(caught.value)


# .npz


def arrays(**changes):
    given = {
        "x_train": np.arange(12, dtype=np.int16).reshape(4, 3) - 20,
        "y_train": np.array([0, 2, 1, 0]),
        "x_test": np.arange(6, dtype=np.int16).reshape(2, 3),
        "y_test": np.array([1, 2]),
    } | changes
    return {key: value for key, value in given.items() if value is not None}


def npz(tmp_path, **changes):
    np.savez(tmp_path / "own.npz", **arrays(**changes))
    return tmp_path / "own.npz"


def test_an_npz(tmp_path):
    data = datasets.load(npz(tmp_path))
    for key, value in arrays().items():
        assert getattr(data, key).dtype == value.dtype
        assert getattr(data, key).tolist() == value.tolist()
    assert (data.name, data.classes, data.maximum) == ("own", ("0", "1", "2"), 20)
    assert data.image_shape is None
    fixed = data.to_fixed(fx.Format(16, 8))
    assert fixed.x_train[0].raw.tolist() == [-256, -243, -230]  # -20, -19, -18 of 20


@pytest.mark.parametrize("classes", [["a", "b", "c"], [b"a", b"b", b"c"]])
def test_named_classes(tmp_path, classes):
    data = datasets.load(npz(tmp_path, classes=np.array(classes)))
    assert data.classes == ("a", "b", "c")


@pytest.mark.parametrize(
    ("y_train", "y_test", "classes", "numbers"),
    [
        ([5, -1, 5, 30], [30, 7], ("-1", "5", "7", "30"), [1, 0, 1, 3, 3, 2]),
        ([0, 3, 3, 0], [1, 0], ("0", "1", "2", "3"), [0, 3, 3, 0, 1, 0]),
        ([0.0, 1.0, 2.0, 2.0], [1.0, 0.0], ("0", "1", "2"), [0, 1, 2, 2, 1, 0]),
        ([True, False, True, True], [False, True], ("0", "1"), [1, 0, 1, 1, 0, 1]),
        (["b", "a", "b", "é"], ["c", "a"], ("a", "b", "c", "é"), [1, 0, 1, 3, 2, 0]),
        ([b"b", b"a", b"b", b"b"], [b"a", b"a"], ("a", "b"), [1, 0, 1, 1, 0, 0]),
        ([0, 70000, 0, 0], [0, 0], ("0", "70000"), [0, 1, 0, 0, 0, 0]),
        ([7, 7, 7, 7], [7, 7], ("7",), [0] * 6),
    ],
)
def test_labels_become_class_numbers(tmp_path, y_train, y_test, classes, numbers):
    data = datasets.load(npz(tmp_path, y_train=np.array(y_train), y_test=np.array(y_test)))
    assert data.classes == classes
    assert [*data.y_train.tolist(), *data.y_test.tolist()] == numbers
    assert data.y_train.dtype == data.y_test.dtype == np.int64


def test_images_and_other_bytes(tmp_path):
    flat = np.arange(48, dtype=np.uint8).reshape(4, 12)
    for shape, maximum, image in (
        ((12,), 47, None),
        ((3, 4), 255, (3, 4)),
        ((2, 2, 3), 255, None),
    ):
        x = flat.reshape(4, *shape)
        data = datasets.load(npz(tmp_path, x_train=x, x_test=x[:2]))
        assert data.x_train.tolist() == flat.tolist()
        assert (data.maximum, data.image_shape) == (maximum, image)
    x = flat.reshape(4, 3, 4) / 2
    assert datasets.load(npz(tmp_path, x_train=x, x_test=x[:2])).maximum == 23.5


def test_the_maximum_is_the_training_parts(tmp_path):
    zeros = np.zeros((4, 3))
    for dtype in (np.float32, np.int64, np.uint8):
        data = datasets.load(npz(tmp_path, x_train=zeros.astype(dtype)))
        assert data.maximum == 1
    lowest = np.full((4, 3), np.iinfo(np.int64).min)
    assert datasets.load(npz(tmp_path, x_train=lowest)).maximum == 2**63
    swapped = np.full((4, 3), -2.5, ">f4")
    data = datasets.load(npz(tmp_path, x_train=swapped))
    assert (data.maximum, data.x_train.dtype) == (2.5, np.dtype("f4"))
    assert data.lazy(fx.Format(16, 8)).x_test[:].format == fx.Format(16, 8)
    switches = datasets.load(npz(tmp_path, x_train=np.eye(4, 3, dtype=bool)))
    assert (switches.x_train.dtype, switches.maximum) == (np.uint8, 1)


nan = np.zeros((4, 3))
nan[2, 1] = np.nan


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_test": None}, r"has no y_test \(it has x_train, y_train, x_test\)"),
        ({"x_train": nan}, r"x_train\[2, 1\] is nan; features must be finite"),
        ({"x_test": nan[:2] - np.inf}, r"x_test\[0, 0\] is -inf"),
        ({"x_train": np.zeros((4, 4))}, r"x_train has shape \(4,\) and one of x_test \(3,\)"),
        ({"x_train": np.zeros(4)}, r"x_train has shape \(4,\) and must have \(samples, features\)"),
        ({"x_train": np.zeros((0, 3)), "y_train": np.zeros(0)}, r"shape \(0, 3\)"),
        ({"x_train": np.zeros((4, 3), complex)}, "must be integers or floats, it is complex128"),
        ({"x_test": np.full((2, 3), "1")}, "x_test must be integers or floats, it is <U1"),
        ({"y_train": np.zeros(3)}, r"y_train has shape \(3,\) and must have \(4,\)"),
        ({"y_train": np.zeros((4, 3))}, r"y_train has shape \(4, 3\) and must have \(4,\)"),
        ({"y_train": np.array([0, 1, 1.5, 2])}, r"label 1.5 at y_train\[2\] is not a whole number"),
        ({"y_test": np.array([0, np.nan])}, r"label nan at y_test\[1\] is not a whole"),
        ({"y_test": np.array([np.inf, 0])}, r"label inf at y_test\[0\] is not a whole"),
        ({"y_test": np.array([2.0**63, 0])}, "label 9.22.*e.18 at y_test"),
        ({"y_test": np.array([2**63, 0], np.uint64)}, "label 9223372036854775808 at y_test"),
        ({"y_test": np.zeros(2, complex)}, "labels must be whole numbers or text, .* complex128"),
        ({"y_test": np.array(["a", "b"])}, "both be numbers or both be text"),
        ({"classes": np.array(["a", "b"])}, r"label 2 at y_train\[1\] .* classes are 0 to 1"),
        ({"y_test": np.array([0, -1]), "classes": np.array(list("abc"))}, r"-1 at y_test\[1\]"),
        ({"y_train": np.array(list("abca")), "y_test": np.array(["a", "b"]),
          "classes": np.array(list("abc"))}, "label 'a' .* out of range"),
        ({"y_train": np.array([0, 1, None, 2])}, "y_train holds pickled objects, which are not"),
        ({"classes": np.array(["a", None], object)}, "classes holds pickled objects"),
    ],
)  # fmt: skip
def test_an_npz_that_is_refused(tmp_path, changes, message):
    refused(npz(tmp_path, **changes), message)


def test_a_damaged_npz(tmp_path):
    path = npz(tmp_path)
    good = path.read_bytes()
    single = io.BytesIO()
    np.save(single, np.zeros((2, 2)))
    for data, message in (
        (b"", "damaged"),
        (b"text", "it is no .npz"),
        (single.getvalue(), "a single array"),
        (good[:-30], "damaged"),
        (good[: len(good) // 2], "damaged"),
    ):
        path.write_bytes(data)
        refused(path, message)
    wanted, said = datasets.load(npz(tmp_path)), []
    for position in range(len(good)):
        path.write_bytes(good[:position] + bytes([good[position] ^ 0x55]) + good[position + 1 :])
        try:
            found = datasets.load(path)
        except DatasetError as error:
            said.append(str(error))
            continue
        # Else it is a byte that says nothing: a date, a padding.
        assert all((getattr(found, key) == getattr(wanted, key)).all() for key in arrays())
    assert max(map(len, said)) < len(str(path)) + 300  # none of the bytes that were found


# Tables


def table(tmp_path, text, name="own.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def whole(data):
    """Features and classes of both parts as one list, sorted: the draw apart."""
    x = [*data.x_train.tolist(), *data.x_test.tolist()]
    y = [data.classes[i] for i in [*data.y_train, *data.y_test]]
    return sorted(zip(map(tuple, x), y, strict=True))


ROWS = [((1, 2), "0"), ((3, 4), "1"), ((5, 6), "0"), ((7, 8), "1"), ((9, 10), "1")]
LINES = "1,2,0\n3,4,1\n5,6,0\n7,8,1\n9,10,1\n"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (LINES, -1),
        (LINES, 2),
        (LINES.rstrip("\n"), -1),
        ("a,b,c\n" + LINES, -1),
        ("a,b,c\n" + LINES, "c"),
        ("\ufeffa,b,c\n" + LINES, "c"),
        ('"a","b, too"," c "\n' + LINES, "c"),
        ("0,1,label\n" + LINES, -1),  # columns named by numbers
        ("0,1,2\n" + LINES, "2"),
        (LINES.replace(",", ";"), -1),
        (LINES.replace(",", "\t"), -1),
        (LINES.replace(",", " , "), -1),
        ("\n" + LINES.replace("\n", "\r\n\r\n"), -1),
        ("0,1,2\n1,3,4\n0,5,6\n1,7,8\n1,9,10\n", 0),
        ("0,1,2\n1,3,4\n0,5,6\n1,7,8\n1,9,10\n", -3),
        ("1,0,2\n3,1,4\n5,0,6\n7,1,8\n9,1,10\n", 1),
        ("x,y,z\n1,0,2\n3,1,4\n5,0,6\n7,1,8\n9,1,10\n", "y"),
        (gzip.compress(LINES.encode()), -1),
    ],
)
def test_a_table(tmp_path, text, label):
    data = datasets.load(table(tmp_path, text), label=label)
    assert whole(data) == ROWS
    assert (len(data.x_train), len(data.x_test)) == (4, 1)
    assert data.x_train.dtype == data.x_test.dtype == np.uint8
    assert data.y_train.dtype == data.y_test.dtype == np.int64
    assert data.maximum == data.x_train.max()
    assert (data.name, data.classes, data.image_shape) == ("own", ("0", "1"), None)


@pytest.mark.parametrize(
    ("cell", "dtype"),
    [
        ("255", np.uint8),
        ("256", np.int64),
        ("-1", np.int64),
        ("9223372036854775807", np.int64),
        ("9223372036854775808", np.float64),
        ("1.0", np.float64),
        ("2e3", np.float64),
        (".1", np.float64),
    ],
)
@pytest.mark.parametrize("lines", [1, 3, 1024])
def test_the_dtype_of_a_tables_features(tmp_path, monkeypatch, cell, dtype, lines):
    monkeypatch.setattr(datasets.csv, "_LINES", lines)  # parts of a file of different dtypes
    data = datasets.load(table(tmp_path, LINES.replace("5,", cell + ",")))
    assert data.x_train.dtype == data.x_test.dtype == dtype
    own = np.float64 if dtype == np.float64 else int
    assert whole(data) == sorted([*ROWS[:2], ((own(cell), 6), "0"), *ROWS[3:]])


def test_named_classes_of_a_table(tmp_path):
    lines = [
        f"{i},{i / 2},{name}\n" for i, name in enumerate(["red", " blue", '"a, b"', "red"] * 3)
    ]
    for text in ("".join(lines), "x,y,color\n" + "".join(lines)):
        data = datasets.load(table(tmp_path, text))
        assert data.classes == ("a, b", "blue", "red")
        names = {x[0]: y for x, y in whole(data)}
        assert [names[i] for i in range(4)] == ["red", "blue", "a, b", "red"]


@pytest.mark.parametrize(
    ("labels", "classes"),
    [("1 2 3 1 2", ("1", "2", "3")), ("1.0 0 2 1 0", ("0", "1", "2")), ("x 10 9 1 1", None)],
)
def test_numbered_classes_of_a_table(tmp_path, labels, classes):
    lines = [f"{i},{label}\n" for i, label in enumerate(labels.split())]
    data = datasets.load(table(tmp_path, "".join(lines)))
    if classes is None:  # a header whose column is named 0
        assert data.classes == ("1", "9", "10")
        assert len(data.x_train) + len(data.x_test) == 4
    else:
        assert data.classes == classes


@pytest.mark.parametrize(
    ("share", "tests"),
    [(0.2, 20), (0.5, 50), (0.99, 99), (0.001, 1), (0.999, 99), (np.float32(0.25), 25)],
)
def test_the_test_share(tmp_path, share, tests):
    path = table(tmp_path, "".join(f"{i},{i % 3}\n" for i in range(100)))
    data, again = (datasets.load(path, test_share=share) for _ in range(2))
    train, test = data.x_train[:, 0].tolist(), data.x_test[:, 0].tolist()
    assert (len(train), len(test)) == (100 - tests, tests)
    assert sorted(train + test) == list(range(100))
    assert (train, test) == (sorted(train), sorted(test))
    assert test not in (list(range(tests)), list(range(100 - tests, 100)))
    assert data.y_test.tolist() == [i % 3 for i in test]
    assert again.x_test.tolist() == data.x_test.tolist()
    if share == 0.2:  # the draw stays the same from version to version
        assert test[:4] == [8, 9, 11, 15]


@pytest.mark.parametrize("share", [0, 1, -0.2, 1.5, float("nan"), "0.2", None])
def test_a_test_share_that_is_none(tmp_path, share):
    with pytest.raises(ValueError, match="test_share must be a number between 0 and 1"):
        datasets.load(table(tmp_path, LINES), test_share=share)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "own.csv is empty"),
        ("\n \n", {}, "line 2 has one value"),
        ("a,b\n", {}, "no samples, only a header"),
        ("1\n2\n", {}, "line 1 has one value; features and a label"),
        ("1,2\n", {}, "has one sample; at least one to train and one to test"),
        ("1,2,0\n3,4\n", {}, "line 2 has 2 values, line 1 has 3"),
        ("1,2,0\n\n3,4,1,5\n", {}, "line 3 has 4 values, line 1 has 3"),
        ("1,2,0\n3,x,1\n", {}, r"line 2, column 2 is 'x', not a number; .* \(--label\)$"),
        ("a,b,c\n1,2,0\n3,x,1\n", {}, r"line 3, column 2 \(b\) is 'x', not a number"),
        ("c,a,b\n0,1,2\n1,3,x\n", {"label": "c"}, r"line 3, column 3 \(b\) is 'x'"),
        ("a,b,c\n1,,0\n", {}, r"line 2, column 2 \(b\) is empty"),
        ("1,,0\n2,3,1\n", {}, "line 1, column 2 is empty"),
        ("1,2,0\n3,4, \n", {}, "line 2, column 3, the label, is empty"),
        ("1,2,0\n3,nan,1\n", {}, "line 2, column 2 is nan; features must be finite"),
        ("1,2,0\n\n3,1e999,1\n", {}, "line 3, column 2 is inf; features must be finite"),
        (f"1,2,0\n3,-1{'0' * 400},1\n", {}, "line 2, column 2 is -inf"),
        ("1,2,0\n3,4,1.5\n", {}, "label 1.5 on line 2 is not a whole number"),
        ("a,b,c\n1,2,nan\n3,4,1\n", {}, "label nan on line 2 is not a whole number"),
        (
            "1,2,0\n3,4,1\n",
            {"label": 3},
            "3 columns: the label's must be from -3 to 2, or a name, got 3",
        ),
        ("1,2,0\n3,4,1\n", {"label": -4}, "must be from -3 to 2, or a name, got -4"),
        ("a,b,c\n3,4,1\n", {"label": "d"}, "no column 'd'; its first line is a, b, c"),
        ("a,a,c\n3,4,1\n", {"label": "a"}, "several columns 'a'"),
        ('1,2,0\n"3,4,1\n', {}, "line 2: unexpected end of data"),
        ('1,2,0\n"3"3,4,1\n', {}, "line 2: .* expected after"),
        ("1;2,5;a\n2;3,5;b\n", {}, "column 2 .* is '3,5', not a number: decimals have a point"),
        (b"PK\3\4\0\0,\n", {}, "is not text: it holds zero bytes; is it an .npz"),
        ("a,b\n\0,1\n", {}, r"line 2, column 1 \(a\) is '\\x00', not a number"),
        (f"1,{'9' * 200_000}\n", {}, "line 1: field larger than field limit"),
        ("1 2 3\n4 5 6\n", {}, "has one value; features and a label are needed, with commas"),
        (b"1,2,0\n\xff,4,1\n", {}, "is not text: .*; save a table as UTF-8; or is it an .npz"),
        (gzip.compress(LINES.encode())[:-9], {}, "damaged"),
    ],
)
def test_a_table_that_is_refused(tmp_path, text, options, message):
    refused(table(tmp_path, text), message, **options)


@pytest.mark.parametrize("label", [1.0, None, True, ["c"]])
def test_a_label_that_is_none(tmp_path, label):
    with pytest.raises(TypeError, match="label must be a column's name or number"):
        datasets.load(table(tmp_path, LINES), label=label)


def test_options_of_tables_are_refused_elsewhere(tmp_path):
    write_idx(tmp_path / "folder")
    for given in ("digits", npz(tmp_path), tmp_path / "folder"):
        for options in ({"label": 0}, {"test_share": 0.1}):
            with pytest.raises(ValueError, match="are for tables of text"):
                datasets.load(given, **options)


def test_a_file_that_cannot_be_read(tmp_path, monkeypatch):
    path = table(tmp_path, LINES)

    def fails(*args):
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(datasets.files, "open", fails, raising=False)
    refused(path, "own.csv can't be read: Permission denied")


def test_the_examples_of_the_documentation(tmp_path, monkeypatch, capsys):
    page = Path(__file__).resolve().parents[2] / "docs" / "data.md"
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    assert len(blocks) == 5
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks:
        exec(block, names)
    shown = re.search(r"print\(.*\)  # (.*)\n", blocks[-1])[1]
    assert capsys.readouterr().out == f"{shown}\n"
    data, model = names["data"], names["model"]
    assert model.evaluate(data.x_test, data.y_test)["accuracy"] > 0.95


def test_labels_that_are_no_classes_are_warned_of(tmp_path):
    """A column of measured values, and one of few numbers with a large one among them."""
    values = table(tmp_path, "".join(f"{i},{i * 7919 % 1000003}\n" for i in range(200)))
    with pytest.warns(UserWarning, match="labels of 200 samples make 200 classes, as many outputs"):
        datasets.load(values)
    gaps = table(tmp_path, "".join(f"{i},{50000 * (i % 2)}\n" for i in range(200)))
    with pytest.warns(UserWarning, match="labels of 200 samples make 50,001 classes"):
        assert len(datasets.load(gaps).classes) == 50001
    half = table(tmp_path, "".join(f"{i},{i // 2}\n" for i in range(200)))
    assert len(datasets.load(half).classes) == 100
