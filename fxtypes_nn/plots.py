"""The pictures of a training run."""

from fxtypes.interop.atomic_write import atomic_write

from .extras import extra

_SMOOTHING = 20


def training_png(history, path, title=""):
    """Draw accuracy, and every layer's range of weights, over the iterations.

    Parameters
    ----------
    history : History
        At least one row.
    path : str or os.PathLike
        The PNG to write, whole or not at all.
    title : str
        Stands above the picture.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    OSError
        If the file can't be written.
    """
    # A Figure of its own, without pyplot: no display is needed and nothing global changes.
    Figure = extra("matplotlib.figure", "the plots").Figure

    layers = list(dict.fromkeys(name.rpartition(".")[0] for name in history.parameters))
    figure = Figure(figsize=(9, 2.6 + 1.9 * len(layers)), layout="constrained")
    upper, *lower = figure.subplots(
        1 + len(layers), sharex=True, height_ratios=[1.4] + [1] * len(layers)
    )
    if title:
        figure.suptitle(title)
    _draw_accuracy(upper, history)
    for axes, layer in zip(lower, layers, strict=True):
        _draw_ranges(axes, history, layer)
    (lower[-1] if lower else upper).set_xlabel("iteration")
    with atomic_write(path) as file:
        figure.savefig(file, format="png", dpi=120)


def _draw_accuracy(axes, history):
    iterations, accuracy = history["iteration"], history["accuracy"]
    axes.plot(iterations, accuracy, color="C0", alpha=0.3, linewidth=0.8, label="batch")
    axes.plot(
        iterations,
        _running_mean(accuracy, _SMOOTHING),
        color="C0",
        label=f"mean of {_SMOOTHING} batches",
    )
    held = _recorded(history, "validation_accuracy")
    if held[0]:
        axes.plot(*held, "o-", color="C1", markersize=3, label="validation")
    axes.set(ylabel="accuracy", ylim=(0, 1.02))
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize="small")


def _draw_ranges(axes, history, layer):
    for color, name in enumerate(n for n in history.parameters if n.startswith(f"{layer}.")):
        iterations, low, high = _recorded(history, f"{name}.min", f"{name}.max")
        kind = name.removeprefix(f"{layer}.")
        axes.fill_between(
            iterations, low, high, color=f"C{color}", alpha=0.35, linewidth=0, label=kind
        )
        for edge in (low, high):
            axes.plot(iterations, edge, color=f"C{color}", linewidth=0.8)
    axes.set(ylabel=f"{layer}: range")
    axes.grid(alpha=0.3)
    # Beside the axes: the ranges fill them.
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize="small")


def _recorded(history, *columns):
    """The iterations in whose rows the columns hold values, and these, column by column."""
    rows = zip(history["iteration"], *(history[name] for name in columns), strict=True)
    kept = [row for row in rows if None not in row]
    return list(zip(*kept, strict=True)) or [()] * (1 + len(columns))


def _running_mean(values, window):
    """Each value's mean with up to `window` - 1 before it."""
    means, total = [], 0.0
    for index, value in enumerate(values):
        total += value
        if index >= window:
            total -= values[index - window]
        means.append(total / min(index + 1, window))
    return means
