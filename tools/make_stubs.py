"""Rewrite the type stubs, fxtypes/**/*.pyi, from the modules as they are.

The modules give names, parameters and defaults; the tables below give types: of parameters by
their names, of results by the function's. What is in no table is a FixedArray. `mypy` and
`python -m mypy.stubtest` check the result.
"""

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import fxtypes

PACKAGE = Path(fxtypes.__file__).parent

# Written by hand, or their own stubs.
BY_HAND = {"format", "context", "errors", "explain", "modes", "threads", "within"}

COMPILED = sorted(
    {str(path.relative_to(PACKAGE).with_suffix("")).replace("/", ".")
     for path in PACKAGE.rglob("*.pyx")} - BY_HAND
)  # fmt: skip

PARAMETERS = {
    "format": "Format",
    "accumulator": "Format",
    "out": "FixedArray",
    "where": "Where",
    "shape": "Shape",
    "new_shape": "Shape",
    "newshape": "Shape",
    "window_shape": "Shape",
    "reps": "Shape",
    "A": "FixedArray",
    "axis": "Axes",
    "axes": "Axes",
    "source": "Axes",
    "destination": "Axes",
    "axis1": "SupportsIndex",
    "axis2": "SupportsIndex",
    "keepdims": "bool",
    "endpoint": "bool",
    "order": "str",
    "kind": "str",
    "mode": "str",
    "method": "str",
    "indexing": "str",
    "side": "str",
    "trim": "str",
    "radix": "str",
    "name": "str",
    "stable": "bool",
    "descending": "bool",
    "assume_unique": "bool",
    "invert": "bool",
    "return_index": "bool",
    "return_inverse": "bool",
    "return_counts": "bool",
    "return_indices": "bool",
    "copy": "bool",
    "sparse": "bool",
    "right": "bool",
    "wrap": "bool",
    "path": "str | os.PathLike[str]",
    "count": "Integers",
    "n": "SupportsIndex",
    "m": "SupportsIndex",
    "k": "SupportsIndex",
    "num": "SupportsIndex",
    "offset": "SupportsIndex",
    "start": "Number",
    "stop": "Number",
    "ddof": "SupportsIndex",
    "decimals": "SupportsIndex",
    "seed": "SupportsIndex",
    "low": "Number",
    "high": "Number",
    "mean": "Number",
    "deviation": "Number",
    "value": "Values",
    "fill_value": "Values",
    "bits": "Integers",
    "integers": "Integers",
    "coefficients": "Iterable[Number]",
    "arrays": "Iterable[FixedArray]",
    "obj": "Values",
    "dtype": "Any",
    "spec": "str",
    "min": "Operand",
    "max": "Operand",
    "self": None,
}
# A few names mean something else in one function.
SPECIAL = {
    ("eye", "N"): "SupportsIndex",
    ("eye", "M"): "SupportsIndex | Format | None",
    ("eye", "k"): "SupportsIndex | Format",
    ("arange", "start"): "Number",
    ("arange", "stop"): "Number | Format | None",
    ("arange", "step"): "Number | Format",
    ("linspace", "num"): "SupportsIndex | Format",
    ("linspace", "endpoint"): "bool | Format",
    ("flip", "m"): "FixedArray",
    ("fliplr", "m"): "FixedArray",
    ("flipud", "m"): "FixedArray",
    ("rot90", "m"): "FixedArray",
    ("tril", "m"): "FixedArray",
    ("triu", "m"): "FixedArray",
    **{(name, key): "Operand" for name in ("convolve", "correlate") for key in ("a", "v")},
    **{
        (name, key): "Any" for name in ("einsum", "einsum_path") for key in ("operands", "optimize")
    },
    **{("cross", key): "SupportsIndex" for key in ("axis", "axisa", "axisb", "axisc")},
    ("tensordot", "axes"): "Any",
    ("vecdot", "axis"): "SupportsIndex",
    ("multi_dot", "arrays"): "Iterable[Operand]",
    ("copyto", "where"): "Where",
    ("delete", "obj"): "Any",
    ("insert", "obj"): "Any",
    ("pad", "mode"): "Any",
    ("rollaxis", "start"): "SupportsIndex",
    **{(name, "out"): "Any" for name in ("all", "any", "argmax", "argmin")},
    **{(name, "initial"): "Operand" for name in ("max", "min", "prod", "sum")},
    ("where", "condition"): "Any",
    ("save", "arrays"): "FixedArray",
    ("transpose", "axes"): "Any",
    ("reshape", "shape"): "Any",
}
# Of functions that take FixedArrays alone; all else may be any operand.
FIXED_ONLY = {"a", "arr", "ary", "ar", "filt", "m", "v", "x", "ar1", "array"}
BINARY = {"a", "b", "x", "y", "x1", "x2"}

