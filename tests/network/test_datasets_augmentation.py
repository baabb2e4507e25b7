"""Images shifted and flipped, beside loops over pixels and the generator's own words."""

import numpy as np
import pytest

from fxtypes_nn.datasets import Compose, Flip, Shift, augmentation


def generator(seed=0):
    return np.random.Generator(np.random.PCG64(seed))


def words(count, seed=0):
    """PCG64's words, from its state by the published recurrence (O'Neill 2014, XSL RR 128/64)."""
    state = np.random.PCG64(seed).state["state"]
    value, increment = state["state"], state["inc"]
    for _ in range(count):
        value = (value * 0x2360ED051FC65DA44385DF649FCCF645 + increment) % 2**128
        mixed, turn = (value >> 64) ^ (value % 2**64), value >> 122
        yield (mixed >> turn | mixed << (64 - turn)) % 2**64


def images(shape, count=40):
    return np.random.default_rng(1).integers(1, 256, (count, shape[0] * shape[1]), dtype=np.uint8)


@pytest.mark.parametrize(("pixels", "shape"), [(1, (5, 5)), (2, (3, 7)), (9, (4, 4))])
def test_shift(pixels, shape):
    given = images(shape)
    kept = given.copy()
    found = Shift(pixels, shape)(given, generator())
    assert (found.dtype, found.shape) == (np.uint8, given.shape)
    assert (given == kept).all()
    drawn = [(word >> 32) * (2 * pixels + 1) // 2**32 - pixels for word in words(2 * len(given))]
    assert set(drawn) == set(range(-pixels, pixels + 1))
    rows, columns = shape
    for index, image in enumerate(given.reshape(-1, rows, columns).tolist()):
        down, right = drawn[2 * index : 2 * index + 2]
        moved = [
            [
                image[r - down][c - right]
                if 0 <= r - down < rows and 0 <= c - right < columns
                else 0
                for c in range(columns)
            ]
            for r in range(rows)
        ]
        assert found[index].reshape(shape).tolist() == moved


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (1, 1)])
def test_flip(shape):
    given = images(shape)
    kept = given.copy()
    found = Flip(shape)(given, generator())
    assert (given == kept).all()
    turned = [word >= 2**63 for word in words(len(given))]
    assert {False, True} == set(turned)
    for before, after, turn in zip(given, found, turned, strict=True):
        expected = [row[::-1] if turn else row for row in before.reshape(shape).tolist()]
        assert after.reshape(shape).tolist() == expected


def test_squares_are_seen():
    given = images((6, 6))
    for named, plain in ((Shift(2, (6, 6)), Shift(2)), (Flip((6, 6)), Flip())):
        assert (named(given, generator()) == plain(given, generator())).all()
        assert named != plain


def test_compose():
    given = images((6, 6))
    both, source = Compose([Shift(2), Flip()]), generator()
    expected = Flip()(Shift(2)(given, source), source)
    assert (both(given, generator()) == expected).all()
    assert Compose([])(given, generator()) is given


def test_repr_and_equality():
    public = vars(augmentation)
    for step in (
        Shift(2),
        Shift(3, (4, 5)),
        Flip(),
        Flip((2, 3)),
        Compose((Shift(1), Compose([Flip()]))),
    ):
        assert eval(repr(step), {}, public) == step
        assert hash(eval(repr(step), {}, public)) == hash(step)
    assert Shift(2) == Shift(np.int64(2))
    assert repr(Shift(np.int64(2), [4, 4])) == repr(Shift(2, (4, 4)))
    assert len({Shift(2), Shift(3), Shift(2, (4, 4)), Flip(), Compose([Flip()])}) == 5


def test_no_samples():
    nothing = np.zeros((0, 9), np.uint8)
    for step in (Shift(2), Flip()):
        assert step(nothing, generator()).shape == (0, 9)


@pytest.mark.parametrize("pixels", [0, -1, 1.0, True, "2", None])
def test_pixels_are_checked(pixels):
    with pytest.raises(ValueError, match="pixels must be an integer of at least 1"):
        Shift(pixels)


@pytest.mark.parametrize("shape", [8, (8,), (8, 8, 3), (0, 8), (8.0, 8), "88"])
@pytest.mark.parametrize("kind", [Flip, lambda shape: Shift(1, shape)])
def test_shapes_are_checked(kind, shape):
    with pytest.raises(ValueError, match=r"shape must be \(rows, columns\)"):
        kind(shape)


def test_images_are_checked():
    for step in (Shift(1), Flip()):
        for wrong in (np.zeros((2, 9)), np.zeros(9, np.uint8), [[0] * 9]):
            with pytest.raises(TypeError, match="uint8 of shape"):
                step(wrong, generator())
        with pytest.raises(ValueError, match="8 features, which is no square"):
            step(np.zeros((2, 8), np.uint8), generator())
    with pytest.raises(ValueError, match=r"9 features, shape=\(2, 4\)"):
        Flip((2, 4))(np.zeros((2, 9), np.uint8), generator())
    with pytest.raises(TypeError, match="callable"):
        Compose([2])
