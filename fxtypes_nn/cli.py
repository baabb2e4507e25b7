"""The command line, ``fxtypes-nn`` or ``python -m fxtypes_nn``.

Written with argparse: it comes with Python, has subcommands, choices and defaults in its help,
and its one shortcoming here, usage errors of several lines, is one method to override.
"""

import argparse
import contextlib
import signal
import sys
import threading
import warnings

from . import datasets, runs
from .extras import extra
from .model import MLP
from .model.mlp import HIDDEN
from .precision import PRESET_WIDTHS, ROLES, Precision
from .training.optimizers import SGD

PROGRAM = "fxtypes-nn"
_EPOCHS = {"digits": 30}
_EPOCHS_OTHERWISE = 3


def main(arguments=None):
    """Run the command line.

    Parameters
    ----------
    arguments : list of str, optional
        By default the process' own.

    Returns
    -------
    int
        The exit status: 0, or 1 where the work failed. A usage error raises SystemExit(2).
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        with warnings.catch_warnings(), _terminable():
            warnings.simplefilter("always", UserWarning)
            warnings.showwarning = _warn
            return options.run(options, parser)
    except KeyboardInterrupt:
        return _fail("interrupted; nothing was written")
    except MemoryError:
        return _fail("out of memory; take a smaller --batch-size, --layers or --width")
    except (ValueError, TypeError, ArithmeticError, OSError, ImportError) as error:
        return _fail(error)


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"{self.prog}: error: {_line(message)} (see {self.prog} --help)\n")


def _parser():
    parser = _Parser(
        prog=PROGRAM, description="Train neural networks wholly in fixed point.", allow_abbrev=False
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    train = commands.add_parser(
        "train",
        help="train a network and write a run folder",
        description="Train a multilayer perceptron and write RUN/: config.json, history.csv, "
        "history.json, model.npz, training.png, and checkpoints/ to go on from.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    train.set_defaults(run=_train)
    add = train.add_argument
    add(
        "--dataset",
        default="digits",
        choices=datasets.names(),
        help=f"digits is built in, the others are read from ${datasets.DATA_VARIABLE}",
    )
    add("--layers", default="128,64", type=_layers, help="the hidden layers' units")
    add("--hidden", default="relu", choices=list(HIDDEN), help="what follows a hidden layer")
    add("--width", default=32, type=_integer(2, 128), help="bits of a number")
    add(
        "--frac-bits",
        type=_integer(-256, 256),
        metavar="N",
        default=argparse.SUPPRESS,
        help="bits after the binary point, for all numbers alike (default: Precision.preset)",
    )
    add(
        "--epochs",
        type=_integer(1),
        default=argparse.SUPPRESS,
        help=f"passes over the data (default: {_EPOCHS['digits']} on digits, "
        f"{_EPOCHS_OTHERWISE} on the others)",
    )
    add("--batch-size", default=32, type=_integer(1), help="samples a step")
    add("--learning-rate", default=0.1, type=_rate, help="the step's factor")
    add("--seed", default=0, type=_integer(), help="the same seed gives the same bits")
    add(
        "--resume",
        action="store_true",
        help="go on with the run in --out, which was interrupted (or asks for more --epochs)",
    )
    add(
        "--out",
        metavar="RUN",
        default=argparse.SUPPRESS,
        help="the run folder (default: runs/DATASET-1, or the next free number)",
    )
    return parser


def _train(options, parser):
    out = getattr(options, "out", None)
    if options.resume and out is None:
        parser.error("--resume needs --out, the run to go on with")
    epochs = getattr(options, "epochs", _EPOCHS.get(options.dataset, _EPOCHS_OTHERWISE))
    precision = _precision(options, parser)
    data = datasets.load(options.dataset).lazy(precision.inputs)
    sizes = [data.x_train.shape[1], *options.layers, len(data.classes)]
    model = MLP(sizes, hidden=options.hidden, precision=precision, seed=options.seed)
    config = {
        "dataset": options.dataset,
        "layers": sizes,
        "hidden": options.hidden,
        "width": options.width,
        "frac_bits": getattr(options, "frac_bits", None),
        "precision": {
            role.name: repr(fmt)
            for role in ROLES
            if (fmt := getattr(precision, role.name)) is not None
        },
        "epochs": epochs,
        "batch_size": options.batch_size,
        "learning_rate": options.learning_rate,
        "seed": options.seed,
    }
    run = runs.Run(out, options.dataset, config, options.resume)
    if run.finished is not None:
        print(f"the run in {run.folder} is finished: test accuracy {run.finished:.2%}")
        return 0
    network = f"{'-'.join(map(str, sizes))} {options.hidden}"
    print(f"{options.dataset}: {len(data.x_train)} images train, {len(data.x_test)} test")
    print(model.summary())
    sys.stdout.flush()
    try:
        history = model.fit(
            data.x_train,
            data.y_train,
            epochs=epochs,
            batch_size=options.batch_size,
            optimizer=SGD(options.learning_rate),
            validation=(data.x_test, data.y_test),
            callbacks=[run],
            checkpoint=run.checkpoints,
            resume=options.resume,
        )
    except KeyboardInterrupt:
        more = ("" if out else f" --out {run.folder}") + ("" if options.resume else " --resume")
        return _fail(
            f"interrupted after iteration {model.training.iterations}; the same command"
            f"{' with' + more if more else ''} goes on"
        )
    accuracy, loss = history.last("validation_accuracy"), history.last("validation_loss")
    title = f"{options.dataset}, {network}, {options.width} bits: test accuracy {accuracy:.1%}"
    run.finish(history, model, title, {"test_accuracy": accuracy, "test_loss": loss})
    print(f"test accuracy {accuracy:.2%}, test loss {loss:.4f}; the run is in {run.folder}")
    return 0


def _precision(options, parser):
    if hasattr(options, "frac_bits"):
        return Precision.uniform(options.width, options.frac_bits)
    low, high = PRESET_WIDTHS
    if not low <= options.width <= high:
        parser.error(
            f"argument --width: {options.width} has no preset formats, those go from {low} to "
            f"{high}; give --frac-bits too"
        )
    return Precision.preset(options.width)


def _layers(text):
    sizes = []
    for part in text.split(","):
        try:
            units = int(part)
        except ValueError:
            units = 0
        if units < 1:
            raise argparse.ArgumentTypeError(
                f"{part!r} in {text!r} is no number of units: give integers of at least 1 with "
                "commas between, as 128,64"
            )
        sizes.append(units)
    return sizes


def _integer(low=None, high=None):
    legal = "an integer"
    if low is not None:
        legal += f" of at least {low}" if high is None else f" from {low} to {high}"

    def convert(text):
        try:
            value = int(text)
        except ValueError:
            value = None
        too_low = low is not None and value is not None and value < low
        too_high = high is not None and value is not None and value > high
        if value is None or too_low or too_high:
            raise argparse.ArgumentTypeError(f"must be {legal}, got {text!r}")
        return value

    return convert


def _rate(text):
    try:
        return SGD(float(text)).learning_rate
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be a finite number, more than 0, got {text!r}"
        ) from None


@contextlib.contextmanager
def _terminable():
    """Inside, SIGTERM ends the work as Ctrl-C does: a run leaves a checkpoint."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def _warn(message, *_, **__):
    # Past the progress bar, if there is one.
    extra("tqdm", "the progress bar").tqdm.write(
        f"{PROGRAM}: warning: {_line(message)}", file=sys.stderr
    )


def _fail(message):
    print(f"{PROGRAM}: error: {_line(message)}", file=sys.stderr)
    return 1


def _line(message):
    return " ".join(str(message).split())