RESULTS = {
    **dict.fromkeys(
        ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "isin", "any",
         "all", "argmax", "argmin", "count_nonzero", "digitize", "searchsorted", "compare",
         "unique", "unique_all", "unique_counts", "unique_inverse", "intersect1d", "histogram",
         "histogram_bin_edges", "raw", "words", "to_bits", "to_numpy", "to_fractions", "isfinite",
         "isnan", "isinf", "signbit", "frexp", "modf", "block", "lexsort", "bincount",
         "__array_namespace__"],
        "Any",
    ),
    **dict.fromkeys(
        ["argsort", "argwhere", "flatnonzero", "argpartition"], "Indices"
    ),
    **dict.fromkeys(
        ["split", "array_split", "hsplit", "vsplit", "dsplit"], "list[FixedArray]"
    ),
    **dict.fromkeys(
        ["broadcast_arrays", "meshgrid", "unstack", "divmod"], "tuple[FixedArray, ...]"
    ),
    **dict.fromkeys(
        ["atleast_1d", "atleast_2d", "atleast_3d", "index_array", "wrapped"], "Any"
    ),
    **dict.fromkeys(
        ["copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask", "save", "to_mem",
         "fill", "install_protocol", "write_archive", "set_num_threads"],
        "None",
    ),
    "nonzero": "tuple[Indices, ...]",
    "einsum_path": "tuple[list[Any], str]",
    "allclose": "bool",
    "isclose": "Any",
    "array_equal": "bool",
    "array_equiv": "bool",
    "load": "dict[str, FixedArray]",
    "read_archive": "tuple[dict[str, Any], dict[str, FixedArray]]",
    "write_whole": "AbstractContextManager[Any]",
    "get_num_threads": "int",
    "item": "Fraction",
    "tolist": "Any",
    "format": "Format",
    "dtype": "Format",
    "shape": "tuple[int, ...]",
    "ndim": "int",
    "size": "int",
    "itemsize": "int",
    "nbytes": "int",
    "device": "str",
    "check_format": "Format",
    "_repr_html_": "str",
}  # fmt: skip

HEAD = """\
# Made by tools/make_stubs.py from the module; run it again instead of editing this.
"""
IMPORTS = {
    "Any": "from typing import Any",
    "SupportsIndex": "from typing import SupportsIndex",
    "Iterable": "from collections.abc import Iterable",
    "Iterator": "from collections.abc import Iterator",
    "AbstractContextManager": "from contextlib import AbstractContextManager",
    "Fraction": "from fractions import Fraction",
    "os": "import os",
    "Format": "from {up}format import Format",
    "FixedArray": "from {up}fixed_array import FixedArray",
    **{
        name: f"from {{up}}_types import {name}"
        for name in ("Axes", "Indices", "Integers", "Number", "Operand", "Shape", "Values", "Where")
    },
}


def parameter_type(function, name, names, default):
    """The annotation of a parameter."""
    if (function, name) in SPECIAL:
        kind = SPECIAL[function, name]
    elif name in PARAMETERS:
        kind = PARAMETERS[name]
    elif name in BINARY and len(BINARY & set(names)) > 1:
        kind = "Operand"
    elif name in FIXED_ONLY:
        kind = "FixedArray"
    else:
        kind = "Any"
    if kind is not None and default is None and kind != "Any" and "None" not in kind:
        kind = f"{kind} | None"
    return kind


def parameters(function, signature, method=False):
    """The parameters' text, without parentheses."""
    parts, names = [], list(signature.parameters)
    slash = star = False
    for index, parameter in enumerate(signature.parameters.values()):
        kind, name = parameter.kind, parameter.name
        if slash and kind != parameter.POSITIONAL_ONLY:
            parts.append("/")
            slash = False
        slash = slash or kind == parameter.POSITIONAL_ONLY
        if kind == parameter.KEYWORD_ONLY and not star:
            parts.append("*")
            star = True
        star = star or kind == parameter.VAR_POSITIONAL
        prefix = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(kind, "")
        default = None if parameter.default is None else ...
        annotation = None
        if not (method and index == 0):
            annotation = parameter_type(function, name, names, default)
        text = prefix + name + (f": {annotation}" if annotation else "")
        if parameter.default is not parameter.empty:
            text += " = ..." if annotation else "=..."
        parts.append(text)
    if slash:
        parts.append("/")
    return ", ".join(parts)


def result_type(name, owner=None):
    if name in RESULTS:
        return RESULTS[name]
    return "FixedArray"


def function_stub(name, function, indent=""):
    text = parameters(name, inspect.signature(function))
    return f"{indent}def {name}({text}) -> {result_type(name)}: ..."


