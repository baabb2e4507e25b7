"""Cutting bits off a trained model's weights, and what that changes in its outputs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import fxtypes as fx

from ..layers import Context, Dense, Sigmoid, Softmax
from ..model import Sequential
from .floats import FloatNetwork

if TYPE_CHECKING:
    import numpy.typing as npt

    Scores = npt.NDArray[np.float64]

ALL = "all layers"
FRACTION, INTEGER, SIGNIFICANT = "fraction", "integer", "significant"
_MOST_SIGNIFICANT = 24
_LEAST_WIDTH = 2
_AT_ONCE = 4096  # samples whose orders are compared at once


class Step(NamedTuple):
    """What is left after a cut, and what that does.

    Attributes
    ----------
    layer : str
        Whose weights were cut; `ALL`.
    bits : {"fraction", "integer", "significant"}
    kept : int
        How many of these bits are left.
    accuracy : float
    agreement : float
        The share of samples with the same predicted class as before: top-1.
    top3 : float
        The share of samples with the same three highest scores, in the same order.
    tau : float
        Kendall's tau of a sample's scores with those before, the mean over samples.
    moved : float
        The share of the cut parameters that aren't what they were.
    saturated : float
        The share that the format's range doesn't hold any more.
    """

    layer: str
    bits: str
    kept: int
    accuracy: float
    agreement: float
    top3: float
    tau: float
    moved: float
    saturated: float


class Safe(NamedTuple):
    """The fewest bits that keep the accuracy.

    Attributes
    ----------
    layer : str
    text : str
        The format, or the number of significant bits.
    reason : str
        What one bit less does.
    accuracy : float
        With it.
    format : fxtypes.Format or None
        None of significant bits.
    """

    layer: str
    text: str
    reason: str
    accuracy: float
    format: fx.Format | None = None


@dataclasses.dataclass(frozen=True)
class Cuts:
    """All that was tried.

    Attributes
    ----------
    accuracy : float
        Before any cut.
    steps : list of Step
    safe : list of Safe
        Of all layers together, then each alone.
    """

    accuracy: float
    steps: list[Step]
    safe: list[Safe]


def kendall_tau(first: Scores, second: Scores) -> npt.NDArray[np.float64]:
    """Kendall's tau-b of each row of scores with the same row of others.

    1 where the order is the same, -1 where it is reversed; ties count as neither, as SciPy's
    ``kendalltau`` does. A row of nothing but ties has 1 if the other has, else 0.

    Examples
    --------
    >>> import numpy as np
    >>> from fxtypes_nn.studies.bit_cutting import kendall_tau
    >>> kendall_tau(np.array([[1.0, 2, 3], [1, 2, 3]]), np.array([[2.0, 4, 9], [1, 3, 2]]))
    array([1.        , 0.33333333])
    """
    rows, columns = np.triu_indices(first.shape[1], 1)
    found = np.empty(len(first))
    for start in range(0, len(first), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        signs = [np.sign(each[part][:, rows] - each[part][:, columns]) for each in (first, second)]
        pairs = [np.count_nonzero(sign, axis=1) for sign in signs]
        concordant = (signs[0] * signs[1]).sum(axis=1)
        size = np.sqrt(pairs[0].astype(np.float64) * pairs[1])
        both_tied = (pairs[0] == 0) & (pairs[1] == 0)
        found[part] = np.where(both_tied, 1.0, concordant / np.maximum(size, 1))
    return found


def same_top(first: Scores, second: Scores, count: int) -> float:
    """The share of rows whose highest scores are the same, in the same order."""
    best = [np.argsort(-each, axis=1, kind="stable")[:, :count] for each in (first, second)]
    return float((best[0] == best[1]).all(axis=1).mean())


def significant(values: npt.NDArray[Any], bits: int) -> npt.NDArray[Any]:
    """Floats rounded to so many significant bits, ties to even.

    Examples
    --------
    >>> import numpy as np
    >>> from fxtypes_nn.studies.bit_cutting import significant
    >>> significant(np.array([0.0, 5.0, 0.3, -11]), 2)
    array([ 0.  ,  4.  ,  0.25, -12.  ])
    """
    mantissas, exponents = np.frexp(values)
    return np.asarray(np.ldexp(np.rint(np.ldexp(mantissas, bits)), exponents - bits))


class _Subject:
    """What is cut: its parameters by layer, and its scores with others in their place."""

    def __init__(self, layers: list[str], labels: Any) -> None:
        self.layers, self.labels = layers, labels
        self.before: Scores = np.empty((0, 0))

    def scores(self, cut: Mapping[str, Any]) -> Scores:
        raise NotImplementedError

    def measure(self, what: tuple[str, str, int], cut: Mapping[str, Any], counts: Any) -> Step:
        """A step's figures."""
        scores = self.scores(cut)
        total, moved, saturated = counts
        return Step(
            *what,
            float((scores.argmax(axis=1) == self.labels).mean()),
            same_top(self.before, scores, 1),
            same_top(self.before, scores, 3),
            float(kendall_tau(self.before, scores).mean()),
            moved / total,
            saturated / total,
        )


