"""The extension modules and their compiler flags; everything else is in pyproject.toml.

Switches, all environment variables of the build:
    FXTYPES_DEBUG=1           no optimisation, debug symbols, Cython's checks
    FXTYPES_SANITIZE=LIST     compile with -fsanitize=LIST, for example address,undefined
    FXTYPES_KERNELS=native    only the kernels that this machine's CPU will choose: a quicker build
"""

import os
import platform
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

DEBUG = os.environ.get("FXTYPES_DEBUG", "") not in ("", "0")
SANITIZE = os.environ.get("FXTYPES_SANITIZE", "")
SOURCE = Path("fxtypes/kernels/src")
HEADERS = sorted(str(path) for path in SOURCE.rglob("*.hh"))
# Of the elementary functions, which the other kernels know by table.hh only.
ELEMENTARY = ["elementary/table.cc", "elementary/settle.cc", "elementary/rows.cc"]
OF_ELEMENTARY = {
    str(path) for path in (SOURCE / "elementary").glob("*.hh") if path.name != "table.hh"
}

# -fwrapv is part of the design: the wide integers rely on wrapping. -ffp-contract=off: scaling
# by a power of two must stay exact. The next two let GCC vectorise comparisons of floats. What is
# hidden isn't looked up while a module is loaded.
FLAGS = [
    "-std=c++17",
    "-fwrapv",
    "-ffp-contract=off",
    "-fno-trapping-math",
    "-fno-math-errno",
    "-fvisibility=hidden",
    *(["-O0", "-g"] if DEBUG else ["-O2", "-g0"]),
]
LINK = []
if SANITIZE:
    FLAGS += [
        f"-fsanitize={SANITIZE}",
        "-fno-sanitize-recover=all",
        "-fno-omit-frame-pointer",
        "-g",
    ]
    LINK += [f"-fsanitize={SANITIZE}"]

# The kernels, once for every kind of CPU: variant name -> its flags. These are what of GCC's -O3
# makes the kernels fast; the widest integers, compiled once for all, would just be unrolled.
FAST = [] if DEBUG else ["-ftree-vectorize", "-fvect-cost-model=dynamic", "-fpeel-loops"]
VARIANTS = {"portable": FAST}
# A variant that is another one's but for the elementary functions.
PARENT = {"avx512ifma": "avx512"}
# What fx_kernels() in table.hh asks of a CPU, the more the later.
NEEDED = {"portable": set()}
if platform.machine().lower() in ("x86_64", "amd64"):
    VARIANTS["avx2"] = [*FAST, "-march=x86-64-v3"]
    VARIANTS["avx512"] = [*FAST, "-march=x86-64-v4", "-mavx512vnni"]
    # GCC 12 takes what its own header leaves undefined for a mistake of ours.
    VARIANTS["avx512ifma"] = [
        *VARIANTS["avx512"],
        "-mavx512ifma",
        "-mavx512vbmi2",
        "-Wno-uninitialized",
        "-Wno-maybe-uninitialized",
    ]
    NEEDED["avx2"] = {"avx2", "bmi2", "fma"}
    NEEDED["avx512"] = NEEDED["avx2"] | {
        f"avx512{part}" for part in ("f", "bw", "cd", "dq", "vl", "_vnni")
    }
    NEEDED["avx512ifma"] = NEEDED["avx512"] | {"avx512ifma", "avx512_vbmi2"}
match os.environ.get("FXTYPES_KERNELS", "all"):
    case "all":
        pass
    case "native":
        cpu = Path("/proc/cpuinfo")
        features = set(cpu.read_text().split()) if cpu.exists() else set()
        best = [variant for variant, needed in NEEDED.items() if needed <= features][-1]
        VARIANTS = {name: VARIANTS[name] for name in (best, PARENT.get(best)) if name in VARIANTS}
    case other:
        sys.exit(f"FXTYPES_KERNELS is 'all' or 'native', got {other!r}")

VARIANTS["wide"] = ["-DFX_WIDE"]
# What is compiled of a variant, if not all.
SOURCES = {"wide": ["table.cc"], "avx512ifma": ELEMENTARY}

COMPILER_NEEDED = (
    "fxtypes needs a C++ compiler with 128-bit integers and Python's headers to build: install GCC "
    "or Clang (Debian, Ubuntu: apt-get install g++ python3-dev; Fedora: dnf install gcc-c++ "
    "python3-devel; macOS: xcode-select --install)"
)
PROBE = """#include <Python.h>
#ifndef __SIZEOF_INT128__
#error "no 128-bit integers"
#endif
int main() { return 0; }
"""


