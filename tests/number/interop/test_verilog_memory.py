"""to_mem and from_mem: memory images, ours and those of others."""

import numpy as np
import pytest
from checks import raw_list
from examples import any_arrays, equal, extremes
from hypothesis import given
from hypothesis import strategies as st

import fxtypes as fx

WIDTHS = (2, 8, 9, 16, 32, 33, 64, 65, 100, 128)
BYTES = fx.Format(8, 0, signed=False)
Q = fx.Format(16, 8)


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


def test_titles_of_memory_images(tmp_path):
    path = tmp_path / "a.mem"
    path.write_text(f"// {'9' * 5000} words of 8 bits, hex, written by fxtypes\n00\n")
    assert fx.from_mem(path, fx.Format(8, 0)).tolist() == [0]  # no title of ours: a comment
    fx.to_mem(path, fx.zeros(5, Q))
    image = path.read_bytes().replace(b"\n", b"\r\n")
    path.write_bytes(image)
    assert fx.from_mem(path, Q).tolist() == [0] * 5
    path.write_bytes(image[:-12])
    with pytest.raises(fx.FileError):
        fx.from_mem(path, Q)
    path.write_bytes(image)
    with pytest.raises(fx.FileError):
        fx.from_mem(path, fx.Format(100, 8))


@pytest.mark.parametrize("word", ["0x1F", "0X_ff", "8'h1F", "'h3", "4'b01"])
def test_a_prefix_is_called_one(tmp_path, word):
    path = tmp_path / "rom.mem"
    path.write_text(f"00\n{word}\n")
    with pytest.raises(fx.FileError, match=r"line 2: .* has a prefix"):
        fx.from_mem(path, fx.Format(8, 0))
