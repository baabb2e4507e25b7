"""How the pictures look: sizes of a paper's columns, colours, scales and their labels."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ...extras import extra

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTHS = {1: 3.5, 2: 7.16}  # inches: one and two columns of an IEEE paper
INK, MUTED, GRID, PAPER = "#1f2328", "#6a737d", "#d8dde3", "#ffffff"
FAINT = "#f4f6f8"
LIMIT = "#b3261e"  # a format's limits
# Okabe and Ito's, which people tell apart whatever colours they see; their yellow is too pale.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a6d3b")
DASHES = ("-", (0, (4, 1.5)), (0, (1, 1)))

_STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.titlelocation": "left",
    "axes.titlesize": 8,
    "figure.facecolor": PAPER,
    "font.size": 8,
    "grid.color": GRID,
    "grid.linewidth": 0.5,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.title_fontsize": 7,
    "legend.handlelength": 1.6,
    "lines.linewidth": 1.1,
    "pdf.fonttype": 42,  # what publishers ask for: TrueType, none of PostScript's type 3
    "ps.fonttype": 42,
    "savefig.dpi": 200,
    "svg.fonttype": "path",
    "svg.hashsalt": "fxtypes",  # the same picture is the same file
    "text.color": INK,
    "text.parse_math": False,  # a class may be called $x$
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 7,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 7,
}
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@contextlib.contextmanager
def styled() -> Iterator[None]:
    """Inside, Matplotlib draws in our style, whatever the user's own settings ask for.

    One that is set to use LaTeX has to draw where there is none.

    Raises
    ------
    ImportError
        If there is no Matplotlib.
    """
    matplotlib = extra("matplotlib", "the plots")
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


def new_figure(columns: int, height: float) -> Figure:
    """A figure as wide as `columns` columns of a paper, `height` inches high.

    It is one of its own, without pyplot: no display is needed, and nothing global changes.
    """
    figure: Figure = extra("matplotlib.figure", "the plots").Figure(
        figsize=(WIDTHS[columns], height), layout="constrained"
    )
    return figure


def panel_grid(columns: int, count: int, height: float) -> tuple[Figure, list[Axes], int]:
    """A figure of so many panels in rows, which share the axis of x, each `height` inches high.

    Returns
    -------
    figure : Figure
    panels : list of Axes
    across : int
        How many there are in a row.
    """
    most = 2 * columns
    across = min(range(1, most + 1), key=lambda n: (-(-count // n), n))  # the fewest rows
    down = -(-count // across)
    figure = new_figure(columns, 0.75 + height * down)
    places = list(figure.subplots(down, across, sharex=True, squeeze=False).flat)
    for axes in places[count:]:
        axes.remove()
    for axes in places[max(count - across, 0) : count]:
        axes.tick_params(labelbottom=True)
    return figure, places[:count], across


def line_style(index: int) -> dict[str, Any]:
    """The colour and the dashes of the curve with this number."""
    return {
        "color": COLOURS[index % len(COLOURS)],
        "linestyle": DASHES[index // len(COLOURS) % len(DASHES)],
    }


def number(value: float) -> str:
    """A number in few characters.

    Examples
    --------
    >>> from fxtypes_nn.watch.plots.style import number
    >>> number(0.25), number(-31.999), number(1234.5), number(1234567), number(3e-9)
    ('0.25', '-32', '1,234', '1.23e6', '3e-9')
    """
    if 1000 <= abs(value) < 100_000:
        return f"{value:,.0f}"
    text = f"{value:.3g}"
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if e else text


def ordinal(count: int) -> str:
    """A place in a row.

    Examples
    --------
    >>> from fxtypes_nn.watch.plots.style import ordinal
    >>> [ordinal(n) for n in (2, 3, 11, 21, 104)]
    ['2nd', '3rd', '11th', '21st', '104th']
    """
    if count % 100 in (11, 12, 13):
        return f"{count}th"
    return f"{count}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(count % 10, 'th') }"


def listed(names: Sequence[object], most: int = 3) -> str:
    """Names in a sentence, the first few.

    Examples
    --------
    >>> from fxtypes_nn.watch.plots.style import listed
    >>> listed(["a", "b"]), listed(["a", "b", "c", "d", "e"])
    ('a and b', 'a, b, c and 2 others')
    """
    named = [str(name) for name in names[:most]]
    rest = len(names) - len(named)
    if rest == 1:
        named.append(str(names[most]))
    elif rest:
        named.append(f"{rest} others")
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def power_of_two(exponent: int) -> str:
    """2 to an exponent, written out where that is short.

    Examples
    --------
    >>> from fxtypes_nn.watch.plots.style import power_of_two
    >>> power_of_two(3), power_of_two(-2), power_of_two(-13)
    ('8', '0.25', '2⁻¹³')
    """
    if -2 <= exponent <= 9:
        return f"{2.0**exponent:g}"
    return "2" + str(exponent).translate(_SUPERSCRIPTS)


def label_ticks(axis: Any, label: Callable[[float], str]) -> None:
    """Label an axis' ticks by a function of their place, and leave those between unlabelled."""
    ticker = extra("matplotlib.ticker", "the plots")
    axis.set_major_formatter(ticker.FuncFormatter(lambda place, _: label(place)))
    axis.set_minor_formatter(ticker.NullFormatter())


