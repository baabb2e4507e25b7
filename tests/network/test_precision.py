"""Precision: roles and what follows from them, the recommended formats, and what is refused."""

import copy
import json
import pickle

import numpy as np
import pytest

import fxtypes as fx
from fxtypes_nn import MLP, SGD, Precision
from fxtypes_nn.precision import ROLES, batch_shift

F = fx.Format
A, B, C, D = F(8, 4), F(9, 5), F(10, 6, rounding="stochastic"), F(16, 12)
UNSIGNED = F(8, 5, signed=False)
COMPUTED = "weights biases inputs pre_activations activations logits probabilities gradients"


def roles(precision):
    return {role.name: getattr(precision, role.name) for role in ROLES}


# Roles


def test_what_is_not_named_follows():
    found = Precision(A, B, C, D)
    assert roles(found) == {
        "weights": A,
        "activations": B,
        "gradients": C,
        "updates": D,
        "accumulator": None,
        "inputs": B,
        "pre_activations": B,
        "logits": B,
        "probabilities": B,
        "biases": A,
        "state": D,
    }
    assert not found.names_probabilities
    assert found.layers == {}


@pytest.mark.parametrize("name", [role.name for role in ROLES])
def test_what_is_named_has_its_format(name):
    own = F(13, 3)
    found = Precision(A, A, A, A).replace(**{name: own})
    followers = {
        "weights": {"biases"},
        "updates": {"state"},
        "activations": {"inputs", "pre_activations", "logits", "probabilities"},
    }
    changed = {name} | followers.get(name, set())
    expected = {role.name: own if role.name in changed else A for role in ROLES}
    if name != "accumulator":
        expected["accumulator"] = None
    assert roles(found) == expected


@pytest.mark.parametrize(
    ("activations", "expected"),
    [
        (F(8, 4), F(8, 4)),
        (F(8, 6), F(8, 6)),
        (F(8, 7), F(8, 6)),
        (F(8, 20), F(8, 6)),
        (F(8, -3), F(8, -3)),
        (F(8, 8, signed=False), F(8, 7, signed=False)),
        (F(8, 7, rounding="floor"), F(8, 6, rounding="floor")),
    ],
)
def test_probabilities_hold_one_where_nothing_else_is_named(activations, expected):
    found = Precision(A, activations, A, A, pre_activations=A, logits=A)
    assert found.probabilities == expected
    if expected.frac_bits >= 0:
        assert found.probabilities.max >= 1


def test_naming_probabilities_counts():
    bare = Precision(A, A, A, A)
    named = bare.replace(probabilities=bare.probabilities)
    assert named.probabilities == bare.probabilities
    assert named != bare
    assert named.names_probabilities
    assert not bare.names_probabilities
    assert "probabilities" in repr(named)
    assert "probabilities" not in repr(bare)
    assert Precision.from_dict(named.to_dict()).names_probabilities
    assert not Precision.from_dict(bare.to_dict()).names_probabilities


EXAMPLES = [
    Precision.uniform(16, 10),
    Precision.preset(8),
    Precision.preset(40),
    Precision(A, B, C, D, accumulator=F(30, 9, overflow="wrap")),
    Precision(A, UNSIGNED, C, D, None, UNSIGNED, A, B, UNSIGNED, C, A),
    Precision(A, B, C, D, layers={"dense1": Precision(B, B, B, B), "relu1": Precision.preset(9)}),
]


@pytest.mark.parametrize("precision", EXAMPLES)
def test_goes_through_repr_files_and_pickles(precision):
    texts = {"Precision": Precision, "Format": fx.Format}
    for other in (
        eval(repr(precision), texts),
        Precision.from_dict(json.loads(json.dumps(precision.to_dict()))),
        pickle.loads(pickle.dumps(precision)),
        copy.deepcopy(precision),
        precision.replace(),
    ):
        assert other == precision
        assert hash(other) == hash(precision)
        assert roles(other) == roles(precision)
    assert [precision == other for other in EXAMPLES].count(True) == 1
    assert precision != repr(precision)


def test_layers_replace_the_whole():
    own = Precision(B, B, B, B)
    found = Precision(A, A, A, A, layers={"dense2": own})
    assert found.for_layer("dense2") is own
    assert found.for_layer("dense1") is found
    model = MLP([4, 3, 2], precision=found)
    assert model.parameters()["dense1.bias"].format == A
    assert model.parameters()["dense2.bias"].format == B
    assert [layer.output_format for layer in model.layers] == [A, A, B, A]


