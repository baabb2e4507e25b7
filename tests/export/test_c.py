"""The exported C, compiled strictly and run with sanitizers, gives the model's bits."""

import pytest
from export_checks import (
    OVERFLOWS,
    ROUNDINGS,
    altered,
    digits_model,
    digits_samples,
    needs,
    oddly_named_model,
    random_model,
    run_c,
    succeeds,
)

from fxtypes_nn import MLP, Dense, Precision, ReLU, Sequential, Sigmoid, Softmax, datasets
from fxtypes_nn.export import export

pytestmark = needs("gcc")


@pytest.mark.parametrize("width", [8, 16, 33, 64, 128])
def test_digits(tmp_path, width):
    count = 360 if width in (8, 16, 33) else 50
    done = export(digits_model(width), "c", tmp_path / "c", digits_samples(count), "digits")
    assert done.samples == count
    assert run_c(tmp_path / "c", "digits") == (0, f"passed: {count} samples, no bit differs\n")


_LONG = [(8, "sigmoid"), (16, "relu"), (16, "sigmoid"), (33, "relu")]


@pytest.mark.parametrize(
    ("width", "hidden"),
    [
        (8, "relu"),
        (33, "sigmoid"),
        *(pytest.param(*each, marks=pytest.mark.long) for each in _LONG),
    ],
)
def test_mnist(tmp_path, width, hidden):
    try:
        data = datasets.load("mnist")
    except datasets.DatasetError:
        pytest.skip("MNIST is not here")
    between = ReLU() if hidden == "relu" else Sigmoid("table")
    layers = [Dense(16), between, Dense(10), Softmax()]
    model = Sequential(layers, 784, Precision.preset(width), seed=1)
    lazy = data.lazy(model.precision.inputs)
    model.fit(lazy.x_train[:2000], lazy.y_train[:2000], progress=False)
    export(model, "c", tmp_path / "c", lazy.x_test[:1000])
    assert run_c(tmp_path / "c") == (0, "passed: 1000 samples, no bit differs\n")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("accumulator", [False, True])
def test_any_formats_and_modes(tmp_path, seed, accumulator):
    export(random_model(seed, accumulator), "c", tmp_path / "c")
    assert run_c(tmp_path / "c") == (0, "passed: 16 samples, no bit differs\n")


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_each_rounding(tmp_path, rounding):
    for overflow in OVERFLOWS:
        folder = tmp_path / overflow
        export(random_model(7, False, rounding, overflow), "c", folder)
    # One compilation for all overflow modes would hide which fails; one mode a rounding is run.
    folder = tmp_path / OVERFLOWS[ROUNDINGS.index(rounding) % len(OVERFLOWS)]
    assert run_c(folder) == (0, "passed: 16 samples, no bit differs\n")


def test_one_bit_less_is_noticed(tmp_path):
    model = MLP([4, 3], precision=Precision.preset(16), seed=3)
    export(model, "c", tmp_path / "c")
    text = (tmp_path / "c" / "network_test.c").read_text()
    first = text.split("expected[48] = {\n    ")[1].split(",")[0]
    altered(
        tmp_path / "c" / "network_test.c", f"= {{\n    {first},", f"= {{\n    {int(first) ^ 1},"
    )
    status, output = run_c(tmp_path / "c")
    assert status == 1
    assert output == "FAILED: sample 0 differs in element 0 of its outputs\n"


def test_another_class_is_noticed(tmp_path):
    model = MLP([4, 3], precision=Precision.preset(16), seed=3)
    export(model, "c", tmp_path / "c")
    path = tmp_path / "c" / "network_test.c"
    before, after = path.read_text().split("classes[16] = {\n    ")
    path.write_text(f"{before}classes[16] = {{\n    {(int(after[0]) + 1) % 3}{after[1:]}")
    status, output = run_c(tmp_path / "c")
    assert status == 1
    assert output.startswith("FAILED: sample 0 has the class ")


@pytest.mark.parametrize("width", [16, 64])
def test_it_needs_no_floats_and_no_libraries(tmp_path, width):
    export(digits_model(width), "c", tmp_path / "c", digits_samples(1))
    text = (tmp_path / "c" / "network.c").read_text()
    assert "float" not in text
    assert "double" not in text
    assert "__int128" not in text
    succeeds(tmp_path / "c", "gcc", "-std=c99", "-O2", "-c", "network.c")
    undefined = succeeds(tmp_path / "c", "nm", "-u", "network.o").split()
    assert set(undefined) <= {"U", "memcpy", "memset", "_GLOBAL_OFFSET_TABLE_", "__stack_chk_fail"}


@pytest.mark.parametrize("sizes", [[3, 1], [1, 1, 1], [2, 5]])
def test_a_regression_has_no_class(tmp_path, sizes):
    model = MLP(sizes, output="identity", precision=Precision.preset(16), seed=4)
    done = export(model, "c", tmp_path / "out")
    status, output = run_c(tmp_path / "out")
    assert status == 0, output
    assert "passed: 16 samples, no bit differs" in output
    assert "class" not in (tmp_path / "out" / done.files[0]).read_text()


def test_names_are_made_legal(tmp_path):
    export(oddly_named_model(), "c", tmp_path / "c", name="Int")
    assert run_c(tmp_path / "c", "net_int") == (0, "passed: 16 samples, no bit differs\n")
