"""The report of a training: one HTML file that needs nothing else.

Its page is ``report.html.jinja``, beside this file; what is said there is computed here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any, NamedTuple

from fxtypes.interop.atomic_write import atomic_write

from ..errors import reason
from ..extras import extra
from .page import render
from .plots import PICTURES, Picture, PicturesError
from .plots.drawing import rendered
from .plots.picture import CHAPTERS
from .plots.ranges import Range, all_ranges
from .plots.style import (
    COLOURS,
    FAINT,
    GRID,
    INK,
    LIMIT,
    MUTED,
    PAPER,
    listed,
    number,
    power_of_two,
)
from .record import Record

_PAGE = "report.html.jinja"
# A picture's colours become the page's, which has others in the dark.
_VARIABLES = {
    INK: "ink",
    MUTED: "muted",
    GRID: "line",
    PAPER: "paper",
    FAINT: "faint",
    LIMIT: "limit",
} | {colour: f"c{index}" for index, colour in enumerate(COLOURS)}
# Of the configuration, what isn't shown among the settings: it has a place of its own.
_ELSEWHERE = (
    "precision",
    "accumulator",
    "formats",
    "versions",
    "command",
    "warnings",
    "classes",
    "training_seconds",
    "epoch_seconds",
    "epochs_trained",
    "iterations",
    "test_accuracy",
    "test_loss",
)


class _Shown(NamedTuple):
    """A picture on the page."""

    name: str
    title: str
    text: str
    narrow: str  # SVG, a column wide
    wide: str
    error: str


def write(record: Record, path: str | os.PathLike[str]) -> None:
    """Write the report of a training, whole or not at all.

    It is one HTML file without scripts, which loads nothing. The same record gives the same bytes.

    Parameters
    ----------
    record : Record
    path : str or os.PathLike
        Its folder must exist.

    Raises
    ------
    PicturesError
        If a picture couldn't be made. The report is written, and says so in its place.
    ImportError
        If Matplotlib or Jinja is not installed.
    OSError
        If the file can't be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from fxtypes_nn.watch import report
    >>> from fxtypes_nn.watch.history import History
    >>> from fxtypes_nn.watch.record import Record
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name) / "report.html"
    >>> report.write(Record("digits, 64-10, 16 bits", {}, History()), path)
    >>> "<h1>digits, 64-10, 16 bits</h1>" in path.read_text()
    True
    >>> folder.cleanup()
    """
    for library in ("jinja2", "matplotlib"):
        extra(library, "the report")
    failed: dict[str, Exception] = {}
    chapters: dict[str, list[_Shown]] = {chapter: [] for chapter in CHAPTERS}
    for name, picture in PICTURES.items():
        shown = _shown(name, picture, record, failed)
        if shown is not None:
            chapters[picture.chapter].append(shown)
    page = render(
        _template(),
        record.title,
        record=record,
        lead=_lead(record),
        facts=_facts(record),
        chapters=chapters,
        tensors=[_tensor(each) for each in all_ranges(record)],
        roles=_roles(record.config),
        settings=_flat({k: v for k, v in record.config.items() if k not in _ELSEWHERE}),
        versions=_flat(record.config.get("versions", {})),
    )
    with atomic_write(path, text=True) as file:
        file.write(page)
    if failed:
        raise PicturesError([os.fspath(path)], failed)


def _template() -> str:
    return resources.files(__package__).joinpath(_PAGE).read_text(encoding="utf-8")


def _shown(
    name: str, picture: Picture, record: Record, failed: dict[str, Exception]
) -> _Shown | None:
    """A picture as the page has it; None if there is nothing to show."""
    try:
        narrow = picture(record, columns=1)
        if narrow is None:
            return None
        text = picture.says(record)
        wide = picture(record) if picture.wide else None
        label = f"{picture.title}. {text}"
        return _Shown(
            name,
            picture.title,
            text,
            _svg(rendered(narrow, "svg"), name, label),
            "" if wide is None else _svg(rendered(wide, "svg"), f"{name}-wide", label),
            "",
        )
    except ImportError:
        raise
    except Exception as error:  # whatever Matplotlib, or a fault of ours, comes up with
        failed[name] = error
        return _Shown(name, picture.title, "", "", "", reason(error))


def _svg(made: bytes, name: str, label: str) -> Any:
    """An SVG file as a part of a page: with the page's colours, and names of its own."""
    markup = extra("markupsafe", "the report")
    text = made.decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text, flags=re.S)
    # Of its names only those that are referred to, and these made the picture's own.
    named = {a or b for a, b in re.findall(r'url\(#([^)]*)\)|href="#([^"]*)"', text)}
    text = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in named else "", text)
    text = re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{name}-", text)
    text = re.sub("|".join(_VARIABLES), lambda found: f"var(--{_VARIABLES[found[0]]})", text)
    # Hundredths of a point are enough, and half the bytes.
    text = re.sub(r' d="[^"]*"', lambda found: re.sub(r"(\.\d\d)\d+", r"\1", found[0]), text)
    opening, rest = text.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', opening)
    opening = f'<svg {box[0] if box else ""} role="img" aria-label="{markup.escape(label)}"'
    return markup.Markup(re.sub(r"\n\s*", "\n", f"{opening}>{rest}"))


