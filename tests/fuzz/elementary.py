"""Calls of the elementary functions that the fuzzer compares with their oracle, bit for bit."""

import math
import sys
from pathlib import Path

import numpy as np
import values

import fxtypes as fx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import oracle
from checks import SEED, words
from elementary_oracle import FUNCTIONS, GUARD, Dyadic, Expected, evaluate, is_pole, outside_domain

NAMES = list(FUNCTIONS)
MOST = 200  # elements of a call


def operand(rng, shape):
    """An array of any format and layout; often of values near 1, where more happens."""
    fmt = values.a_format(rng)
    if rng.random() < 0.5:
        places = max(fmt.width - rng.randint(1, 6), 0)
        fmt = fmt.replace(frac_bits=places)
    return values.fixed(rng, fmt, shape)


def mask(rng, shape):
    if rng.random() < 0.7:
        return True
    return np.frombuffer(rng.randbytes(math.prod(shape)), np.uint8).reshape(shape) & 1 == 1


def target(rng, operands, shape):
    """(format=, out=) of a call."""
    kind = rng.random()
    if kind < 0.2:
        return None, None
    if kind < 0.7:
        return values.a_format(rng), None
    if kind < 0.8 and operands[0].shape == shape:
        return None, operands[0]
    return None, values.fixed(rng, None, shape)


def default_format(operands):
    """The result's format where the call names none; None where there is no such."""
    fmt = operands[0].format
    for other in operands[1:]:
        try:
            fmt = fx.Format(*oracle.common_format(fmt, other.format))
        except (oracle.OracleFormatError, ValueError):
            return None
    return fmt


def exact_arguments(operands, shape):
    """Tuples of Dyadic in C order."""
    columns = []
    for x in operands:
        raws = np.broadcast_to(x.raw.astype(object), shape).reshape(-1)
        columns.append([Dyadic(int(raw), x.format.frac_bits) for raw in raws])
    return list(zip(*columns, strict=True))


class Wanted:
    """What a call must do.

    Attributes
    ----------
    errors : tuple
        The exceptions of which one must come; empty: none may.
    raws : list
        The raw integers in C order, where none comes.
    """

    def __init__(self, name, arguments, used, result, before):
        self.errors, self.raws = (), before
        if result is None:
            self.errors = (fx.FormatError,)
            return
        kept = [i for i in range(len(arguments)) if used[i]]
        if any(outside_domain(name, arguments[i]) for i in kept):
            self.errors = (ValueError,)
            return
        bits = result.frac_bits + GUARD
        odd = [evaluate(name, arguments[i], bits) for i in kept]
        draws = words(result, len(arguments))
        found = Expected(odd).stored(result, [draws[i] for i in kept])
        refused = [i for i, raw in zip(kept, found, strict=True) if raw is None]
        if refused:
            self.errors = (fx.FixedOverflowError,)
            if any(is_pole(name, arguments[i]) for i in refused):
                self.errors += (ZeroDivisionError,)
            return
        for i, raw in zip(kept, found, strict=True):
            self.raws[i] = raw


def elementary(rng):
    """One call, and its result or error compared with the oracle's."""
    name = rng.choice(NAMES)
    shape = values.a_shape(rng)
    if math.prod(shape) > MOST:
        shape = (rng.randint(60, MOST),)
    operands = [operand(rng, shape)]
    if FUNCTIONS[name].arity == 2:
        other = shape[rng.randint(0, len(shape)) :] if rng.random() < 0.5 else shape
        operands.append(operand(rng, other))
        if rng.random() < 0.3:
            operands[1] = values.fixed(rng, operands[0].format, other)
    where = mask(rng, shape)
    fmt, out = target(rng, operands, shape)
    result = fmt or (out.format if out is not None else default_format(operands))
    arguments = exact_arguments(operands, shape)
    used = np.broadcast_to(where, shape).reshape(-1)
    before = [0] * len(arguments) if out is None else out.raw.reshape(-1).tolist()
    wanted = Wanted(name, arguments, used, result, before)
    try:
        with fx.seeded(SEED):
            found = getattr(fx, name)(*operands, format=fmt, out=out, where=where)
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        named = name in str(error) or isinstance(error, fx.FormatError)
        if named and type(error) in wanted.errors:
            return None
        raise AssertionError(f"{name}{arguments} in {result!r}: {error!r}") from error
    assert not wanted.errors, f"{name}{arguments} in {result!r} should be {wanted.errors}"
    assert out is None or found is out, f"{name}: another array than out"
    assert found.shape == shape, f"{name}: {found.shape} of {shape}"
    assert found.format == result, f"{name}: {found.format!r} instead of {result!r}"
    got = found.raw.reshape(-1).tolist()
    for i, (one, raw) in enumerate(zip(got, wanted.raws, strict=True)):
        assert one == raw, f"{name}{arguments[i]} in {result!r}: {one}, not {raw}"
    return found


CALLS = {elementary: 1}
