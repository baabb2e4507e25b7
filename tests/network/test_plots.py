"""The pictures: what they show, within which bounds, and what one that fails leaves behind."""

import contextlib
import dataclasses
import errno
import math
import os
import sys

import matplotlib
import numpy as np
import pytest
from made_up_runs import FORMAT, full, history, record, with_test_part

import fxtypes as fx
from fxtypes_nn.watch.history import History
from fxtypes_nn.watch.plots import PICTURES, PicturesError, draw, drawing
from fxtypes_nn.watch.plots.drawing import rendered
from fxtypes_nn.watch.record import Record
from fxtypes_nn.watch.series import POINTS


def panels(name, of, columns=2):
    """A picture's axes: its panels first, those of integer bits and colour bars after them."""
    return PICTURES[name](of, columns).axes


def line(axes, label):
    return next(each for each in axes.lines if each.get_label() == label)


def entries(legend):
    return [text.get_text() for text in legend.get_texts()]


def texts(axes):
    return [text.get_text() for text in axes.texts]


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_fits_into_a_paper(name, columns):
    of = full()
    width, height = PICTURES[name](of, columns).get_size_inches()
    assert width == (3.5 if columns == 1 or name == "confusion" else 7.16)
    assert height <= 9
    assert PICTURES[name].says(of).endswith(".")


def test_columns_other_than_one_and_two_are_refused():
    with pytest.raises(ValueError, match="columns must be 1 or 2, got 3"):
        PICTURES["loss"](full(), 3)


# Error, accuracy and loss


def test_the_error_is_on_a_log_axis_with_validation_within_epochs():
    axes = panels("training", record(history=history(100, epoch=100, validation=20)))[0]
    assert axes.get_yscale() == "log"
    assert line(axes, "validation").get_xdata().tolist() == [20, 40, 60, 80, 100]
    np.testing.assert_allclose(line(axes, "validation").get_ydata(), 0.125)


def test_the_running_mean_is_the_mean_of_twenty():
    wrong = np.arange(1, 101) / 200
    changes = {"accuracy": lambda number: 1 - wrong[number - 1]}
    axes = panels("training", record(100, changes=changes))[0]
    mean = line(axes, "mean of 20 batches").get_ydata()
    np.testing.assert_allclose(mean[-1], wrong[-20:].mean())
    np.testing.assert_allclose(mean[4], wrong[:5].mean())
    np.testing.assert_allclose(line(axes, "batches").get_ydata(), wrong)


def test_an_error_of_zero_lies_on_the_lower_edge_of_the_log_axis():
    changes = {"accuracy": lambda number: 0.5 if number <= 100 else 1.0}
    axes = panels("training", record(changes=changes))[0]
    mean = line(axes, "mean of 20 batches").get_ydata()
    assert mean[-1] == axes.get_ylim()[0] > 0
    never_wrong = panels("training", record(changes={"accuracy": 1.0, "validation_accuracy": 1.0}))
    assert never_wrong[0].get_ylim()[0] == 0


def test_seeds_are_a_band_and_the_float_curve_lies_behind():
    best = history(200, changes={"validation_accuracy": 0.95})
    worst = history(200, changes={"validation_accuracy": 0.8})
    twin = history(200, changes={"validation_accuracy": 0.9})
    axes = panels("training", record(siblings=[best, worst], twin=twin))[0]
    assert {"float64, validation", "validation, 3 seeds"} <= set(entries(axes.get_legend()))
    band = next(c for c in axes.collections if c.get_label() == "validation, 3 seeds")
    heights = band.get_paths()[0].vertices[:, 1]
    np.testing.assert_allclose([heights.min(), heights.max()], [0.05, 0.2])
    behind, own = line(axes, "float64, validation"), line(axes, "validation")
    np.testing.assert_allclose(behind.get_ydata(), 0.1)
    assert axes.lines.index(behind) < axes.lines.index(own)


def test_without_accuracy_the_loss_is_drawn():
    of = record(changes={"accuracy": None, "validation_accuracy": None})
    axes = panels("training", of)[0]
    assert axes.get_ylabel() == "loss"
    assert axes.get_yscale() == "log"
    assert PICTURES["original"](of) is None