# Operators by what they give; the reflected and in-place ones are found in the class.
_SPECIAL_METHODS = {
    "__init__": "self, *args: Any, **kwargs: Any) -> None",
    "__array__": "self, dtype: Any = ..., copy: bool | None = ...) -> Any",
    "__array_ufunc__": "self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any",
    "__array_function__": "self, function: Any, types: Any, args: Any, kwargs: Any) -> Any",
    "__array_namespace__": "self, *, api_version: str | None = ...) -> Any",
    "__bool__": "self) -> bool",
    "__int__": "self) -> int",
    "__float__": "self) -> float",
    "__complex__": "self) -> complex",
    "__index__": "self) -> int",
    "__len__": "self) -> int",
    "__iter__": "self) -> Iterator[FixedArray]",
    "__repr__": "self) -> str",
    "__str__": "self) -> str",
    "__format__": "self, spec: str) -> str",
    "__copy__": "self) -> FixedArray",
    "__deepcopy__": "self, memo: Any) -> FixedArray",
    "__reduce__": "self) -> tuple[Any, ...]",
    "__setstate__": "self, state: Any) -> None",
    "__getitem__": "self, key: Any, /) -> FixedArray",
    "__setitem__": "self, key: Any, value: Values, /) -> None",
    "__delitem__": "self, key: Any, /) -> None",
    "__contains__": "self, key: Any, /) -> bool",
    "__abs__": "self) -> FixedArray",
    "__neg__": "self) -> FixedArray",
    "__pos__": "self) -> FixedArray",
    "__invert__": "self) -> FixedArray",
    "__round__": "self, ndigits: Any = ...) -> Any",
    **dict.fromkeys(["__trunc__", "__floor__", "__ceil__"], "self) -> int"),
    "__pow__": "self, value: Any, mod: None = ..., /) -> FixedArray",
    "__rpow__": "self, value: Any, mod: None = ..., /) -> FixedArray",
    "__divmod__": "self, value: Operand, /) -> tuple[FixedArray, FixedArray]",
    "__rdivmod__": "self, value: Operand, /) -> tuple[FixedArray, FixedArray]",
    **dict.fromkeys(["__eq__", "__ne__"], "self, value: object, /) -> Any"),
    **dict.fromkeys(["__lt__", "__le__", "__gt__", "__ge__"], "self, value: Operand, /) -> Any"),
    **dict.fromkeys(
        [
            f"__{prefix}{name}__"
            for name in (
                "add", "sub", "mul", "truediv", "floordiv", "mod", "matmul", "lshift", "rshift",
                "and", "or", "xor",
            )
            for prefix in ("", "r", "i")
        ] + ["__ipow__"],
        "self, value: Operand, /) -> FixedArray",
    ),
}  # fmt: skip
_HIDDEN = {"__doc__", "__new__", "__hash__", "__module__"}


def class_stub(cls):
    """FixedArray: final, and made by functions."""
    lines = ["@final", f"class {cls.__name__}:"]
    for name, member in sorted(vars(cls).items()):
        if name in _HIDDEN or name.startswith("__pyx") or name.endswith("_cython__"):
            continue
        if name in _SPECIAL_METHODS:
            text = _SPECIAL_METHODS[name]
            # The in-place one can't take a modulus.
            ignore = "  # type: ignore[misc]" if name == "__ipow__" else ""
            lines.append(f"    def {name}({text}: ...{ignore}")
        elif name.startswith("__"):
            text = parameters(name, inspect.signature(member), method=True)
            lines.append(f"    def {name}({text}) -> Any: ...")
        elif isinstance(member, staticmethod):
            text = parameters(name, inspect.signature(member.__func__))
            lines += ["    @staticmethod", f"    def {name}({text}) -> FixedArray: ..."]
        elif callable(member):
            text = parameters(name, inspect.signature(member), method=True)
            lines.append(f"    def {name}({text}) -> {result_type(name)}: ...")
        else:
            lines += ["    @property", f"    def {name}(self) -> {result_type(name, cls)}: ..."]
    lines.append("    __hash__: ClassVar[None]  # type: ignore[assignment]")
    return lines


def own_functions(module):
    for name, member in sorted(vars(module).items()):
        if name.startswith("_") and name not in ("_restore",):
            continue
        if inspect.isclass(member) or not callable(member):
            continue
        unwrapped = inspect.unwrap(member)
        if origin(unwrapped) == module.__name__.removeprefix("fxtypes."):
            yield name, unwrapped


def origin(member):
    """The module below fxtypes that a function is from."""
    return (getattr(member, "__module__", None) or "").removeprefix("fxtypes.")


def reexports(module):
    """Import lines of the public names that a module has from others."""
    own = module.__name__.removeprefix("fxtypes.")
    for name in sorted(getattr(module, "__all__", ())):
        home = origin(inspect.unwrap(getattr(module, name)))
        if home != own:
            yield f"from .{home} import {getattr(module, name).__name__} as {name}"


