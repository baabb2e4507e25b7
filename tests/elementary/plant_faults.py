"""Plants faults in the elementary functions' kernels, one a kernel, and shows that tests find them.

    python tests/elementary/plant_faults.py [--only WORD] [--list]

The project is copied to a temporary folder, with its build. There the kernels are compiled anew for
each round of faults: those of the functions that tests judge it by, without optimisation (CC, CXX
and the rest of the environment as they are; FXTYPES_KERNELS is native). Faults share a round where
none touches a function that another is judged by. Of each fault it says which tests fail that pass
without it: of evaluations and tables, and where none of these does, of results. The exit status is
1 where one that matters is not found, or where tests fail without any. A fault whose text the
sources don't have any more ends the script.
"""

import argparse
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from fxtypes.kernels.calls import KERNELS

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "fxtypes/kernels/src/elementary"
EVALUATIONS = ("tests/elementary/test_error_bounds.py", "tests/elementary/test_settled.py")
TABLES = "tests/elementary/test_kernel_tables.py"
RESULTS = (
    "tests/number/elementary/test_hard_cases.py",
    "tests/number/elementary/test_sample.py",
    "tests/number/elementary/test_rows.py",
    "tests/elementary/test_rows.py",
)

ROWS = ("softmax", "log_softmax", "logsumexp")
EXP = ("exp", "exp2", "expm1", "sinh", "cosh", "sigmoid", "tanh", "softplus", "power", *ROWS)
LOG = ("log", "log2", "log10", "log1p", "softplus", "power", "log_softmax", "logsumexp")
SINE = ("sin", "cos", "tan")
ARCTAN = ("arctan", "arctan2")
ROOT_OF = ("sqrt", "rsqrt", "hypot")
DIVIDED = ("rsqrt", "tan", "sigmoid", "tanh", "softmax", *ARCTAN)
ALL = tuple({*EXP, *LOG, *SINE, *ARCTAN, *ROOT_OF, *DIVIDED})


class Fault(NamedTuple):
    """One change of a source.

    Attributes
    ----------
    says : str
        What is wrong.
    file : str
    old, new : str
        The text, which the file has once, and what stands there instead.
    touches, judges : tuple of str
        The functions that the change may alter, and those whose tests are run.
    table : str
        Whose entries are altered: the table's own test is run too.
    harmless : str
        Why no result changes, and no test can fail; "" where one must.
    """

    says: str
    file: str
    old: str
    new: str
    touches: tuple
    judges: tuple
    table: str = ""
    harmless: str = ""


def with_more(old, more):
    return {"old": old, "new": old + more}


STILL_A_BOUND = "what is found is below a sixth of the bound: half of it is a bound too"

