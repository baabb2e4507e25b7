"""Advice: warnings about a training that isn't going to learn, each with what to change."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

import fxtypes as fx

from ..errors import TrainingWarning, warn
from .history import History

UNSCALED = 16  # inputs of a larger magnitude are pixels or the like, as nobody divided them
LOST = 0.5  # of a parameter's updates: from there on it is half deaf
SEVERAL = 3  # watched rows in a row: what one batch shows may be chance
IDLE = 10  # iterations in a row with a loss of 0
JUDGED = 500  # samples of an epoch from which on an accuracy says something
_RECTIFIERS = ("ReLU", "LeakyReLU")

Row = Mapping[str, float | None]
Step = Callable[[str], "Fraction | float | None"]


class LayerFacts(NamedTuple):
    """What an `Advisor` knows of a layer.

    Attributes
    ----------
    name : str
        ``relu1``, say.
    kind : str
        Its class' name, ``ReLU``.
    format : fxtypes.Format
        Of its output.
    """

    name: str
    kind: str
    format: fx.Format


class Advisor:
    """Looks at the rows of a training and warns, of each thing at most once.

    Parameters
    ----------
    layers : iterable of LayerFacts, or of (name, kind, format)
        In the model's order.
    updates : mapping of str to fxtypes.Format
        Each parameter's name to the format that it is kept in.
    batch_size : int
    classes : int, optional
        How many, where samples are classified.
    step : callable, optional
        Given a parameter's name, the typical magnitude of the exact steps that it took last (see
        `typical_magnitude`), as a Fraction or float, or None. It is asked only where a warning
        wants to name it.

    Attributes
    ----------
    said : set of str
        The rules that have warned. What is put in is not said: ``inputs``, ``nothing moves``,
        ``lost``, ``dead``, ``saturated``, ``chance``.

    Examples
    --------
    >>> import warnings
    >>> import fxtypes as fx
    >>> from fxtypes_nn.watch.advice import Advisor
    >>> from fxtypes_nn.watch.history import History
    >>> advisor = Advisor([("dense1", "Dense", fx.Format(16, 10))], {}, batch_size=32)
    >>> history, row = History(), {"iteration": 1, "epoch": 1, "dense1.input.abs_max": 255.0}
    >>> history.append(row)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     advisor.after_iteration(row, history)
    >>> print(caught[0].message)
    inputs reach 255, and learning wants them about 1: divide them by their maximum (images by 255)
    """

    def __init__(
        self,
        layers: Iterable[tuple[str, str, fx.Format]],
        updates: Mapping[str, fx.Format],
        batch_size: int,
        classes: int | None = None,
        step: Step | None = None,
    ) -> None:
        self.layers = [LayerFacts(*layer) for layer in layers]
        self.updates = dict(updates)
        # What stochastic rounding loses in one step it moves too far in another.
        self.deterministic = [n for n, fmt in self.updates.items() if not _is_stochastic(fmt)]
        self.batch_size, self.classes = batch_size, classes
        self.step = step
        self.said: set[str] = set()

    def after_iteration(self, row: Row, history: History) -> None:
        """Look at a watched iteration, `row`, the last one in `history`."""
        self._look(_AFTER_ITERATION, row, history)

    def after_epoch(self, history: History) -> None:
        """Look at the epoch that the last row of `history` ends."""
        self._look(_AFTER_EPOCH, {}, history)

    def crowded(self, counts: list[float]) -> bool:
        """Whether these counts of `SEVERAL` batches are one of every second sample.

        A few elements at an end of their format do no harm.
        """
        return len(counts) == SEVERAL and 2 * sum(counts) >= SEVERAL * self.batch_size

    def _look(self, rules: Mapping[str, _Rule], row: Row, history: History) -> None:
        for name, rule in rules.items():
            if name not in self.said and (text := rule(self, row, history)):
                self.said.add(name)
                warn(text, TrainingWarning)


def about_inputs(share: float, low: float, high: float, fmt: fx.Format) -> str | None:
    """Return what to say of inputs that were converted into their format, if anything.

    Parameters
    ----------
    share : float
        How many of all elements are beyond the format's range, from 0 to 1.
    low, high : float
        The smallest and the largest value.
    fmt : fxtypes.Format
        The inputs'.

    Examples
    --------
    >>> import fxtypes as fx
    >>> from fxtypes_nn.watch.advice import about_inputs
    >>> print(about_inputs(0.19, 0, 255, fx.Format(16, 10)))
    19% of the inputs, which range from 0 to 255, are beyond Format(16, 10), which holds \
