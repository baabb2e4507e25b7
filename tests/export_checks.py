"""What the tests of exports share: networks of every kind, and what runs the files written."""

import copy
import random
import shutil
import subprocess
from functools import lru_cache

import pytest

import fxtypes as fx
from fxtypes_nn import (
    Dense,
    Dropout,
    LeakyReLU,
    Precision,
    ReLU,
    Sequential,
    Sigmoid,
    Softmax,
    Tanh,
    datasets,
)

ROUNDINGS = [mode.value for mode in fx.Rounding if mode != "stochastic"]
OVERFLOWS = [mode.value for mode in fx.Overflow if mode != "raise"]


def needs(*tools):
    """Skip a test where a tool that it runs isn't installed."""
    missing = [tool for tool in tools if shutil.which(tool) is None]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} isn't installed")


def run(folder, *command):
    """(exit status, both outputs) of a command in a folder."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout


def succeeds(folder, *command):
    """The output of a command that must end with status 0."""
    status, output = run(folder, *command)
    assert status == 0, output
    return output


def run_c(folder, name="network"):
    """(exit status, output) of the exported test, compiled strictly and with sanitizers."""
    warned = succeeds(
        folder,
        *("gcc", "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O1", "-o", "tested"),
        *("-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
        *(f"{name}.c", f"{name}_test.c"),
    )
    assert warned == ""
    return run(folder, "./tested")


def run_verilog(folder, name="network"):
    """(exit status, output) of the exported test bench, simulated by Icarus Verilog."""
    sources = sorted(path.name for path in folder.glob("*.v"))
    warned = succeeds(folder, "iverilog", "-g2005", "-o", "tested.vvp", *sources)
    assert warned == ""
    return run(folder, "vvp", "-N", "tested.vvp")


def run_vhdl(folder, name="network"):
    """(exit status, output) of the exported test bench, simulated by GHDL."""
    parts = sorted(path.name for path in folder.glob("*_dense*.vhd"))
    succeeds(folder, "ghdl", "-a", *parts, f"{name}.vhd", f"{name}_test.vhd")
    succeeds(folder, "ghdl", "-e", f"{name}_test")
    return run(folder, "ghdl", "-r", f"{name}_test")


@lru_cache
def digits_model(width):
    """A network with a ReLU and a table's sigmoid, a little trained on digits at a width."""
    precision = Precision.preset(width)
    layers = [Dense(8), ReLU(), Dense(8), Sigmoid("table", table_bits=8), Dense(10), Softmax()]
    model = Sequential(layers, 64, precision, seed=2)
    data = datasets.load("digits")
    model.fit(data.x_train / 16, data.y_train, epochs=2, progress=False)
    return model


def digits_samples(count=None):
    """The first samples of the test part."""
    return datasets.load("digits").x_test[:count] / 16


def random_format(draw, rounding, overflow, signed=True):
    width = draw.choice([3, 7, 12, 17])
    frac_bits = draw.randint(-2, width + 2)
    return fx.Format(width, frac_bits, signed, rounding, overflow)


def random_model(seed, accumulator=False, rounding=None, overflow=None):
    """A small network of any formats and modes, its parameters drawn from their whole range."""
    draw = random.Random(seed)

    def made(signed=True):
        modes = rounding or draw.choice(ROUNDINGS), overflow or draw.choice(OVERFLOWS)
        return random_format(draw, *modes, signed)

    precision = Precision(
        weights=made(),
        activations=made(draw.random() < 0.5),
        gradients=fx.Format(16, 8),
        updates=fx.Format(24, 10),
        accumulator=made() if accumulator else None,
        inputs=made(draw.random() < 0.5),
        pre_activations=made(),
        logits=made(),
        probabilities=made(),
        biases=made(),
    )
    between = [
        ReLU(),
        LeakyReLU(draw.choice([0.01, 0.25, 0.3])),
        Dropout(0.5),
        Sigmoid("piecewise_linear"),
        Tanh("piecewise_linear"),
        Sigmoid("table", table_bits=draw.randint(2, 7)),
        Tanh("table", table_bits=draw.randint(2, 7)),
    ]
    layers = [Dropout(0.25), Dense(3), *draw.sample(between, 2), Dense(2, bias=draw.random() < 0.7)]
    last = copy.copy(draw.choice(between))
    layers += [last] if draw.random() < 0.5 else [Softmax()]
    model = Sequential(layers, 5, precision, seed)
    for name, values in model.parameters().items():
        fmt = values.format
        raws = [
            draw.randint(fmt.raw_min, fmt.raw_max) >> draw.randint(0, 20)
            for _ in range(values.size)
        ]
        model.set_parameters({name: fx.FixedArray.from_raw(raws, fmt).reshape(values.shape)})
    return model


def oddly_named_model():
    """Layers of one's own classes, whose names are illegal, the same once legal, or taken."""
    kinds = [("Größe", Dense), ("Grosse", ReLU), ("Supply", Dense), ("Y", ReLU), ("Values_", Dense)]
    classes = [type(name, (kind,), {}) for name, kind in [*kinds, ("A" * 50, ReLU)]]
    layers = [each(3) if issubclass(each, Dense) else each() for each in classes]
    return Sequential(layers, 4, Precision.preset(16))


def altered(path, old, new):
    """Change one place of a file."""
    text = path.read_text()
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1))