def log_scale(axes: Axes, low: float, high: float, label: Callable[[float], str]) -> None:
    """Make y a log axis, labelled at 1, 2 and 5 times a power of ten where there is room.

    Parameters
    ----------
    axes : Axes
    low, high : float
        Its ends, more than 0.
    label : callable
        A value's text.
    """
    ticker = extra("matplotlib.ticker", "the plots")
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    wide = high / low > 300
    axes.yaxis.set_major_locator(ticker.LogLocator(10, (1.0,) if wide else (1.0, 2.0, 5.0)))
    axes.yaxis.set_minor_locator(ticker.LogLocator(10, (2.0, 5.0) if wide else ()))
    label_ticks(axes.yaxis, label)


def percent(share: float) -> str:
    """A share in percent.

    Examples
    --------
    >>> from fxtypes_nn.watch.plots.style import percent
    >>> percent(0.5), percent(0.01234)
    ('50%', '1.23%')
    """
    return f"{100 * share:.3g}%"


def signed_powers(axes: Axes, least: float, low: float, high: float) -> Axes:
    """Make y an axis of powers of two in both directions, linear below the smallest.

    Returns the axes of the right side, which counts integer bits, the sign's included: values
    between the two ticks *n* need at most *n*.

    Parameters
    ----------
    axes : Axes
    least : float
        The magnitude, more than 0, below which nothing is told apart.
    low, high : float
        The ends, which are moved outward.
    """
    first = math.floor(math.log2(least))
    last = max(math.ceil(math.log2(max(-low, high, least))), first + 1)
    every = -(-(last - first) // 4)
    exponents = range(last, first - 1, -every)
    scale = {"base": 2, "linthresh": 2.0**first, "linscale": 0.7 * every}
    ends = (
        -1.15 * 2.0**last if low < 0 else -0.15 * 2.0**first,
        1.15 * 2.0**last if high > 0 else 0.15 * 2.0**first,
    )
    ticks = [(0.0, "0", "")]
    for exponent in exponents:
        bits = str(exponent + 1)
        if high > 0:
            ticks.append((2.0**exponent, power_of_two(exponent), bits))
        if low < 0:
            ticks.append((-(2.0**exponent), "-" + power_of_two(exponent), bits))
    places = [place for place, _, _ in ticks]
    bits_axes = axes.twinx()
    for each, labels in ((axes, [t[1] for t in ticks]), (bits_axes, [t[2] for t in ticks])):
        each.set_yscale("symlog", **scale)
        each.set_ylim(*ends)
        each.set_yticks(places, labels)
        each.minorticks_off()
    bits_axes.grid(False)
    return bits_axes
