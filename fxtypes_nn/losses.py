"""Loss functions."""

import numpy as np

import fxtypes as fx


class CrossEntropy:
    """The negative log-likelihood of the right class, from the logits.

    A sample's loss is ``logsumexp(z) - z[y]``, with both terms in the activations' format;
    its gradient by the logits is ``softmax(z)``, correctly rounded into the gradients'
    format, minus 1 at `y`. No logarithm of a rounded probability is taken.

    Examples
    --------
    >>> import fxtypes as fx
    >>> from fxtypes_nn import CrossEntropy
    >>> logits = fx.array([[0, 0]], fx.Format(16, 10))
    >>> CrossEntropy().values(logits, [1]).tolist()
    [0.693359375]
    """

    def values(self, logits, classes):
        """Return each sample's loss.

        Parameters
        ----------
        logits : fxtypes.FixedArray
            Of shape (samples, classes).
        classes : array of int
            The right class of each sample, shape (samples,).

        Returns
        -------
        fxtypes.FixedArray
            Of shape (samples,), in the logits' format.
        """
        fmt = logits.format
        chosen = logits[np.arange(len(logits)), np.asarray(classes)]
        return fx.subtract(fx.logsumexp(logits, axis=-1, format=fmt), chosen, format=fmt)

    def gradient(self, logits, classes, format):
        """Return each sample's gradient by its logits, in `format`, not divided by the batch."""
        gradient = fx.softmax(logits, axis=-1, format=format)
        rows, classes = np.arange(len(logits)), np.asarray(classes)
        gradient[rows, classes] = gradient[rows, classes] - 1
        return gradient
