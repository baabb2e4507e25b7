"""The report: one file that needs nothing else, in which all that comes from a run is text."""

import dataclasses
import os
import re
import sys
from html.parser import HTMLParser

import matplotlib
import numpy as np
import pytest
from made_up_runs import full, record, with_test_part

import fxtypes as fx
from fxtypes_nn.watch import report
from fxtypes_nn.watch.history import History
from fxtypes_nn.watch.plots import PICTURES, PicturesError
from fxtypes_nn.watch.record import Record

EMPTY = {"meta", "link", "br", "img", "input", "hr"}  # elements without an end
CONFIG = {
    "dataset": "digits",
    "layers": [16, 8, 10],
    "hidden": "relu",
    "width": 16,
    "optimizer": "adam",
    "schedule": "cosine",
    "learning_rate": 0.001,
    "batch_size": 32,
    "nesterov": False,
    "momentum": None,
    "samples": {"train": 1437, "test": 360},
    "precision": {"weights": "Format(16, 13)", "gradients": "Format(16, 14)"},
    "versions": {"fxtypes": "0.0.1", "numpy": "2.3"},
    "training_seconds": 83.4,
    "epoch_seconds": 0.25,
    "test_loss": 0.125,
}


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.attributes, self.text, self.faults, self._open = [], [], "", [], []
        with open(path, encoding="utf-8") as file:
            self.source = file.read()
        self.feed(self.source)
        self.close()
        self.faults += self._open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attributes]
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attributes]

    def handle_endtag(self, tag):
        if self._open[-1:] != [tag]:
            self.faults.append(f"</{tag}> after {self._open[-1:]}")
        self._open = self._open[:-1]

    def handle_data(self, data):
        if self._open[-1:] != ["style"]:
            self.text += data

    def words(self):
        return " ".join(self.text.split())

    def values(self, name):
        return [value for _, found, value in self.attributes if found == name]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "report.html"
    of = dataclasses.replace(
        full(),
        config=CONFIG,
        warnings=["half the updates are lost: give `updates` more fraction bits"],
        command="fxtypes-nn train --width 16",
    )
    report.write(of, path)
    return Page(path)


@pytest.fixture
def few(monkeypatch):
    """Only some of the pictures: each takes its time."""
    for name in PICTURES.keys() - {"training", "confusion"}:
        monkeypatch.delitem(PICTURES, name)


def test_it_is_one_well_formed_file_that_loads_and_runs_nothing(whole):
    assert whole.faults == []
    assert "script" not in whole.tags
    assert "link" not in whole.tags
    assert not [name for _, name, _ in whole.attributes if name.startswith("on")]
    loaded = [*whole.values("src"), *whole.values("href"), *whole.values("xlink:href")]
    assert all(value.startswith(("#", "data:image/png;base64,")) for value in loaded)
    assert not re.search(r"url\((?!#)|@import", whole.source)
    assert "default-src 'none'" in whole.source  # and the browser sees to that
    ids = whole.values("id")
    assert len(ids) == len(set(ids))
    named = {value[1:] for value in loaded if value.startswith("#")}
    named |= set(re.findall(r"url\(#([^)]*)\)", whole.source))
    assert named <= set(ids)
    assert len(whole.source) < 2_000_000


def test_it_says_what_was_trained_and_how_well(whole):
    words = whole.words()
    assert (
        "A network of 16 inputs, 8 hidden units (relu) and 10 outputs, trained wholly in fixed "
        "point of 16 bits, on digits: 1,437 samples to train on, 360 to test. Trained by adam with "
        "a learning rate of 0.001 (cosine), in batches of 32." in words
    )
    for what, value in (
        ("test accuracy", "90.00%"),
        ("test samples not recognised", "20 of 200"),
        ("test loss", "0.125"),
        ("epochs", "4"),
        ("iterations", "200"),
        ("of training", "1 min 23 s"),
        ("an epoch", "0.25 s"),
        ("samples a second", "5,748"),
        ("parameters", "136"),
        ("take the parameters", "272 bytes"),
    ):
        assert f"{what}{value}" in whole.text
    assert "half the updates are lost: give `updates` more fraction bits" in words
    assert "fxtypes-nn train --width 16" in words
    assert "dense1 16 -> 8" in words


def test_each_picture_is_there_with_its_sentence(whole):
    of = full()
    for picture in PICTURES.values():
        assert picture.title in whole.text
        assert " ".join(picture.says(of).split()) in whole.words()
    assert whole.tags.count("svg") == len(PICTURES) + 1  # one of them in two widths
    labels = whole.values("aria-label")
    assert sum(label.startswith("Loss. The loss went from ") for label in labels) == 1


def test_formats_are_held_against_what_was_seen(tmp_path, few):
    changes = {"dense1.weights.max": 3.5, "dense1.weights.int_bits": 3}
    report.write(record(changes=changes), tmp_path / "report.html")
    page = Page(tmp_path / "report.html")
    rows = re.findall(r"<tr><th scope=\"row\">dense1\.(\w+)</th>(.*?)</tr>", page.source)
    cells = {name: re.findall(r"<td.*?>(.*?)</td>", row) for name, row in rows}
    assert cells["weights"] == [
        "<code>Format(16, 13)</code>", "-4 to 4", "2⁻¹³", "-1.5 to 3.5", "3 of 3",
    ]  # fmt: skip
    assert cells["bias"][-1] == "2 of 3"
    marked = re.findall(r'<tr><th scope="row">([\w.]+)</th>(?:(?!</tr>).)*number full', page.source)
    assert marked == ["dense1.weights"]


