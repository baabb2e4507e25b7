"""The recipes: what they say, wholly in 16 bits, and the command that measures them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fxtypes_nn import Dropout, recipes
from fxtypes_nn.precision import ROLES
from fxtypes_nn.runs import build, settings

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ROOT / "benchmarks" / "recipes.py"
PAGE = ROOT / "docs" / "recipes.md"
NAMES = recipes.names()
# What the recipes have to reach, in percent: the mean over seeds after the last epoch.
LEAST = {
    "mnist": 99.0,
    "fashion-mnist": 90.3,
    "mnist-small": 97.36,
    "fashion-mnist-small": 88.66,
}

TINY = """
dataset = "digits"
layers = [16]
width = 16
dropout = 0.1
shifts = 1
epochs = 2
batch-size = 64
learning-rate = 0.05
momentum = 0.9
schedule = "cosine"
"""


def test_names_are_those_of_files():
    assert {*LEAST} <= {*NAMES}
    assert sorted(NAMES) == NAMES == settings.recipes()
    for name in NAMES:
        assert recipes.read(name).startswith("# ")


@pytest.mark.parametrize("name", ["nothing", "../recipes/mnist", "mnist.toml", ""])
def test_an_unknown_name(name):
    with pytest.raises(ValueError, match=r"there is no recipe .*; there are .*mnist-small"):
        recipes.read(name)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_wider_than_16_bits(name):
    chosen = settings.resolve(settings.read_recipe(name))
    precision = chosen.formats()
    names = {role.name for role in ROLES} - {"accumulator"}
    assert {getattr(precision, name).width for name in names} == {16}
    assert precision.accumulator is None  # sums of products are exact
    assert not precision.layers


@pytest.fixture
def pictures(tmp_path):
    """28 x 28 pixels of ten classes, as many as a few batches."""
    generator = np.random.default_rng(1)
    y = np.tile(np.arange(10), 30)
    x = generator.integers(0, 60, (300, 28, 28), np.uint8)
    x[np.arange(300), 5 + y, 4:24] = 250
    path = tmp_path / "pictures.npz"
    np.savez(path, x_train=x[:250], y_train=y[:250], x_test=x[250:], y_test=y[250:])
    return path


@pytest.mark.parametrize("name", NAMES)
def test_each_trains(name, pictures):
    """On other images of the size: shapes, state and what it draws; not its accuracy."""
    changes = {"dataset": str(pictures), "epochs": 3, "batch_size": 32}
    chosen = settings.resolve(settings.read_recipe(name) | changes)
    data = build.load_data(chosen)
    model = build.make_network(chosen, data)
    history = model.fit(
        data.x_train,
        data.y_train,
        epochs=chosen.epochs,
        batch_size=chosen.batch_size,
        optimizer=build.make_optimizer(chosen, len(data.y_train)),
        augment=build.make_augmentation(chosen, data),
        progress=False,
    )
    assert np.mean(history["loss"][-8:]) < np.mean(history["loss"][:8])
    kept = list(model.parameters().values())
    for state in model.training.slots.values():
        kept += state.arrays.values()
    assert len(kept) == 2 * len(model.parameters()), "velocities beside the parameters"
    assert {values.format.width for values in kept} == {16}
    assert bool(chosen.dropout) == any(isinstance(layer, Dropout) for layer in model.layers)


def run(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
    )


@pytest.fixture
def tiny(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def rows(text):
    """Tables' lines, {the first cell: {the head's: cell}}."""
    lines = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in text.splitlines()
        if line.startswith("| ")
    ]
    return {row[0].strip("`"): dict(zip(lines[0], row, strict=True)) for row in lines[2:]}


def test_the_command_goes_on_seed_by_seed(tiny, tmp_path):
    results = tmp_path / "results.jsonl"
    train = ("train", tiny, "--results", results)
    first = run(*train, "--seeds", 1)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("tiny, seed 0: ")
    [kept] = read(results)

    second = run(*train, "--seeds", 3)
    assert second.returncode == 0, second.stderr
    assert [line[:12] for line in second.stdout.splitlines()] == ["tiny, seed 1", "tiny, seed 2"]
    found = read(results)
    assert found[0] == kept
    assert [result["seed"] for result in found] == [0, 1, 2]
    assert len({tuple(result["accuracies"]) for result in found}) > 1

    shown = run("table", tiny, "--results", results)
    assert shown.returncode == 0, shown.stderr
    row = rows(shown.stdout)["tiny"]
    accuracies = 100 * np.array([result["accuracies"] for result in found])
    for column, values in (("last", accuracies[:, -1]), ("best", accuracies.max(axis=1))):
        assert row[column] == f"{values.mean():.2f} ± {values.std(ddof=1):.2f}"
    assert (row["network"], row["epochs"], row["seeds"]) == ("64-16-10", "2", "3")

    del found[1]["settings"]["nesterov"], found[2]["settings"]["momentum"]
    results.write_text("".join(json.dumps(result) + "\n" for result in found))
    older = run("table", tiny, "--results", results)
    assert rows(older.stdout)["tiny"]["seeds"] == "2", "by defaults: no nesterov, but momentum 0"

    tiny.write_text(TINY.replace("0.05", "0.1"))
    other = run("table", tiny, "--results", results)
    assert other.returncode == 1
    assert "no results of its settings as they stand" in other.stderr
    assert run(*train, "--seeds", 1).stdout.startswith("tiny, seed 0: ")
    assert len(read(results)) == 4


def test_the_same_seed_gives_the_same_accuracies(tiny, tmp_path):
    for name in "ab":
        assert run("train", tiny, "--seeds", 1, "--results", tmp_path / name).returncode == 0
    [a], [b] = (read(tmp_path / name) for name in "ab")
    assert a["accuracies"] == b["accuracies"]


def test_what_is_held_out_measures_and_does_not_train(tiny, tmp_path):
    """The last 1,400 of 1,437 held out leave 37, fewer than a batch."""
    results = tmp_path / "results.jsonl"
    train = ("train", tiny, "--seeds", 1, "--results", results)
    assert run(*train, "--hold-out", 1400).returncode == 0
    [held] = read(results)
    right = 1400 * held["accuracies"][-1]
    assert right == pytest.approx(round(right), abs=1e-9)
    assert run(*train).returncode == 0  # is another training
    assert [result["hold_out"] for result in read(results)] == [1400, 0]
    shown = run("table", tiny, "--results", results, "--hold-out", 1400)
    assert "the last 1400 training images" in shown.stdout.replace("Percent of", "the")
    too_many = run(*train, "--hold-out", 1437)
    assert too_many.returncode == 1
    assert "--hold-out 1437 leaves none of 1437 training samples" in too_many.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "nothing", "--results", "r"], "there is no recipe 'nothing'; there are"),
        (["train", "nothing.toml", "--results", "r"], "nothing.toml can't be read"),
        (["train", "--results", "no/folder/r"], "there is no folder to write it into"),
        (["train", "mnist", "--results", "r", "--data", "nowhere"], "there is no folder nowhere"),
        (["table", "--results", "r"], "r has no results for a table"),
        (["table", "--results", "broken"], "broken: line 2 is no result"),
    ],
)
def test_bad_input_is_one_line_at_the_end(arguments, message, tmp_path):
    (tmp_path / "broken").write_text(
        '{"settings": {}, "seed": 0, "hold_out": 0, "accuracies": [1]}\n{"settings": \n'
    )
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert message in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_the_table_goes_into_a_page(tiny, tmp_path):
    results, page = tmp_path / "results.jsonl", tmp_path / "page.md"
    page.write_text("before\n<!-- benchmarks/recipes.py: begin -->\nold\n")
    assert run("train", tiny, "--seeds", 1, "--results", results).returncode == 0
    write = ("table", tiny, "--results", results, "--write", page)
    refused = run(*write)
    assert refused.returncode == 1
    assert "has no place for tables" in refused.stderr
    with page.open("a") as file:
        file.write("<!-- benchmarks/recipes.py: end -->\nafter\n")
    assert run(*write).returncode == 0
    text = page.read_text()
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert rows(text)["tiny"]["seeds"] == "1"


def test_the_page_says_what_was_to_be_reached():
    _, made, _ = re.split("<!-- benchmarks/recipes.py: .*-->", PAGE.read_text(encoding="utf-8"))
    found = rows(made)
    assert {*NAMES} == found.keys()
    for name, least in LEAST.items():
        assert float(found[name]["last"].split(" ± ")[0]) >= least, name
    for name in NAMES:
        assert int(found[name]["seeds"]) >= 5, name
        chosen = settings.resolve(settings.read_recipe(name))
        hidden = "-".join(map(str, chosen.layers))
        assert found[name]["network"] == f"784-{hidden}-10"
        assert int(found[name]["epochs"]) == chosen.epochs


def test_the_page_is_made_of_the_results_that_are_kept():
    _, made, _ = re.split("<!-- benchmarks/recipes.py: .*-->", PAGE.read_text(encoding="utf-8"))
    shown = run("table")
    assert shown.returncode == 0, shown.stderr
    assert rows(shown.stdout) == rows(made)
