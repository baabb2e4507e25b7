"""What is shown of a training: a bar in a terminal, lines elsewhere, and nothing lost by it."""

import os
import re
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from fxtypes_nn import MLP, Precision
from fxtypes_nn.training import progress

X = np.random.default_rng(0).normal(size=(50, 4))
Y = np.arange(50) % 3
LINE = re.compile(
    r"epoch (\d)/3: loss \d\.\d{4}, accuracy \d+\.\d\d%, validation \d+\.\d\d%, "
    r"weights -?[\d.e-]+ to [\d.e-]+, [\d,]+ samples/s, \d+:\d\d left"
)


def fit(**options):
    model = MLP([4, 5, 3], precision=Precision.preset(16))
    return model.fit(X, Y, **{"epochs": 3, "batch_size": 8, "validation": 0.2} | options)


def test_without_a_terminal_each_epoch_is_a_line(capsys):
    history = fit()
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert [LINE.fullmatch(line)[1] for line in lines] == ["1", "2", "3"]
    mean = history.mean_of_last("loss", 20)
    assert f"loss {mean:.4f}, " in lines[-1]
    assert f"validation {history.last('validation_accuracy'):.2%}" in lines[-1]
    assert lines[-1].endswith(" 0:00 left")


def test_an_epoch_that_lasts_gets_lines_within(capsys, monkeypatch):
    monkeypatch.setattr(progress, "_SILENT", 0)
    fit(epochs=1)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 5  # batches
    assert all(line.startswith("epoch 1/1: loss") for line in lines)


def test_a_run_that_goes_on_counts_from_where_it_was(capsys, tmp_path):
    fit(epochs=2, checkpoint=tmp_path / "run")
    capsys.readouterr()
    fit(checkpoint=tmp_path / "run", resume=True)
    lines = capsys.readouterr().err.splitlines()
    assert [LINE.fullmatch(line)[1] for line in lines] == ["3"]


def test_progress_can_be_left_out_and_rich_too(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "rich", None)
    fit(progress=False)
    assert capsys.readouterr().err == ""
    with pytest.raises(ImportError, match=r"rich is needed .*: pip install 'fxtypes\[nn\]'"):
        fit()


class Broken:
    """A pipe that nobody reads."""

    def __init__(self):
        self.calls = 0

    def write(self, text):
        self.calls += 1
        raise BrokenPipeError(32, "Broken pipe")

    flush = write


@pytest.mark.parametrize("stream", [Broken(), None])
def test_a_stream_that_is_gone_ends_no_training(monkeypatch, stream):
    quiet = fit(progress=False)
    monkeypatch.setattr(sys, "stderr", stream)
    assert fit() == quiet
    if stream is not None:
        assert stream.calls == 1


SCRIPT = textwrap.dedent(
    """
    import sys, warnings
    sys.path.insert(0, sys.argv[1])
    from test_progress import fit

    class Watch:
        def on_iteration_end(self, trainer):
            if trainer.iteration == 7:
                warnings.warn("something to look at")
                print("said by a callback")

    fit(callbacks=[Watch()])
    print("the end")
    """
)


def in_a_terminal(**environment):
    """What the script writes to a terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", SCRIPT, os.path.dirname(__file__)],
        stdout=theirs, stderr=theirs, stdin=theirs,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "COLUMNS": "100"}
        | environment,
    )  # fmt: skip
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # Linux' way to say that it is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    assert process.wait() == 0
    return b"".join(parts).decode()


def test_in_a_terminal_warnings_stand_above_the_bar():
    written = in_a_terminal(TERM="xterm-256color")
    bars = [m.start() for m in re.finditer(r"epoch \d/3 ", written)]
    assert "\x1b[2K" in written  # lines written over
    assert "100%" in written
    assert "samples/s, 0:00 left" in written
    for said in ("UserWarning: something to look at", "said by a callback"):
        assert written.count(said) == 1
        place = written.index(said)
        before, after = written[:place], [bar for bar in bars if bar > place]
        # On a line of its own, where a bar was; and one is drawn below.
        assert before.endswith(("\x1b[2K", "\r\n", ": "))
        assert after
    assert written.rstrip().endswith("the end")
    assert "\x1b[?25h" in written  # the cursor is back


def test_a_terminal_that_cannot_go_back_gets_lines():
    written = in_a_terminal(TERM="dumb")
    assert "\x1b" not in written
    assert len(LINE.findall(written)) == 3


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0:00"), (61, "1:01"), (3600, "1:00:00"), (90000, "25:00:00")]
)
def test_times(seconds, text):
    assert progress._clock(seconds) == text


def test_a_loss_is_never_hidden_by_its_decimals():
    shown = [progress.shown_loss(loss) for loss in (None, 0.0, 0.00999, 1e-30, 99999.0, 1e5)]
    assert shown == ["unknown", "0.0000", "0.0100", "1e-30", "99999.0000", "1e+05"]