class Build(build_ext):
    def build_extensions(self):
        self.check_compiler()
        # What was built under other switches is as stale as what has older sources.
        stamp = Path(self.build_temp) / f"switches{'-in-place' if self.inplace else ''}"
        switches = repr((FLAGS, LINK, VARIANTS))
        self.force = self.force or not stamp.exists() or stamp.read_text() != switches
        super().build_extensions()
        stamp.write_text(switches)

    def check_compiler(self):
        probe = Path(self.build_temp) / "probe.cc"
        probe.parent.mkdir(parents=True, exist_ok=True)
        probe.write_text(PROBE)
        try:
            # Without output_dir an absolute path's object lands in the source tree.
            self.compiler.compile(
                [str(probe)], output_dir=self.build_temp, extra_postargs=["-std=c++17"]
            )
        except Exception:  # whatever a compiler's absence or age raises
            sys.exit(COMPILER_NEEDED)

    def build_extension(self, ext):
        if ext.name == "fxtypes.kernels.calls":
            with ThreadPoolExecutor() as pool:
                for objects in pool.map(self.compile_variant, VARIANTS):
                    ext.extra_objects += objects
        super().build_extension(ext)

    def compile_variant(self, variant):
        """The kernels' objects; compiled anew only when a source of theirs has changed."""
        names = SOURCES.get(variant, ["table.cc", *ELEMENTARY])
        return [self.compile_kernel(variant, name) for name in names]

    def compile_kernel(self, variant, name):
        macros = [("FX_VARIANT", f"fx_{variant}"), ("FX_NAME", f'"{variant}"')]
        # Two limbs in one vector register take longer than in two of the others.
        flags = [*VARIANTS[variant], *(["-fno-tree-slp-vectorize"] if name in ELEMENTARY else [])]
        source = str(SOURCE / name)
        folder = Path(self.build_temp) / variant
        (expected,) = self.compiler.object_filenames([source], output_dir=str(folder))
        headers = [path for path in HEADERS if name in ELEMENTARY or path not in OF_ELEMENTARY]
        newest = max(Path(path).stat().st_mtime for path in [source, "setup.py", *headers])
        stamp = folder / f"{name.replace('/', '-')}.flags"
        wanted = repr((macros, FLAGS, flags, sysconfig.get_config_var("CC")))
        if (
            Path(expected).exists()
            and Path(expected).stat().st_mtime > newest
            and stamp.exists()
            and stamp.read_text() == wanted
        ):
            return expected
        (compiled,) = self.compiler.compile(
            [source],
            output_dir=str(folder),
            macros=macros,
            include_dirs=[str(SOURCE)],
            extra_postargs=FLAGS + flags,
        )
        stamp.write_text(wanted)
        return compiled


def extension(name):
    return Extension(
        name,
        [name.replace(".", "/") + ".pyx"],
        include_dirs=[numpy.get_include(), str(SOURCE)],
        depends=[*HEADERS, *(str(path) for path in SOURCE.rglob("*.cc"))],
        define_macros=[
            ("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION"),
            *((f"FX_HAVE_{variant.upper()}", "1") for variant in VARIANTS),
        ],
        extra_compile_args=FLAGS,
        extra_link_args=LINK,
        language="c++",
    )


setup(
    options={"build_ext": {"parallel": True}},
    cmdclass={"build_ext": Build},
    ext_modules=cythonize(
        [
            extension("fxtypes.signal_safe"),
            extension("fxtypes.context.stream"),
            extension("fxtypes.format.overlap"),
            extension("fxtypes.kernels.calls"),
            extension("fxtypes.kernels.products"),
            extension("fxtypes.kernels.elementary"),
            extension("fxtypes.kernels.look_up"),
            extension("fxtypes.kernels.wide_order"),
            extension("fxtypes.kernels.zeros"),
            extension("fxtypes.fixed_array.array"),
            extension("fxtypes.functions.elementwise"),
        ],
        # Cython's check of what is up to date knows nothing of directives.
        build_dir=f"build/cython-{'debug' if DEBUG else 'release'}",
        compiler_directives={
            "language_level": "3",
            "embedsignature": True,
            "boundscheck": DEBUG,
            "wraparound": False,
            "initializedcheck": DEBUG,
        },
    ),
)