FAULTS = (
    # --- a coefficient
    Fault("exp: 1/4! for 1/3!", "exp.hh", "resized<M>(f.of[K])", "resized<M>(f.of[K == 3 ? 4 : K])",
          EXP, ("exp",)),
    Fault("log: 1/4 for 1/3", "log.hh", "resized<M>(table.inverse[K])",
          "resized<M>(table.inverse[K == 3 ? 4 : K])", LOG, ("log",)),
    Fault("sine: 1/4! for 1/3!", "sincos.hh", "resized<M>(f.of[K])",
          "resized<M>(f.of[K == 3 ? 4 : K])", SINE, ("sin",)),
    Fault("arctan: 1/4 for 1/3", "arctan.hh", "resized<M>(table.inverse[K])",
          "resized<M>(table.inverse[K == 3 ? 4 : K])", ARCTAN, ("arctan",)),
    Fault("root of a word: 3 more, not less", "roots.hh",
          "static_cast<uint64_t>(static_cast<int64_t>(correction)) - 3",
          "static_cast<uint64_t>(static_cast<int64_t>(correction)) + 3", ROOT_OF, ("sqrt",)),
    # --- a table's entry
    Fault("exp: 3 ulp in an entry", "tables.hh",
          **with_more("fill_less_1(second, 16);", " second[100].w[0] += 3;"),
          touches=EXP, judges=("exp",), table="exp second"),
    Fault("log: 3 ulp in an entry", "tables.hh",
          **with_more("third[j] = resized<N>(logs.third[j]);", " third[7].w[0] += 3;"),
          touches=LOG, judges=("log",), table="log third"),
    Fault("log: a reciprocal 1 too large", "tables.hh", "((1 << 15) + j));",
          "((1 << 15) + j)) + (j == 99);", LOG, ("log",), table="log second"),
    Fault("sine: 3 ulp in an entry", "tables.hh",
          **with_more("cosine[1024] = {};", " sine[300].w[0] += 3;"),
          touches=SINE, judges=("sin",), table="sine"),
    Fault("arctan: 3 ulp in an entry", "tables.hh",
          **with_more("k < 36; k++) inverse[k] = resized<N>(over(ALMOST_1, k));",
                      " of[40].w[0] += 3;"),
          touches=ARCTAN, judges=("arctan",), table="arctan"),
    Fault("1/7! an ulp too large", "tables.hh", **with_more("of[k] = resized<N>(f);",
                                                             " of[k].w[0] += k == 7;"),
          touches=(*EXP, *SINE), judges=("exp",), table="inverse factorials"),
    Fault("ln 2: its last bit", "constants.hh", "0x559552fb4afa1b10", "0x559552fb4afa1b11",
          (*EXP, *LOG), ("exp",), table="ln2"),
    # --- a shift
    Fault("exp: the series shifted by one more", "exp.hh", "t + shift_right<2 * B>(",
          "t + shift_right<2 * B + 1>(", EXP, ("exp",)),
    Fault("log: the series shifted by one more", "log.hh", "z - shift_right<2 * B>(",
          "z - shift_right<2 * B + 1>(", LOG, ("log",)),
    Fault("sine: 1 - cos shifted by one more", "sincos.hh", "of - shift_right<18>(",
          "of - shift_right<19>(", SINE, ("sin", "cos")),
    Fault("arctan: the rest shifted by one more", "arctan.hh", "table.of[j] + shift_right<7>(t)",
          "table.of[j] + shift_right<8>(t)", ARCTAN, ("arctan",)),
    Fault("root: what is lacking shifted by one less", "roots.hh", "square(first)) << 58;",
          "square(first)) << 57;", ROOT_OF, ("sqrt",)),
    Fault("reciprocal: the series shifted by one more", "reciprocal.hh",
          "shift_right<60>(high_product(scaled, sum))",
          "shift_right<61>(high_product(scaled, sum))",
          DIVIDED, ("sigmoid", "rsqrt")),
    Fault("exp: no margin in k of negative arguments", "exp.hh", "h += x.sign & 2;", "",
          EXP, ("exp",)),
    # --- an error bound
    Fault("exp: no error", "exp.hh", "N == 1 ? 20 : error_of<N>(160) + 5 + 2 * N", "1",
          EXP, ("exp",)),
    Fault("exp: half the error", "exp.hh", "N == 1 ? 20 : error_of<N>(160) + 5 + 2 * N",
          "N == 1 ? 10 : error_of<N>(80) + 3 + N", EXP, ("exp",), harmless=STILL_A_BOUND),
    Fault("log: no error", "log.hh", "N == 1 ? 24 : error_of<N>(240) + 4 + 2 * N", "1",
          LOG, ("log",)),
    Fault("sine: no error", "sincos.hh", "N == 1 ? 30 : error_of<N>(600) + 2 * N + 4", "1",
          SINE, ("sin",)),
    Fault("arctan: no error", "arctan.hh", "N == 1 ? 32 : error_of<N>(240) + 16", "1",
          ARCTAN, ("arctan",)),
    Fault("root: half the error", "roots.hh", "N == 1 ? 4 : N == 2 ? 64 : N == 3 ? 1024 : 1 << 16",
          "N == 1 ? 2 : N == 2 ? 32 : N == 3 ? 512 : 1 << 15", ROOT_OF, ("sqrt",)),
    # --- what isn't decided
    Fault("what is undecided is accepted", "check.hh",
          "odd->w[0] |= 1;\n  return window - error <= -(2 * error);",
          "odd->w[0] |= 1;\n  return true;", ALL, ("exp", "log", "sin", "sqrt", "power")),
    Fault("what is undecided is accepted, under stochastic rounding", "check.hh",
          "    error <<= 64 - s;\n  }\n  return window - error <= -(2 * error);",
          "    error <<= 64 - s;\n  }\n  return true;", ALL,
          ("exp", "log", "sin", "sqrt", "power")),
    Fault("the retry is accepted whatever it finds", "settle.cc",
          "if (f.evaluate[i](f.function, x, out_bits, &odd, &sign)) break;",
          "f.evaluate[i](f.function, x, out_bits, &odd, &sign); break;", ALL,
          ("exp", "log", "sin", "tan")),
    Fault("a sign that is open is taken", "check.hh",
          "if (a.y < Limbs<N>{{a.error}}) return false;", "", ALL, ("log", "expm1", "sin")),
    # --- analysis
    Fault("exp: 1 + x leans down", "exponential.hh",
          "one - x->magnitude : one + x->magnitude, frac_bits, 1);",
          "one - x->magnitude : one + x->magnitude, frac_bits, -1);", ("exp",), ("exp",)),
    Fault("log: beside 1 it leans the other way", "logarithm.hh",
          "d.magnitude, frac_bits, below ? 1 : -1,", "d.magnitude, frac_bits, below ? -1 : 1,",
          ("log",), ("log",)),
    Fault("cos: 1 leans up", "trigonometric.hh", "return exactly(v, 1, 0, -1);",
          "return exactly(v, 1, 0, 1);", ("cos",), ("cos",)),
    Fault("arctan: x leans up", "trigonometric.hh",
          "// x - x^3 < arctan x < x for 0 < x < 1\n"
          "    if (frac_bits > 0 && is_beside(*x, frac_bits, 3, out_bits))\n"
          "      return exactly(v, x->magnitude, frac_bits, -1, x->sign);",
          "if (frac_bits > 0 && is_beside(*x, frac_bits, 3, out_bits))\n"
          "      return exactly(v, x->magnitude, frac_bits, 1, x->sign);",
          ("arctan",), ("arctan",)),
    Fault("sqrt: no root is exact", "roots.hh", "if (r * r == odd) return",
          "if (r * r == odd + 1) return", ("sqrt",), ("sqrt",)),
    Fault("sigmoid: 1/2 + x/4 leans the other way", "exponential.hh", "x->sign ? 1 : -1);",
          "x->sign ? -1 : 1);", ("sigmoid",), ("sigmoid",)),
    Fault("what leans down isn't one less", "check.hh",
          "if (v.lean < 0 && !rest) *odd = *odd - one;", "", ALL, ("cos", "tanh", "log1p", "exp2")),
    Fault("exp: too large too early", "exponential.hh", "whole_bits + 2 : 1",
          "whole_bits - 2 : 1", EXP, ("exp",)),
    Fault("tanh: beside 1 too early", "exponential.hh",
          "tails{{decayed(out_bits + 1), decayed(out_bits + 1)}}",
          "tails{{decayed(out_bits - 3), decayed(out_bits - 3)}}", ("tanh",), ("tanh",)),
    # --- forms for eight arguments, where the CPU has them
    Fault("eight exp: 200 ulp in an entry", "avx512/exp8.hh",
          **with_more("step[k].set(j, less);", " step[k].w[0][5] += 200;"),
          touches=EXP, judges=("exp",)),
    Fault("eight log: 200 ulp in an entry", "avx512/log8.hh",
          **with_more("minus_log_1_minus(d, 40));", " log[k - 1].w[0][5] += 200;"),
          touches=LOG, judges=("log",)),
    Fault("eight sine: a product shifted by one more", "avx512/sincos8.hh",
          "shift_right<3>(high_product(cosine, s))", "shift_right<4>(high_product(cosine, s))",
          SINE, ("sin",)),
    Fault("eight roots: what is lacking shifted by one less", "avx512/root8.hh",
          "shift_right<94>(", "shift_right<93>(", ROOT_OF, ("sqrt",)),
    Fault("eight reciprocals: the series shifted by one more", "avx512/exp8.hh",
          "shift_right<48>(high_product(scaled, sum))",
          "shift_right<49>(high_product(scaled, sum))", DIVIDED, ("sigmoid", "tanh")),
    Fault("eight exp: no error", "avx512/exp8.hh",
          "L == 1 ? 10 : L == 2 ? 72 : L == 3 ? 96 : 120", "1", EXP, ("exp",)),
    Fault("eight: what is undecided is accepted", "avx512/limbs8.hh",
          "return a.valid & v.valid & is_between(v.below, v.error);", "return a.valid & v.valid;",
          ALL, ("exp", "log", "sin", "sqrt")),
    Fault("eight: rounding looks at the wrong bit", "avx512/row8.hh", "integer8(4)), c, c2);",
          "integer8(8)), c, c2);", ALL, ("exp", "log", "sin", "sqrt")),
    Fault("eight: numbers out of range aren't", "avx512/row8.hh",
          "v.beyond = _mm512_cmpneq_epi64_mask(w[words], fit);", "v.beyond = 0;",
          ALL, ("exp", "power")),
    Fault("eight: numbers far out of range aren't", "avx512/row8.hh",
          "v.beyond |= _mm512_cmpneq_epi64_mask(w[words + 1], fit);", "v.beyond |= 0;",
          ALL, ("cos",)),
    Fault("eight: errors of long rows outgrow a limb", "rows.hh",
          "HAS_DECAY8 && n >> (60 - 12 * N) == 0 &&", "HAS_DECAY8 &&", ROWS, ("logsumexp",)),
    # --- rows
    Fault("shares: no error", "rows.hh", "error = share << (63 - s);", "error = 1;",
          ("softmax",), ("softmax",)),
    Fault("shares: what is undecided is accepted", "rows.hh",
          "decided &= (y << (63 - s)) - error", "decided |= (y << (63 - s)) - error",
          ("softmax",), ("softmax",)),
    Fault("shares: an even one isn't odd", "rows.hh", "static_cast<I>(y >> s | 1)",
          "static_cast<I>(y >> s)", ("softmax",), ("softmax",)),
    Fault("shares: errors of any size are taken", "rows.hh",
          "least = 64 - __builtin_clzll(share | 2);", "least = 0;", ("softmax",), ("softmax",),
          harmless="what one limb is tried for leaves 2^8 times the error and more"),
    Fault("rows: powers without an error", "rows.hh",
          "const uint64_t r = 2 * power.error + static_cast<uint64_t>(n) * power.unit + 1;",
          "const uint64_t r = 1;", ROWS, ("softmax", "logsumexp")),
)  # fmt: skip
EIGHT = "avx512ifma"  # the kernels that have those; others are judged by AVX-512's


