"""Tables of all results of an elementary function for a format of at most 16 bits.

A table is in the order of the arguments' bit patterns, and kernels/look_up.pyx applies it. There
are three kinds: final results; final results beside what happened to each, where events are counted
or an overflow raises; and results before a stochastic rounding.
"""

import contextvars
import os
from functools import partial

import numpy as np

from ..context import context
from ..errors import FixedOverflowError, FormatError
from ..format import Format, derived, storage
from ..kernels import calls, look_up, plan, python_rounding
from . import by_element
from .registry import FUNCTIONS
from .table_cache import TableCache

WIDEST = 16  # bits of the argument

_BYTES = 1 << 25  # of all tables that are kept

# Of the results that events are looked for: they and the bits that `_events` needs fit int64.
_WIDEST_COUNTED = 58
_WIDEST_STOCHASTIC = 16  # see `_before_rounding`


def apply(name, raw, fmt, result):
    """The function of every element, looked up; None where there is no table, or none pays.

    Parameters
    ----------
    name : str
        A key of `FUNCTIONS`, of a function of one argument.
    raw : numpy.ndarray
        Storage of `fmt`: elements of the function's domain.
    fmt, result : Format
    """
    if fmt.width > WIDEST:
        return None
    counted = context.current_context().recorder is not None
    if counted and result.rounding == "stochastic":
        return None
    step = _kept.find((name, fmt, result, counted), raw.size, 1 << fmt.width)
    return None if step is None else look_up.evaluate(step, raw)


def final_results(name, fmt, result):
    """A table of results, 0 outside the domain; None where elements of a call could raise."""
    step = _kept.find((name, fmt, result, False), 1 << fmt.width, 1 << fmt.width)
    return None if step is None else step.results


def is_final(result):
    """Whether a table can hold results: nothing is drawn, counted, or raised."""
    return (
        result.rounding != "stochastic"
        and result.overflow != "raise"
        and context.current_context().recorder is None
    )


def arguments(fmt):
    """Storage of all numbers of a format, in the order of their bit patterns."""
    kind = storage.dtype(fmt)
    above = 8 * kind.itemsize - fmt.width  # bits that repeat a pattern's first
    return np.arange(1 << fmt.width).astype(kind) << above >> above


def in_domain(name, fmt):
    """Which numbers of a format, in the order of `arguments`, the function takes; None: all."""
    domain = FUNCTIONS[name].domain
    if domain is None:
        return None
    raws = arguments(fmt)
    lowest, highest = domain.raw_ends(fmt)
    return (lowest <= raws) & (raws <= highest)


def _make(name, fmt, result, counted):
    """The step of a table; None where it can't be, as one of its arguments raises.

    A call's arguments may be others. The same where the formats that it is made by don't exist.
    It is made outside of the caller's context, which would count and draw for it.
    """
    try:
        return contextvars.Context().run(_step, name, fmt, result, counted)
    except (FixedOverflowError, ZeroDivisionError, FormatError):
        return None


def _step(name, fmt, result, counted):
    raws, mask = arguments(fmt), in_domain(name, fmt)

    def results(target):
        return by_element.evaluate(name, (raws,), (fmt,), target, mask)

    if result.rounding == "stochastic":
        found = None if result.width > _WIDEST_STOCHASTIC else _before_rounding(results, result)
        return found and look_up.TableStep(name, fmt, result, found[0], fractions=found[1])
    raises = result.overflow == "raise"
    if (counted or raises) and result.width > _WIDEST_COUNTED:
        return None
    entries = results(result.replace(overflow="wrap") if raises else result)
    events = _events(results, result) if counted or raises else None
    if raises and not (counted or (events & look_up.OVERFLOWED).any()):
        events = None
    if events is not None and result.width > look_up.WIDEST_WITH_EVENTS:
        return None
    beyond = partial(_value_beyond, name, fmt, result) if raises else None
    return look_up.TableStep(name, fmt, result, entries, events, value_beyond=beyond)


def _events(results, result):
    """What happens to each result, as a number of look_up.py's bits.

    Rounded to odd with guard bits, and a bit more than the format has: once saturated, which tells
    what is out of range, and once wrapped, which tells what was lost there.
    """
    guard = derived.guard_bits(result)
    odd = Format(result.width + guard + 2, result.frac_bits + guard, rounding="odd")
    saturated, wrapped = results(odd), results(odd.replace(overflow="wrap"))
    wide = Format(result.width + 2, result.frac_bits, rounding=result.rounding)
    rounded = calls.elementwise(plan.elementwise("convert", (odd,), wide, "move"), (saturated,))
    low, high = python_rounding.limits(result)
    inexact = wrapped & (1 << guard) - 1 != 0
    found = np.zeros(rounded.shape, np.uint16)
    found[(rounded < low) | (rounded > high)] = look_up.OVERFLOWED
    found[(rounded == 0) & inexact] = look_up.UNDERFLOWED
    found[inexact] |= look_up.WAS_INEXACT
    return found


def _value_beyond(name, fmt, result, pattern):
    """The exact value, rounded, of an entry that overflowed."""
    raw = pattern - (1 << fmt.width) if pattern > fmt.raw_max else pattern
    guard = derived.guard_bits(result)
    odd = FUNCTIONS[name].to_odd(raw, fmt.frac_bits, result.frac_bits + guard)
    return python_rounding.round_to(odd, guard, result.rounding, 0) * result.resolution


def _before_rounding(results, result):
    """The floors times 2**16 and 16 bits of the fractions, and all 64 bits of these.

    None if an overflow would have to be known: what is out of range is put at the ends, from where
    nothing is rounded up.
    """
    guard = derived.guard_bits(result)
    odd = results(Format(result.width + guard + 2, result.frac_bits + guard, rounding="odd"))
    low, high = storage.halves(odd, signed=True)
    floors = high >> np.int64(2)
    fractions = (high.astype(np.uint64) << np.uint64(62)) | (low >> np.uint64(2))
    lowest, highest = python_rounding.limits(result)
    beyond = (floors < lowest) | (floors + (fractions != 0) > highest)
    if result.overflow not in ("saturate", "saturate_symmetric") and beyond.any():
        return None
    fractions[beyond] = 0
    floors = np.clip(floors, lowest, highest)
    entries = (floors << 16) | (fractions >> np.uint64(48)).astype(np.int64)
    return entries.astype(np.int32), fractions


_kept = TableCache(_make, _BYTES)

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_kept.clear)