def test_is_immutable():
    precision = Precision(A, A, A, A)
    with pytest.raises(AttributeError, match=r"replace\(weights=\.\.\.\)"):
        precision.weights = B
    with pytest.raises(AttributeError, match="can't be changed"):
        del precision.weights
    assert precision.weights == A


def test_refuses_what_is_no_format():
    for name in (role.name for role in ROLES):
        with pytest.raises(TypeError, match=rf"{name} must be an fxtypes\.Format, got 8"):
            Precision(A, A, A, A).replace(**{name: 8})
    with pytest.raises(TypeError, match="activations"):
        Precision(A)


@pytest.mark.parametrize(
    "name", ["weights", "gradients", "updates", "pre_activations", "logits", "biases", "state"]
)
def test_refuses_unsigned_formats(name):
    with pytest.raises(ValueError, match=f"{name} must be signed, got"):
        Precision(A, A, A, A).replace(**{name: UNSIGNED})


def test_unsigned_activations_need_the_signed_roles_named():
    for names in ({}, {"pre_activations": A}, {"logits": A}):
        missing = "logits" if "pre_activations" in names else "pre_activations"
        with pytest.raises(ValueError, match=f"{missing} must be signed and would follow"):
            Precision(A, UNSIGNED, A, A, **names)
    Precision(A, UNSIGNED, A, A, pre_activations=A, logits=A)
    for name in ("inputs", "probabilities", "accumulator"):
        Precision(A, A, A, A).replace(**{name: UNSIGNED})


def test_refuses_wrong_layers():
    inner = Precision(A, A, A, A)
    with pytest.raises(TypeError, match="layers must map"):
        Precision(A, A, A, A, layers=[inner])
    with pytest.raises(TypeError, match="'dense1': Format"):
        Precision(A, A, A, A, layers={"dense1": A})
    with pytest.raises(ValueError, match="'dense1' has layers itself"):
        Precision(A, A, A, A, layers={"dense1": inner.replace(layers={"dense2": inner})})
    with pytest.raises(ValueError, match=r"'dense9' that isn't there; the layers are dense1"):
        MLP([4, 2], precision=inner.replace(layers={"dense9": inner}))


def test_uniform_is_one_format():
    found = Precision.uniform(24, 12)
    one = F(24, 12)
    assert set(roles(found).values()) == {one, None}
    assert found.accumulator is None
    with pytest.raises(fx.FormatError, match="129"):
        Precision.uniform(129, 3)


# Presets


@pytest.mark.parametrize("width", range(8, 129))
def test_preset_stores_nothing_wider_but_updates_at_8_and_9_bits(width):
    found = Precision.preset(width)
    for role in COMPUTED.split():
        assert getattr(found, role).width == width, role
    assert found.updates.width == found.state.width == (16 if width < 10 else width)
    assert (found.weights == found.updates) == (width >= 10)
    assert found.accumulator is None
    assert not found.names_probabilities
    assert not found.layers
    assert found.width == width
    for role in ("updates", "gradients"):
        expected = "stochastic" if width < 24 else "nearest_even"
        assert getattr(found, role).rounding == expected


@pytest.mark.parametrize("width", range(8, 129))
def test_preset_holds_what_networks_make(width):
    """By width: the least magnitudes that must have room, and the coarsest steps."""
    found = Precision.preset(width)
    one = 1 - 2.0 ** (1 - width)  # as near to it as a format from -1 to 1 comes
    room = {
        "weights": 1.9,
        "gradients": min(one, 1.99),
        "inputs": 3.9,
        "activations": 3.9,
        "pre_activations": 7.9,
        "logits": 15.8,
        "probabilities": 1,
    }
    if width >= 12:
        room |= {"weights": 3.9, "gradients": 1.9, "inputs": 7.9, "activations": 7.9, "logits": 31}
    for role, least in room.items():
        assert getattr(found, role).max >= least, role
        assert getattr(found, role).min <= -least, role
    # A pixel of 8 bits has a step of its own from 14 bits up.
    assert found.inputs.frac_bits >= min(width - 6, 8)
    ranges = [Precision.preset(w).weights.max for w in range(8, width + 1)]
    assert ranges == sorted(ranges)


