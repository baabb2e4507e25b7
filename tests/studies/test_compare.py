"""`compare`: what it leaves, how it goes on, one line an error."""

import csv
import io
import json
import math
import os
import signal
import subprocess
import time

import numpy as np
import pytest
from command_line import command, config_of, environment, refused, run, stamps

from fxtypes_nn import MLP, History, cli, datasets, load_model
from fxtypes_nn.runs import execute
from fxtypes_nn.runs.folder import held_folder
from fxtypes_nn.runs.settings import resolve
from fxtypes_nn.studies import compare as study
from fxtypes_nn.studies import compare_pages
from fxtypes_nn.studies.compare import FLOATS, Meter
from fxtypes_nn.studies.compare_table import pair
from fxtypes_nn.studies.energy import ebops, energy
from fxtypes_nn.studies.floats import FloatNetwork
from fxtypes_nn.studies.paired import mcnemar_test
from fxtypes_nn.studies.work import inference_work

QUICK = ("compare", "--layers", "8", "--width", "16", "--epochs", "1")
QUICK += ("--floats", "float64,float32")


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def without_pages(request, monkeypatch):
    """Pictures take longer than these trainings."""
    monkeypatch.setattr(execute, "draw", lambda *_: [])
    monkeypatch.setattr(execute, "write_report", lambda *_: None)
    if "with_pages" not in request.fixturenames:
        monkeypatch.setattr(compare_pages, "_pictures", lambda *_: [])


@pytest.fixture
def with_pages():
    """The comparison's own pictures are drawn."""


def state_of(folder):
    return json.loads((folder / "compare.json").read_text(encoding="utf-8"))


def table_of(folder):
    return list(csv.DictReader(io.StringIO((folder / "compare.csv").read_text(encoding="utf-8"))))


def test_it_leaves_tables_pictures_a_page_and_runs(capsys, tmp_path, with_pages):
    status, out, _ = run(capsys, *QUICK, "--seeds", "2", "--seed", "3", "--out", "c")
    assert status == 0
    folder = tmp_path / "c"
    pages = {"compare.json", "compare.md", "compare.csv", "compare.html"}
    pictures = {"training.png", "loss.png", "seeds.png"}
    assert {p.name for p in folder.iterdir()} == pages | pictures | {"fixed", "float64", "float32"}
    for name in pictures:
        assert (folder / name).read_bytes().startswith(b"\x89PNG")
    assert {p.name for p in (folder / "fixed").iterdir()} == {"seed-3", "seed-4"}
    rows = table_of(folder)
    assert [(row["numbers"], row["seed"]) for row in rows] == [
        (numbers, seed) for numbers in ("fixed", "float64", "float32") for seed in ("3", "4")
    ]
    # The fixed one's figures are its run's, which is a run as any.
    own, model = folder / "fixed" / "seed-3", None
    config = config_of(own)
    assert float(rows[0]["test_accuracy"]) == config["test_accuracy"]
    assert float(rows[0]["test_loss"]) == config["test_loss"]
    assert float(rows[0]["epoch_seconds"]) == config["epoch_seconds"]
    assert config["command"].startswith("fxtypes-nn train ")
    assert "--seed 3" in config["command"]
    model = load_model(own / "model.npz")
    history = History.from_json(own / "history.json")
    lows = [v for n in ("dense1", "dense2") for v in history[f"{n}.weights.min"] if v is not None]
    assert float(rows[0]["weights_min"]) == min(lows)
    # The estimates are those of its network, and the counts those of its predictions.
    work = inference_work(model)
    assert float(rows[0]["inference_pj"]) == pytest.approx(energy(work, "horowitz-45nm").arithmetic)
    assert int(rows[0]["ebops"]) > 0
    assert float(rows[0]["inference_bytes"]) == work.bytes_moved
    assert rows[2]["inference_pj"] == ""  # nobody published float64
    floats = energy(work.in_floats(32), "horowitz-45nm").arithmetic
    assert float(rows[4]["inference_pj"]) == pytest.approx(floats)
    digits = datasets.load("digits").lazy(model.precision.inputs)
    predicted = np.load(folder / "float64" / "seed-3" / "parameters.npz")["predicted"]
    differing = np.count_nonzero(model.predict(digits.x_test) != predicted)
    assert int(rows[2]["disagreeing"]) == differing
    accuracy = np.mean(predicted == digits.y_test)
    assert float(rows[2]["test_accuracy"]) == pytest.approx(accuracy)
    text = (folder / "compare.md").read_text(encoding="utf-8")
    for word in ("fixed, 16 bits", "float64", "not published", "Against float32", "sign-flip"):
        assert word in text
    assert f"{ebops(initial(model)):,}" in text
    assert "2 seeds, 3 to 4" in text
    page = (folder / "compare.html").read_text(encoding="utf-8")
    assert page.count("data:image/svg+xml") == 3
    assert "script" not in page
    assert "fixed, 16 bits" in out
    assert "the comparison is in c" in out
    # Finished, it is drawn to the same bytes, and what is there is left alone.
    before, lost = stamps(folder), folder / "seeds.png"
    content = lost.read_bytes()
    lost.unlink()
    assert run(capsys, "compare", "--resume", "--out", "c")[0] == 0
    assert lost.read_bytes() == content
    assert {each for each in stamps(folder).items() if each[0] != lost} < before.items()