def _lead(record: Record) -> str:
    """What was trained, in a sentence or two."""
    config = record.config
    sizes, samples = config.get("layers"), config.get("samples")
    text = "A network"
    if isinstance(sizes, (list, tuple)) and len(sizes) > 1:
        text += f" of {sizes[0]} inputs"
        if sizes[1:-1]:
            text += f", {listed(sizes[1:-1], most=len(sizes))} hidden units"
            text += f" ({config['hidden']})" if config.get("hidden") else ""
        text += f" and {sizes[-1]} outputs"
    text += ", trained wholly in fixed point"
    if config.get("width"):
        text += f" of {config['width']} bits"
    if config.get("dataset"):
        text += f", on {os.path.basename(os.path.normpath(str(config['dataset'])))}"
    if isinstance(samples, Mapping) and isinstance(samples.get("train"), int):
        text += f": {samples['train']:,} samples to train on, {samples.get('test', 0):,} to test"
    return f"{text}. {_training(config)}".strip()


def _training(config: Mapping[str, Any]) -> str:
    """How it was trained, in a sentence; empty where the configuration doesn't say."""
    rate, batch = config.get("learning_rate"), config.get("batch_size")
    if not isinstance(rate, (int, float)) or not isinstance(batch, int):
        return ""
    optimizer, schedule = config.get("optimizer", "sgd"), config.get("schedule")
    text = f"Trained by {optimizer} with a learning rate of {number(rate)}"
    if schedule and schedule != "constant":
        text += f" ({schedule})"
    return f"{text}, in batches of {batch:,}."


def _facts(record: Record) -> list[tuple[str, str]]:
    """The figures at the head of the page: each with what it is."""
    config, history = record.config, record.history
    facts = []
    if len(record.labels):
        wrong = int((record.labels != record.predicted).sum())
        accuracy = 1 - wrong / len(record.labels)
        facts.append((f"{accuracy:.2%}", "test accuracy"))
        facts.append((f"{wrong:,} of {len(record.labels):,}", "test samples not recognised"))
    elif isinstance(config.get("test_accuracy"), float):
        facts.append((f"{config['test_accuracy']:.2%}", "test accuracy"))
    elif history.last("validation_accuracy") is not None:
        facts.append((f"{history.last('validation_accuracy'):.2%}", "validation accuracy"))
    if isinstance(config.get("test_loss"), float):
        facts.append((number(config["test_loss"]), "test loss"))
    if len(history):
        facts.append((f"{history.last('epoch'):,}", "epochs"))
        facts.append((f"{history.last('iteration'):,}", "iterations"))
    seconds, epoch = config.get("training_seconds"), config.get("epoch_seconds")
    if isinstance(seconds, (int, float)):
        facts.append((_duration(seconds), "of training"))
    if isinstance(epoch, (int, float)):
        facts.append((_duration(epoch), "an epoch"))
        samples = config.get("samples")
        if epoch > 0 and isinstance(samples, Mapping) and isinstance(samples.get("train"), int):
            facts.append((f"{samples['train'] / epoch:,.0f}", "samples a second"))
    if record.parameters:
        count = sum(values.size for values in record.parameters.values())
        bits = sum(values.size * values.format.width for values in record.parameters.values())
        facts.append((f"{count:,}", "parameters"))
        facts.append((_bytes(bits), "take the parameters"))
    return facts


def _duration(seconds: float) -> str:
    """A time in the units that suit it.

    >>> _duration(0.25), _duration(83.4), _duration(7260)
    ('0.25 s', '1 min 23 s', '2 h 1 min')
    """
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def _bytes(bits: int) -> str:
    size, units = bits / 8, ["bytes", "KiB", "MiB", "GiB"]
    while size >= 1000 and len(units) > 1:
        size, units = size / 1024, units[1:]
    return f"{size:.3g} {units[0]}"


def _tensor(each: Range) -> dict[str, Any]:
    """A tensor's row in the table of formats."""
    fmt = each.format
    row: dict[str, Any] = {
        "name": each.name,
        "format": "" if fmt is None else repr(fmt),
        "limits": "" if fmt is None else f"{number(float(fmt.min))} to {number(float(fmt.max))}",
        "step": "" if fmt is None else power_of_two(-fmt.frac_bits),
        "seen": f"{number(each.low.y.min())} to {number(each.high.y.max())}",
        "bits": "",
        "full": False,
    }
    if each.int_bits is not None:
        row["bits"] = f"{each.int_bits}" + ("" if fmt is None else f" of {each.format_bits}")
        row["full"] = fmt is not None and each.unused_bits <= 0
    return row


def _roles(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The roles' formats, and how products add up."""
    rows = _flat(config.get("precision", {}))
    return rows + _flat({name: config[name] for name in ("accumulator",) if name in config})


def _flat(settings: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Settings as rows of names and texts, those that aren't set left out."""
    if not isinstance(settings, Mapping):
        return []
    rows = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{name}, ")
        elif isinstance(value, bool):
            rows.append((f"{prefix}{name}", "yes" if value else "no"))
        elif isinstance(value, (list, tuple)):
            rows.append((f"{prefix}{name}", ", ".join(map(str, value))))
        elif value is not None:
            rows.append((f"{prefix}{name}", str(value)))
    return rows
