"""Settings: read alike from options, TOML files and a run's configuration, and what they make."""

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import fxtypes as fx
from fxtypes_nn import SGD, Adam, Dropout, Precision, datasets
from fxtypes_nn.datasets import Compose, Flip, Shift
from fxtypes_nn.errors import RunFolderError, SettingError
from fxtypes_nn.runs.build import load_data, make_augmentation, make_network, make_optimizer
from fxtypes_nn.runs.config import make_config, settings_in, settings_to_go_on
from fxtypes_nn.runs.formats import parse_format, read_formats
from fxtypes_nn.runs.readers import Wrong
from fxtypes_nn.runs.settings import FIELDS, key_of, read_file, read_text, resolve
from fxtypes_nn.training.schedules import Cosine, PowersOfTwo, StepDecay, WarmUp

ALL = """
dataset = "digits"
data-dir = "data"
shifts = 1
flips = true
layers = [20, 10]
hidden = "tanh"
dropout = 0.25
input-dropout = 0.125
width = 16
seed = 7
epochs = 12
batch-size = 100
optimizer = "sgd"
learning-rate = 0.05
momentum = 0.9
nesterov = true
weight-decay = 1e-4
schedule = "cosine"
schedule-epochs = 10
final-rate = 0.001
warm-up = 0.5
powers-of-two = true
validation-every = 20
watch-every = 5

[precision]
gradients = "Q2.13"
updates = {rounding = "nearest_even"}
logits = "Format(12, 6, overflow='wrap')"
accumulator = {width = 32, frac-bits = 20}
"""


def written(tmp_path, text, name="settings.toml"):
    path = tmp_path / name
    path.write_text(text)
    return str(path)


def test_a_file_names_every_setting(tmp_path):
    settings = resolve(read_file(written(tmp_path, ALL)))
    assert (settings.layers, settings.hidden, settings.epochs) == ((20, 10), "tanh", 12)
    assert (settings.momentum, settings.nesterov, settings.warm_up) == (0.9, True, 0.5)
    preset = Precision.preset(16)
    assert settings.formats() == preset.replace(
        gradients=fx.Format(16, 13),
        updates=preset.updates.replace(rounding="nearest_even"),
        logits=fx.Format(12, 6, overflow="wrap"),
        accumulator=fx.Format(32, 20),
    )


def test_fields_that_a_file_leaves_out_follow_from_the_other_roles(tmp_path):
    text = """
    [precision]
    activations = "Format(10, 6)"
    logits = {rounding = "floor"}
    """
    settings = resolve(read_file(written(tmp_path, text)) | {"width": 12, "frac_bits": 8})
    assert settings.formats().logits == fx.Format(10, 6, rounding="floor")
    assert settings.formats().weights == fx.Format(12, 8)


def test_all_is_the_same_again_from_a_configuration_and_from_the_command(tmp_path):
    settings = resolve(read_file(written(tmp_path, ALL)))
    data = load_data(settings)
    config = make_config(settings, make_network(settings, data), data, ["x"])
    assert config["layers"] == [64, 20, 10, 10]
    assert config["accumulator"] == "Format(32, 20)"
    assert config["formats"]["dense1.weights"] == config["precision"]["updates"]
    assert config["formats"]["dense3.output"] == "Format(12, 6, overflow='wrap')"
    assert settings_in(config, "config.json") == settings
    words = iter(settings.command())
    given = {}
    for word in words:
        option, _, value = word.removeprefix("--").partition("=")
        name = option.replace("-", "_")
        reader = next(f for f in FIELDS if f.name == name).metadata["reader"]
        given[name] = True if reader.is_flag else read_text(name, value or next(words))
    assert resolve(given | {"precision": settings.precision, "data_dir": "data"}) == settings


