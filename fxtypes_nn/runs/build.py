"""What settings make: the data, the network, the optimiser and the augmentation."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

import fxtypes as fx

from .. import datasets
from ..datasets import Compose, Dataset, Flip, Shift
from ..datasets.published import PUBLISHED
from ..errors import SettingError, warn
from ..layers import Dense, Dropout, Layer, Softmax
from ..model import MLP, Sequential
from ..model.mlp import HIDDEN
from ..precision import Precision
from ..training.optimizers import SGD, Adam, Optimizer
from ..training.schedules import Cosine, PowersOfTwo, StepDecay, WarmUp
from .settings import Settings

# What a training holds at the least: parameters, gradients and what makes their steps, and a
# layer's outputs of the samples that are measured at once.
_COPIES, _AT_ONCE = 6, 1024
_VANISHES = 64  # times as large as a feature is another one beside which it counts for nothing


def load_data(settings: Settings) -> Dataset:
    """The data set, its elements made where they are taken, in the inputs' format.

    Raises
    ------
    DatasetError
        If it isn't there or is damaged.
    SettingError
        If a setting is for data of another kind.
    """
    options: dict[str, Any] = {}
    if settings.dataset in PUBLISHED:  # the others lie elsewhere
        check_data_dir(settings.data_dir)
    if settings.label is not None:
        options["label"] = settings.label
    if settings.test_share is not None:
        options["test_share"] = settings.test_share
    try:
        data = datasets.load(settings.dataset, settings.data_dir, **options)
    except datasets.DatasetError:
        raise
    except ValueError as error:
        raise SettingError(str(error)) from None
    if len(data.classes) < 2:
        raise datasets.DatasetError(
            f"{settings.dataset} has one class only, {data.classes[0]!r}, and a network needs two "
            "to tell apart; of a table --label names the column of the classes"
        )
    if settings.shifts or settings.flips:
        _check_images(settings, data)
    if settings.standardise:
        data = data.standardise()
    elif data.image_shape is None:
        _warn_of_small_features(settings.dataset, data)
    return data.lazy(settings.formats().inputs)


def check_data_dir(path: str | None) -> None:
    """DatasetError if there is no such folder; `None` names none."""
    if path is not None and not os.path.isdir(path):
        raise datasets.DatasetError(
            f"there is no folder {path}, where --data-dir says that data sets lie"
        )


def _warn_of_small_features(name: str, data: Dataset) -> None:
    """Tell of features that one maximum for all makes vanish; bytes are on one scale."""
    x = data.x_train
    assert isinstance(x, np.ndarray)  # as it was read
    if x.dtype == np.uint8:
        return
    largest = np.maximum(x.max(0).astype(float), -x.min(0).astype(float))
    if 0 < largest.min() * _VANISHES < largest.max():
        least, most = int(largest.argmin()), int(largest.argmax())
        warn(
            f"{name}: feature {least} goes up to {largest[least]:g} and feature {most} to "
            f"{largest[most]:g}, and all are divided by the same maximum; --standardise gives each "
            "the same weight"
        )


def _check_images(settings: Settings, data: Dataset) -> None:
    name = "shifts" if settings.shifts else "flips"
    if data.image_shape is None:
        raise SettingError(f"--{name} is for images, and {settings.dataset} has none")
    if settings.shifts >= max(data.image_shape):
        raise SettingError(
            f"--shifts {settings.shifts} leaves nothing of images of "
            f"{data.image_shape[0]} x {data.image_shape[1]}"
        )


def make_network(
    settings: Settings, data: Dataset, precision: Precision | None = None
) -> Sequential:
    """The network, with its first weights.

    Parameters
    ----------
    settings : Settings
    data : Dataset
    precision : Precision, optional
        Other formats than the settings'.

    Raises
    ------
    SettingError
        If there is no such network, or no room for it.
    """
    sizes = [data.x_train.shape[1], *settings.layers, len(data.classes)]
    precision = settings.formats() if precision is None else precision
    size = fx.zeros((), precision.updates).nbytes
    _check_room(sizes, size, min(len(data.x_train), _AT_ONCE))
    if not settings.dropout and not settings.input_dropout:
        return MLP(sizes, hidden=settings.hidden, precision=precision, seed=settings.seed)
    layers: list[Layer] = []
    if settings.input_dropout:
        layers.append(Dropout(settings.input_dropout))
    for units in settings.layers:
        layers += [Dense(units), HIDDEN[settings.hidden]()]
        if settings.dropout:
            layers.append(Dropout(settings.dropout))
    layers += [Dense(sizes[-1]), Softmax()]
    return Sequential(layers, sizes[0], precision, settings.seed)


def _check_room(sizes: list[int], size: int, samples: int) -> None:
    """Refuse what this machine's memory can't hold, before minutes are spent on first weights."""
    there = _memory()
    parameters = sum((inputs + 1) * units for inputs, units in itertools.pairwise(sizes))
    needed = size * (_COPIES * parameters + samples * max(sizes[1:]))
    if there is None or 2 * needed <= there:
        return
    text = (
        f"a network of {'-'.join(map(str, sizes))} has {parameters:,} parameters, and training it "
        f"takes at least {needed / 1e9:,.1f} GB of this machine's {there / 1e9:,.1f} GB of memory"
    )
    if needed > there:
        raise SettingError(f"{text}; take smaller --layers, fewer classes or a smaller --width")
    warn(text)


def _memory() -> int | None:
    """This machine's memory in bytes, where the system tells."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def make_optimizer(settings: Settings, samples: int) -> Optimizer:
    """The optimiser with its schedule, whose lengths are counted in steps.

    Parameters
    ----------
    settings : Settings
    samples : int
        That an epoch has.

    Raises
    ------
    SettingError
        If a length or a rate doesn't fit another.
    """
    try:
        rate = _schedule(settings, -(-samples // min(settings.batch_size, samples)))
        if settings.optimizer == "adam":
            return Adam(rate, weight_decay=settings.weight_decay)
        return SGD(rate, settings.momentum, settings.weight_decay, settings.nesterov)
    except ValueError as error:
        raise SettingError(str(error)) from None


def _schedule(settings: Settings, epoch: int) -> Any:
    """The learning rate by the number of a step, of which an epoch has so many."""
    rate: Any = settings.learning_rate
    warm_up = math.ceil(Fraction(settings.warm_up) * epoch)
    if settings.schedule == "cosine":
        steps = (settings.schedule_epochs or settings.epochs) * epoch
        if warm_up >= steps:
            raise SettingError(
                f"--warm-up takes {settings.warm_up} epochs, and the schedule ends after "
                f"{settings.schedule_epochs}; it must be less"
            )
        rate = Cosine(rate, steps, warm_up, settings.final_rate or 0)
    elif settings.schedule == "step":
        rate = StepDecay(rate, settings.step_factor or 0.1, (settings.step_epochs or 1) * epoch)
    if warm_up and settings.schedule != "cosine":
        rate = WarmUp(rate, warm_up)
    return PowersOfTwo(rate) if settings.powers_of_two else rate


def make_augmentation(settings: Settings, data: Dataset) -> Callable[..., Any] | None:
    """What changes the training's images at random; None for nothing."""
    steps: list[Callable[..., Any]] = []
    if settings.shifts:
        steps.append(Shift(settings.shifts, data.image_shape))
    if settings.flips:
        steps.append(Flip(data.image_shape))
    return Compose(steps) if len(steps) > 1 else next(iter(steps), None)