def test_the_original_groups_figure_is_linear():
    accuracy, weights = panels("original", record())[:2]
    assert accuracy.get_yscale() == weights.get_yscale() == "linear"
    assert accuracy.get_ylim()[0] == 0
    lows, highs = (each.get_ydata() for each in weights.lines[:2])
    assert set(lows) == {-1.5}
    assert set(highs) == {1.25}


# Ranges and formats


def test_the_formats_limits_are_drawn_in_on_one_scale():
    of = record(formats={"dense1.weights": fx.Format(8, 5), "relu1.weights": fx.Format(8, 2)})
    left, right = panels("parameters", of)[:2]
    assert left.get_ylim() == right.get_ylim()
    limits = [{round(each.get_ydata()[0], 3) for each in axes.lines} for axes in (left, right)]
    assert {-4, 3.969} <= limits[0]
    assert {-32, 31.75} <= limits[1]
    assert not {-32, 31.75} & limits[0]


def test_an_axis_counts_integer_bits():
    figure = PICTURES["parameters"](record(fmt=fx.Format(8, 5)))
    values, bits = (
        {
            tick: text.get_text()
            for tick, text in zip(a.get_yticks(), a.get_yticklabels(), strict=True)
        }
        for a in (figure.axes[0], figure.axes[-1])
    )
    assert values.keys() == bits.keys()
    assert (values[4.0], values[-4.0], values[0.0]) == ("4", "-4", "0")
    assert (bits[4.0], bits[-4.0], bits[0.0]) == ("3", "3", "")
    assert figure.axes[-1].get_ylabel() == "integer bits"


def test_limits_far_away_are_named_and_do_not_press_the_values_flat():
    axes = panels("parameters", record(fmt=fx.Format(128, 20)))[0]
    assert texts(axes) == ["limits at 2¹⁰⁷"]
    assert axes.get_ylim()[1] < 4


def test_quantiles_stand_beside_the_extremes():
    values = np.linspace(-1, 1, 101)
    of = record(parameters={"dense1.weights": fx.array(values, fx.Format(32, 24))})
    figure = PICTURES["parameters"](of)
    bar = next(each for each in figure.axes[0].lines if each.get_linewidth() == 2.5)
    np.testing.assert_allclose(bar.get_ydata(), [-0.9, 0.9], atol=1e-6)
    assert min(bar.get_xdata()) > 200
    assert "90% at the end, median" in entries(figure.legends[0])


def test_many_layers_are_those_nearest_to_their_limits():
    layers = [f"dense{number}" for number in range(1, 41)]
    changes = {"dense17.bias.max": 3.9}
    for name, most in (("parameters", 12), ("activations", 12), ("bits", 24)):
        of = record(20, layers, changes=changes)
        figure = PICTURES[name](of)
        assert figure.get_size_inches()[1] < 6
        shown = [axes.get_title(loc="left") for axes in figure.axes]
        if name == "bits":
            shown = [text.get_text() for text in figure.axes[0].get_yticklabels()]
        shown = [name for name in shown if name]
        assert len(shown) == most
        assert name == "activations" or any("dense17" in each for each in shown)
        assert f"{most} of " in figure.legends[0].get_title().get_text()


@pytest.mark.parametrize("columns", [1, 2])
def test_no_picture_grows_without_bound(columns):
    layers = [f"dense{number}" for number in range(1, 41)]
    of = record(20, layers, changes={"overflow": 1})
    heights = [figure.get_size_inches()[1] for p in PICTURES.values() if (figure := p(of, columns))]
    assert len(heights) == 8
    assert max(heights) < 10


def test_of_many_layers_and_passes_those_with_the_most_events_are_shown():
    layers = [f"dense{number}" for number in range(1, 41)]
    figure = PICTURES["events"](record(20, layers, changes={"dense17.forward.underflow": 99}))
    rows = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert len(rows) == 24
    assert "dense17, forward" in rows
    assert figure.get_suptitle().startswith("24 of 120 layers and passes")


