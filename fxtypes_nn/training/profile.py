"""Where a training's time goes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any


class Profile:
    """Seconds and calls by layer and operation: forward, backward, update, and what is around.

    Attributes
    ----------
    seconds : dict of (str, str) to float
    calls : dict of (str, str) to int

    Examples
    --------
    >>> from fxtypes_nn import MLP, datasets
    >>> model = MLP([64, 10])
    >>> digits = datasets.load("digits").to_fixed(model.precision.inputs)
    >>> history = model.fit(digits.x_train, digits.y_train, profile=True, progress=False)
    >>> sorted({operation for layer, operation in history.profile.seconds if layer == "dense1"})
    ['backward', 'forward', 'update']
    """

    def __init__(self) -> None:
        self.seconds: dict[tuple[str, str], float] = {}
        self.calls: dict[tuple[str, str], int] = {}

    @contextlib.contextmanager
    def timed(self, layer: str, operation: str) -> Iterator[None]:
        """Add the time that the block takes."""
        began = time.perf_counter()
        try:
            yield
        finally:
            key = layer, operation
            self.seconds[key] = self.seconds.get(key, 0.0) + time.perf_counter() - began
            self.calls[key] = self.calls.get(key, 0) + 1

    def __str__(self) -> str:
        total = sum(self.seconds.values()) or 1.0
        lines = [f"{'layer':14} {'operation':10} {'us a call':>10} {'share':>7}"]
        for key in sorted(self.seconds, key=self.seconds.__getitem__, reverse=True):
            each = self.seconds[key] / self.calls[key] * 1e6
            lines.append(f"{key[0]:14} {key[1]:10} {each:10.1f} {self.seconds[key] / total:7.1%}")
        return "\n".join(lines)


class Timed:
    """An observer that times, and passes on what it is told to another one."""

    def __init__(self, profile: Profile, inner: Any) -> None:
        self.profile, self.inner = profile, inner

    @contextlib.contextmanager
    def operations(self, layer: str, way: str) -> Iterator[None]:
        """Time a layer's pass, and let it be observed."""
        with self.profile.timed(layer, way), self.inner.operations(layer, way):
            yield

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)