def test_defaults_are_those_of_the_command_line():
    settings = resolve({})
    assert (settings.dataset, settings.layers, settings.epochs) == ("digits", (128, 64), 30)
    assert (settings.learning_rate, settings.batch_size, settings.width) == (0.1, 32, 32)
    assert settings.formats() == Precision.preset(32)
    assert resolve({"dataset": "mnist"}).epochs == 3
    assert resolve({"optimizer": "adam"}).learning_rate == 0.001
    assert resolve({"width": 7, "frac_bits": 4}).formats() == Precision.uniform(7, 4)
    with pytest.raises(SettingError, match="no setting 'epoch'"):
        resolve({"epoch": 3})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("epoch = 3", ["epoch is no setting", "epochs", "[precision]"]),
        ("batch_size = 3", ["batch_size is no setting", "batch-size"]),
        ("epochs = 'many'", ["epochs must be an integer of at least 1, got 'many'"]),
        ("epochs = 1.5", ["epochs must be an integer of at least 1, got 1.5"]),
        ("epochs = true", ["epochs must be an integer", "True"]),
        ("epochs = 0", ["epochs", "at least 1, got 0"]),
        ("width = 129", ["width must be an integer from 2 to 128, got 129"]),
        ("nesterov = 1", ["nesterov must be true or false, got 1"]),
        ("hidden = 'sin'", ["hidden must be one of relu, sigmoid, tanh, got 'sin'"]),
        ("hidden = ['relu']", ["hidden must be one of"]),
        ("layers = []", ["layers must be integers of at least 1", "got []"]),
        ("layers = [3, 'x']", ["layers 'x' in [3, 'x']", "at least 1"]),
        ("layers = 128", ["layers must be", "128,64"]),
        ("learning-rate = nan", ["learning-rate must be a finite number, more than 0", "nan"]),
        ("learning-rate = -1", ["learning-rate", "more than 0", "-1"]),
        ("learning-rate = '0.1'", ["learning-rate must be a finite number", "'0.1'"]),
        ("dropout = 1", ["dropout must be", "less than 1", "got 1"]),
        ("momentum = 1.0", ["momentum must be", "less than 1"]),
        ("dataset = 'minst'", ["dataset must be one of digits, mnist, fashion-mnist", "'minst'"]),
        ("dataset = 3", ["dataset must be"]),
        ("label = 1.5", ["label must be a column's name or number, got 1.5"]),
        ("epochs = [", ["is no TOML"]),
        ("epochs = 1\nepochs = 2", ["is no TOML"]),
        ("precision = 16", ["precision must be a table of formats by role, got 16"]),
        ("[precision]\nweight = 'Q3'", ["precision has 'weight', which is no role", "weights"]),
        ("[precision]\nweights = 'Q'", ["precision has weights, which is no format", "'Q'"]),
        ("[precision]\nweights = 16", ["weights, which is no format: got 16", "Q2.13"]),
        ("[precision]\nweights = {bits = 3}", ["weights", "'bits' is no field"]),
        ("[precision]\nweights = {width = 1, frac-bits = 0}", ["weights", "width"]),
        ("[precision]\nweights = 'Format(16, x)'", ["weights", "is no format"]),
        ("[precision]\nweights = 'Format(16, 3'", ["weights", "is no format"]),
        ("[precision]\nweights = 'Format(__import__(\"os\"), 3)'", ["weights", "is no format"]),
        ("[precision.layers.dense1]\nweights = 'Q3'", ["'layers', which is no role"]),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(tmp_path, text, words):
    path = written(tmp_path, text)
    with pytest.raises(SettingError) as caught:
        read_file(path)
    for word in [path, *words]:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_none(tmp_path):
    for path in (tmp_path / "missing.toml", tmp_path):
        with pytest.raises(SettingError, match="can't be read: "):
            read_file(str(path))
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingError, match=r"is no TOML: .*; save it as UTF-8"):
        read_file(str(binary))


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "marked.toml"
    path.write_text("epochs = 4", encoding="utf-8-sig")
    assert read_file(str(path)) == {"epochs": 4}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"nesterov": True}, "--nesterov needs a --momentum"),
        ({"optimizer": "adam", "momentum": 0.5}, "--momentum is for --optimizer sgd"),
        ({"optimizer": "adam", "nesterov": True}, "--nesterov is for --optimizer sgd"),
        ({"schedule_epochs": 3}, "--schedule-epochs is for --schedule cosine.*is constant"),
        ({"final_rate": 0.1, "schedule": "step"}, "--final-rate is for --schedule cosine"),
        ({"step_epochs": 3, "schedule": "cosine"}, "--step-epochs is for --schedule step"),
        ({"step_factor": 0.5}, "--step-factor is for --schedule step"),
        ({"width": 7}, "--width 7 has no preset formats.* 8 to 128; give --frac-bits"),
        ({"precision": {"weights": fx.Format(8, 4, signed=False)}}, "precision: weights must be"),
        ({"precision": {"accumulator": {"rounding": "floor"}}}, "accumulator has no format"),
        ({"precision": {"weights": {"rounding": "up"}}}, "precision: .*'up'"),
    ],
)
def test_settings_that_do_not_go_together(given, words):
    with pytest.raises(SettingError, match=words):
        resolve(given)


