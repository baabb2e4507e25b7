"""SystemC's fixed-point types as a second oracle, which is not ours.

Its library is no dependency: without it, or without a compiler, these tests are skipped. How to
install it and run them stands in tests/README.md.
"""

import os
import random
import shutil
import subprocess
from pathlib import Path

import oracle
import pytest

import fxtypes as fx

pytestmark = pytest.mark.long

SOURCE = Path(__file__).with_name("casts.cc")
QUANTIZATIONS = {
    "floor": "SC_TRN",
    "toward_zero": "SC_TRN_ZERO",
    "nearest_up": "SC_RND",
    "nearest_zero": "SC_RND_ZERO",
    "nearest_away": "SC_RND_INF",
    "nearest_down": "SC_RND_MIN_INF",
    "nearest_even": "SC_RND_CONV",
}
OVERFLOWS = {
    "saturate": "SC_SAT",
    "saturate_zero": "SC_SAT_ZERO",
    "saturate_symmetric": "SC_SAT_SYM",
    "wrap": "SC_WRAP",
}
COUNTS = {"cast": 100_000, "add": 20_000, "multiply": 20_000}


@pytest.fixture(scope="module")
def systemc(tmp_path_factory):
    """The program casts.cc; it answers lines of operations."""
    compiler = os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("no C++ compiler")
    program = tmp_path_factory.mktemp("systemc") / "casts"
    command = [*compiler.split(), "-O1", str(SOURCE), "-o", str(program), "-lsystemc"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        missing = ("systemc: No such file", "'systemc' file not found", "find -lsystemc")
        if any(text in done.stderr for text in missing):
            pytest.skip("SystemC is not installed (Debian, Ubuntu: apt-get install libsystemc-dev)")
        pytest.fail(done.stderr)

    def answer(lines):
        done = subprocess.run(
            [program], input="\n".join(lines), capture_output=True, text=True, check=True
        )
        # The library greets before the first answer.
        return [int(line, 2) for line in done.stdout.split("\n") if line and not line.strip("01")]

    return answer


def random_format(generator, near=0, modes=True):
    """A format whose last bit is most often near 2**-near, so that bits are lost and shifted."""
    width = generator.choice(
        [generator.randint(2, 128), generator.choice([8, 16, 32, 63, 64, 65, 128])]
    )
    frac_bits = max(-256, min(256, near + generator.randint(-width, width)))
    return fx.Format(
        width,
        frac_bits,
        generator.random() < 0.7,
        generator.choice(list(QUANTIZATIONS)) if modes else "floor",
        generator.choice(list(OVERFLOWS)) if modes else "wrap",
    )


def random_raw(generator, fmt):
    kind = generator.randrange(4)
    if kind == 0:
        return generator.randint(fmt.raw_min, fmt.raw_max)
    if kind == 1:
        return generator.choice([fmt.raw_min, fmt.raw_min + 1, 0, 1, fmt.raw_max - 1, fmt.raw_max])
    # A number of few bits, or with few zeros at its end: ties and what lies beside them.
    shift = generator.randrange(fmt.width)
    raw = generator.randint(fmt.raw_min >> shift, fmt.raw_max >> shift) << shift
    raw += generator.choice([0, 1 << shift >> 1, (1 << shift >> 1) - 1, (1 << shift >> 1) + 1])
    return max(fmt.raw_min, min(fmt.raw_max, raw if kind == 2 else raw >> shift))


def loses_a_carry(exact, target):
    """Whether SystemC 2.3.4 is known to be wrong: rounding up to 2**128, 2**160 and so on gives 0.

    There a word of its mantissa ends, and the carry out of the highest one is lost.
    """
    rounded = abs(oracle.value(oracle.round_value(exact, target), target))
    return rounded != abs(exact) and rounded in [2**bits for bits in range(128, 513, 32)]


def shape_text(fmt):
    return f"{'s' if fmt.signed else 'u'} {fmt.width} {fmt.int_bits}"


def operand_text(raw, fmt):
    return f"{shape_text(fmt)} {raw % 2**fmt.width:0{fmt.width}b}"


@pytest.mark.parametrize("operation", COUNTS)
def test_systemc_agrees(systemc, operation):
    generator = random.Random(f"{operation}, 2026")
    compute = {
        "cast": lambda a, target: a.astype(target),
        "add": lambda a, b, target: fx.add(a, b, format=target),
        "multiply": lambda a, b, target: fx.multiply(a, b, format=target),
    }[operation]
    exactly = {
        "cast": lambda x: x,
        "add": lambda x, y: x + y,
        "multiply": lambda x, y: x * y,
    }[operation]
    lines, found = [], []
    while len(lines) < COUNTS[operation]:
        center = generator.randint(-100, 100)
        sources = [random_format(generator, center, modes=False)]
        if operation != "cast":
            sources.append(random_format(generator, center, modes=False))
        point = sum(f.frac_bits for f in sources) if operation == "multiply" else center
        target = random_format(generator, point)
        raws = [random_raw(generator, fmt) for fmt in sources]
        exact = exactly(*map(oracle.value, raws, sources))
        if loses_a_carry(exact, target):
            continue
        texts = [operand_text(raw, fmt) for raw, fmt in zip(raws, sources, strict=True)]
        modes = f"{QUANTIZATIONS[target.rounding]} {OVERFLOWS[target.overflow]}"
        lines.append(f"{operation} {' '.join(texts)} {shape_text(target)} {modes}")
        operands = [
            fx.FixedArray.from_raw(raw, fmt) for raw, fmt in zip(raws, sources, strict=True)
        ]
        found.append(int(compute(*operands, target).to_bits()))
    expected = systemc(lines)
    assert len(expected) == len(found)
    wrong = [i for i, (a, b) in enumerate(zip(expected, found, strict=True)) if a != b]
    assert not wrong, "\n".join(
        f"{lines[i]}\n  SystemC {expected[i]:b}\n  fxtypes {found[i]:b}" for i in wrong[:5]
    )