[-32, 31.999]: divide them by their maximum (images by 255), or give `inputs` 9 integer bits
    >>> about_inputs(0, 0, 1, fx.Format(16, 10)) is None
    True
    """
    if not share:
        return None
    needed = int(max(abs(low), abs(high))).bit_length() + fmt.signed
    wider = f", or give `inputs` {needed} integer bits" if low >= 0 or fmt.signed else ""
    return (
        f"{_percent(share)} of the inputs, which range from {low:.5g} to {high:.5g}, are beyond "
        f"{fmt!r}, which holds [{float(fmt.min):.5g}, {float(fmt.max):.5g}]: divide them by "
        f"their maximum (images by 255){wider}"
    )


def typical_magnitude(values: fx.FixedArray) -> Fraction | None:
    """Return the median of the magnitudes that are not 0, the lower one of two; None without any.

    Examples
    --------
    >>> import fxtypes as fx
    >>> from fxtypes_nn.watch.advice import typical_magnitude
    >>> typical_magnitude(fx.array([0, -0.5, 0.25, 4], fx.Format(8, 4)))
    Fraction(1, 2)
    """
    raws = sorted(abs(raw) for raw in values.raw.ravel().tolist() if raw)
    return raws[(len(raws) - 1) // 2] * values.format.resolution if raws else None


# The rules: each returns what to say, or None.


def _inputs(advisor: Advisor, row: Row, history: History) -> str | None:
    name = advisor.layers[0].name
    reach = row.get(f"{name}.input.abs_max")
    if reach is None or reach <= 1:
        return None
    found = f"inputs reach {reach:.5g}"
    if reach <= UNSCALED:
        counts = _recent(history, f"{name}.forward.saturation", SEVERAL)
        if not advisor.crowded(counts):
            return None
        found += f" and {name} saturates"
    return f"{found}, and learning wants them about 1: divide them by their maximum (images by 255)"


def _nothing_moves(advisor: Advisor, row: Row, history: History) -> str | None:
    first = next(iter(advisor.updates), None)
    if first is None or row.get(f"{first}.lost") != 1:
        return None
    # A stochastic update that moves nothing may move something the next time.
    rows = 1 if len(advisor.deterministic) == len(advisor.updates) else SEVERAL
    for name in advisor.updates:
        lost = _recent(history, f"{name}.lost", rows)
        if len(lost) < rows or min(lost) < 1:
            return None
    return f"every update rounds to nothing: {_missing_bits(advisor, first)}"


def _lost(advisor: Advisor, row: Row, history: History) -> str | None:
    shares = {}
    for name in advisor.deterministic:
        recorded = _recent(history, f"{name}.lost", SEVERAL)
        if len(recorded) == SEVERAL:
            shares[name] = sum(recorded) / SEVERAL
    name = max(shares, key=shares.__getitem__, default="")
    if "nothing moves" in advisor.said or not name or shares[name] <= LOST:
        return None
    return (
        f"{_percent(shares[name])} of the updates of {name} round to nothing: "
        f"{_missing_bits(advisor, name)}"
    )


def _missing_bits(advisor: Advisor, name: str) -> str:
    """Where half the steps are lost, and how many fraction bits would keep them."""
    fmt, step = advisor.updates[name], advisor.step and advisor.step(name)
    if step:
        half = fmt.resolution / 2
        bits = 1
        while Fraction(step) <= half / 2**bits:
            bits += 1
        missing = "1 fraction bit is" if bits == 1 else f"{bits} fraction bits are"
        found = (
            f"a typical step of {name} is {float(step):.3g}, and what is kept in {fmt!r} moves "
            f"from {float(half):.3g} on. {missing} missing"
        )
        more = "1 more fraction bit" if bits == 1 else f"{bits} more fraction bits"
        if fmt.width + bits <= 128 and fmt.frac_bits + bits <= 256:
            wider = fmt.replace(width=fmt.width + bits, frac_bits=fmt.frac_bits + bits)
            more += f", {wider!r}"
    else:
        found = f"{fmt!r} has too few fraction bits for the steps of {name}"
        more = "more fraction bits"
    ways = [f"give `updates` {more}", "raise the learning rate"]
    if not _is_stochastic(fmt):
        ways.insert(0, 'round `updates` with "stochastic"')
    return f"{found}: {', or '.join(ways)}"


def _dead(advisor: Advisor, row: Row, history: History) -> str | None:
    for name, kind, fmt in advisor.layers:
        if kind not in _RECTIFIERS or row.get(f"{name}.output.abs_max"):
            continue
        reach = _recent(history, f"{name}.output.abs_max", SEVERAL)
        if len(reach) < SEVERAL or any(reach):
            continue
        dead = f"{name} is dead: in the last {SEVERAL} watched batches all its outputs were 0"
        most = next(iter(_recent(history, f"{name}.input.max", 1)), None)
        if kind == "ReLU" and (most is None or most <= 0):
            return (
                f"{dead}, as no input was more than 0: lower the learning rate, or use LeakyReLU, "
                "and check the initial weights"
            )
        return (
            f"{dead}, as {fmt!r} rounds all that is small to 0: give `activations` more fraction "
            "bits, or scale the inputs up to about 1"
        )
    return None


def _saturated(advisor: Advisor, row: Row, history: History) -> str | None:
    if len(advisor.layers) < 2 or advisor.layers[-1].kind != "Softmax":
        return None
    losses = [] if row.get("loss") else _recent(history, "loss", IDLE)
    if len(losses) == IDLE and not any(losses):
        return (
            f"the softmax is saturated: the loss was 0 in the last {IDLE} iterations, and no "
            "gradient is left: stop earlier, lower the learning rate, or add weight decay"
        )
    name, _, fmt = advisor.layers[-2]
    counts = _recent(history, f"{name}.forward.saturation", SEVERAL)
    if not advisor.crowded(counts):
        return None
    return (
        f"the softmax is saturated: in the last {SEVERAL} watched batches {sum(counts)} logits "
        f"were at an end of {fmt!r}, which holds [{float(fmt.min):.5g}, {float(fmt.max):.5g}]: "
        "lower the learning rate, scale the inputs down to about 1, or give `logits` more "
        "integer bits"
    )


def _chance(advisor: Advisor, row: Row, history: History) -> str | None:
    if advisor.classes is None or advisor.classes < 2 or not len(history):
        return None
    epochs = history["epoch"]
    rows = len(epochs) - bisect_left(epochs, epochs[-1])
    # The epoch's second half: at first every network guesses.
    accuracies = _recent(history, "accuracy", (rows + 1) // 2)
    samples = len(accuracies) * advisor.batch_size
    if samples < JUDGED:
        return None
    accuracy, chance = sum(accuracies) / len(accuracies), 1 / advisor.classes
    # Two standard errors, or so much more as the commonest class may be.
    margin = max(2 * math.sqrt(chance * (1 - chance) / samples), min(0.02, chance / 2))
    if accuracy > chance + margin:
        return None
    return (
        f"accuracy is at chance after epoch {epochs[-1]}: {_percent(accuracy)}, where guessing "
        f"one of {advisor.classes} classes gives {_percent(chance)}: check that x and y belong "
        "together, scale the inputs to about 1, and try a learning rate ten times smaller or larger"
    )


def _recent(history: History, name: str, n: int) -> list[float]:
    return history.last_recorded(name, n) if name in history else []


def _is_stochastic(fmt: fx.Format) -> bool:
    return fmt.rounding == "stochastic"


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"


_Rule = Callable[[Advisor, Row, History], str | None]
_AFTER_ITERATION: dict[str, _Rule] = {
    "inputs": _inputs,
    "nothing moves": _nothing_moves,
    "lost": _lost,
    "dead": _dead,
    "saturated": _saturated,
}
_AFTER_EPOCH: dict[str, _Rule] = {"chance": _chance}