def test_formats_are_read_and_never_run():
    for fmt in (fx.Format(16, 13, rounding="stochastic"), fx.Format(8, 200, signed=False)):
        assert parse_format(repr(fmt)) == fmt
    assert parse_format(" ap_fixed<16,3,AP_RND_CONV,AP_SAT> ") == fx.Format(16, 13)
    for text in ("Format(2)", "Format(*[16, 3])", "Format(16, 3)(1)", "Format(**{})", "Format(1,)"):
        with pytest.raises(ValueError, match="no format"):
            parse_format(text)
    with pytest.raises(Wrong, match="must be a table"):
        read_formats([])


def test_networks():
    data = datasets.load("digits").lazy(Precision.preset(16).inputs)
    plain = make_network(resolve({"width": 16, "seed": 3, "layers": (5,)}), data)
    assert [layer.name for layer in plain.layers] == ["dense1", "relu1", "dense2", "softmax1"]
    assert (plain.seed, plain.layer_sizes) == (3, (64, 5, 10))
    settings = resolve({"layers": (5, 4), "dropout": 0.25, "input_dropout": 0.5, "hidden": "tanh"})
    dropped = make_network(settings, data)
    names = [layer.name for layer in dropped.layers]
    assert names == [
        "dropout1", "dense1", "tanh1", "dropout2", "dense2", "tanh2", "dropout3", "dense3",
        "softmax1",
    ]  # fmt: skip
    rates = [layer.rate for layer in dropped.layers if isinstance(layer, Dropout)]
    assert rates == [0.5, 0.25, 0.25]


def test_optimizers_and_schedules_count_in_steps():
    def made(**given):
        return make_optimizer(resolve({"batch_size": 100, "epochs": 9} | given), 950)

    assert made() == SGD(0.1)
    assert made(momentum=0.5, nesterov=True, weight_decay=0.25) == SGD(0.1, 0.5, 0.25, True)
    assert made(optimizer="adam", weight_decay=0.5) == Adam(0.001, weight_decay=0.5)
    assert made(schedule="cosine") == SGD(Cosine(0.1, 90))
    cosine = made(schedule="cosine", schedule_epochs=5, warm_up=1.25, final_rate=0.01)
    assert cosine == SGD(Cosine(0.1, 50, 13, 0.01))
    assert made(schedule="step") == SGD(StepDecay(0.1, 0.1, 30))
    assert made(schedule="step", step_epochs=2, step_factor=0.5) == SGD(StepDecay(0.1, 0.5, 20))
    assert made(warm_up=0.01, powers_of_two=True) == SGD(PowersOfTwo(WarmUp(0.1, 1)))
    assert make_optimizer(resolve({"schedule": "cosine", "epochs": 2}), 3) == SGD(Cosine(0.1, 2))
    with pytest.raises(SettingError, match=r"--warm-up takes 9 epochs, .* ends after 9"):
        made(schedule="cosine", warm_up=9)
    with pytest.raises(SettingError, match="final must be at most rate"):
        made(schedule="cosine", final_rate=1)


