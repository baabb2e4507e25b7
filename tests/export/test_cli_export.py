"""``fxtypes-nn export``: of run folders and model files, and what is refused in a line."""

import os

import pytest
from command_line import run

from fxtypes_nn import MLP, Precision, load_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from fxtypes_nn import cli

    path = tmp_path_factory.mktemp("runs") / "digits-1"
    options = ["--epochs", "1", "--layers", "4", "--width", "16", "--out", str(path)]
    assert cli.main(["train", *options]) == 0
    return path


def test_a_run_is_exported_with_its_own_samples(folder, tmp_path, capsys):
    out = tmp_path / "c"
    status, said, err = run(capsys, "export", folder, "--to", "c", "--out", out, "--samples", 7)
    assert (status, err) == (0, "")
    assert said == f"4 files in {out}; README.txt says how to test them (7 samples)\n"
    assert sorted(os.listdir(out)) == ["README.txt", "digits_1.c", "digits_1.h", "digits_1_test.c"]
    assert "enum { samples = 7," in (out / "digits_1_test.c").read_text()


def test_it_goes_into_the_run_where_nothing_is_said(folder, capsys):
    assert run(capsys, "export", folder, "--to", "npz")[0] == 0
    assert (folder / "export-npz" / "digits_1.npz").exists()


def test_a_models_file(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    model = folder / "model.npz"
    assert run(capsys, "export", model, "--to", "verilog", "--name", "My net")[0] == 0
    assert (tmp_path / "export-verilog" / "my_net.v").exists()
    options = ["--dataset", "digits", "--samples", 5, "--out", "second"]
    status, said, _ = run(capsys, "export", model, "--to", "c", *options)
    assert status == 0
    assert "(5 samples)" in said


def test_samples_are_drawn_where_the_runs_data_are_gone(folder, tmp_path, capsys):
    config = folder / "config.json"
    text = config.read_text()
    try:
        config.write_text(text.replace('"dataset": "digits"', '"dataset": "gone.csv"'))
        out = tmp_path / "x"
        status, said, err = run(capsys, "export", folder, "--to", "c", "--out", out)
    finally:
        config.write_text(text)
    assert status == 0
    assert err.count("\n") == 1
    assert "gone.csv" in err
    assert "drawn instead" in err
    assert "(16 samples)" in said


def refused(capsys, status, *arguments):
    found, out, err = run(capsys, "export", *arguments)
    assert (found, out) == (status, "")
    assert err.count("\n") == 1
    return err


def test_what_is_refused(folder, tmp_path, capsys):
    out = tmp_path / "out"
    assert "there is no run or model nowhere" in refused(capsys, 1, "nowhere", "--to", "c")
    assert "invalid choice: 'gds'" in refused(capsys, 2, folder, "--to", "gds")
    assert "--samples: must be an integer" in refused(
        capsys, 2, folder, "--to", "c", "--samples", 0
    )
    assert "no letter or digit" in refused(
        capsys, 1, folder, "--to", "c", "--out", out, "--name", "?!"
    )
    damaged = tmp_path / "damaged.npz"
    damaged.write_bytes((folder / "model.npz").read_bytes()[:200])
    assert "damaged.npz" in refused(capsys, 1, damaged, "--to", "c", "--out", out)
    assert not out.exists()
    with pytest.MonkeyPatch.context() as patched:

        def denied(path, *_):
            raise PermissionError(13, "Permission denied", path)

        patched.setattr(os, "mkdir", denied)
        err = refused(capsys, 1, folder, "--to", "c", "--out", out)
        assert err == f"fxtypes-nn: error: {out} can't be written: Permission denied\n"
        patched.setattr("fxtypes_nn.cli.models.load_model", denied)
        err = refused(capsys, 1, damaged, "--to", "c")
        assert err == f"fxtypes-nn: error: {damaged}: Permission denied\n"
    out.mkdir()
    (out / "mine").write_text("")
    assert "is there already" in refused(capsys, 1, folder, "--to", "c", "--out", out)
    inside = out / "mine" / "x"
    err = refused(capsys, 1, folder, "--to", "c", "--out", inside)
    assert err == f"fxtypes-nn: error: {out / 'mine'} can't be written: it is no folder\n"


def test_an_exact_sigmoid_of_32_bits_is_refused_with_the_way_out(tmp_path, capsys):
    path = tmp_path / "exact.npz"
    MLP([4, 3, 2], hidden="sigmoid", precision=Precision.preset(32)).save(path)
    err = refused(capsys, 1, path, "--to", "vhdl", "--out", tmp_path / "out")
    assert 'approximation="table"' in err
    assert load_model(path) is not None
