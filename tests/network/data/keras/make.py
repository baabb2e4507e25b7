"""Makes the files beside it, by Keras 3 with any backend: python make.py

They are small networks and what Keras itself predicts with them (predictions.npz).
"""

from pathlib import Path

import keras
import numpy as np
from keras import layers

HERE = Path(__file__).parent


def sequential():
    """Every layer that can be imported; more than one of its file's names isn't Keras' default."""
    return keras.Sequential(
        [
            keras.Input((2, 2)),
            layers.Flatten(),
            layers.Dense(5, activation="relu", name="first"),
            layers.Dropout(0.25),
            layers.Dense(4, use_bias=False),
            layers.LeakyReLU(negative_slope=0.125),
            layers.Dense(4, activation="tanh"),
            layers.Dense(4),
            layers.ReLU(),
            layers.Dense(4),
            layers.Activation("sigmoid"),
            layers.Dense(3),
            layers.Softmax(),
        ]
    )


def functional():
    """Twelve dense layers, so that dense_10 comes after dense_9."""
    x = inputs = keras.Input((4,))
    for _ in range(11):
        x = layers.Dense(4, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(2, activation="softmax")(x))


def branched():
    """What isn't a chain."""
    inputs = keras.Input((4,))
    return keras.Model(inputs, layers.Add()([layers.Dense(4)(inputs), inputs]))


def parallel():
    """Only dense layers, and no chain either."""
    inputs = keras.Input((4,))
    unused = layers.Dense(4)(inputs)
    return keras.Model(inputs, [unused, layers.Dense(4)(inputs)])


def main():
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    x = generator.normal(size=(20, 4)).astype(np.float32)
    found = {"x": x}
    models = {"sequential": sequential(), "functional": functional()}
    for name, model in models.items():
        for weights in model.weights:  # biases, too
            weights.assign(generator.normal(0, 0.7, weights.shape))
        samples = x.reshape(-1, 2, 2) if name == "sequential" else x
        found[name] = np.asarray(model.predict(samples, verbose=0))
        model.save(HERE / f"{name}.keras")
    models["functional"].save_weights(HERE / "functional.weights.h5")
    models["functional"].save(HERE / "functional_as_keras_2.h5")
    branched().save(HERE / "branched.keras")
    parallel().save(HERE / "parallel.keras")
    np.savez(HERE / "predictions.npz", **found)


if __name__ == "__main__":
    main()
