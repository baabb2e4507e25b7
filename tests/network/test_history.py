"""The log of a training, and its files."""

import csv
import json
import math
import random
import sys
import tracemalloc

import numpy as np
import pytest

import fxtypes as fx
from fxtypes_nn.watch import history as module
from fxtypes_nn.watch.history import COLUMNS, History, HistoryFile


def some_rows(count, seed=0):
    """Rows of a training that is watched every third iteration, and the columns in order."""
    draw = random.Random(seed)
    rows = []
    for number in range(1, count + 1):
        row = {"iteration": number, "epoch": 1 + number // 7, "loss": draw.random()}
        row["accuracy"] = draw.choice([0.0, 1.0, 0.5])
        if number % 7 == 6:
            row["validation_loss"] = draw.random()
        if number % 3 == 0:
            row["a.w.min"], row["a.w.int_bits"] = -draw.random(), draw.randrange(-3, 9)
            row["a.w.lost"] = draw.choice([None, 0.25])
        rows.append(row)
    return rows


def filled(rows, columns=()):
    history = History(columns)
    for row in rows:
        history.append(row)
    return history


def holds(history, rows, columns):
    """Compare with the rows as dicts, types as well."""
    assert len(history) == len(rows)
    assert history.columns == columns
    for name in columns:
        expected = [row.get(name) for row in rows]
        assert history[name] == expected
        assert [type(value) for value in history[name]] == [type(value) for value in expected]


ALL = [*COLUMNS, "a.w.min", "a.w.int_bits", "a.w.lost"]


@pytest.mark.parametrize("count", [0, 1, 3, 30])
def test_rows_come_back(count):
    holds(filled(some_rows(count)), some_rows(count), ALL if count > 2 else list(COLUMNS))
    declared = ["b.x.lost", *ALL[6:]]
    holds(filled(some_rows(count), declared), some_rows(count), [*COLUMNS, *declared])


def test_columns_without_values_take_no_memory():
    history = History([f"column{number}" for number in range(200)])
    tracemalloc.start()
    try:
        for number in range(10_000):
            history.append({"iteration": number, "epoch": 1, "loss": 0.5, "accuracy": 0.25})
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 10_000 * (4 * 8 + 4) * 1.2  # 8 bytes a value and 4 a row, and room to grow


def test_many_kinds_of_rows_in_any_order():
    draw = random.Random(3)
    for _ in range(20):
        names = [f"c{number}" for number in range(draw.randrange(1, 8))]
        rows = []
        for _ in range(40):
            chosen = draw.sample(names, draw.randint(0, len(names)))
            numbers = [-(2**63), 2**63 - 1, 2**53 + 1, 0, None]
            rows.append({name: draw.choice(numbers) for name in chosen})
        history = History(names)
        for row in rows:
            history.append(row)
        holds(history, rows, [*COLUMNS, *names])
        again = History.from_arrays(history.to_arrays())
        again.extend(history)
        holds(again, rows + rows, [*COLUMNS, *names])


def test_rows_of_few_kinds_are_laid_out_once(monkeypatch):
    laid_out, real = [], History._lay_out

    def counted(self, names, values):
        laid_out.append(names)
        return real(self, names, values)

    monkeypatch.setattr(History, "_lay_out", counted)
    rows = [{"loss": row["loss"], **row} for row in some_rows(400)]
    for row in rows:
        if "a.w.lost" in row:
            row["a.w.lost"] = 0.25  # so that no two kinds have the same number of columns
    history = filled(rows)
    assert len(laid_out) < 10
    again = History.from_arrays(history.to_arrays())
    laid_out.clear()
    for row in rows:
        again.append(row)
    assert len(laid_out) < 10
    holds(again, rows + rows, history.columns)


def test_parameters_are_what_can_lose_updates():
    history = filled(some_rows(3), ["a.input.min", "dense1.bias.min", "dense1.bias.lost"])
    assert history.parameters == ["dense1.bias", "a.w"]


def test_integers_and_floats_are_told_apart():
    history = filled([{"n": np.int64(2), "f": np.float32(0.5), "m": 1}, {"n": 2**62, "m": 2.5}])
    assert [history[name] for name in "nfm"] == [[2, 2**62], [0.5, None], [1.0, 2.5]]
    assert [type(history[name][0]) for name in "nfm"] == [int, float, float]


@pytest.mark.parametrize(
    ("value", "error"),
    [("1", TypeError), ([1], TypeError), (1j, TypeError), (2**63, OverflowError)],
)
def test_what_is_no_number_is_refused_and_leaves_no_row(value, error):
    history = filled(some_rows(5))
    with pytest.raises(error, match="column 'loss2' takes 64-bit integers and floats, got "):
        history.append({"iteration": 6, "loss": 1.0, "loss2": value, "epoch": 2})
    assert history["loss"] == [row["loss"] for row in some_rows(5)]
    history.append({"iteration": 6, "loss": 1.0})
    assert history["iteration"] == [1, 2, 3, 4, 5, 6]
    assert history["loss2"] == [None] * 6


def append_interrupted(history, row, line):
    """Append with a KeyboardInterrupt before the line that is run as the n-th; whether it came."""
    lines = iter(range(1, 1000))

    def trace(frame, event, _):
        own = frame.f_code.co_filename == module.__file__
        if own and event == "line" and next(lines) == line:
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        history.append(row)
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def test_a_row_that_a_signal_breaks_off_is_not_there():
    rows, line, history = some_rows(6), 1, filled(some_rows(4))
    while append_interrupted(history, rows[4] | {"new": 5}, line):
        kept = 4 + (len(history) == 5)  # a last line may lie after the row
        for row in rows[kept:]:
            history.append(row)
        for name in ALL:
            assert history[name] == [row.get(name) for row in rows]
        line, history = line + 1, filled(rows[:4])
    assert line > 20


def test_last_values_and_their_mean():
    rows = some_rows(30)
    history = filled(rows)
    for name in ALL:
        recorded = [row[name] for row in rows if row.get(name) is not None]
        assert history.last(name) == recorded[-1] if recorded else history.last(name) is None
        for n in (1, 2, 5, 100):
            assert history.last_recorded(name, n) == recorded[-n:]
            if recorded:
                exact = math.fsum(recorded[-n:]) / len(recorded[-n:])
                assert history.mean_of_last(name, n) == exact
            else:
                assert history.mean_of_last(name, n) is None
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        history.mean_of_last("loss", 0)
    for read in (history.last, history.__getitem__):
        with pytest.raises(KeyError, match="no column 'lost'"):
            read("lost")
    assert "loss" in history
    assert "lost" not in history


def test_extend_and_truncate():
    rows = some_rows(20)
    for cut in (0, 1, 2, 3, 9, 20):
        history, rest = filled(rows[:cut]), filled(rows[cut:])
        history.extend(rest)
        holds(history, rows, ALL)
        assert history == filled(rows)
        history.truncate(cut)
        holds(history, rows[:cut], ALL)
        for row in rows[cut:]:
            history.append(row)
        holds(history, rows, ALL)
    history.extend(history)
    holds(history, rows + rows, ALL)
    for wrong in (-1, 41):
        with pytest.raises(ValueError, match=f"from 0 to 40, got {wrong}"):
            history.truncate(wrong)


def test_extending_integers_by_floats_makes_floats():
    history = filled([{"m": 1}])
    history.extend(filled([{"m": 0.5}]))
    history.extend(filled([{"m": 2}]))
    assert history["m"] == [1.0, 0.5, 2.0]


def test_equal_where_columns_and_values_are():
    assert filled(some_rows(9)) == filled(some_rows(9))
    assert filled(some_rows(9)) != filled(some_rows(8))
    assert filled(some_rows(9)) != filled(some_rows(9, seed=1))
    assert filled(some_rows(9)) != filled(some_rows(9), ["b"])
    assert History() != 3


@pytest.mark.parametrize("count", [0, 1, 25])
def test_arrays_hold_all_of_it(tmp_path, count):
    history = filled(some_rows(count), ["never"])
    np.savez(tmp_path / "h.npz", **history.to_arrays())
    with np.load(tmp_path / "h.npz", allow_pickle=False) as arrays:
        again = History.from_arrays(dict(arrays))
    holds(again, some_rows(count), history.columns)
    again.append({"iteration": count + 1, "loss": 0.5, "never": 1})
    assert again["loss"] == [*history["loss"], 0.5]
    assert again["never"] == [None] * count + [1]


def test_arrays_that_are_no_history_are_refused():
    good = filled(some_rows(9)).to_arrays()
    for name, array in good.items():
        without = {key: value for key, value in good.items() if key != name}
        with pytest.raises(ValueError, match="no history"):
            History.from_arrays(without)
        if array.ndim:
            for wrong in (array[:-1], np.append(array, array[-1:])):
                with pytest.raises(ValueError, match="no history"):
                    History.from_arrays(good | {name: wrong})
    for name, wrong in [
        ("length", np.array(3)),
        ("rows", good["rows"][::-1]),
        ("entries", -good["entries"]),
        ("columns", np.roll(good["columns"], 1)[:0]),
    ]:
        with pytest.raises(ValueError, match="no history"):
            History.from_arrays(good | {name: wrong})


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def is_in_csv(path, history):
    rows = read_csv(path)
    assert len(rows) == len(history)
    for name in history.columns:
        assert [float(row[name]) if row[name] else None for row in rows] == history[name]
    if rows:
        assert list(rows[0]) == history.columns


@pytest.mark.parametrize("count", [0, 1, 25])
def test_csv_and_json_hold_every_value(tmp_path, monkeypatch, count):
    monkeypatch.setattr(module, "_BLOCK", 4)
    history = filled(some_rows(count))
    history.to_csv(tmp_path / "h.csv")
    history.to_json(tmp_path / "h.json")
    is_in_csv(tmp_path / "h.csv", history)
    columns = json.loads((tmp_path / "h.json").read_text(encoding="utf-8"))
    assert list(columns) == history.columns
    for name in history.columns:
        assert columns[name] == history[name]
        assert [type(v) for v in columns[name]] == [type(v) for v in history[name]]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["h.csv", "h.json"]


def test_a_file_follows_its_history_at_most_once_an_interval(tmp_path, monkeypatch):
    now = 100.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    path, rows = tmp_path / "h.csv", some_rows(30)
    history = filled(rows[:3])
    with HistoryFile(history, path) as file:
        is_in_csv(path, history)
        for row in rows[3:9]:
            history.append(row)
            file.write()
            assert len(read_csv(path)) == 3
            now += 0.16
        now += 0.1
        file.write()
        is_in_csv(path, history)
        history.append(rows[9])
        assert len(read_csv(path)) == 9
    is_in_csv(path, history)
    assert [p.name for p in tmp_path.iterdir()] == ["h.csv"]


def test_a_file_follows_new_columns_and_rows_taken_away(tmp_path):
    path, rows = tmp_path / "h.csv", some_rows(30)
    history = History()
    with HistoryFile(history, path, interval=0) as file:
        for row in rows[:10]:
            history.append(row)
            file.write()
            is_in_csv(path, history)
        history.truncate(8)
        for row in some_rows(3, seed=5):
            history.append(row)
        file.write()
        is_in_csv(path, history)


def test_a_line_that_was_broken_off_is_mended(tmp_path, monkeypatch):
    path, rows = tmp_path / "h.csv", some_rows(10)
    history = filled(rows[:5])
    with HistoryFile(history, path, interval=0) as file:
        for row in rows[5:]:
            history.append(row)

        def broken(start):
            yield "6,1,0."
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(history, "_csv_blocks", broken)
            with pytest.raises(OSError, match="No space left"):
                file.write()
    is_in_csv(path, history)


def read_again(history, tmp_path):
    history.to_csv(tmp_path / "h.csv")
    history.to_json(tmp_path / "h.json")
    return History.from_csv(tmp_path / "h.csv"), History.from_json(tmp_path / "h.json")


def test_files_are_read_again(tmp_path):
    history = History(["a.max", "never"])
    for iteration in range(1, 2500):
        row = {"iteration": iteration, "epoch": 1 + iteration // 1000, "loss": 1 / iteration}
        if iteration % 10 == 0:
            row |= {"a.max": -(0.1**iteration), "count": iteration**3, "mixed": 3}
        if iteration % 25 == 0:
            row["late, with a comma"] = float(iteration)
        history.append(row | ({"mixed": 0.5} if iteration == 2000 else {}))
    for found in read_again(history, tmp_path):
        assert found == history
        assert type(found.last("count")) is int
        assert type(found.last("late, with a comma")) is float
        found.append({"iteration": 2500, "epoch": 3, "loss": 0.0})
    for found in read_again(History(), tmp_path):
        assert found == History()
    odd = History()
    odd.append({"iteration": 1, "epoch": 1, "loss": math.inf, "accuracy": math.nan})
    for found in read_again(odd, tmp_path):
        assert found["loss"] == [math.inf]
        assert math.isnan(found["accuracy"][0])


def test_a_last_line_that_was_broken_off_is_left_out(tmp_path):
    history = History()
    for iteration in (1, 2, 3):
        history.append({"iteration": iteration, "epoch": 1, "loss": 0.25})
    path = tmp_path / "h.csv"
    history.to_csv(path)
    whole = path.read_bytes()
    for end in range(whole.rindex(b"\n", 0, -1) + 1, len(whole)):
        path.write_bytes(whole[:end])
        found = History.from_csv(path)
        assert found["iteration"] == [1, 2]


HEAD = "iteration,epoch,loss,accuracy,validation_loss,validation_accuracy"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it lacks the columns iteration, epoch"),
        ("iteration,epoch\n", "it lacks the columns"),
        (f"{HEAD},loss\n", "has one twice"),
        (f"{HEAD}\n1,1,0.5\n", "line 2 has 3 values, and there are 6 columns"),
        (f"{HEAD}\n1,1,0.5,,,\n2,1,half,,,\n", "line 3 has 'half' as loss"),
        (f"{HEAD}\n{10**30},1,,,,\n", "line 2 has .* as iteration"),
        (f'{HEAD}\n1,1,"0.5,,,\n', "unexpected end of data"),
        ("PK\x03\x04\x00", "it lacks"),
    ],
)
def test_a_csv_that_is_no_history_is_told_by_line(tmp_path, text, words):
    path = tmp_path / "h.csv"
    path.write_text(text)
    with pytest.raises(fx.FileError, match=rf"h.csv is damaged, or no history: .*{words}"):
        History.from_csv(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Expecting value"),
        ("[]", "it holds no object"),
        ('{"iteration": []}', "it lacks the columns"),
        ("loss: 3", "its column loss is no list as long as iteration"),
        ("loss: [1]", "its column loss is no list as long as iteration"),
        ("loss: [1, true]", "row 2 has True as loss"),
        ('loss: [1, "2"]', "row 2 has '2' as loss"),
        (f"loss: [1, {10**30}]", "loss"),
    ],
)
def test_a_json_that_is_no_history_is_told(tmp_path, text, words):
    if text.startswith("loss: "):
        columns = {name: [1, 2] for name in HEAD.split(",")}
        text = json.dumps(columns | {"loss": json.loads(text.removeprefix("loss: "))})
    path = tmp_path / "h.json"
    path.write_text(text)
    with pytest.raises(fx.FileError, match=rf"h.json is damaged, or no history: .*{words}"):
        History.from_json(path)


def test_files_that_are_not_text(tmp_path):
    path = tmp_path / "h"
    path.write_bytes(b"\xff\xfe\x00\n")
    for read in (History.from_csv, History.from_json):
        with pytest.raises(fx.FileError, match="is damaged, or no history"):
            read(path)
        with pytest.raises(FileNotFoundError):
            read(tmp_path / "none")
    path.write_text("[" * 100_000)
    with pytest.raises(fx.FileError, match="is damaged, or no history"):
        History.from_json(path)
