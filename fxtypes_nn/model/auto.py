"""Formats from observed magnitudes: what `Precision.auto` does.

Decisions are made on integers and exact fractions alone: the same on every machine.
"""

from __future__ import annotations

import contextlib
import itertools
import operator
import warnings
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

import fxtypes as fx

from ..datasets import LazyArray
from ..layers import Context, Layer, ReLU, Sigmoid, Softmax, Tanh
from ..precision import Precision
from ..seeds import derive, drawing, permutation
from ..training.losses import CrossEntropy, Loss, MeanSquaredError
from ..training.optimizers import SGD
from ..training.samples import checked_samples
from ..training.trainer import Trainer
from ..watch.observer import Observer

if TYPE_CHECKING:
    from .sequential import Sequential

WIDTHS = (2, 128)
_WIDE = fx.Format(64, 32)
_POWERS = 2 ** np.arange(63, dtype=np.int64)
_SAMPLES = 1 << 14
_BATCH = 64
_STEPS, _EVERY = 256, 16  # of the trial training, and how often it is looked at
_RATES = (Fraction(1, 10), Fraction(1, 100), Fraction(1, 1000))
_DIVERGED = 2  # times the first loss is more than a batch's chance
_TAIL = 1000  # one of so many elements may be larger than a quantile says

_NARROW = 12  # formats of fewer bits don't hold what is rare
# Sigmoid(8), tanh(4) and softmax(16, 0, ...) lie less than 2**-10 from their limits.
_FLAT_FROM: dict[type[Layer], int] = {Sigmoid: 3, Tanh: 2, Softmax: 4}
_OUTPUTS = ("pre_activations", "activations", "logits")


class Seen:
    """The magnitudes of a kind of tensor: counts by power of two.

    Attributes
    ----------
    most : int
        The largest, in units of `_WIDE`.
    """

    def __init__(self) -> None:
        self.counts = np.zeros(len(_POWERS) + 1, np.int64)  # at i: above 2**(i-1), to 2**i units
        self.most = 0

    def add(self, values: fx.FixedArray) -> None:
        """Count an array's elements."""
        if values.format != _WIDE:
            values = values.astype(_WIDE)
        raw = np.abs(np.maximum(values.raw.reshape(-1), -_WIDE.raw_max))
        raw = raw[raw > 0]
        if raw.size:
            self.most = max(self.most, int(raw.max()))
            places = np.searchsorted(_POWERS, raw)
            self.counts += np.bincount(places, minlength=len(self.counts))

    def reach(self) -> int:
        """The least k so that all magnitudes are at most 2**k."""
        return int(np.flatnonzero(self.counts)[-1]) - _WIDE.frac_bits

    def usual(self) -> int:
        """The least k so that of those that aren't 0 all but one of 1,000 are at most 2**k."""
        beyond = np.cumsum(self.counts[::-1])[::-1]
        allowed = beyond[0] // _TAIL
        return int(np.flatnonzero(beyond > allowed)[-1]) - _WIDE.frac_bits


class _Magnitudes(Observer):
    """An observer that gathers what a model's layers make, by role and layer."""

    def __init__(self, model: Sequential) -> None:
        self.row = {}
        self.found: dict[tuple[str, str], Seen] = {}
        self.roles = {str(layer.name): layer.role for layer in model.layers}

    def gather(self, role: str, layer: str, values: fx.FixedArray) -> None:
        self.found.setdefault((role, layer), Seen()).add(values)

    def operations(self, layer: str, way: Any) -> contextlib.AbstractContextManager[object]:
        return contextlib.nullcontext()

    def forward(self, layer: str, x: fx.FixedArray, y: fx.FixedArray) -> None:
        self.gather(self.roles[layer], layer, y)

    def saturated(self, layer: str, way: Any, *made: fx.FixedArray) -> None:
        for values in made:
            self.gather("gradients", layer, values)


class _Choice(NamedTuple):
    """A role's format in a layer, and what it was chosen from."""

    role: str
    layer: str
    format: fx.Format
    seen: Seen | None
    reason: str