class _Fixed(_Subject):
    """A model in fixed point: cuts are of the format in which products take its parameters."""

    def __init__(self, model: Sequential, x: Any, labels: Any) -> None:
        dense = [layer for layer in model.layers if isinstance(layer, Dense)]
        if not dense:
            raise ValueError("the model has no Dense layer, and so no weights to cut")
        super().__init__([str(layer.name) for layer in dense], labels)
        self.model, self.x = model, x
        self.used = {
            f"{layer.name}.{name}": layer.used(name, Context())
            for layer in dense
            for name in layer.parameters
        }
        self._leave_out = int(isinstance(model.layers[-1], Softmax | Sigmoid))
        self.before = self.scores({})

    def scores(self, cut: Mapping[str, Any]) -> Scores:
        kept = {}
        try:
            for name, values in cut.items():
                layer, own = self.model.layer_of(name)
                kept[name] = layer.parameters[own]
                layer.set(own, values.astype(_plain(kept[name].format)).view_as(kept[name].format))
            return self.model.outputs(self.x, self._leave_out).to_numpy()
        finally:
            for name, values in kept.items():
                layer, own = self.model.layer_of(name)
                layer.set(own, values)

    def parameters_of(self, layer: str) -> dict[str, fx.FixedArray]:
        return {
            name: values
            for name, values in self.used.items()
            if layer in (ALL, name.partition(".")[0])
        }

    def format_of(self, layer: str) -> fx.Format:
        """One that holds all formats of the parameters."""
        formats = [values.format for values in self.parameters_of(layer).values()]
        frac_bits = max(fmt.frac_bits for fmt in formats)
        return fx.Format(max(fmt.int_bits for fmt in formats) + frac_bits, frac_bits)

    def step(self, layer: str, bits: str, kept: int, fmt: fx.Format) -> Step:
        """The figures with the parameters in another format."""
        cut, moved, saturated, total = {}, 0, 0, 0
        for name, values in self.parameters_of(layer).items():
            cut[name] = values.astype(fmt)
            moved += int(np.count_nonzero(cut[name] != values))
            saturated += int(np.count_nonzero((values > fmt.max) | (values < fmt.min)))
            total += values.size
        return self.measure((layer, bits, kept), cut, (total, moved, saturated))


def _plain(fmt: fx.Format) -> fx.Format:
    return fmt.replace(rounding="nearest_even", overflow="saturate")


def cut_bits(model: Sequential, x: Any, labels: Any, within: float = 0.5) -> Cuts:
    """Cut fraction and integer bits off a model's weights and biases, together and by layer.

    Parameters
    ----------
    model : Sequential
        A classifier; it is as before afterwards.
    x, labels : array
        Samples and their classes.
    within : float
        Percentage points of accuracy that may be lost.

    Returns
    -------
    Cuts

    Raises
    ------
    ValueError
        If the model has no Dense layer.

    Notes
    -----
    Cut parameters are rounded to nearest, ties to even, and saturate. A number of bits is safe if
    no cut down to it loses more than `within`.

    Examples
    --------
    >>> from fxtypes_nn import MLP, datasets
    >>> from fxtypes_nn.studies.bit_cutting import cut_bits
    >>> digits, model = datasets.load("digits"), MLP([64, 10])
    >>> x = digits.lazy(model.precision.inputs)
    >>> history = model.fit(x.x_train, x.y_train, epochs=3, progress=False)
    >>> cuts = cut_bits(model, x.x_test, x.y_test)
    >>> cuts.safe[0].layer, cuts.steps[0].kept
    ('all layers', 24)
    """
    subject = _Fixed(model, x, labels)
    accuracy = float((subject.before.argmax(axis=1) == labels).mean())
    floor = _floor(accuracy, within)
    steps: list[Step] = []
    safe = []
    names = [ALL, *(subject.layers if len(subject.layers) > 1 else [])]
    for layer in names:
        fmt = subject.format_of(layer)

        def without(bits: str, kept: int, layer: str = layer, fmt: fx.Format = fmt) -> Step:
            other = (fmt.int_bits, kept) if bits == FRACTION else (kept, fmt.frac_bits)
            return subject.step(layer, bits, kept, _cut_format(*other))

        ways = {}
        for bits, whole in ((FRACTION, fmt.frac_bits), (INTEGER, fmt.int_bits)):
            least = _LEAST_WIDTH - (fmt.width - whole)
            tried = [without(bits, kept) for kept in range(whole - 1, least - 1, -1)]
            steps += tried
            ways[bits] = _least_safe(whole, tried, floor)
        safe.append(_safe_format(subject, layer, ways, (accuracy, floor)))
    return Cuts(accuracy, steps, safe)