@pytest.mark.parametrize("width", [7, 129, 16.0, "16", True, None])
def test_preset_refuses_other_widths(width):
    with pytest.raises(ValueError, match=r"from 8 to 128, got"):
        Precision.preset(width)


@pytest.mark.parametrize("width", [8, 9])
def test_summary_says_that_updates_are_wider(width):
    text = MLP([4, 2], precision=Precision.preset(width)).summary()
    assert "kept in 16 bits" in text
    assert "kept in" not in MLP([4, 2], precision=Precision.preset(10)).summary()


# A model's precision, changed


def test_set_precision_changes_what_is_computed_and_not_what_is_kept():
    before = Precision.preset(16).replace(weights=F(6, 4))
    model = MLP([5, 4, 3], precision=before, seed=3)
    x = np.linspace(-1, 1, 20).reshape(4, 5)
    model.fit(x, [0, 1, 2, 0], optimizer=SGD(0.5, momentum=0.5), progress=False)
    kept, state = model.parameters(), model.training
    after = before.replace(weights=F(4, 2), layers={"dense2": before.replace(logits=F(9, 3))})
    model.set_precision(after)
    assert model.precision == after
    assert model.training is state
    assert model.layers[2].output_format == F(9, 3)
    assert model.network.precision == after
    other = MLP([5, 4, 3], precision=after, seed=3)
    other.set_parameters(kept)
    for name, values in model.parameters().items():
        np.testing.assert_array_equal(values.raw, kept[name].raw)
    np.testing.assert_array_equal(model.outputs(x).raw, other.outputs(x).raw)
    assert model.outputs(x, 1).format == F(9, 3)


def test_set_precision_is_saved(tmp_path):
    from fxtypes_nn import load_model

    model = MLP([4, 2], precision=Precision.preset(16))
    model.set_precision(model.precision.replace(weights=F(3, 2)))
    model.save(tmp_path / "model.npz")
    assert load_model(tmp_path / "model.npz").precision == model.precision


def test_set_precision_refuses_what_is_kept_otherwise():
    model = MLP([4, 3, 2], precision=Precision.preset(16))
    before = model.precision
    for role in ("updates", "state"):
        wrong = before.replace(**{role: F(16, 9)})
        for precision in (wrong, before.replace(layers={"dense2": wrong})):
            with pytest.raises(ValueError, match=rf"{role} of \w+ are kept in .* can't become"):
                model.set_precision(precision)
    with pytest.raises(ValueError, match="'dense7' that isn't there"):
        model.set_precision(before.replace(layers={"dense7": before}))
    with pytest.raises(TypeError, match="must be a Precision, got 16"):
        model.set_precision(16)
    assert model.precision is before
    assert all(layer.precision is before for layer in model.layers)


def test_with_precision_is_a_new_model_with_the_same_parameters():
    model = MLP([4, 3, 2], hidden="tanh", precision=Precision.preset(32), seed=9)
    before = model.parameters()
    found = model.with_precision(Precision.preset(8))
    assert isinstance(found, MLP)
    assert (found.hidden, found.seed, found.layer_sizes) == ("tanh", 9, (4, 3, 2))
    for name, values in found.parameters().items():
        expected = fx.array(before[name].to_numpy(), F(16, 14))
        np.testing.assert_array_equal(values.raw, expected.raw)
    found.fit(np.eye(4), [0, 1, 0, 1], progress=False)
    assert model.precision == Precision.preset(32)
    assert model.training.iterations == 0
    for name, values in model.parameters().items():
        np.testing.assert_array_equal(values.raw, before[name].raw)
    model.set_parameters({"dense1.bias": [10, 0, 0]})
    with pytest.raises(ValueError, match=r"dense1\.bias doesn't fit"):
        model.with_precision(Precision.preset(8))


# Gradients


@pytest.mark.parametrize(("samples", "shift"), [(1, 0), (2, 1), (3, 2), (64, 6), (65, 7)])
def test_batch_shift(samples, shift):
    assert batch_shift(samples, F(16, 14)) == shift


def test_batch_shift_stays_within_the_formats_there_are():
    assert batch_shift(64, F(16, 254)) == 2


def test_a_preset_of_a_numpy_integer():
    assert Precision.preset(np.int64(16)) == Precision.preset(16)