def choose(model: Sequential, x: Any, y: Any, width: Any, trained: bool | None = None) -> Precision:
    """What `Precision.auto` returns.

    `trained`: whether the weights are final, so that nothing has to grow; None: if the model was
    trained.
    """
    width = _checked_width(width)
    if trained is None:
        trained = model.training.iterations > 0
    loss = _loss_of(model)
    loss.check(model.network)
    if model.standardisation is not None and not isinstance(x, fx.FixedArray):
        x = checked_samples(x, model, {"inputs"})  # that its format holds them is no concern here
    rows, data = _data(model, x)
    targets = loss.targets(y, len(x), model.network, None)[rows]
    seen, trial = _observed(model, data, targets, loss, trained)
    return _Chooser(model, width, seen, trial, trained).precision(_ends(x))


def _checked_width(width: Any) -> int:
    low, high = WIDTHS
    try:
        found = operator.index(width)
    except TypeError:
        found = 0
    if isinstance(width, bool) or not low <= found <= high:
        raise ValueError(f"width must be an integer from {low} to {high}, got {width!r}")
    return found


def _loss_of(model: Sequential) -> Loss:
    if model.training.loss is not None:
        return model.training.loss
    return CrossEntropy() if isinstance(model.layers[-1], Softmax) else MeanSquaredError()


def _wide_copy(model: Sequential) -> Sequential:
    return model.with_precision(Precision(_WIDE, _WIDE, _WIDE, _WIDE))


def _data(model: Sequential, x: Any) -> tuple[npt.NDArray[np.int64], fx.FixedArray]:
    """Some rows of the samples, and these in 64 bits."""
    wide = _wide_copy(model)
    if isinstance(x, LazyArray):
        x = x.astype(_WIDE)
    elif not isinstance(x, fx.FixedArray):
        x = np.asarray(x)
    if not len(x.shape):
        checked_samples(x, wide)  # refuses it
    rows = np.sort(permutation(len(x), derive(model.seed, "auto"))[:_SAMPLES])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of what is beyond even 64 bits
        found = checked_samples(x[rows] if len(x.shape) > 1 else x, wide)
    assert isinstance(found, fx.FixedArray)
    return rows, found


def _ends(x: Any) -> tuple[Fraction, Fraction]:
    """The least and the largest of all samples' values."""
    if isinstance(x, LazyArray):
        low, high = x.extremes()
    elif isinstance(x, fx.FixedArray):
        low, high = (int(end.raw) * x.format.resolution for end in (x.min(), x.max()))
    else:
        values = np.asarray(x)
        if not np.isfinite(values).all():
            raise ValueError("x has a value that is not finite; all must be")
        low, high = Fraction(values.min().item()), Fraction(values.max().item())
    return low, high


def _observed(
    model: Sequential, x: fx.FixedArray, targets: Any, loss: Loss, trained: bool
) -> tuple[_Magnitudes, str]:
    """What the layers reach, and how that was found."""
    for rate in () if trained else _RATES:
        found = _watch(_wide_copy(model), x, targets, loss, rate)
        if found is not None:
            return found, f"{_STEPS} steps of SGD({float(rate):g}) from the model's weights"
    found = _watch(_wide_copy(model), x, targets, loss, None)
    assert found is not None
    if trained:
        return found, "the model's own weights"
    return found, (
        f"the model's initial weights (SGD({float(_RATES[-1]):g}) diverges: scale the data)"
    )


def _watch(
    wide: Sequential, x: fx.FixedArray, targets: Any, loss: Loss, rate: Fraction | None
) -> _Magnitudes | None:
    """Magnitudes in training at a rate, None: without steps. None if the loss grew."""
    seen = _Magnitudes(wide)
    trainer = None if rate is None else Trainer(wide, SGD(rate), loss)
    first = None
    for step, rows in zip(range(_STEPS + 1), _batches(wide, len(x)), strict=False):
        batch, wanted = x[rows], targets[rows]
        if step % _EVERY == 0:
            found = _look(wide, batch, wanted, loss, seen)
            first = found if first is None else first
            if trainer is not None and found > _DIVERGED * first:
                return None
        if trainer is not None:
            trainer.iterate(batch, wanted)
    return seen


def _batches(model: Sequential, samples: int) -> Iterator[npt.NDArray[np.int64]]:
    """Endless ones."""
    for epoch in itertools.count():
        order = permutation(samples, derive(model.seed, "auto", epoch))
        for start in range(0, samples, _BATCH):
            yield order[start : start + _BATCH]