def public_modules():
    """Where the public functions are from."""
    members = [getattr(fxtypes, name) for name in fxtypes.__all__]
    functions = [inspect.unwrap(m) for m in members if inspect.isroutine(m)]
    homes = {origin(f) for f in functions}
    listed = {
        m.__name__.removeprefix("fxtypes.")
        for m in vars(fxtypes).values()
        if inspect.ismodule(m) and set(getattr(m, "__all__", ["?"])) <= set(fxtypes.__all__)
    }
    return sorted((homes | listed | {"random", "io"}) - BY_HAND - {*COMPILED, "", "fxtypes"})


def module_stub(module):
    lines, public = [], getattr(module, "__all__", None)
    if public is not None:
        lines += [*reexports(module), "", f"__all__ = {sorted(public)!r}", ""]
    if module.__name__.endswith("fixed_array"):
        lines += ["", *class_stub(module.FixedArray), ""]
    if "._kernels." in module.__name__:
        lines += KERNELS[module.__name__.rpartition(".")[2]]
        lines += [
            f"def {name}({parameters('', inspect.signature(f))}) -> Any: ..."
            for name, f in own_functions(module)
        ]
    else:
        lines += [function_stub(name, function) for name, function in own_functions(module)]
    return lines


KERNELS = {
    "kernels": """\
KERNELS: str

@final
class Step:
    name: str
    result: Any
    def __init__(
        self, name: str, operation: int, level: int, codes: Any, lifts: Any, coefficients: Any,
        shift: int, out_code: int, result: Any, fused: int, beyond: int = ...
    ) -> None: ...
    @property
    def level(self) -> int: ...
    @property
    def fused(self) -> int: ...
    def at_level(self, level: int, fused: int = ...) -> Step: ...

""".splitlines(),
    "products": """\
TILES: bool
LOOPS: int
PLANES: int
LIMBS: int
KARATSUBA: int
LOW64: int
RESIDUES: int
MOST_COLUMNS: int
MOST_MODULI: int
SMALL: int

@final
class Way:
    def __init__(
        self, path: int, limbs: Any = ..., width: Any = ..., block: int = ..., top: bool = ...,
        words: Any = ..., moduli: Any = ..., planes: int = ...
    ) -> None: ...

@final
class Product:
    out: Any
    codes: tuple[int, int]
    def __init__(
        self, step: Any, shape: tuple[int, ...], last: Any = ..., inner: int = ...
    ) -> None: ...
    def block(self, way: Way, a: Any, b: Any, out: Any, first: int, pitch: int) -> None: ...
    def stack(self, way: Way, a: Any, b: Any) -> None: ...
    def stop(self) -> None: ...
    def settle(self, shape: tuple[int, ...]) -> Any: ...

""".splitlines(),
}


def imports(lines, level, own):
    text = "\n".join(lines)
    found = []
    for name, statement in IMPORTS.items():
        if name != own and re.search(rf"\b{name}\b", text):
            found.append(statement.format(up="." * level))
    if "ClassVar" in text:
        found.append("from typing import ClassVar, final")
    elif "@final" in text:
        found.append("from typing import final")
    return sorted(found)


def package_stub():
    """The names of `fxtypes`, each said to be exported."""
    origins, modules = {}, []
    for name in sorted(fxtypes.__all__):
        member = getattr(fxtypes, name)
        if inspect.ismodule(member):
            modules.append(name)
            continue
        module = inspect.unwrap(member).__module__.removeprefix("fxtypes.")
        original = member.__name__ if inspect.isroutine(member) else name
        origins.setdefault(module, []).append(f"{original} as {name}")
    lines = [f"from . import {', '.join(f'{name} as {name}' for name in modules)}"]
    for module, names in sorted(origins.items()):
        lines.append(f"from .{module} import {', '.join(names)}")
    lines += ["", f"__all__ = {sorted(fxtypes.__all__)!r}", "__version__: str"]
    return lines


def write(path, lines):
    path.write_text(HEAD + "\n".join(lines) + "\n")
    return str(path)


def main():
    written = []
    for name in [*public_modules(), *COMPILED]:
        module = importlib.import_module(f"fxtypes.{name}")
        lines = module_stub(module)
        own = "FixedArray" if name == "fixed_array" else None
        head = imports(lines, 1 + name.count("."), own)
        written.append(write(PACKAGE / f"{name.replace('.', '/')}.pyi", head + lines))
    written.append(write(PACKAGE / "__init__.pyi", package_stub()))
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", "-q", "--fix", "--select", "I", *written], check=True)
    subprocess.run([*ruff, "format", "-q", *written], check=True)


if __name__ == "__main__":
    main()