def initial(model):
    """The network before it was trained."""
    return type(model)(
        model.layer_sizes, hidden=model.hidden, precision=model.precision, seed=model.seed
    )


def test_the_same_first_weights_and_batches(capsys, tmp_path):
    """At 96 bits both go the same way."""
    arguments = (*QUICK[:3], "--width", "96", "--frac-bits", "70", "--epochs", "2")
    arguments += ("--floats", "float64", "--seeds", "1", "--momentum", "0.9")
    assert run(capsys, *arguments, "--out", "c")[0] == 0
    fixed = History.from_json(tmp_path / "c" / "fixed" / "seed-0" / "history.json")
    floats = History.from_json(tmp_path / "c" / "float64" / "seed-0" / "history.json")
    np.testing.assert_allclose(fixed["loss"], floats["loss"], atol=1e-6)
    assert fixed["accuracy"] == floats["accuracy"]
    assert [row["disagreeing"] for row in table_of(tmp_path / "c")] == ["", "0"]
    text = (tmp_path / "c" / "compare.md").read_text(encoding="utf-8")
    assert "fixed point is exactly as accurate; one seed says nothing of chance" in text


def test_finished_seeds_are_not_trained_again(capsys, tmp_path, monkeypatch):
    assert run(capsys, *QUICK, "--seeds", "1", "--out", "c")[0] == 0
    before = {p: p.read_bytes() for p in (tmp_path / "c").rglob("*") if p.is_file()}
    trained = []
    fit = FloatNetwork.fit

    def counted(self, *arguments, **options):
        trained.append(self.model.seed)
        return fit(self, *arguments, **options)

    monkeypatch.setattr(FloatNetwork, "fit", counted)
    status, out, _ = run(capsys, "compare", "--out", "c", "--resume", "--seeds", "2")
    assert status == 0
    assert trained == [1, 1]
    assert "16 bits, seed 0: test accuracy" in out
    assert out.count("trained before") == 3
    assert len(table_of(tmp_path / "c")) == 6
    for path, content in before.items():
        if "seed-0" in path.parts:
            assert path.read_bytes() == content
    # All of it is there now: the same again, from the settings that it was begun with.
    whole = stamps(tmp_path / "c")
    status, out, _ = run(capsys, "compare", "--out", "c", "--resume")
    assert (status, trained) == (0, [1, 1])
    assert out.endswith("the comparison in c is finished; more --seeds or --epochs go on\n")
    assert stamps(tmp_path / "c") == whole
    for name in ("compare.html", "compare.csv"):
        path = tmp_path / "c" / name
        content = path.read_bytes()
        path.unlink()
        assert run(capsys, "compare", "--out", "c", "--resume")[0] == 0
        assert path.read_bytes() == content
        found = stamps(tmp_path / "c")
        assert {other for other in found if found[other] != whole[other]} == {path}
        whole = found