def test_activations_are_the_samples_and_what_comes_out_of_layers():
    figure = PICTURES["activations"](record(changes={"dense1.input.max": 0.5}))
    assert entries(figure.legends[0])[:2] == ["input", "output"]
    first, second = figure.axes[:2]
    assert 0.5 in {each.get_ydata()[0] for each in first.lines}
    assert 0.5 not in {each.get_ydata()[0] for each in second.lines}


def test_bits_in_use_go_from_the_step_to_what_was_reached():
    reached = {"dense1.weights.max": 2.0, "dense1.weights.int_bits": 3}
    of = record(changes=reached, formats={"dense1.weights": fx.Format(8, 5)})
    axes = panels("bits", of)[0]
    whole, used = axes.patches
    assert (whole.get_x(), whole.get_x() + whole.get_width()) == (-5, 2)
    assert (used.get_x(), used.get_x() + used.get_width()) == (-5, 1)
    assert PICTURES["bits"].says(of) == "dense1.weights used every integer bit of its format."


def test_the_sentence_names_the_nearest_to_its_limits():
    changes = {"dense1.bias.abs_max": 3.5, "dense1.bias.max": 3.5, "dense1.bias.int_bits": 3}
    assert PICTURES["parameters"].says(record(changes=changes)) == (
        "dense1.bias came nearest to its limits: it reached 3.5 of 4, which takes 3 of its 3 "
        "integer bits. All others leave at least 1 integer bit unused."
    )


@pytest.mark.parametrize(
    ("fmt", "scale"),
    [
        (fx.Format(128, 100), 1.0),
        (fx.Format(128, 256), 2.0**-140),
        (fx.Format(8, -256), 2.0**260),
        (fx.Format(8, 7, signed=False), 0.25),
        (fx.Format(2, 0), 1.0),
    ],
)
def test_formats_of_all_kinds(fmt, scale):
    changes = {"min": -scale * fmt.signed, "max": scale, "abs_max": scale}
    values = np.array([0, scale, scale / 2, -scale * fmt.signed])
    weights = {"dense1.weights": fx.array(values, fmt)}
    of = record(20, ["dense1"], fmt=fmt, changes=changes, parameters=weights)
    for name in ("training", "parameters", "bits", "weights"):
        rendered(PICTURES[name](of), "png")
        assert PICTURES[name].says(of)


# Events and lost updates


def test_events_are_means_of_the_watched_iterations():
    changes = {"underflow": None, "saturation": None, "overflow": 0}
    changes["dense1.backward.overflow"] = lambda number: 6 if number <= 100 else 2
    figure = PICTURES["events"](record(changes=changes))
    axes, bar = figure.axes
    assert axes.get_title(loc="left") == "overflow"
    assert [text.get_text() for text in axes.get_yticklabels()] == ["dense1, backward"]
    cells = axes.collections[0].get_array()
    assert (cells[0, 0], cells[0, -1]) == (6, 2)
    assert bar.get_ylabel() == "events in a watched iteration"


def test_without_events_there_is_no_picture_but_a_sentence_for_what_is_missing():
    quiet = record(changes={"underflow": 0, "saturation": 0, "lost": 0})
    assert PICTURES["events"](quiet) is None
    assert PICTURES["lost"](quiet) is None
    some = PICTURES["events"].says(record(changes={"saturation": 0, "lost": 0}))
    assert some.startswith("No overflow was seen. Underflow, ")
    assert some.endswith("No saturation was seen. No update was lost.")


def test_lost_updates_are_shares():
    of = record(changes={"dense1.weights.lost": 0.75})
    axes = panels("lost", of)[0]
    assert set(line(axes, "dense1.weights").get_ydata()) == {0.75}
    assert "75% of the steps of dense1.weights" in PICTURES["lost"].says(of)


# The trained model


def test_histograms_hold_all_values_the_step_and_the_limits():
    values = fx.array([0, 0.25, 0.25, -0.5, 3.75, 0.5, -0.5, 1], fx.Format(6, 3))
    left, right = panels("weights", record(parameters={"dense1.weights": values}))
    # A bar a value: 31 steps from -0.5 to 3.75 at most.
    counts, edges, _ = left.patches[0].get_data()
    assert counts.sum() == 8
    np.testing.assert_allclose(np.diff(edges), 0.125)
    assert {each.get_xdata()[0] for each in left.lines} == {3.875}
    shares = {round(bar.get_x() - 0.05): bar.get_height() for bar in right.patches}
    assert shares == {-2: 0.25, -1: 0.375, 0: 0.125, 1: 0.125}
    assert {each.get_xdata()[0] for each in right.lines} == {-3, 2}
    assert right.get_title(loc="right") == "step 2⁻³, limit 4; 12.5% are 0"