def of_eight(fault):
    return fault.says.startswith("eight")


def rounds(faults):
    """Lists of faults, none of which touches what another is judged by."""
    found = []
    for fault in faults:
        for others in found:
            if all(
                of_eight(fault) == of_eight(other)
                and not set(fault.touches) & set(other.judges)
                and not set(other.touches) & set(fault.judges)
                and not (fault.table and other.table == fault.table)
                for other in others
            ):
                others.append(fault)
                break
        else:
            found.append([fault])
    return found


class Copy:
    """The project in a folder of its own, which changes."""

    def __init__(self, folder):
        self.root = folder / "project"
        shutil.copytree(ROOT, self.root, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        self.environment = dict(os.environ, FXTYPES_KERNELS="native")
        self.before = {}
        self.change("setup.py", lambda text: text.replace('["-fno-tree-slp-vectorize"]', '["-O0"]'))
        shutil.copystat(ROOT / "setup.py", self.root / "setup.py")  # other kernels stay as they are
        self.before.clear()

    def run(self, *command):
        command = [sys.executable, *command]
        return subprocess.run(
            command, cwd=self.root, env=self.environment, text=True, capture_output=True
        )

    def change(self, file, change):
        path = self.root / file
        text = path.read_text()
        self.before.setdefault(path, text)
        path.write_text(change(text))

    def plant(self, fault):
        def planted(text):
            if text.count(fault.old) != 1:
                sys.exit(f"{fault.says}: {text.count(fault.old)} times {fault.old!r}")
            return text.replace(fault.old, fault.new)

        self.change(f"{SOURCE}/{fault.file}", planted)

    def restore(self):
        for path, text in self.before.items():
            path.write_text(text)
        self.before.clear()

    def build(self, names):
        """The kernels of these functions; nothing else depends on what faults change."""
        case = re.compile(r"  case FX_(\w+): return body\(.*\n")
        self.change(
            f"{SOURCE}/table.cc",
            lambda text: case.sub(lambda m: m[0] if m[1].lower() in names else "", text),
        )
        for path in self.root.rglob("*.so"):
            if not path.name.startswith("calls."):
                path.touch()
        built = self.run("setup.py", "-q", "build_ext", "--inplace")
        if built.returncode:
            sys.exit(f"it doesn't build:\n{built.stderr}")

    def failures(self, files, names=()):
        """The tests that fail, those of the functions named."""
        chosen = " or ".join(f"[{name}] or [{name}- or -{name}] or -{name}-" for name in names)
        ran = self.run(
            "-m", "pytest", "-q", "-rf", "--tb=no", "-p", "no:cacheprovider", *files,
            "-m", "not long", "-k", chosen,
        )  # fmt: skip
        if ran.returncode not in (0, 1, 5):  # 5: there are none
            sys.exit(f"the tests didn't run:\n{ran.stdout}{ran.stderr}")
        return set(re.findall(r"^FAILED (\S+::\w+\[.*?\])", ran.stdout, re.MULTILINE))


def belongs(test, fault):
    parameters = test[test.index("[") + 1 : -1]
    if TABLES in test:
        return bool(fault.table) and parameters.endswith(fault.table)
    return any(name in parameters.split("-") for name in fault.judges)


def report(fault, failed):
    """Whether it is as it should be; says so."""
    mine = [test for test in failed if belongs(test, fault)]
    files = collections.Counter(Path(test.split("::")[0]).stem for test in mine)
    by = ", ".join(f"{name} {count}" for name, count in sorted(files.items()))
    if fault.harmless and not mine:
        print(f"changes nothing: {fault.says} ({fault.harmless})", flush=True)
        return True
    print(f"found: {fault.says}: {by}" if mine else f"NOT FOUND: {fault.says}", flush=True)
    return bool(mine)


def judged_by(faults):
    return sorted({name for fault in faults for name in fault.judges})


def check_round(copy, faults):
    for fault in faults:
        copy.plant(fault)
    copy.build(judged_by(faults))
    if KERNELS == EIGHT:
        copy.environment["FXTYPES_CPU"] = EIGHT if of_eight(faults[0]) else "avx512"
    failed = copy.failures(EVALUATIONS, judged_by(faults))
    if any(fault.table for fault in faults):
        failed |= copy.failures([TABLES])
    others = [fault for fault in faults if not any(belongs(test, fault) for test in failed)]
    if others:
        failed |= copy.failures(RESULTS, judged_by(others))
    copy.restore()
    return all([report(fault, failed) for fault in faults])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="faults whose description has this word")
    parser.add_argument("--list", action="store_true", help="say what there is, and end")
    options = parser.parse_args()
    chosen = [fault for fault in FAULTS if options.only in fault.says]
    if KERNELS != EIGHT:
        left = [fault for fault in chosen if of_eight(fault)]
        chosen = [fault for fault in chosen if not of_eight(fault)]
        print(f"{len(left)} faults of {EIGHT} need such a CPU, and aren't planted", flush=True)
    if options.list:
        for number, faults in enumerate(rounds(chosen)):
            print(number, *(fault.says for fault in faults), sep="\n    ")
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        copy.build(judged_by(chosen))
        failed = copy.failures([*EVALUATIONS, *RESULTS], judged_by(chosen))
        failed |= copy.failures([TABLES])
        if failed:
            sys.exit("without any fault these fail:\n" + "\n".join(sorted(failed)))
        copy.restore()
        good = all([check_round(copy, faults) for faults in rounds(chosen)])
    sys.exit(not good)


if __name__ == "__main__":
    main()