def test_one_that_goes_on_tells_what_makes_the_whole_of_it(capsys, tmp_path):
    """The command that began it, and what is new."""
    began = "fxtypes-nn compare --seeds 1 --floats float64 --layers 8 --epochs 1"
    began += " --learning-rate 0.1"
    resume = ("compare", "--resume", "--out", "c")
    assert run(capsys, *began.split()[1:], "--out", "c")[0] == 0
    found = [state_of(tmp_path / "c")["command"]]
    for more in ((), ("--seeds", "2"), ("--costs", "jouppi-7nm", "--epochs", "2"), ()):
        assert run(capsys, *resume, *more)[0] == 0
        found.append(state_of(tmp_path / "c")["command"])
        assert found[-1] in (tmp_path / "c" / "compare.html").read_text()
    more = f"{began} --seeds 2 --epochs 2 --costs jouppi-7nm"
    assert found == [began, began, f"{began} --seeds 2", more, more]
    assert run(capsys, *more.split()[1:], "--out", "d")[0] == 0
    timeless = [
        [{n: v for n, v in row.items() if n != "epoch_seconds"} for row in table_of(tmp_path / n)]
        for n in ("c", "d")
    ]
    assert timeless[0] == timeless[1]


def test_more_epochs(capsys, tmp_path):
    assert run(capsys, *QUICK, "--seeds", "1", "--out", "c")[0] == 0
    assert run(capsys, "compare", "--out", "c", "--resume", "--epochs", "2")[0] == 0
    whole = (*QUICK[:-4], "--epochs", "2", *QUICK[-2:])
    assert run(capsys, *whole, "--seeds", "1", "--out", "d")[0] == 0
    timeless = [
        [
            {name: value for name, value in row.items() if name != "epoch_seconds"}
            for row in table_of(tmp_path / name)
        ]
        for name in ("c", "d")
    ]
    assert timeless[0] == timeless[1]


