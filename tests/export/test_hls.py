"""The exported C++ gives the model's bits with both sets of open headers in hls4ml's wheel."""

import importlib.util
from pathlib import Path

import pytest
from export_checks import (
    altered,
    digits_model,
    digits_samples,
    needs,
    oddly_named_model,
    random_model,
    run,
    succeeds,
)

import fxtypes as fx
from fxtypes_nn import MLP, Precision
from fxtypes_nn.export import ExportError, export
from fxtypes_nn.export.hls import _ROUNDINGS

_FOUND = importlib.util.find_spec("hls4ml")
pytestmark = [
    needs("g++"),
    pytest.mark.skipif(_FOUND is None, reason="hls4ml, which has the headers, isn't installed"),
]
HEADERS = {
    "ap_types": (),
    "ac_types": ("-DAC_TYPES",),
}
PLACES = {"ap_types": "vivado/ap_types", "ac_types": "catapult/ac_types/include"}


def run_hls(folder, headers, name="network"):
    """(exit status, output) of the exported test, compiled with one set of headers."""
    place = Path(_FOUND.origin).parent / "templates" / PLACES[headers]
    command = ["g++", "-std=c++14", "-O0", "-w", *HEADERS[headers], "-isystem", place]
    succeeds(folder, *command, "-o", "tested", f"{name}.cpp", f"{name}_test.cpp")
    return run(folder, "./tested")


_LONG = [pytest.param(width, 360, marks=pytest.mark.long) for width in (8, 16, 33)]


@pytest.mark.parametrize("headers", HEADERS)
@pytest.mark.parametrize(("width", "count"), [(16, 60), *_LONG])
def test_digits(tmp_path, width, count, headers):
    export(digits_model(width), "hls", tmp_path / "hls", digits_samples(count), "digits")
    found = run_hls(tmp_path / "hls", headers, "digits")
    assert found == (0, f"passed: {count} samples, no bit differs\n")


@pytest.mark.long  # some seconds each: the headers take a compiler long
@pytest.mark.parametrize("headers", HEADERS)
@pytest.mark.parametrize("seed", range(7))
def test_any_formats_and_modes(tmp_path, seed, headers):
    rounding = list(_ROUNDINGS)[seed]
    export(random_model(seed, seed % 2 == 1, rounding), "hls", tmp_path / "hls")
    found = run_hls(tmp_path / "hls", headers)
    assert found == (0, "passed: 16 samples, no bit differs\n")


def test_one_bit_less_is_noticed(tmp_path):
    export(MLP([4, 3], precision=Precision.preset(16), seed=3), "hls", tmp_path / "hls")
    path = tmp_path / "hls" / "network_test.cpp"
    first = path.read_text().split("expected[48] = {\n    ")[1].split(",")[0]
    flipped = int(first.removesuffix("LL")) ^ 1
    altered(path, f"expected[48] = {{\n    {first},", f"expected[48] = {{\n    {flipped}LL,")
    assert run_hls(tmp_path / "hls", "ap_types") == (1, "FAILED: sample 0, output 0\n")


def test_what_the_types_have_no_mode_for_is_refused(tmp_path):
    precision = Precision.preset(16)
    fmt = precision.logits.replace(rounding="odd")
    model = MLP([4, 3], precision=precision.replace(logits=fmt))
    with pytest.raises(ExportError, match=r"dense1 rounds by odd.*set_precision.*c, verilog"):
        export(model, "hls", tmp_path / "hls")
    assert not (tmp_path / "hls").exists()


def test_what_is_wider_than_a_literal_is_refused(tmp_path):
    model = MLP([4, 3], precision=Precision.uniform(80, 40))
    with pytest.raises(ExportError, match=r"dense1 has numbers of 80 bits.*64 at most"):
        export(model, "hls", tmp_path / "hls")


@pytest.mark.long
def test_64_bits(tmp_path):
    wide = fx.Format(64, 40)
    model = MLP([4, 3], precision=Precision(wide, wide, wide, wide))
    export(model, "hls", tmp_path / "hls")
    assert run_hls(tmp_path / "hls", "ap_types")[0] == 0


@pytest.mark.long
@pytest.mark.parametrize("headers", HEADERS)
def test_names_are_made_legal(tmp_path, headers):
    export(oddly_named_model(), "hls", tmp_path / "hls", name="namespace")
    assert run_hls(tmp_path / "hls", headers, "net_namespace")[0] == 0
