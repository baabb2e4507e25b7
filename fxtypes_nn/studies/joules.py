"""Joules measured by the processor's own counters (RAPL), where the system shows them."""

from __future__ import annotations

import re
from pathlib import Path

POWERCAP = Path("/sys/class/powercap")
_PACKAGE = re.compile(r"[a-z-]*rapl:\d+")  # a whole package: parts have a second number


class Meter:
    """The energy that the machine's processor packages took since the meter was made.

    It counts all that runs on them, not one process.

    Parameters
    ----------
    folder : path, optional
        Where the counters are.

    Attributes
    ----------
    problem : str or None
        Why nothing can be measured.

    Examples
    --------
    >>> from fxtypes_nn.studies.joules import Meter
    >>> meter = Meter("/nowhere")
    >>> meter.read() is None, meter.problem
    (True, 'this machine shows no RAPL counters in /nowhere: joules are not measured')
    """

    def __init__(self, folder: str | Path = POWERCAP) -> None:
        self.problem: str | None = None
        self._last: dict[Path, int] = {}
        self._total = 0
        folder = Path(folder)
        try:
            packages = [path for path in folder.iterdir() if _PACKAGE.fullmatch(path.name)]
        except OSError:
            packages = []
        if not packages:
            self.problem = (
                f"this machine shows no RAPL counters in {folder}: joules are not measured"
            )
            return
        try:
            self._last = {path: _number(path / "energy_uj") for path in sorted(packages)}
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            self.problem = (
                f"the RAPL counters in {folder} can't be read ({reason}): joules are not measured"
            )

    def read(self) -> float | None:
        """Joules since the meter was made; None where nothing can be measured.

        A counter begins anew at its end, once in minutes to hours: a longer time between two
        calls may miss that.
        """
        if self.problem is not None:
            return None
        try:
            for path, before in self._last.items():
                now = _number(path / "energy_uj")
                more = now - before
                if more < 0:
                    more += _number(path / "max_energy_range_uj")
                self._total += more
                self._last[path] = now
        except (OSError, ValueError) as error:
            self.problem = f"the RAPL counters can't be read any more ({error})"
            return None
        return self._total / 1e6


def _number(path: Path) -> int:
    return int(path.read_text(encoding="ascii"))
