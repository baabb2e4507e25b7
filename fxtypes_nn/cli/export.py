"""``fxtypes-nn export``: a trained model for another tool."""

from __future__ import annotations

import argparse
import os
from typing import Any

from .. import datasets
from ..export import TARGETS, ExportError, export
from ..model import Sequential, load_model
from ..runs.build import load_data
from ..runs.config import settings_in
from ..runs.folder import CONFIG, MODEL, RunFolder
from .terminal import Terminal

_SAMPLES = 100


def add(commands: Any) -> None:
    """Add the command to a parser's."""
    parser = commands.add_parser(
        "export",
        help="write a trained model for another tool",
        description="Write a model's inference as arrays, C or a hardware description, with a "
        "test that compares it bit by bit with the model's own outputs.",
        allow_abbrev=False,
    )
    parser.set_defaults(run=_run, parser=parser)
    parser.add_argument("model", metavar="MODEL", help="a run's folder, or a model's .npz")
    parser.add_argument("--to", required=True, choices=TARGETS, help="what to write")
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        help="where to, a new folder (default: RUN/export-TARGET, or export-TARGET)",
    )
    parser.add_argument(
        "--dataset",
        metavar="NAME|PATH",
        help="of whose test part the exported test takes samples (default: the run's; of an .npz "
        "none: they are drawn)",
    )
    parser.add_argument(
        "--data-dir",
        metavar="FOLDER",
        help=f"where data sets lie (default: ${datasets.DATA_VARIABLE})",
    )
    parser.add_argument(
        "--samples",
        type=_count,
        default=_SAMPLES,
        metavar="N",
        help=f"how many samples at most (default: {_SAMPLES})",
    )
    parser.add_argument(
        "--name",
        help="what the network is called in the files (default: as the run or the .npz)",
    )


def _count(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be an integer of at least 1, got {text!r}")
    return number


def _run(options: argparse.Namespace, terminal: Terminal) -> int:
    is_run = os.path.isdir(options.model)
    if not os.path.exists(options.model):
        raise ExportError(
            f"there is no {options.model}; name a run's folder, or the .npz of a model"
        )
    folder = RunFolder(options.model)
    model = load_model(folder.file(MODEL) if is_run else options.model)
    stem = os.path.basename(os.path.abspath(options.model))
    name = options.name or (stem if is_run else os.path.splitext(stem)[0])
    out = f"export-{options.to}" if options.out is None else options.out
    if is_run and options.out is None:
        out = folder.file(out)
    samples = None
    if options.dataset is not None:
        data = datasets.load(options.dataset, options.data_dir)
        samples = _elements(model, data)
    elif is_run:
        samples = _of_run(folder, model, options.data_dir, terminal)
    if samples is not None:
        samples = samples[: options.samples]
    done = export(model, options.to, out, samples, name)
    terminal.say(
        f"{len(done.files)} files in {done.folder}; README.txt says how to test them "
        f"({done.samples} samples)"
    )
    return 0


def _elements(model: Sequential, data: datasets.Dataset) -> Any:
    """The samples of a data set's test part, as the command line trains on them."""
    if model.standardisation is not None:
        data = data.standardise(model.standardisation)
    return data.lazy(model.precision.inputs).x_test


def _of_run(folder: RunFolder, model: Sequential, data_dir: str | None, terminal: Terminal) -> Any:
    """The samples of the run's data set; None where it isn't to be had, with a warning."""
    config = folder.read_config()
    if data_dir is not None:
        config["data_dir"] = data_dir
    settings = settings_in(config, folder.file(CONFIG))
    try:
        return load_data(settings).x_test
    except (ValueError, OSError) as error:
        terminal.complain("warning", f"{error}; the exported test's samples are drawn instead")
        return None
