"""The command line's commands, its errors and its exit status.

Written with argparse: it comes with Python and has subcommands; a training's options are made of
the settings' own table (`runs.settings`), which TOML files are read by as well, and usage errors of
one line are one method to override. Libraries that make commands of annotated functions (click,
typer) would take the table twice, and show a usage error in a box.

A command is a module with ``add(commands)``, which adds its parser and sets its default ``run``, a
function of (options, terminal) that returns an exit status.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from typing import NoReturn

import fxtypes as fx

from ..errors import SettingError, said
from . import compare, datasets, export, find_width, pages, precision, sweep, train
from .terminal import PROGRAM, Terminal, one_line

_COMMANDS = (train, compare, sweep, find_width, precision, export, pages, datasets)
_SIGNALS = ("SIGTERM", "SIGHUP")  # end the work as Ctrl-C does


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default the process' own.

    Returns
    -------
    int
        The exit status: 0, or 1 where the work failed. A usage error raises SystemExit(2).
    """
    options = _parser().parse_args(arguments)
    terminal = Terminal()
    try:
        with warnings.catch_warnings(), _ended_by_signals():
            warnings.simplefilter("always", UserWarning)
            warnings.showwarning = terminal.warn
            status: int = options.run(options, terminal)
    except SettingError as error:
        options.parser.error(str(error))
    except KeyboardInterrupt as error:
        return _fail(terminal, "interrupted", error, "nothing was written")
    except MemoryError as error:
        advice = "out of memory; take a smaller --batch-size, --layers or --width"
        return _fail(terminal, advice, error)
    except (ValueError, TypeError, ArithmeticError, OSError, ImportError, RuntimeError) as error:
        return _fail(terminal, error, error)
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        fault = f"{type(error).__name__}: {error}; this is a fault of {PROGRAM}'s own"
        return _fail(terminal, f"{fault}, and python -X dev -m fxtypes_nn shows where", error)
    if terminal.broken is not None:
        terminal.complain("error", f"the output can't be written: {terminal.broken}")
        return 1
    return status


def _fail(
    terminal: Terminal, message: object, error: BaseException, otherwise: str | None = None
) -> int:
    """Tell of an error, with how to go on, in a line."""
    notes = getattr(error, "__notes__", None) or ([] if otherwise is None else [otherwise])
    terminal.complain("error", "; ".join([said(message) or type(error).__name__, *notes]))
    return 1


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {one_line(message)} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM, description="Train neural networks wholly in fixed point.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {fx.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add(commands)
    return parser


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Inside, these signals end the work as Ctrl-C does: a run leaves a checkpoint."""
    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            # What was told to be ignored, as by nohup, stays ignored.
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                before[number] = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
