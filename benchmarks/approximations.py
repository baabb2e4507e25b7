"""How far the approximations are from the exact functions: print the page's tables, or write them.

With ``--write`` the picture is drawn too, into ``images/`` beside the page. The arguments of a
format of at most 16 bits are all tried, of a wider one and of softmax many; the exact values have
60 fraction bits.
"""

import argparse
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib import pyplot
from measure import around_tables, table

import fxtypes as fx
from fxtypes_nn.layers import approximations

PICTURE = "approximations.svg"
EXACT = fx.Format(64, 60)
FORMATS = (
    (fx.Format(8, 4), fx.Format(8, 6)),
    (fx.Format(12, 8), fx.Format(12, 10)),
    (fx.Format(16, 11), fx.Format(16, 14)),
    (fx.Format(32, 26), fx.Format(32, 30)),
)
TABLE_BITS = (6, 8, 10, 12, 16)
CLASSES = (2, 10, 1000)
SAMPLES = 1 << 16
ELEMENTS = 1 << 18  # of the rows of one shape
DRAWN = (
    ("exact", (None, 0), {"color": "0.7", "linewidth": 3}),
    ("table, 6 bits", ("table", 6), {"color": "#e69f00", "linewidth": 1}),
    ("table, 10 bits", ("table", 10), {"color": "#009e73", "linewidth": 1}),
    ("piecewise linear", ("piecewise_linear", 10), {"color": "#0072b2", "linewidth": 1}),
)


def computed(name, x, fmt, approximation, table_bits):
    """The function, exact (rounded once) or approximated."""
    if approximation is None:
        return getattr(fx, name)(x, format=fmt)
    return getattr(approximations, name)(x, fmt, approximation, table_bits)


def errors(name, x, fmt, approximation, table_bits):
    """How much more the output is than the exact value, as floats: of differences, for reading."""
    exact = getattr(fx, name)(x, format=EXACT)
    found = computed(name, x, fmt, approximation, table_bits)
    return fx.subtract(found, exact, format=EXACT).to_numpy()


def arguments(fmt):
    """All numbers of a format, or some all over it."""
    if fmt.width <= 16:
        return fx.FixedArray.from_raw(np.arange(fmt.raw_min, fmt.raw_max + 1), fmt)
    return fx.random.uniform(SAMPLES, fmt, fmt.min, fmt.max, seed=0)


def rows(classes, fmt):
    """Rows whose elements have two or three values, and some of numbers all over.

    What has one value is off alike: there an error counts most.
    """
    count = max(ELEMENTS // classes, 64)
    levels = np.sort(random((count, 2), 12, seed=0), axis=1)
    shares = np.sort(random((count, 2), 1, seed=1), axis=1)
    shares = shares * shares * shares * classes
    place = np.arange(classes)
    first, second = np.maximum(shares, 1).T[..., None]
    second[::2] = classes
    values = -np.where(place < first, 0, np.where(place < second, *levels.T[..., None]))
    values[::8] = random(values[::8].shape, 8, seed=2)
    return fx.array(values, fmt)


def random(shape, high, seed):
    """Floats from [0, high) that depend on no version of NumPy."""
    return fx.random.uniform(shape, fx.Format(32, 24), 0, high, seed=seed).to_numpy()


def cases():
    """Label of the arguments, label of what is found, name, arguments, output format."""
    for name in ("sigmoid", "tanh"):
        for fmt, out in FORMATS:
            yield name, f"`{short(fmt)}` to `{short(out)}`", arguments(fmt), out
    for classes in CLASSES:
        fmt, out = FORMATS[2]
        label = f"{classes} classes, `{short(fmt)}` to `{short(out)}`"
        yield "softmax", label, rows(classes, fmt), out


def short(fmt):
    return f"({fmt.width}, {fmt.frac_bits})"


def measured():
    """The table: of every function and format, each way's largest error and where it is."""
    ways = [(None, 0), *(("table", bits) for bits in TABLE_BITS), ("piecewise_linear", 10)]
    lines = []
    for name, label, x, out in cases():
        cells = []
        for way in ways:
            found = errors(name, x, out, *way)
            at = np.unravel_index(np.argmax(abs(found)), found.shape)
            exact = getattr(fx, name)(x, format=EXACT)[at] if name == "softmax" else x[at]
            where = f"{'p = ' if name == 'softmax' else ''}{float(exact):.4g}"
            cells.append(f"{abs(found[at]):.2g} at {where}")
        lines.append((name, label, *cells))
    heads = [f"table, {bits} bits" for bits in TABLE_BITS]
    return table(["", "argument to output", "exact", *heads, "piecewise linear"], lines)


def draw(path):
    """The functions above, their errors below."""
    matplotlib.rcParams.update({"svg.hashsalt": "approximations", "font.size": 9})
    figure, axes = pyplot.subplots(2, 3, figsize=(11, 6), sharex="col", layout="constrained")
    fmt, out = FORMATS[2]
    for (above, below), name in zip(axes.T, ("sigmoid", "tanh", "softmax"), strict=True):
        reach = 4 if name == "tanh" else 8
        x = fx.linspace(-reach, reach, 801, fmt)
        for label, way, style in DRAWN:
            argument = fx.stack([x, fx.zeros_like(x)], axis=-1) if name == "softmax" else x
            y = computed(name, argument, out, *way)
            error = errors(name, argument, out, *way)
            if name == "softmax":
                y, error = y[:, 0], error[:, 0]
            above.plot(x.to_numpy(), y.to_numpy(), label=label, **style)
            below.plot(x.to_numpy(), error, **style)
        above.set_title("softmax of (x, 0)" if name == "softmax" else f"{name} of x")
        below.set_xlabel("x")
        for plot in (above, below):
            plot.grid(color="0.9")
    axes[0, 0].set_ylabel("output")
    axes[1, 0].set_ylabel("output less exact value")
    axes[0, 0].legend(frameon=False)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into this page")
    page = parser.parse_args().write
    matplotlib.use("svg")
    text = measured()
    if page:
        before, after = around_tables(page, "approximations.py")
        page.write_text("\n\n".join([before, text, after]))
        draw(page.parent / "images" / PICTURE)
    else:
        print(text)


if __name__ == "__main__":
    main()