def _cut_format(int_bits: int, frac_bits: int) -> fx.Format:
    return fx.Format(int_bits + frac_bits, frac_bits)


def _floor(accuracy: float, within: float) -> float:
    """The least accuracy that is safe; exactly `within` less is."""
    return accuracy - within / 100 - 1e-12


class _Least(NamedTuple):
    kept: int
    next: Step | None  # the first that isn't safe


def _least_safe(whole: int, tried: Iterable[Step], floor: float) -> _Least:
    """The fewest bits, none of the cuts down to which falls below a floor."""
    kept = whole
    for step in tried:
        if step.accuracy < floor:
            return _Least(kept, step)
        kept = step.kept
    return _Least(kept, None)


def _safe_format(
    subject: _Fixed, layer: str, ways: Mapping[str, _Least], bounds: tuple[float, float]
) -> Safe:
    """Both cuts at once: fraction bits are given back until that is safe."""
    accuracy, floor = bounds
    whole = subject.format_of(layer)
    int_bits, frac_bits = ways[INTEGER].kept, ways[FRACTION].kept
    frac_bits = max(frac_bits, _LEAST_WIDTH - int_bits)
    step = subject.step(layer, FRACTION, frac_bits, _cut_format(int_bits, frac_bits))
    while step.accuracy < floor and frac_bits < whole.frac_bits:
        frac_bits += 1
        step = subject.step(layer, FRACTION, frac_bits, _cut_format(int_bits, frac_bits))
    parts = [_why(FRACTION, ways[FRACTION], accuracy), _why(INTEGER, ways[INTEGER], accuracy)]
    if frac_bits > max(ways[FRACTION].kept, _LEAST_WIDTH - int_bits):
        parts.append(
            f"both cuts together lose more than each alone, so {frac_bits} fraction bits are kept"
        )
    found = _cut_format(int_bits, frac_bits)
    return Safe(layer, repr(found), "; ".join(parts), step.accuracy, found)


def _why(bits: str, least: _Least, accuracy: float) -> str:
    if least.next is None:
        return f"no cut of {bits} bits was too much"
    step = least.next
    lost = 100 * (accuracy - step.accuracy)
    verb = "bit loses" if step.kept == 1 else "bits lose"
    text = f"{step.kept} {bits} {verb} {lost:.2f} points"
    return f"{text} ({step.saturated:.2%} of the parameters saturate)" if step.saturated else text


def cut_significant(model: Sequential, x: Any, labels: Any, within: float = 0.5) -> Cuts:
    """Cut the weights and biases of a model that computes in float64 to significant bits.

    Parameters, result and meaning are those of `cut_bits`; from 24 bits, a float32's, to 1.

    Raises
    ------
    ValueError
        If the model has no twin in floating point.
    """
    if not isinstance(model.layers[-1], Softmax):
        raise ValueError(
            "significant bits are cut off a model that ends in a Softmax, and this one ends in "
            f"{model.layers[-1].name}; where it gives logits, --output softmax adds one"
        )
    twin = FloatNetwork(model)
    values = dict(twin.parameters)
    samples = twin.samples(x)

    class Floats(_Subject):
        def scores(self, cut: Mapping[str, Any]) -> Scores:
            twin.parameters = {**values, **cut}
            return np.asarray(twin.outputs(samples), np.float64)

    layers = list(dict.fromkeys(name.partition(".")[0] for name in values))
    subject = Floats(layers, labels)
    subject.before = subject.scores({})
    accuracy = float((subject.before.argmax(axis=1) == labels).mean())
    steps: list[Step] = []
    safe = []
    for layer in [ALL, *(layers if len(layers) > 1 else [])]:
        own = {n: v for n, v in values.items() if layer in (ALL, n.partition(".")[0])}
        total = sum(v.size for v in own.values())
        tried = []
        for kept in range(_MOST_SIGNIFICANT, 0, -1):
            cut = {name: significant(v, kept) for name, v in own.items()}
            moved = sum(int(np.count_nonzero(cut[name] != v)) for name, v in own.items())
            tried.append(subject.measure((layer, SIGNIFICANT, kept), cut, (total, moved, 0)))
        steps += tried
        least = _least_safe(53, tried, _floor(accuracy, within))
        reached = next((s.accuracy for s in tried if s.kept == least.kept), accuracy)
        reason = _why(SIGNIFICANT, least, accuracy)
        safe.append(Safe(layer, f"{least.kept} significant bits", reason, reached))
    return Cuts(accuracy, steps, safe)


def first_changes(steps: Iterable[Step]) -> dict[str, int | None]:
    """With how many bits each measure is no longer what it was; None: with none that was tried.

    Parameters
    ----------
    steps : iterable of Step
        Of one layer and one kind of bits, the most bits first.
    """
    found: dict[str, int | None] = {"agreement": None, "top3": None, "tau": None}
    for step in steps:
        for name, kept in found.items():
            if kept is None and getattr(step, name) < 1 - 1e-12:
                found[name] = step.kept
    return found