def test_settings_and_versions_are_listed_without_what_is_not_set(whole):
    rows = dict(re.findall(r'<tr><th scope="row">([^<]*)</th><td>([^<]*)</td></tr>', whole.source))
    assert rows["nesterov"] == "no"
    assert rows["layers"] == "16, 8, 10"
    assert rows["samples, train"] == "1437"
    assert rows["numpy"] == "2.3"
    assert not rows.keys() & {"momentum", "training_seconds", "versions", "precision"}
    assert "<code>Format(16, 14)</code>" in whole.source


def test_all_text_of_the_run_is_escaped(tmp_path):
    evil = "<script>alert('&')</script>\"'<!-- -->"
    fields = with_test_part(samples=60, classes=3, wrong=9) | {"classes": [evil, "-->", "$a$"]}
    config = CONFIG | {"dataset": evil, "hidden": evil, evil: evil}
    config |= {"precision": {evil: evil}, "versions": {evil: evil}, "layers": [evil, evil]}
    of = record(
        50, title=evil, config=config, warnings=[evil], command=evil, summary=evil, **fields
    )
    report.write(of, tmp_path / "report.html")
    page = Page(tmp_path / "report.html")
    assert page.faults == []
    assert not {"script", "b"} & set(page.tags)
    assert page.source.count("<!--") == 0
    assert page.text.count(evil) >= 8


def test_the_dark_and_print_have_colours_of_their_own(whole):
    for media in ("(prefers-color-scheme: dark)", "print"):
        block = whole.source[whole.source.index(f"@media {media} {{") :]
        for name in report._VARIABLES.values():
            assert f"--{name}: " in block[:1200]
    # The pictures' colours are the page's.
    svg = whole.source[whole.source.index("<svg") :]
    assert "var(--ink)" in svg
    assert not [colour for colour in report._VARIABLES if colour in svg]


def test_the_same_record_gives_the_same_bytes(tmp_path, few):
    paths = [tmp_path / "one.html", tmp_path / "two.html"]
    for path in paths:
        report.write(full(), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize(
    "of",
    [
        Record("nothing", {}, History()),
        record(1, config={"layers": "odd", "samples": 3, "precision": None, "test_loss": "?"}),
        record(9, changes={"loss": float("nan"), "accuracy": None, "max": float("inf")}),
        record(0, parameters={"dense1.weights": fx.array(np.zeros((0, 3)), fx.Format(8, 4))}),
    ],
    ids=["empty", "odd settings", "diverged", "no elements"],
)
def test_short_empty_and_odd_records(of, tmp_path):
    report.write(of, tmp_path / "report.html")
    page = Page(tmp_path / "report.html")
    assert page.faults == []
    assert f"<h1>{of.title}</h1>" in page.source
    assert ("The history of this training is empty" in page.text) == (not len(of.history))


def test_without_a_test_part_the_accuracy_is_the_configurations_or_the_validations(tmp_path, few):
    path = tmp_path / "report.html"
    report.write(record(config={"test_accuracy": 0.75}), path)
    assert "test accuracy75.00%" in Page(path).text
    report.write(record(), path)
    assert "validation accuracy87.50%" in Page(path).text


def test_a_picture_that_fails_is_named_in_its_place_and_told(tmp_path, monkeypatch, few):
    def broken(record, columns):
        raise ZeroDivisionError("<b>in</b> the drawing")

    picture = dataclasses.replace(PICTURES["confusion"], drawing=broken)
    monkeypatch.setitem(PICTURES, "confusion", picture)
    with pytest.raises(PicturesError, match="confusion: <b>in</b> the drawing") as caught:
        report.write(full(), tmp_path / "report.html")
    assert caught.value.written == [str(tmp_path / "report.html")]
    page = Page(tmp_path / "report.html")
    assert "This picture couldn't be made: <b>in</b> the drawing" in page.text
    assert page.tags.count("svg") == 2


def test_what_was_there_stays_where_it_cannot_be_written(tmp_path, few):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OSError, match="no regular file"):
        report.write(full(), tmp_path / "report.html")
    with pytest.raises(OSError, match="nowhere"):
        report.write(full(), tmp_path / "nowhere" / "report.html")
    assert os.listdir(tmp_path) == ["report.html"]


def test_a_matplotlib_set_to_use_latex_makes_no_difference(tmp_path, few):
    report.write(full(), tmp_path / "one.html")
    with matplotlib.rc_context({"text.usetex": True}):
        report.write(full(), tmp_path / "two.html")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


@pytest.mark.parametrize("library", ["jinja2", "matplotlib"])
def test_a_missing_library_is_told(library, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=rf"{library} is needed for the report: pip install"):
        report.write(full(), tmp_path / "report.html")
    assert os.listdir(tmp_path) == []
