"""Data sets: the embedded one, the ones read, and everything wrong with a folder."""

import gzip
import struct
from fractions import Fraction

import numpy as np
import pytest

import fxtypes as fx
from fxtypes_nn import DatasetError, datasets

FILES = {
    "train-images-idx3-ubyte.gz": 5,
    "train-labels-idx1-ubyte.gz": 5,
    "t10k-images-idx3-ubyte.gz": 3,
    "t10k-labels-idx1-ubyte.gz": 3,
}


def idx(array):
    """A gzipped IDX file of uint8."""
    header = struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape)
    return gzip.compress(header + array.astype(np.uint8).tobytes(), mtime=0)


@pytest.fixture
def folder(tmp_path):
    """A small MNIST of random pixels in its folder."""
    generator = np.random.default_rng(0)
    (tmp_path / "mnist").mkdir()
    for name, count in FILES.items():
        shape = (count, 28, 28) if "images" in name else (count,)
        high = 256 if "images" in name else 10
        (tmp_path / "mnist" / name).write_bytes(idx(generator.integers(0, high, shape)))
    return tmp_path


def test_digits():
    digits = datasets.load("digits")
    assert digits.x_train.shape == (1437, 64)
    assert digits.x_test.shape == (360, 64)
    assert digits.x_train.dtype == digits.x_test.dtype == np.uint8
    assert digits.y_train.dtype == digits.y_test.dtype == np.int64
    assert digits.classes == tuple("0123456789")
    assert digits.x_train.max() == digits.maximum == 16
    # As published: the first image's first rows, the first labels, how many there are of each.
    assert digits.x_train[0, :16].tolist() == [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0]
    assert digits.y_train[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    counts = np.bincount(np.concatenate([digits.y_train, digits.y_test]))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


@pytest.mark.parametrize(
    "fmt",
    [
        fx.Format(16, 10),
        fx.Format(8, 2),
        fx.Format(8, 7),
        fx.Format(12, 9, rounding="floor"),
        fx.Format(128, 120),
    ],
)
def test_pixels_are_scaled_and_rounded_once(folder, fmt):
    for data in (datasets.load("digits"), datasets.load("mnist", folder)):
        fixed = data.to_fixed(fmt)
        for pixels, found in ((data.x_train, fixed.x_train), (data.x_test, fixed.x_test)):
            exact = [Fraction(v, data.maximum) for v in pixels[:5].ravel().tolist()]
            assert found.format == fmt
            assert found.shape == pixels.shape
            assert found[:5].raw.ravel().tolist() == fx.array(exact, fmt).raw.tolist()
        assert fixed.y_train is data.y_train


def test_pixels_rounded_stochastically_draw_one_by_one():
    fmt = fx.Format(8, 2, rounding="stochastic")
    data = datasets.load("digits")
    with fx.seeded(3):
        found = data.to_fixed(fmt).x_train.raw[data.x_train == 3]
    assert set(found.tolist()) == {0, 1}  # 3/16 lies between 0 and 1/4
    assert found.mean() == pytest.approx(0.75, abs=0.03)


def test_scaling_twice_is_refused():
    with pytest.raises(ValueError, match="already"):
        datasets.load("digits").to_fixed(fx.Format(8, 4)).to_fixed(fx.Format(8, 4))


@pytest.mark.parametrize("by_variable", [False, True])
def test_reads_idx_files(folder, monkeypatch, by_variable):
    monkeypatch.delenv("FXTYPES_DATA", raising=False)
    if by_variable:
        monkeypatch.setenv("FXTYPES_DATA", str(folder))
    (folder / "mnist").rename(folder / "fashion-mnist")
    data = datasets.load("fashion-mnist", None if by_variable else folder)
    assert data.x_train.shape == (5, 784)
    assert data.x_test.shape == (3, 784)
    generator = np.random.default_rng(0)
    assert data.x_train.tolist() == generator.integers(0, 256, (5, 28, 28)).reshape(5, -1).tolist()
    assert data.y_train.tolist() == generator.integers(0, 10, 5).tolist()
    assert data.classes[9] == "ankle boot"


@pytest.mark.parametrize("name", ["minst", "", None, ["mnist"], "/data/mnist"])
def test_an_unknown_name_lists_the_known(name):
    with pytest.raises(DatasetError, match="there are digits, mnist, fashion-mnist"):
        datasets.load(name)


def test_without_a_folder_the_variable_is_named(monkeypatch):
    monkeypatch.delenv("FXTYPES_DATA", raising=False)
    with pytest.raises(DatasetError, match="set FXTYPES_DATA"):
        datasets.load("mnist")


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_named(folder, file):
    (folder / "mnist" / file).unlink()
    with pytest.raises(DatasetError, match=rf"{file} is missing; .*FXTYPES_DATA"):
        datasets.load("mnist", folder)


def altered(position):
    def change(data):
        data = bytearray(data)
        data[position] ^= 0x55
        return bytes(data)

    return change


def unpacked(change):
    return lambda data: gzip.compress(change(gzip.decompress(data)))


@pytest.mark.parametrize("file", ["train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: b"", "damaged"),
        (
            lambda data: b"no gzip",
            "damaged: it begins with the bytes 6e 6f 20 67 and is not packed",
        ),
        (lambda data: data[:-9], "damaged: "),
        (lambda data: data[:15], "damaged: "),
        (altered(-6), "damaged: CRC"),
        (altered(-2), "damaged: Incorrect length"),
        (altered(len(idx(np.zeros(3))) // 2), "damaged: "),
        (unpacked(lambda data: data[:3]), "ends after 3 bytes"),
        (unpacked(lambda data: b"\x00\x00\x0d" + data[3:]), "header starts 0x00000d"),
        (unpacked(lambda data: data[:-1]), "announces"),
        (unpacked(lambda data: data + b"\x00"), "it has more"),
        (
            unpacked(lambda data: data[:4] + bytes(4) + data[8:]),
            r"it says 0 items(;| of shape \(28)",
        ),
        (
            gzip.decompress,
            r"begins with the bytes 00 00 08 0[13] and is not packed, .*take \.gz off",
        ),
    ],
)
def test_a_damaged_file_is_named(folder, file, change, message):
    path = folder / "mnist" / file
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DatasetError, match=message) as caught:
        datasets.load("mnist", folder)
    assert file in str(caught.value)
    assert "fresh copy" in str(caught.value)


def test_other_shapes_counts_and_labels_are_refused(folder):
    def refused(file, array, message):
        path = folder / "mnist" / file
        kept = path.read_bytes()
        path.write_bytes(idx(array))
        with pytest.raises(DatasetError, match=message):
            datasets.load("mnist", folder)
        path.write_bytes(kept)

    refused("train-images-idx3-ubyte.gz", np.zeros((5, 28, 27)), r"shape \(28, 27\)")
    refused("train-labels-idx1-ubyte.gz", np.zeros(4), "5 images .* 4 labels")
    refused("t10k-labels-idx1-ubyte.gz", np.array([1, 10, 2]), "label 10 at index 1")
    datasets.load("mnist", folder)


def test_a_folder_in_a_files_place_is_refused(folder):
    (folder / "mnist" / "train-images-idx3-ubyte.gz").unlink()
    (folder / "mnist" / "train-images-idx3-ubyte.gz").mkdir()
    with pytest.raises(DatasetError, match="can't be read"):
        datasets.load("mnist", folder)