def _look(
    wide: Sequential, x: fx.FixedArray, targets: Any, loss: Loss, seen: _Magnitudes
) -> Fraction:
    """Forward and backward on a batch; the mean loss."""
    with drawing(wide.seed, "auto"):
        context = Context(training=True, seed=derive(wide.seed, "auto", "context"))
        outputs, backward = wide.run(x, context, loss.last_layers, seen)
        gradient = loss.gradient(outputs, targets, wide.network)
        seen.gather("gradients", str(wide.layers[-1].name), gradient)
        backward(gradient)
    for layer in wide.layers:
        for name, values in layer.parameters.items():
            role = layer.parameter_roles.get(name, "weights")
            seen.gather(role, str(layer.name), values)
    return loss.total(outputs, targets) / len(x)


class _Chooser:
    """From magnitudes to formats."""

    def __init__(
        self, model: Sequential, width: int, seen: _Magnitudes, trial: str, trained: bool
    ) -> None:
        self.model, self.width, self.seen, self.trial = model, width, seen, trial
        self.trained = trained
        self.kept_width = 16 if width < 10 else width
        self.rounding = "stochastic" if width < 24 else "nearest_even"
        # What the preset has, too: where bits abound, ranges are wider than what was seen.
        self.spare = min(max(width - 16, 0) // 4, 8) + (width >= _NARROW)
        self.choices: list[_Choice] = []
        self.missing: list[str] = []

    def precision(self, ends: tuple[Fraction, Fraction]) -> Precision:
        inputs = self._inputs(*ends)
        layers = {str(layer.name): self._layer(layer) for layer in self.model.layers}
        base = self._shared(layers)
        base["inputs"] = inputs
        base["state"] = base["updates"]
        whole = Precision(**base)
        entries = {}
        for name, formats in layers.items():
            if "updates" in formats:
                formats["state"] = formats["updates"]
            entry = Precision(**(base | formats))
            if entry != whole:
                entries[name] = entry
        found = whole.replace(layers=entries) if entries else whole
        return found.with_report(self._report())

    def _inputs(self, low: Fraction, high: Fraction) -> fx.Format:
        fmt = self._format(self.width, 0, signed=low < 0)
        reach = -_WIDE.frac_bits
        while (low or high) and not fmt.min <= low <= high <= fmt.max:
            reach += 1
            fmt = self._format(self.width, reach, signed=low < 0)
        sign = "signed" if low < 0 else "unsigned: none is below 0"
        what = f"from {float(low):.4g} to {float(high):.4g} in all of x; {sign}"
        self.choices.append(_Choice("inputs", "", fmt, None, what))
        return fmt

    def _layer(self, layer: Layer) -> dict[str, Any]:
        name = str(layer.name)
        found: dict[str, Any] = {}
        fmt: fx.Format | None
        if layer.parameters:
            found |= self._parameters(name)
        role = layer.role
        if role == "probabilities":
            # The format of probabilities follows the activations', where none is named.
            fmt = self._format(self.width, 1, signed=False)
            self._chosen(
                "activations", name, fmt, None, "its output goes from 0 to 1, both included"
            )
            found["activations"] = fmt
        elif isinstance(layer, Sigmoid):
            fmt = self._format(self.width, 0, signed=False)
            self._chosen(role, name, fmt, self.seen.found.get((role, name)), "a sigmoid is below 1")
            found[role] = fmt
        else:
            signed = not isinstance(layer, ReLU)
            reason = "" if signed else "unsigned: a ReLU's are never below 0"
            fmt = self._by_magnitude(role, name, self.width, signed, 1, reason)
            if fmt is not None:
                found[role] = fmt
        fmt = self._gradients(layer, name)
        if fmt is not None:
            found["gradients"] = fmt
        return found

    def _parameters(self, name: str) -> dict[str, fx.Format]:
        """They share one format in which they are kept."""
        own = {}
        for role in ("weights", "biases"):
            if (role, name) in self.seen.found:
                fmt = self._by_magnitude(role, name, self.width, True, 2, "")
                if fmt is not None:
                    own[role] = fmt
        if not own:
            return {}
        whole = max(fmt.width - fmt.frac_bits for fmt in own.values())
        updates = fx.Format(self.kept_width, self.kept_width - whole, rounding=self.rounding)
        self._chosen("updates", name, updates, None, "holds weights and biases")
        if self.kept_width == self.width:
            # They can't be used finer than they are kept.
            own = dict.fromkeys(("weights", "biases"), updates)
        else:
            own.setdefault("weights", own.get("biases", updates))
            own.setdefault("biases", own["weights"])
        return {**own, "updates": updates}

    def _gradients(self, layer: Layer, name: str) -> fx.Format | None:
        last = layer is self.model.layers[-1]
        if last and isinstance(layer, Softmax) and isinstance(_loss_of(self.model), CrossEntropy):
            fmt = self._format(self.width, 0, rounding=self.rounding)
            seen = self.seen.found.get(("gradients", name))
            self._chosen("gradients", name, fmt, seen, "p - onehot lies in [-1, 1]")
            return fmt
        return self._by_magnitude("gradients", name, self.width, True, 0, "")

    def _by_magnitude(
        self, role: str, name: str, width: int, signed: bool, growth: int, reason: str
    ) -> fx.Format | None:
        seen = self.seen.found.get((role, name))
        if seen is None or not seen.most:
            self.missing.append(
                f"{role} of {name}: nothing but 0 was seen; it has the other layers' format"
            )
            return None
        room = self.spare + (0 if self.trained else growth)
        reach = seen.reach() + room
        if width < _NARROW:
            reach = min(reach, self._worth_holding(role, name, seen))
        rounding = self.rounding if role == "gradients" else "nearest_even"
        fmt = self._format(width, reach, signed, rounding)
        words = [reason] if reason else []
        if room:
            words.append(f"{room} bit{'s' * (room > 1)} to grow")
        if reach < seen.reach():
            words.append("the largest saturate")
        self._chosen(role, name, fmt, seen, "; ".join(words) or "holds the largest")
        return fmt

    def _worth_holding(self, role: str, name: str, seen: Seen) -> int:
        """Where bits are few: up to which power of two magnitudes cost more than they bring."""
        if role in ("weights", "biases"):
            return max(seen.usual(), 1)  # few get larger, but they do grow up to there
        if role in ("pre_activations", "logits"):
            names = [str(layer.name) for layer in self.model.layers]
            following = self.model.layers[names.index(name) + 1 :]
            for kind, power in _FLAT_FROM.items():
                if following and isinstance(following[0], kind):
                    return min(seen.usual() + 1, power)
        return seen.usual() + (role in ("gradients", "logits"))

    def _format(
        self, width: int, reach: int, signed: bool = True, rounding: str = "nearest_even"
    ) -> fx.Format:
        return fx.Format(width, width - signed - reach, signed=signed, rounding=rounding)

    def _chosen(
        self, role: str, layer: str, fmt: fx.Format, seen: Seen | None, reason: str
    ) -> None:
        self.choices.append(_Choice(role, layer, fmt, seen, reason))

    def _shared(self, layers: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """For each role the format of the layer that reaches furthest; else the preset's."""
        preset = Precision.preset(max(self.width, 8))
        cut = preset.width - self.width
        found = {}
        for role in ("weights", "biases", "updates", "gradients", *_OUTPUTS):
            own = [formats[role] for formats in layers.values() if role in formats]
            fmt = getattr(preset, role)
            if fmt.width > self.kept_width or (role != "updates" and cut > 0):
                fmt = fmt.replace(width=fmt.width - cut, frac_bits=fmt.frac_bits - cut)
            found[role] = max(own, key=lambda f: (f.max, f.signed)) if own else fmt
        return found

    def _report(self) -> str:
        lines = [f"Precision.auto at {self.width} bits, from {self.trial}"]
        for role, layer, fmt, seen, reason in self.choices:
            where = f"{layer} {role}" if layer else role
            magnitude = ""
            if seen is not None and seen.most:
                most = seen.most * float(_WIDE.resolution)
                magnitude = f"at most {most:.4g}, 99.9 % to 2**{seen.usual()}; "
            lines.append(f"{where:26} {_text(fmt):38} {magnitude}{reason}")
        lines.append("not inferred:")
        lines += [f"  {line}" for line in self.missing]
        lines.append(
            "  state: what an optimiser keeps isn't known before it runs; it has updates' format"
        )
        lines.append("  accumulator: none; sums are exact")
        return "\n".join(lines)


def _text(fmt: fx.Format) -> str:
    signed = "" if fmt.signed else ", unsigned"
    rounding = ", stochastic" if fmt.rounding == "stochastic" else ""
    return f"({fmt.width}, {fmt.frac_bits}{signed}{rounding}) to {float(fmt.max):.4g}"