def test_one_that_was_killed_goes_on(capsys, tmp_path):
    arguments = (*QUICK[:-4], "--epochs", "40", *QUICK[-2:], "--seeds", "1", "--out", "c")
    process = subprocess.Popen(
        command(*arguments), env=environment(), cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    folder = tmp_path / "c" / "fixed" / "seed-0"
    ends = time.monotonic() + 60
    while not list(folder.glob("checkpoints/*.npz")) and time.monotonic() < ends:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list(folder.glob("checkpoints/*.npz"))
    assert run(capsys, "compare", "--out", "c", "--resume")[0] == 0
    assert run(capsys, *arguments[:-1], "d")[0] == 0
    for name in ("history.json", "model.npz"):
        other = tmp_path / "d" / "fixed" / "seed-0" / name
        assert (folder / name).read_bytes() == other.read_bytes()


def test_ctrl_c_says_how_to_go_on(capsys, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(FloatNetwork, "fit", interrupted)
    status, _, err = run(capsys, *QUICK, "--out", "c")
    assert status == 1
    assert err.splitlines()[-1].endswith(
        "error: interrupted; fxtypes-nn compare --resume --out c goes on"
    )
    assert not list((tmp_path / "c").rglob("result.json"))


def test_nothing_is_left_of_what_never_began(capsys, tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(study, "train", interrupted)
    (tmp_path / "there").mkdir()
    status, _, err = run(capsys, *QUICK, "--out", "there/new/c")
    assert status == 1
    assert err.endswith("interrupted; nothing was written\n")
    assert list((tmp_path / "there").iterdir()) == []
    assert run(capsys, *QUICK, "--out", "there")[0] == 1
    assert list((tmp_path / "there").iterdir()) == []


def test_a_damaged_result_is_made_anew(capsys, tmp_path):
    assert run(capsys, *QUICK, "--seeds", "1", "--out", "c")[0] == 0
    table = (tmp_path / "c" / "compare.csv").read_text()
    files = tmp_path / "c" / "float64" / "seed-0"
    for name, text in (
        ("result.json", "{"),
        ("result.json", '{"settings": 1}'),
        ("result.json", "3"),
        ("history.json", "[]"),
        ("parameters.npz", "PK"),
    ):
        kept = (files / name).read_bytes()
        (files / name).write_text(text)
        status, _, err = run(capsys, "compare", "--out", "c", "--resume")
        assert status == 0
        if text not in ('{"settings": 1}',):
            assert "is damaged" in err
            assert "it is trained anew" in err
        if name != "result.json":  # where the time stands
            assert (files / name).read_bytes() == kept
    again = (tmp_path / "c" / "compare.csv").read_text()
    assert [line.split(",")[:3] for line in again.splitlines()] == [
        line.split(",")[:3] for line in table.splitlines()
    ]


def test_one_that_diverges_has_a_table_all_the_same(capsys, tmp_path):
    arguments = (*QUICK, "--seeds", "2", "--weight-decay", "1e30", "--out", "c")
    assert run(capsys, *arguments)[0] == 0
    rows = table_of(tmp_path / "c")
    assert rows[2]["test_loss"] == ""
    assert math.isfinite(float(rows[0]["test_loss"]))
    assert "nan" in (tmp_path / "c" / "compare.md").read_text()
    json.loads(
        (tmp_path / "c" / "float64" / "seed-2".replace("2", "0") / "result.json").read_text()
    )
    assert run(capsys, "compare", "--out", "c", "--resume")[0] == 0


def test_joules_where_there_are_counters(capsys, tmp_path, monkeypatch):
    class Counted(Meter):
        def __init__(self):
            self.problem = None

        def read(self):
            return 2.5

    monkeypatch.setattr(study, "Meter", Counted)
    assert run(capsys, *QUICK, "--seeds", "1", "--out", "c")[0] == 0
    assert [row["joules"] for row in table_of(tmp_path / "c")] == ["2.5"] * 3
    text = (tmp_path / "c" / "compare.md").read_text()
    assert "fixed, 16 bits 2.5 J (1 trainings); float64 2.5 J" in text
    assert state_of(tmp_path / "c")["joules"]["float32"] == {"0": 2.5}
    # What isn't trained again keeps what was measured.
    monkeypatch.setattr(study, "Meter", Meter)
    assert run(capsys, "compare", "--out", "c", "--resume")[0] == 0
    assert [row["joules"] for row in table_of(tmp_path / "c")] == ["2.5"] * 3


def test_a_file_of_settings(capsys, tmp_path):
    (tmp_path / "mine.toml").write_text(
        'layers = [8]\nwidth = 16\nepochs = 1\n[precision]\ninputs = "UQ4.12"\n'
    )
    arguments = ("compare", "--config", "mine.toml", "--seeds", "2", "--floats", "float64")
    assert run(capsys, *arguments, "--out", "c")[0] == 0
    for seed in (0, 1):
        config = config_of(tmp_path / "c" / "fixed" / f"seed-{seed}")
        assert config["precision"]["inputs"] == "Format(16, 12, signed=False)"
        assert config["command"] == f"fxtypes-nn train --config mine.toml --seed {seed}"
    expected = "fxtypes-nn compare --seeds 2 --floats float64 --config mine.toml --seed 0"
    assert state_of(tmp_path / "c")["command"] == expected
    # Those of a seed more too, when it goes on.
    (tmp_path / "mine.toml").unlink()
    arguments = ("compare", "--out", "c", "--resume", "--seeds", "3")
    assert run(capsys, *arguments)[0] == 0
    configs = [config_of(tmp_path / "c" / "fixed" / f"seed-{seed}") for seed in (0, 2)]
    assert configs[1]["command"] == "fxtypes-nn train --config mine.toml --seed 2"
    for name in ("layers", "epochs", "width", "precision", "learning_rate"):
        assert configs[0][name] == configs[1][name]
    arguments = ("compare", "--out", "c", "--resume", "--epochs", "2")
    assert run(capsys, *arguments)[0] == 0


def test_other_costs(capsys, tmp_path):
    arguments = (*QUICK, "--seeds", "1", "--out", "c", "--costs", "jouppi-7nm")
    assert run(capsys, *arguments)[0] == 0
    assert "Jouppi et al. 2021, 7 nm" in (tmp_path / "c" / "compare.md").read_text()
    assert state_of(tmp_path / "c")["plan"]["costs"] == "jouppi-7nm"


def test_errors_are_one_line(capsys, tmp_path):
    assert run(capsys, *QUICK, "--seeds", "1", "--out", "c")[0] == 0
    refused(capsys, ["c already holds compare.json", "--out", "--resume"], *QUICK, "--out", "c")
    words = ["the run in c is another one", "width is 8 and was 16"]
    refused(capsys, words, "compare", "--out", "c", "--resume", "--width", "8")
    state = tmp_path / "c" / "compare.json"
    whole = state_of(tmp_path / "c")
    for content, words in (
        ("{", ["compare.json is damaged"]),
        ("[]", ["it describes no comparison"]),
        (json.dumps(whole | {"width": 0}), ["compare.json", "width"]),
    ):
        state.write_text(content)
        refused(capsys, words, "compare", "--out", "c", "--resume")
    (tmp_path / "file").write_text("")
    refused(capsys, ["file can't be written: it is no folder"], *QUICK, "--out", "file")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "fixed").mkdir()
    refused(capsys, ["run already holds fixed"], *QUICK, "--out", "run")
    # Pictures of a run's own would be written over.
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "training.png").write_text("a run's")
    for more in ((), ("--resume",)):
        status, _, err = run(capsys, *QUICK, "--out", "other", *more)
        assert status == 1
        assert "other already holds training.png" in err
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["training.png"]


def test_two_processes_never_compare_in_one_folder(capsys, tmp_path):
    assert run(capsys, *QUICK, "--seeds", "1", "--out", "c")[0] == 0
    before = (tmp_path / "c" / "compare.json").read_bytes()
    more = ("compare", "--out", "c", "--resume", "--seeds", "2")
    with held_folder("c"):
        refused(capsys, ["another process is at work in c", "--out"], *more)
    assert (tmp_path / "c" / "compare.json").read_bytes() == before
    assert run(capsys, *more)[0] == 0


def test_fewer_epochs_are_refused(capsys, tmp_path):
    arguments = (*QUICK[:-4], "--epochs", "2", *QUICK[-2:])
    assert run(capsys, *arguments, "--seeds", "1", "--out", "c")[0] == 0
    words = ["the comparison in c has 2 epochs, and can't go back to 1"]
    refused(capsys, words, "compare", "--out", "c", "--resume", "--epochs", "1")


def test_what_others_have_there_is_left_alone(capsys, tmp_path, monkeypatch):
    """And is no sign of a comparison to go on with."""

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    (tmp_path / "c" / "mine").mkdir(parents=True)
    (tmp_path / "c" / "mine" / "notes").write_text("")
    monkeypatch.setattr(study, "train", interrupted)
    assert run(capsys, *QUICK, "--out", "c")[2].endswith("nothing was written\n")
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["mine"]


def test_pages_that_cannot_be_made(capsys, tmp_path, monkeypatch):
    def full(path, *_):
        raise OSError(28, "No space left on device", path)

    with monkeypatch.context() as patched:
        patched.setattr(compare_pages, "write_text", full)
        status, _, err = run(capsys, *QUICK, "--seeds", "1", "--out", "c")
    assert status == 1
    assert "the trainings are whole, and fxtypes-nn compare --resume --out c makes" in err
    assert run(capsys, "compare", "--resume", "--out", "c")[0] == 0

    def broken(*_):
        raise execute.PagesError("no picture could be made")

    monkeypatch.setattr(execute, "draw", broken)
    status, out, err = run(capsys, *QUICK, "--seeds", "1", "--out", "d")
    assert status == 1
    assert "warning: no picture could be made; the run itself is whole" in err
    assert "the comparison is in d" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--resume",), "--resume needs --out"),
        (("--out", ""), "--out: must be a folder's name"),
        (("--seeds", "0"), "--seeds: must be an integer of at least 1, got '0'"),
        (("--seeds", "-1"), "--seeds"),
        (("--floats", "float16"), "must be one or several of float64, float32, torch"),
        (("--costs", "mine"), "horowitz-45nm"),
        (("--momentum", "0.9", "--optimizer", "adam"), "--momentum is for --optimizer sgd"),
    ],
)
def test_usage_errors(capsys, tmp_path, arguments, words):
    status, out, err = run(capsys, "compare", *arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_plan(capsys, tmp_path):
    assert run(capsys, *QUICK, "--seeds", "1", "--out", "c")[0] == 0
    whole = state_of(tmp_path / "c")
    for plan in ({"seeds": "3"}, {"floats": ["float8"]}, {"costs": "mine"}):
        text = json.dumps(whole | {"plan": whole["plan"] | plan})
        (tmp_path / "c" / "compare.json").write_text(text)
        status, _, err = run(capsys, "compare", "--out", "c", "--resume")
        assert status == 2
        assert "the comparison's plan is damaged" in err


def test_resume_where_there_is_nothing_begins(capsys, tmp_path):
    status, out, _ = run(capsys, *QUICK, "--seeds", "1", "--out", "c", "--resume")
    assert status == 0
    assert "there is no comparison in c yet: it begins" in out


def test_torch_that_is_not_there(capsys, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    refused(capsys, ["pip install torch"], "compare", "--floats", "torch", "--out", "c")
    assert not os.path.exists("c")


def outcome(predicted, accuracy=0.5):
    return study.Outcome(accuracy, 1.0, None, None, History(), np.array(predicted))


def test_pairs_are_counted():
    """Five samples, two seeds: who is right alone, and who says the same."""
    work = inference_work(MLP([3, 2]))
    none = energy(work, "horowitz-45nm")
    costs = study.Costs(none, none, 1.0, 1.0, None)
    labels = np.array([0, 1, 0, 1, 0])
    mine = {0: outcome([0, 1, 0, 0, 0]), 1: outcome([1, 1, 0, 1, 1])}
    theirs = {0: outcome([1, 0, 0, 1, 2]), 1: outcome([1, 1, 0, 1, 2])}
    found = pair(
        study.Comparison(
            resolve({}),
            study.Plan(2, ("float64",), "horowitz-45nm"),
            {},
            labels,
            {"fixed": mine, "float64": theirs},
            {"fixed": costs, "float64": costs},
            None,
            True,
        ),
        "float64",
    )
    # Seed 0: 4 right beside 2, three alone against one. Seed 1: the same three, another mistake.
    assert found.points == [40, 0]
    assert found.disagreeing == [4, 1]
    assert found.mcnemar == [mcnemar_test(3, 1), 1]
    assert found.mcnemar[0] == 0.625
    assert found.chance == 1


def test_every_float_of_the_table_has_a_twin():
    assert list(FLOATS) == ["float64", "float32", "torch"]
    assert all(issubclass(made, FloatNetwork) for made, _ in FLOATS.values())


def test_a_free_folder(capsys, tmp_path):
    for _ in range(2):
        assert cli.main([*QUICK, "--seeds", "1", "--floats", "float64"]) == 0
    names = {path.name for path in (tmp_path / "runs").iterdir()}
    assert names == {"digits-compare-1", "digits-compare-2"}
