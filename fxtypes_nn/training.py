"""The training loop and its measurements."""

import numbers
import operator
from fractions import Fraction

import numpy as np

import fxtypes as fx

from .extras import extra
from .monitors import History
from .precision import batch_shift
from .seeds import derive, permutation


def fit(model, x, y, *, epochs, batch_size, optimizer, loss, validation, progress):
    """Train `model`; see `MLP.fit`."""
    epochs, batch_size = _positive("epochs", epochs), _positive("batch_size", batch_size)
    x = model._inputs(x)
    y = model._classes(y, len(x))
    x, y, held = _hold_out(model, x, y, validation)
    batch_size = min(batch_size, len(x))
    batches = -(-len(x) // batch_size)
    history, state = History(), optimizer.start()
    with _Bar(epochs * batches, progress) as bar:
        for _ in range(epochs):
            epoch = model.epochs_trained
            order = permutation(len(x), derive(model.seed, "order", epoch))
            with fx.seeded(derive(model.seed, "rounding", epoch)):
                for batch in range(batches):
                    chosen = order[batch * batch_size : (batch + 1) * batch_size]
                    row = _iteration(model, x[chosen], y[chosen], optimizer, loss, state)
                    last = batch == batches - 1
                    if last and held is not None:
                        measured = evaluate(model, *held, loss)
                        row["validation_loss"] = measured["loss"]
                        row["validation_accuracy"] = measured["accuracy"]
                    history.append(epoch=epoch + 1, **row, parameters=model._parameters())
                    bar.update(epoch + 1, history)
            model.epochs_trained += 1
    return history


def evaluate(model, x, y, loss):
    """Return loss and accuracy on checked data."""
    total, right, start = Fraction(0), 0, 0
    logits = model._batches_of_logits(x)
    with fx.seeded(derive(model.seed, "evaluation")):
        for z in logits:
            classes = y[start : start + len(z)]
            total += _sum(loss.values(z, classes))
            right += int(np.count_nonzero(z.argmax(axis=-1) == classes))
            start += len(z)
    return {"loss": float(total / len(y)), "accuracy": right / len(y)}


def _iteration(model, x, y, optimizer, loss, state):
    logits, backward = model._logits(x)
    losses = loss.values(logits, y)
    gradients = backward(loss.gradient(logits, y, model.precision.gradients))
    scale = Fraction(2 ** batch_shift(len(x), model.precision.gradients), len(x))
    for name, parameter in list(model._parameters()):
        model._set_parameter(name, optimizer.step(name, parameter, gradients[name], scale, state))
    return {
        "loss": float(_sum(losses) / len(x)),
        "accuracy": np.count_nonzero(logits.argmax(axis=-1) == y) / len(x),
    }


def _sum(values):
    """The exact sum of a vector; a loss that is only reported needs no format."""
    return Fraction(sum(values.raw.tolist())) * values.format.resolution


def _hold_out(model, x, y, validation):
    if validation is None:
        return x, y, None
    if isinstance(validation, numbers.Real) and not isinstance(validation, bool):
        count = round(len(x) * validation) if 0 < validation < 1 else 0
        if not 0 < count < len(x):
            raise ValueError(
                f"validation={validation!r} must be a fraction between 0 and 1 that leaves at "
                f"least one of the {len(x)} samples on each side"
            )
        return x[:-count], y[:-count], (x[-count:], y[-count:])
    try:
        held_x, held_y = validation
    except (TypeError, ValueError):
        raise TypeError(
            f"validation must be None, a fraction or a pair (x, y), got {type(validation).__name__}"
        ) from None
    held_x = model._inputs(held_x)
    return x, y, (held_x, model._classes(held_y, len(held_x)))


def _positive(name, value):
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if isinstance(value, bool) or number < 1:
        raise ValueError(f"{name} must be an integer of at least 1, got {value!r}")
    return number


class _Bar:
    """The progress bar, with the means of loss and accuracy over the last iterations."""

    WINDOW = 20

    def __init__(self, total, shown):
        self._bar = None
        if shown:
            self._bar = extra("tqdm", "the progress bar").tqdm(
                total=total, unit="batch", dynamic_ncols=True
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._bar is not None:
            self._bar.close()

    def update(self, epoch, history):
        if self._bar is None:
            return
        loss, accuracy = (np.mean(history[name][-self.WINDOW :]) for name in ("loss", "accuracy"))
        self._bar.set_description(f"epoch {epoch}", refresh=False)
        self._bar.set_postfix_str(f"loss {loss:.4f}, accuracy {accuracy:.1%}", refresh=False)
        self._bar.update()