def test_augmentations_are_for_images(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("\n".join(f"{i},{i % 7},{'ab'[i % 2]}" for i in range(20)))
    digits = load_data(resolve({"shifts": 2, "flips": True}))
    assert make_augmentation(resolve({}), digits) is None
    assert make_augmentation(resolve({"shifts": 2}), digits) == Shift(2, (8, 8))
    both = make_augmentation(resolve({"shifts": 2, "flips": True}), digits)
    assert both == Compose((Shift(2, (8, 8)), Flip((8, 8))))
    for given in ({"shifts": 1}, {"flips": True}):
        with pytest.raises(SettingError, match=r"is for images, and .*table.csv has none"):
            load_data(resolve({"dataset": str(table)} | given))
    with pytest.raises(SettingError, match="--shifts 8 leaves nothing of images of 8 x 8"):
        load_data(resolve({"shifts": 8}))


def test_a_table_has_a_label_and_a_test_share(tmp_path):
    table = tmp_path / "table.csv"
    lines = [f"{'ab'[i % 2]},{i},{i % 7}" for i in range(20)]
    table.write_text("\n".join(["kind,x,y", *lines]))
    for label in ("kind", 0, -3):
        settings = resolve({"dataset": str(table), "label": label, "test_share": 0.25})
        data = load_data(settings)
        assert data.classes == ("a", "b")
        assert data.x_test.shape == (5, 2)
    with pytest.raises(SettingError, match="for tables of text"):
        load_data(resolve({"label": 1}))


def test_what_a_run_goes_on_with():
    there = resolve({"layers": (8,), "width": 16, "schedule": "cosine", "epochs": 4})
    on = settings_to_go_on({"epochs": 6, "width": 16, "data_dir": "d"}, there, "r")
    assert (on.epochs, on.schedule_epochs, on.layers, on.data_dir) == (6, 4, (8,), "d")
    assert settings_to_go_on({}, there, "r") == there
    with pytest.raises(RunFolderError, match=r"run in r is another one: layers is 8,9 and was 8; "):
        settings_to_go_on({"layers": (8, 9)}, there, "r")
    named = {"precision": {"weights": {"rounding": "floor"}}}
    with pytest.raises(RunFolderError, match=r"precision is weights: Format\(16.*was not named"):
        settings_to_go_on(named, there, "r")
    rounded = resolve(named | {"width": 16})
    assert settings_to_go_on(named, rounded, "r") == rounded


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"dataset": None}, "names no dataset"),
        ({"dataset": 3}, "names no dataset"),
        ({"layers": 3}, "layers must be integers"),
        ({"layers": [64, -1, 10]}, "layers -1 in"),
        ({"epochs": "many"}, "epochs must be an integer"),
        ({"width": 1000}, "width must be"),
        ({"nesterov": 1}, "nesterov must be"),
        ({"named_formats": {"weights": "none"}}, "weights, which is no format"),
        ({"named_formats": 3}, "must be a table"),
        ({"optimizer": "adam", "momentum": 0.9}, "--momentum is for"),
    ],
)
def test_a_damaged_configuration_is_named(change, words):
    config = resolve({}).stored() | {"layers": [64, 128, 64, 10]}
    assert settings_in(config, "c") == resolve({})
    with pytest.raises(RunFolderError, match=f"c is no run's configuration: .*({words})"):
        settings_in(config | change, "c")


def test_numbers_keep_their_exact_value():
    assert read_text("learning_rate", "0.1") == 0.1
    assert Fraction(read_text("learning_rate", "1e-30")) == Fraction(1e-30)
    assert read_text("momentum", "0") == 0
    assert np.isclose(read_text("warm_up", "2.5"), 2.5)
    assert read_text("label", "-1") == -1
    assert read_text("label", "kind") == "kind"
    assert key_of("batch_size") == "batch-size"


def test_the_documents_name_every_setting_and_their_example_is_one(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "training.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[a-z`, -]+`) \|.*\|$", page, re.M)
    named = [key for row in rows for key in re.findall("[a-z-]+", row)]
    assert [key for key in named if key.replace("-", "_") in {f.name for f in FIELDS}] == [
        key_of(field.name) for field in FIELDS
    ]
    (example,) = re.findall(r"^```toml\n(.*?)^```$", page, re.M | re.S)
    settings = resolve(read_file(written(tmp_path, example)))
    assert settings.formats().activations == fx.Format(12, 8)
    assert settings.formats().gradients == fx.Format(12, 10, rounding="stochastic")
    assert make_optimizer(settings, 1437) == SGD(Cosine(0.05, 20 * 45, 45), 0.9)
