"""Training that is interrupted goes on to the same bits; nothing is lost."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from types import SimpleNamespace

import numpy as np
import pytest

from fxtypes_nn import (
    MLP,
    SGD,
    Adam,
    CheckpointError,
    Cutoff,
    Dense,
    EarlyStopping,
    FollowRange,
    History,
    Precision,
    ReLU,
    Sequential,
    Softmax,
    Trainer,
    load_model,
)
from fxtypes_nn.datasets import LazyArray
from fxtypes_nn.training import checkpoint as checkpoints
from fxtypes_nn.training import fitting
from fxtypes_nn.training.schedules import OnPlateau


def blobs(samples=60, features=6, classes=3, seed=0):
    generator = np.random.default_rng(seed)
    y = generator.integers(0, classes, samples)
    centres = np.random.default_rng(99).normal(size=(classes, features))
    return centres[y] + 0.2 * generator.normal(size=(samples, features)), y


X, Y = blobs()
OPTIMIZERS = {
    "sgd": lambda: SGD(0.1, momentum=0.9),
    "adam": lambda: Adam(OnPlateau(0.01, patience=1)),
}


def model(seed=0):
    return MLP([6, 5, 3], precision=Precision.preset(12), seed=seed)


def fit(network, optimizer="sgd", **options):
    options = {"epochs": 3, "batch_size": 8, "validation": 0.2, "progress": False} | options
    return network.fit(X, Y, optimizer=OPTIMIZERS[optimizer](), **options)


def bits(network):
    state = network.training
    slots = {
        (name, part): values.raw.tolist()
        for name, slot in state.slots.items()
        for part, values in slot.arrays.items()
    }
    counts = (state.epochs, state.iterations, state.orders, state.steps, state.optimizer)
    return {n: p.raw.tolist() for n, p in network.parameters().items()}, slots, counts


class Interrupt:
    def __init__(self, iteration):
        self.iteration = iteration

    def on_iteration_end(self, trainer):
        if trainer.iteration == self.iteration:
            raise KeyboardInterrupt


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_interrupted_run_ends_with_the_same_bits(tmp_path, optimizer):
    whole = model()
    history = fit(whole, optimizer)
    for iteration in (1, 5, 6, 7, 12, 17, 18):  # 6 an epoch
        folder = tmp_path / str(iteration)
        with pytest.raises(KeyboardInterrupt):
            fit(model(), optimizer, checkpoint=folder, callbacks=[Interrupt(iteration)])
        other = model()
        found = fit(other, optimizer, checkpoint=folder, resume=True)
        assert bits(other) == bits(whole)
        assert found == history
        assert len(list(folder.iterdir())) <= 2


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "place",
    [
        (Trainer, "iterate"),
        (Trainer, "_commit"),
        (fitting, "evaluate"),
        (History, "append"),
        (Trainer, "end_epoch"),
        (OnPlateau, "observe"),
    ],
)
def test_an_interruption_in_the_midst_leaves_whole_iterations(tmp_path, monkeypatch, place, when):
    """Model, history and counts go together, and so does what the checkpoint holds of them."""
    options = {"validation_every": 2, "watch_every": 2}
    whole = model()
    history = fit(whole, "adam", **options)
    for call in (1, 2, 3):
        folder, calls, original = tmp_path / str(call), [], getattr(*place)

        def interrupted(*args, plain=original, number=call, calls=calls):
            calls.append(None)
            if when == "before" and len(calls) == number:
                raise KeyboardInterrupt
            found = plain(*args)
            if len(calls) == number:
                raise KeyboardInterrupt
            return found

        network, seen = model(), []
        watch = SimpleNamespace(on_fit_begin=lambda trainer, seen=seen: seen.append(trainer))
        with monkeypatch.context() as patched:
            patched.setattr(*place, interrupted)
            with pytest.raises(KeyboardInterrupt):
                fit(network, "adam", checkpoint=folder, callbacks=[watch], **options)
        rows = network.training.iterations
        assert seen[0].history["loss"] == history["loss"][:rows]
        assert seen[0].history["validation_loss"] == history["validation_loss"][:rows]
        assert network.training.epochs == rows // 6
        other = model()
        assert fit(other, "adam", checkpoint=folder, resume=True, **options) == history
        assert bits(other) == bits(whole)
        after = fit(network, "adam", epochs=1)
        assert (after["iteration"][0], after["epoch"][0]) == (rows + 1, rows // 6 + 1)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "place",
    [
        (Cutoff, "on_iteration_end"),
        (FollowRange, "on_iteration_end"),
        (FollowRange, "on_epoch_end"),
    ],
)
def test_an_interrupted_callback_is_called_again(tmp_path, monkeypatch, place, when):
    """What it does to weights and formats belongs to its iteration."""

    def trained(**options):
        network = model()
        return network, fit(network, callbacks=[Cutoff(0.3), FollowRange()], **options)

    whole, history = trained()
    for call in (1, 2):
        folder, calls, original = tmp_path / str(call), [], getattr(*place)

        def interrupted(*args, plain=original, number=call, calls=calls):
            calls.append(None)
            if when == "after":
                plain(*args)
            if len(calls) == number:
                raise KeyboardInterrupt
            if when == "before":
                plain(*args)

        with monkeypatch.context() as patched:
            patched.setattr(*place, interrupted)
            with pytest.raises(KeyboardInterrupt):
                trained(checkpoint=folder)
        other, found = trained(checkpoint=folder, resume=True)
        assert bits(other) == bits(whole)
        assert other.precision == whole.precision
        assert found == history


def test_a_run_that_is_interrupted_after_every_iteration_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "_SECONDS", 0)
    whole = model()
    history = fit(whole, "adam")
    for iteration in range(1, 19):
        with pytest.raises(KeyboardInterrupt):
            fit(
                model(), "adam", checkpoint=tmp_path / "run", resume=iteration > 1,
                callbacks=[Interrupt(iteration)],
            )  # fmt: skip
    other = model()
    assert fit(other, "adam", checkpoint=tmp_path / "run", resume=True) == history
    assert bits(other) == bits(whole)


def test_a_finished_run_trains_nothing_and_a_longer_one_goes_on(tmp_path, capsys):
    first = model()
    history = fit(first, checkpoint=tmp_path / "run")
    for epochs in (3, 2):
        same = model()
        assert capsys.readouterr().err == ""
        assert fit(same, checkpoint=tmp_path / "run", resume=True, epochs=epochs) == history
        assert bits(same) == bits(first)
        assert "run is finished: 3 epochs of it are trained" in capsys.readouterr().err
    longer, whole = model(), model()
    found = fit(longer, checkpoint=tmp_path / "run", resume=True, epochs=5)
    assert found == fit(whole, epochs=5)
    assert bits(longer) == bits(whole)
    assert capsys.readouterr().err == ""


def test_epochs_count_from_where_the_call_began(tmp_path):
    network, whole = model(), model()
    fit(whole, epochs=4)
    fit(network, epochs=2)
    network.save(tmp_path / "model.npz")
    with pytest.raises(KeyboardInterrupt):
        fit(network, epochs=2, checkpoint=tmp_path / "run", callbacks=[Interrupt(20)])
    again = load_model(tmp_path / "model.npz")
    history = fit(again, epochs=2, checkpoint=tmp_path / "run", resume=True)
    assert bits(again) == bits(whole)
    assert history["iteration"] == list(range(13, 25))


def test_a_run_that_was_stopped_stays_stopped(tmp_path, capsys):
    stop = [EarlyStopping(1, "validation_loss", least=1e9)]
    first = model()
    fit(first, epochs=9, checkpoint=tmp_path / "run", callbacks=stop)
    assert first.epochs_trained == 2
    for epochs in (9, 5, 1):
        again = model()
        fit(again, epochs=epochs, checkpoint=tmp_path / "run", callbacks=stop, resume=True)
        assert bits(again) == bits(first)
        assert "run is finished: 2 epochs of it are trained" in capsys.readouterr().err
    fit(again, epochs=10, checkpoint=tmp_path / "run", callbacks=stop, resume=True)
    assert again.epochs_trained == 3


def test_a_damaged_checkpoint_is_passed_over(tmp_path):
    whole = model()
    fit(whole)
    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        fit(model(), checkpoint=folder, callbacks=[Interrupt(16)])
    newest = folder / "checkpoint-15.npz"
    data = newest.read_bytes()
    newest.write_bytes(data[: len(data) // 2])
    other = model()
    with pytest.warns(UserWarning, match=r"checkpoint-15.npz is damaged: .* from checkpoint-12"):
        fit(other, checkpoint=folder, resume=True)
    assert bits(other) == bits(whole)
    for path in folder.iterdir():
        path.write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match=r"is damaged: .*; no other is whole"):
        fit(model(), checkpoint=folder, resume=True)


def test_what_differs_is_named(tmp_path):
    folder = tmp_path / "run"
    fit(model(), checkpoint=folder, epochs=1)
    with pytest.raises(ValueError, match="holds a run's checkpoints; pass resume=True"):
        fit(model(), checkpoint=folder)
    with pytest.raises(ValueError, match="another run's: seed is 1 and was 0"):
        fit(model(seed=1), checkpoint=folder, resume=True)
    with pytest.raises(ValueError, match="batch_size is 4 and was 8"):
        fit(model(), checkpoint=folder, resume=True, batch_size=4)
    with pytest.raises(ValueError, match=r"optimizer is Adam.*was SGD"):
        fit(model(), "adam", checkpoint=folder, resume=True)
    with pytest.raises(ValueError, match="validation is "):
        fit(model(), checkpoint=folder, resume=True, validation=0.3)
    wider = MLP([6, 5, 3], precision=Precision.preset(13))
    with pytest.raises(ValueError, match=r"precision is Precision.*was Precision"):
        fit(wider, checkpoint=folder, resume=True)
    options = {"batch_size": 8, "validation": 0.2, "progress": False, "resume": True}
    with pytest.raises(ValueError, match="data is "):
        model().fit(X + 1, Y, optimizer=OPTIMIZERS["sgd"](), checkpoint=folder, **options)
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(CheckpointError, match=r"can't be used: .*; choose another"):
        fit(model(), checkpoint=file)


def test_functions_and_objects_are_the_same_ones_in_another_process(tmp_path):
    """There they lie elsewhere in memory; here other ones of the same code do."""
    stored = np.random.default_rng(0).integers(0, 256, (60, 6), dtype=np.uint8)
    precision = Precision.preset(12)
    images = LazyArray(stored, precision.inputs, 255)

    def made():
        class Same:
            def __call__(self, images, generator):
                return images

        def first(inputs, units, format, seed):
            return np.full((inputs, units), 0.125)

        layers = [Dense(4, initializer=first), ReLU(), Dense(3), Softmax()]
        return Sequential(layers, 6, precision), {"augment": Same(), "progress": False}

    network, options = made()
    network.save(tmp_path / "model.npz")
    network.fit(images, Y, checkpoint=tmp_path / "run", **options)
    for other in (made()[0], load_model(tmp_path / "model.npz")):
        options = made()[1] | {"checkpoint": tmp_path / "run", "resume": True}
        other.fit(images, Y, **options)
        assert bits(other) == bits(network)
    options["augment"] = "none".replace  # another function
    with pytest.raises(ValueError, match=r"augment is str\.replace and was .*Same object"):
        other.fit(images, Y, **options)


TRAINING = textwrap.dedent(
    """
    import sys
    from fxtypes_nn import MLP, Adam, Precision, datasets
    from fxtypes_nn.training import checkpoint

    checkpoint._SECONDS = 0.05
    precision = Precision.preset(16)
    data = datasets.load("digits").to_fixed(precision.inputs)
    model = MLP([64, 24, 10], precision=precision, seed=2)
    model.fit(
        data.x_train, data.y_train, epochs=12, batch_size=16, optimizer=Adam(0.01),
        validation=(data.x_test, data.y_test), progress=False,
        checkpoint=sys.argv[1], resume=True,
    ).to_csv(sys.argv[3])
    model.save(sys.argv[2])
    """
)


def command(*arguments):
    return [sys.executable, "-P", "-c", TRAINING, *map(str, arguments)]


def test_sigkill_at_any_moment_changes_no_bit(tmp_path):
    whole, other = tmp_path / "whole.npz", tmp_path / "other.npz"
    began = time.monotonic()
    subprocess.run(command(tmp_path / "a", whole, tmp_path / "whole.csv"), check=True)
    took = time.monotonic() - began
    generator, kills = random.Random(4), 0
    while kills < 10:
        process = subprocess.Popen(command(tmp_path / "b", other, tmp_path / "other.csv"))
        try:
            assert process.wait(generator.uniform(0.3, 0.6) * took) == 0
            break  # it was done before it could be killed ten times
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
    subprocess.run(command(tmp_path / "b", other, tmp_path / "other.csv"), check=True)
    assert kills >= 2
    assert other.read_bytes() == whole.read_bytes()
    assert (tmp_path / "other.csv").read_text() == (tmp_path / "whole.csv").read_text()


def test_what_a_killed_run_was_writing_is_removed(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    fit(model(), epochs=1, checkpoint=folder)
    for kept in ("notes.txt", ".fxtypes-mine.tmp"):
        (folder / kept).write_text("a user's")
    with monkeypatch.context() as killed:
        killed.setattr(os, "replace", lambda *_: 1 / 0)  # as if it ended here ...
        killed.setattr(os, "unlink", lambda *_: None)  # ... without tidying up
        with pytest.raises(ZeroDivisionError):
            fit(model(), epochs=2, checkpoint=folder, resume=True)
    assert len(list(folder.glob(".fxtypes-*.tmp"))) == 3
    fit(model(), epochs=2, checkpoint=folder, resume=True)
    names = {path.name for path in folder.iterdir()}
    assert names == {"notes.txt", ".fxtypes-mine.tmp", "checkpoint-6.npz", "checkpoint-12.npz"}


HOLDING = textwrap.dedent(
    """
    import os, sys, time
    sys.path.insert(0, sys.argv[2])
    from test_resume import fit, model

    class Wait:
        def on_iteration_end(self, trainer):
            if trainer.iteration == 7:
                print("at work", flush=True)
                time.sleep(600)

    fit(model(), checkpoint=sys.argv[1], callbacks=[Wait()])
    """
)
BUSY = r"another fit is at work in the folder of checkpoints .*run; wait .* choose another"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such lock")
def test_two_fits_never_train_into_one_folder(tmp_path):
    """While another process has it, and after that was killed."""
    whole, folder = model(), tmp_path / "run"
    fit(whole)
    words = [sys.executable, "-P", "-c", HOLDING, str(folder), os.path.dirname(__file__)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"at work\n"
            (folder / ".fxtypes-0123456789abcdef.tmp").touch()  # as if it were just being written
            before = sorted(folder.iterdir())
            other = model()
            for resume in (True, False):
                with pytest.raises(CheckpointError, match=BUSY):
                    fit(other, checkpoint=folder, resume=resume)
            assert sorted(folder.iterdir()) == before
            assert bits(other) == bits(model())
        finally:
            process.kill()
    fit(other, checkpoint=folder, resume=True)
    assert bits(other) == bits(whole)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such lock")
def test_a_folder_is_let_go_however_a_fit_ends(tmp_path):
    folder, file = tmp_path / "run", tmp_path / "file"
    file.touch()

    def inside(trainer):
        with pytest.raises(CheckpointError, match=BUSY):
            fit(model(), checkpoint=folder, resume=True)
        fit(model(), checkpoint=tmp_path / "beside", resume=True)  # another folder is free

    fit(model(), checkpoint=folder, epochs=1, callbacks=[SimpleNamespace(on_epoch_end=inside)])
    for wrong, options in [
        (ValueError, {}),  # checkpoints are there
        (ValueError, {"resume": True, "batch_size": 4}),
        (KeyboardInterrupt, {"resume": True, "callbacks": [Interrupt(7)]}),
        (ZeroDivisionError, {"resume": True, "callbacks": [Fails()]}),
    ]:
        with pytest.raises(wrong):
            fit(model(), checkpoint=folder, **options)
    fit(model(), checkpoint=folder, resume=True)
    fit(model(), checkpoint=folder, resume=True)  # finished


class Fails:
    def on_fit_begin(self, trainer):
        1 / 0  # noqa: B018


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such lock")
def test_a_process_that_was_forked_meanwhile_keeps_no_folder(tmp_path):
    script = textwrap.dedent(
        """
        import os, signal, sys, time
        from fxtypes_nn.held import held

        with held(sys.argv[1], RuntimeError("held")):
            child = os.fork()
            if child == 0:
                time.sleep(600)
        try:
            with held(sys.argv[1], RuntimeError("held")):
                print("free")
        finally:
            os.kill(child, signal.SIGKILL)
        """
    )
    words = [sys.executable, "-P", "-c", script, str(tmp_path)]
    assert subprocess.run(words, capture_output=True, check=True).stdout == b"free\n"


@pytest.mark.skipif(os.name != "posix", reason="limits of file sizes are POSIX'")
def test_a_full_disk_is_one_line_and_the_run_can_go_on(tmp_path):
    whole = model()
    fit(whole)
    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        fit(model(), checkpoint=folder, callbacks=[Interrupt(7)])
    script = textwrap.dedent(
        """
        import resource, sys
        sys.path.insert(0, sys.argv[2])
        from test_resume import CheckpointError, fit, model
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            fit(model(), checkpoint=sys.argv[1], resume=True)
        except CheckpointError as error:
            print(error)
        """
    )
    found = subprocess.run(
        [sys.executable, "-P", "-c", script, str(folder), os.path.dirname(__file__)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (
        "checkpoint-12.npz can't be written: File too large; make room, and the run" in found.stdout
    )
    assert len(found.stdout.splitlines()) == 1
    assert [path.name for path in folder.iterdir()] == ["checkpoint-6.npz"]
    other = model()
    fit(other, checkpoint=folder, resume=True)
    assert bits(other) == bits(whole)