@pytest.mark.parametrize("fmt", [fx.Format(64, 60), fx.Format(64, 256), fx.Format(128, 120)])
@pytest.mark.parametrize("raws", [[1], [1, 1, 1], [1, 0.75], [1, -1, 0], [0, 0]])
def test_a_wide_format_has_a_histogram_of_few_values_too(fmt, raws):
    values = fx.FixedArray.from_raw([int(each * 0.7 * fmt.raw_max) for each in raws], fmt)
    near = fx.FixedArray.from_raw([fmt.raw_max - 5, fmt.raw_max], fmt)
    axes = panels("weights", record(parameters={"a.bias": values, "b.bias": near}))
    for left, count in ((axes[0], len(raws)), (axes[2], 2)):
        counts, edges, _ = left.patches[0].get_data()
        assert counts.sum() == count
        assert (np.diff(edges) > 0).all()


def test_what_is_all_zeros_is_said_in_plain_numbers():
    of = record(parameters={"dense1.bias": fx.zeros(10, fx.Format(16, 8))})
    assert panels("weights", of)[1].get_title(loc="right").endswith("; 100% are 0")
    assert PICTURES["weights"].says(of).startswith("100% of all 10 parameters are 0.")


def test_the_confusion_matrix_counts_class_by_prediction():
    of = record(**with_test_part(classes=3, samples=30, wrong=6))
    axes = panels("confusion", of)[0]
    assert sorted(texts(axes)) == ["2", "2", "2", "8", "8", "8"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["c0", "c1", "c2"]
    says = PICTURES["confusion"].says(of)
    assert says.startswith("24 of 30 test samples were recognised (80.00%).")
    assert "c0 taken for c1, 2 times" in says


def test_a_confusion_matrix_without_mistakes_has_no_scale_of_them():
    found = [len(panels("confusion", record(**with_test_part(wrong=wrong)))) for wrong in (0, 1)]
    assert found == [1, 2]


def test_of_many_classes_the_confusion_matrix_shows_those_most_often_mistaken():
    axes = panels("confusion", record(**with_test_part(samples=500, classes=100, wrong=10)))[0]
    shown = [text.get_text() for text in axes.get_xticklabels()]
    assert len(shown) == 40
    assert {f"c{number}" for number in range(90, 100)} <= set(shown)
    assert axes.get_title(loc="left") == "40 of 100 classes, those most often mistaken"


def test_as_many_classes_as_samples_take_no_matrix_of_them():
    of = record(**with_test_part(samples=100_000, classes=100_000, side=1, wrong=50))
    figure = PICTURES["confusion"](of)
    assert len(figure.axes[0].get_xticklabels()) == 40
    assert PICTURES["confusion"].says(of).startswith("99,950 of 100,000 test samples")


def test_images_that_were_not_recognised_carry_both_labels():
    of = record(**with_test_part(samples=100, wrong=5))
    axes = panels("mistakes", of)[0]
    assert len(axes.images) == 5
    assert texts(axes)[:2] == ["c5", "c6?"]
    np.testing.assert_array_equal(axes.images[0].get_array().ravel(), of.images[95])
    assert len({image.get_clim() for image in axes.images}) == 1  # as dark as they are


def test_the_most_frequent_mistakes_come_first_and_no_more_than_fit():
    fields = with_test_part(samples=400, wrong=0)
    fields["predicted"][[3, 100, 200, 300]] = [9, 1, 1, 1]
    assert texts(panels("mistakes", record(**fields))[0])[:2] == ["c0", "c1?"]
    many = panels("mistakes", record(**with_test_part(samples=400, wrong=300)))[0]
    assert len(many.images) == 24


def test_without_images_or_mistakes_or_a_test_part_there_is_no_such_picture():
    assert PICTURES["mistakes"](record(**with_test_part(wrong=0))) is None
    assert PICTURES["mistakes"](record(**(with_test_part() | {"images": None}))) is None
    assert PICTURES["mistakes"](record(**(with_test_part() | {"image_shape": None}))) is None
    assert PICTURES["confusion"](record()) is None
    assert PICTURES["weights"](record()) is None


def test_a_record_whose_parts_do_not_go_together_is_refused():
    with pytest.raises(ValueError, match="must be as many, got 200, 199 and 200"):
        record(**(with_test_part() | {"predicted": np.zeros(199, int)}))


# Histories of all kinds


def one_layer(rows, **changes):
    return record(rows, ["dense1"], changes=changes)


@pytest.mark.parametrize(
    ("of", "names"),
    [
        (Record("empty", {}, History()), ""),
        (record(0), ""),
        (one_layer(1), "training original loss bits parameters activations events lost"),
        (one_layer(2), "training original loss bits parameters activations events lost"),
        (one_layer(9, loss=None, accuracy=None, min=None, max=None), "events lost"),
        (
            one_layer(9, loss=math.inf, accuracy=None),
            "bits parameters activations events lost",
        ),
        (one_layer(9, loss=math.nan, max=math.inf), "events lost"),
        (one_layer(9, min=0.0, max=0.0, abs_max=0.0, int_bits=0), None),
        (one_layer(9, max=1e300, abs_max=1e300, int_bits=998), None),
        (record(9, layers=["dense1"], formats={}), None),
    ],
    ids=["nothing", "0 rows", "1 row", "2 rows", "None", "inf", "nan", "0", "huge", "no formats"],
)
def test_short_empty_and_diverged_histories(of, names, tmp_path):
    written = draw(of, tmp_path)
    if names is not None:
        found = {os.path.basename(path) for path in written}
        assert found == {f"{name}.png" for name in names.split()}
    for name, picture in PICTURES.items():
        if f"{name}.png" in written:
            assert picture.says(of)


def long_history(rows=300_000):
    names = [f"dense1.weights.{what}" for what in ("min", "max", "abs_max", "int_bits", "lost")]
    numbers, watched = np.arange(rows), np.arange(9, rows, 10)
    columns = {
        "iteration": (numbers, numbers + 1),
        "epoch": (numbers, numbers // 1000 + 1),
        "loss": (numbers, 2.0 / (numbers + 1)),
        "accuracy": (numbers, 1 - 0.9 / np.sqrt(numbers + 1)),
        "validation_loss": (numbers[999::1000], np.full(rows // 1000, 0.5)),
        "validation_accuracy": (numbers[999::1000], np.full(rows // 1000, 0.75)),
    }
    spike = np.where(watched == 123_459, 3.5, 1.0)
    for name, values in zip(names, (-spike, spike, spike, spike > 2, spike / 8), strict=True):
        columns[name] = (watched, values)
    integral = [name in ("iteration", "epoch") for name in columns]
    joined = {True: [], False: []}
    for whole, (_, values) in zip(integral, columns.values(), strict=True):
        joined[whole].append(values)
    return History.from_arrays(
        {
            "length": np.array(rows),
            "columns": np.array(list(columns)),
            "integral": np.array(integral),
            "entries": np.array([len(where) for where, _ in columns.values()]),
            "rows": np.concatenate([where for where, _ in columns.values()]).astype(np.uint32),
            "integers": np.concatenate(joined[True]).astype(np.int64),
            "floats": np.concatenate(joined[False]).astype(np.float64),
        }
    )


def test_long_histories_are_thinned_and_no_extreme_is_lost():
    of = record(history=long_history())
    for axes in panels("training", of)[:2]:
        for each in axes.lines:
            assert len(each.get_xdata()) <= POINTS
    weights = panels("training", of)[1]
    assert max(each.get_ydata().max() for each in weights.lines[:2]) == 3.5
    assert min(each.get_ydata().min() for each in weights.lines[:2]) == -3.5
    for name in ("training", "loss", "parameters"):
        figure = PICTURES[name](of)
        assert len(rendered(figure, "png")) < 250_000
        assert len(rendered(figure, "svg")) < 250_000


# Files


@pytest.fixture
def few(monkeypatch):
    """Only some of the pictures, where it is about files: each takes its time."""
    for name in PICTURES.keys() - {"training", "loss", "confusion", "mistakes"}:
        monkeypatch.delitem(PICTURES, name)


def test_draw_writes_each_picture(tmp_path):
    folder = tmp_path / "deep" / "folder"
    assert draw(full(), folder) == [str(folder / f"{name}.png") for name in PICTURES]
    assert len(list(folder.iterdir())) == len(PICTURES)


def test_draw_writes_each_format_the_same_each_time(tmp_path, few):
    first, second = tmp_path / "first", tmp_path / "second"
    formats = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}
    written = draw(full(), first, formats)
    assert written == [str(first / f"{name}.{fmt}") for name in PICTURES for fmt in formats]
    draw(full(), second, formats)
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name
        assert path.read_bytes().startswith(formats[path.suffix[1:]])
    assert b"/Type3" not in (first / "training.pdf").read_bytes()  # what publishers refuse


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="png, pdf or svg, got 'gif'"):
        draw(full(), tmp_path / "new", ("png", "gif"))
    assert not (tmp_path / "new").exists()


def test_a_folder_in_a_pictures_place_costs_only_that_picture(tmp_path, few):
    (tmp_path / "training.png").mkdir()
    with pytest.raises(PicturesError, match=r"^1 of 4 pictures couldn't be made") as caught:
        draw(full(), tmp_path)
    assert "no regular file" in str(caught.value)
    assert str(tmp_path / "training.png") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(caught.value.written) == len(PICTURES) - 1
    assert list(caught.value.failed) == [str(tmp_path / "training.png")]
    assert (tmp_path / "loss.png").is_file()


def test_a_full_disk_names_the_pictures_and_leaves_nothing_broken(tmp_path, monkeypatch, few):
    draw(full(), tmp_path)
    before = (tmp_path / "loss.png").read_bytes()

    @contextlib.contextmanager
    def full_disk(path):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))
        yield

    monkeypatch.setattr(drawing, "atomic_write", full_disk)
    with pytest.raises(PicturesError, match=r"^no picture could be made: .*No space left") as found:
        draw(record(), tmp_path)
    assert "loss.png" in str(found.value)
    assert (tmp_path / "loss.png").read_bytes() == before


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "plots").write_text("in the way")
    with pytest.raises(OSError, match="plots"):
        draw(full(), tmp_path / "plots")


def test_a_picture_that_fails_keeps_none_of_the_others_back(tmp_path, monkeypatch, few):
    def broken(record, columns):
        raise ZeroDivisionError("in\nthe drawing")

    monkeypatch.setitem(PICTURES, "loss", dataclasses.replace(PICTURES["loss"], drawing=broken))
    with pytest.raises(PicturesError, match=r"loss\.png: in the drawing$") as caught:
        draw(full(), tmp_path)
    assert len(caught.value.written) == len(PICTURES) - 1


def test_a_matplotlib_set_to_use_latex_draws_all_the_same(tmp_path, few):
    settings = {"text.usetex": True, "font.size": 20, "axes.prop_cycle": "cycler(color=['pink'])"}
    plain = draw(full(), tmp_path / "plain")
    with matplotlib.rc_context(settings):
        before = dict(matplotlib.rcParams)
        written = draw(full(), tmp_path / "latex")
        assert dict(matplotlib.rcParams) == before
    for one, other in zip(plain, written, strict=True):
        with open(one, "rb") as a, open(other, "rb") as b:
            assert a.read() == b.read()


def test_text_of_the_users_is_no_formula():
    classes = ["$\\frac{1}$", "$x", "日本", "<b>", "a very long name of a class"]
    fields = with_test_part(samples=50, classes=5, wrong=10) | {"classes": classes}
    figure = PICTURES["confusion"](record(**fields))
    rendered(figure, "svg")
    shown = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert shown == ["$\\frac{1}$", "$x", "日本", "<b>", "a very long…"]


def test_without_matplotlib_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'fxtypes\[nn\]'"):
        draw(full(), tmp_path)


def test_nothing_of_pyplot_is_touched(tmp_path, few):
    draw(record(50), tmp_path)
    assert FORMAT.width == 16
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()
