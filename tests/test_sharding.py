"""Meshes and divided arrays: eight virtual devices give what one gives, one device is left alone, and what cannot be is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import pytest

import accel
from accel.errors import (
    AccelError,
    ArgumentError,
    AxisError,
    DeviceNotFoundError,
    MixedBackendsError,
    MixedDevicesError,
    ShapeError,
    TransferError,
    UnknownArrayError,
    UnsupportedError,
)
from accel.testing.rows import Row

c = accel.collective


@pytest.fixture
def mesh(runnable: Callable[[Row], None]) -> Iterator[accel.Mesh]:
    """Give a mesh of JAX's eight virtual devices, in use."""
    runnable(Row("jax", "jax"))
    with accel.use_mesh(accel.mesh((4, 2), ("data", "tensor"), devices="jax")) as made:
        yield made


def values(*shape: int, dtype: str = "float64") -> Any:
    """Give numbers that are not round."""
    return np.random.default_rng(math.prod(shape)).normal(size=shape).astype(dtype)


def on_jax(x: Any) -> Any:
    return accel.to_device(x, "jax:cpu:0")


def cut(x: Any) -> tuple[Any, ...]:
    """Give the spec by which an array lies on its devices."""
    return tuple(accel.device(x).native.spec)


# One device: nothing happens


def test_a_mesh_of_one_device_leaves_arrays_alone(plain_row: Row) -> None:
    x = accel.asarray(values(4, 6), device=plain_row.device)
    made = accel.mesh((1, 1), ("data", "tensor"), devices=accel.device(x))
    assert (made.size, made.axes, made.backend) == (1, {"data": 1, "tensor": 1}, plain_row.backend)
    assert made.devices == (accel.device(x),)
    assert made.device(("data",)) == accel.device(x)
    with accel.use_mesh(made):
        assert accel.shard(x, ("data", "tensor")) is x
        assert accel.replicate(x) is x
        assert accel.gather(x) is x
        kept = accel.shard({"w": x, "step": 3, "none": None}, ("data",))
        assert kept["w"] is x
        assert (kept["step"], kept["none"]) == (3, None)
        compiled = accel.jit(lambda y: accel.add(accel.shard(y, ("data",)), 1.0))
        np.testing.assert_array_equal(accel.to_numpy(compiled(x)), values(4, 6) + 1.0)
        assert accel.distributed.from_parts(x, ("data",)) is x


def test_the_default_mesh_is_on_the_default_device(plain_row: Row) -> None:
    with accel.use_device(plain_row.device):
        assert accel.mesh(1, "data").devices == (accel.device(plain_row.device),)


@pytest.mark.parametrize("shape", [(2,), (4, 2)])
def test_a_library_of_one_device_has_no_larger_mesh(plain_row: Row, shape: tuple[int, ...]) -> None:
    if plain_row.backend == "jax":
        pytest.skip("JAX makes several devices work as one")
    with pytest.raises(UnsupportedError, match=r"computes on one device at a time; write devices='jax'"):
        accel.mesh(shape, ("data", "tensor")[: len(shape)], devices=plain_row.device)


MISTAKES: dict[str, tuple[type[AccelError], str, Callable[[Any, Any], Any]]] = {
    "unknown axis": (
        ArgumentError,
        "'rows' is no axis of the mesh",
        lambda x, m: accel.shard(x, ("rows",), mesh=m),
    ),
    "an axis twice": (
        ArgumentError,
        "names 'data' twice",
        lambda x, m: accel.shard(x, ("data", "data"), mesh=m),
    ),
    "too many axes": (
        ShapeError,
        "for 3 axes and an array of shape",
        lambda x, m: accel.shard(x, (None, None, "data"), mesh=m),
    ),
    "no spec": (ArgumentError, "takes as spec a tuple", lambda x, m: accel.shard(x, 3, mesh=m)),
    "a list for an array": (
        ArgumentError,
        "a list of specs for the array x",
        lambda x, m: accel.shard(x, ["data"], mesh=m),
    ),
    "other keys": (
        ArgumentError,
        "which differ at 'w'",
        lambda x, m: accel.shard({"w": x}, {"v": ("data",)}, mesh=m),
    ),
    "too few specs": (
        ArgumentError,
        "which differ at 1",
        lambda x, m: accel.shard([x, x], [("data",)], mesh=m),
    ),
    "no array": (UnknownArrayError, "found none in float", lambda x, m: accel.shard(1.5, (), mesh=m)),
    "nothing to gather": (UnknownArrayError, "found none in list", lambda x, m: accel.gather([])),
    "no mesh in use": (ArgumentError, "needs a mesh, and none is in use", lambda x, m: accel.shard(x, ())),
    "no mesh": (
        ArgumentError,
        "takes a mesh made by accel.mesh",
        lambda x, m: accel.shard(x, (), mesh=cast(Any, (4, 2))),
    ),
    "not a mesh": (
        ArgumentError,
        "takes a mesh made by accel.mesh",
        lambda x, m: accel.use_mesh(cast(Any, "data")),
    ),
    "not mapped": (ArgumentError, "is for functions mapped over a mesh", lambda x, m: c.psum(x, "data")),
    "unknown axis in a map": (
        ArgumentError,
        "'rows', which is no axis of the mesh",
        lambda x, m: accel.shard_map(lambda y: c.psum(y, "rows"), ("data",), ("data",), mesh=m)(x),
    ),
    "no such axis to join": (
        AxisError,
        "axis 2 for an array of 2 axes",
        lambda x, m: accel.shard_map(lambda y: c.all_gather(y, "data", axis=2), ("data",), ("data",), mesh=m)(
            x
        ),
    ),
    "a place twice": (
        ArgumentError,
        "can send once and receive once",
        lambda x, m: accel.shard_map(
            lambda y: c.ppermute(y, "data", [(0, 0), (0, 0)]), ("data",), ("data",), mesh=m
        )(x),
    ),
    "specs of a map": (
        ArgumentError,
        "got 2 specs and 1 arguments",
        lambda x, m: accel.shard_map(lambda y: y, [(), ()], (), mesh=m)(x),
    ),
    "arguments by name": (
        ArgumentError,
        "maps arguments by position, got y by name",
        lambda x, m: accel.shard_map(lambda y: y, (), (), mesh=m)(y=x),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_the_same_on_every_backend(plain_row: Row, mistake: str) -> None:
    error, words, call = MISTAKES[mistake]
    x = accel.asarray(values(4, 6), device=plain_row.device)
    one = accel.mesh((1, 1), ("data", "tensor"), devices=accel.device(x))
    with pytest.raises(error, match=words) as found:
        call(x, one)
    assert type(found.value) is error
    assert len(str(found.value).splitlines()) == 1


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_on_eight_devices(mistake: str, runnable: Callable[[Row], None]) -> None:
    runnable(Row("jax", "jax"))
    error, words, call = MISTAKES[mistake]
    eight = accel.mesh((4, 2), ("data", "tensor"), devices="jax")
    with pytest.raises(error, match=words):
        call(on_jax(values(4, 6)), eight)


@pytest.mark.parametrize(
    ("error", "words", "arguments"),
    [
        (ArgumentError, "how many devices lie along each axis", {"shape": (2, 0), "names": ("a", "b")}),
        (ArgumentError, "how many devices lie along each axis", {"shape": (), "names": ()}),
        (ArgumentError, "how many devices lie along each axis", {"shape": (2.0,), "names": ("a",)}),
        (ArgumentError, "a name of its own for each axis", {"shape": (2, 2), "names": ("a", "a")}),
        (ArgumentError, "a shape of 2 and names for 1 axes", {"shape": (2, 2), "names": "a"}),
        (
            DeviceNotFoundError,
            "needs 16 devices, and there are 8",
            {"shape": 16, "names": "a", "devices": "jax"},
        ),
        (
            DeviceNotFoundError,
            "needs 2 devices, and there are 1",
            {"shape": 2, "names": "a", "devices": "jax:cpu:3"},
        ),
        (ArgumentError, "needs 2 devices and got 1", {"shape": 2, "names": "a", "devices": ["jax:cpu:3"]}),
        (
            ArgumentError,
            "got a device twice",
            {"shape": 2, "names": "a", "devices": ["jax:cpu:3", "jax:cpu:3"]},
        ),
        (
            ArgumentError,
            "several kinds or backends",
            {"shape": 2, "names": "a", "devices": ["jax:cpu:3", "numpy"]},
        ),
        (DeviceNotFoundError, "no usable device 'warp'", {"shape": 2, "names": "a", "devices": "warp"}),
    ],
)
def test_meshes_that_cannot_be(
    error: type[AccelError], words: str, arguments: dict[str, Any], runnable: Callable[[Row], None]
) -> None:
    runnable(Row("jax", "jax"))
    with pytest.raises(error, match=words):
        accel.mesh(**arguments)


# Several devices


def test_a_mesh_of_several_devices(mesh: accel.Mesh) -> None:
    assert mesh.axes == {"data": 4, "tensor": 2}
    assert [str(each) for each in mesh.devices] == [f"jax:cpu:{i}" for i in range(8)]
    assert str(mesh) == "(data=4, tensor=2) on 8 x jax:cpu"
    assert mesh == accel.mesh((4, 2), ("data", "tensor"), devices="jax")
    assert hash(mesh) == hash(accel.mesh((4, 2), ("data", "tensor"), devices="jax"))
    backwards = accel.mesh((2,), ("data",), devices=["jax:cpu:5", "jax:cpu:1"])
    x = accel.shard(on_jax(values(4)), ("data",), mesh=backwards)
    assert {part.device.id: part.index[0] for part in x.addressable_shards} == {
        5: slice(0, 2, None),
        1: slice(2, 4, None),
    }


@pytest.mark.parametrize(
    ("spec", "part"),
    [
        ((), (8, 6)),
        (("data",), (2, 6)),
        ("data", (2, 6)),
        ((None, "tensor"), (8, 3)),
        (("data", "tensor"), (2, 3)),
        ((("data", "tensor"),), (1, 6)),
        ((["tensor", "data"], None), (1, 6)),
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "int64", "bool"])
def test_a_spec_says_who_gets_what(mesh: accel.Mesh, spec: Any, part: tuple[int, ...], dtype: str) -> None:
    h = values(8, 6, dtype=dtype)
    x = accel.shard(on_jax(h), spec)
    assert {shard.data.shape for shard in x.addressable_shards} == {part}
    assert x.dtype == h.dtype
    np.testing.assert_array_equal(accel.to_numpy(x), h)
    here = accel.device(x)
    assert (here.backend, here.kind, here.index, str(here)) == ("jax", "cpu", -1, "jax:cpu:*")
    whole = accel.gather(x)
    assert str(accel.device(whole)) == "jax:cpu:0"
    assert whole.dtype == h.dtype
    np.testing.assert_array_equal(accel.to_numpy(whole), h)


def test_moves_of_divided_arrays(mesh: accel.Mesh) -> None:
    h = values(8, 6)
    x = accel.shard(on_jax(h), ("data", "tensor"))
    assert accel.to_device(x, "jax") is x
    assert str(accel.device(accel.to_device(x, "jax:cpu:3"))) == "jax:cpu:3"
    assert isinstance(accel.to_device(x, "numpy"), np.ndarray)
    for back in (
        accel.to_device(h, like=x),
        accel.to_device(h, mesh.device(("data", "tensor"))),
        accel.asarray(h, device=mesh.device(("data", "tensor"))),
    ):
        assert accel.device(back) == accel.device(x)
        assert back.dtype == np.float64
        np.testing.assert_array_equal(accel.to_numpy(back), h)
    assert cut(accel.zeros((8, 2), device=mesh.device((None, "tensor")))) == (None, "tensor")
    again = accel.shard(x, (None, "tensor"))
    assert cut(again) == (None, "tensor")
    np.testing.assert_array_equal(accel.to_numpy(again), h)
    with pytest.raises(TransferError, match="do not share memory"):
        accel.to_numpy(x, copy=False)


def test_what_belongs_elsewhere_is_refused(mesh: accel.Mesh) -> None:
    with pytest.raises(
        MixedBackendsError, match=r"write accel.to_device\(x, mesh.device\(\('data',\)\)\)\.$"
    ):
        accel.shard(values(8, 6), ("data",))
    with pytest.raises(MixedBackendsError, match=r"write accel.to_device\(x, mesh.device\(\(\)\)\)\.$"):
        accel.replicate(values(8, 6))
    x = accel.shard(on_jax(values(8, 6)), ("data",))
    with pytest.raises(MixedDevicesError, match=r"accel.to_device\(x2, like=x1\)"):
        accel.add(x, on_jax(values(8, 6)))
    for length, axis in ((6, "data"), (5, "tensor")):
        with pytest.raises(ShapeError, match=f"cannot cut axis 0 of an array of shape \\({length},\\) into"):
            accel.shard(on_jax(values(length)), (axis,))


@dataclass
class Pair:
    w: Any
    b: Any


class Both(NamedTuple):
    w: Any
    b: Any


def test_containers(mesh: accel.Mesh) -> None:
    w, b = on_jax(values(8, 6)), on_jax(values(8))
    given: dict[str, Any] = {"pair": Pair(w, b), "both": Both(w, b), "list": [w, (b, None)], "step": 7}
    specs = {
        "pair": {"w": (None, "tensor"), "b": ()},
        "both": [("data",), ("data",)],
        "list": [("tensor",), ("data",)],
        "step": (),
    }
    made = accel.shard(given, specs)
    assert isinstance(made["pair"], Pair)
    assert isinstance(made["both"], Both)
    assert isinstance(made["list"][1], tuple)
    assert made["step"] == 7
    assert made["list"][1][1] is None
    found = [made["pair"].w, made["pair"].b, made["both"].w, made["list"][0], made["list"][1][0]]
    assert [cut(x) for x in found] == [(None, "tensor"), (), ("data",), ("tensor",), ("data",)]
    assert given["pair"].w is w
    one = accel.gather(made)
    np.testing.assert_array_equal(accel.to_numpy(one["both"].w), values(8, 6))


H = values(8, 8)
OPS: dict[str, Callable[[Any], Any]] = {
    "add": lambda x: accel.add(x, 1.5),
    "matmul": lambda x: accel.matmul(x, accel.matrix_transpose(x)),
    "linear": lambda x: accel.nn.linear(x, x),
    "sum": accel.sum,
    "sum of rows": lambda x: accel.sum(x, axis=1),
    "mean": lambda x: accel.mean(x, axis=0),
    "var": accel.var,
    "max": lambda x: accel.max(x, axis=0),
    "argmax": lambda x: accel.argmax(x, axis=1),
    "cumulative_sum": lambda x: accel.cumulative_sum(x, axis=0),
    "sort": lambda x: accel.sort(x, axis=0),
    "take": lambda x: accel.take(x, accel.astype(accel.argmax(x, axis=0), accel.int64), axis=0),
    "concat": lambda x: accel.concat([x, x]),
    "where": lambda x: accel.where(accel.greater(x, 0), x, 0.0),
    "reshape": lambda x: accel.reshape(x, (4, 16)),
    "flip": accel.flip,
    "unique": accel.unique_values,
    "svd": accel.linalg.svdvals,
    "solve": lambda x: accel.linalg.solve(x, x[:, 0]),
    "fft": lambda x: accel.fft.fft(accel.astype(x, accel.complex128)),
    "softmax": lambda x: accel.nn.softmax(x, axis=0),
    "layer_norm": lambda x: accel.nn.layer_norm(x, axis=-1),
    "gelu": accel.nn.gelu,
    "attention": lambda x: accel.nn.scaled_dot_product_attention(
        *(accel.reshape(y, (2, 2, 4, 4)) for y in (x, x, x)), causal=True
    ),
    "cross_entropy": lambda x: accel.nn.cross_entropy(x, accel.argmax(x, axis=0)),
    "quantile": lambda x: accel.extra.quantile(x, 0.3),
    "einsum": lambda x: accel.extra.einsum("ij,kj->ik", x, x),
    "reproducible_sum": accel.extra.reproducible_sum,
    "set": lambda x: accel.extra.at(x)[0, :].set(0.0),
}


@pytest.mark.parametrize("name", OPS)
@pytest.mark.parametrize("spec", [("data", "tensor"), (None, "data")])
def test_ops_give_what_they_give_on_one_device(mesh: accel.Mesh, name: str, spec: Any) -> None:
    alone = OPS[name](on_jax(H))
    compiles = name not in ("unique", "reproducible_sum") and spec[0] is not None
    for function in (OPS[name], accel.jit(OPS[name])) if compiles else (OPS[name],):
        x = accel.shard(on_jax(H), spec)
        y = function(x)
        assert len(y.devices()) == 8, name
        assert y.dtype == alone.dtype
        # Sums of at most 64 terms in another order: 64 * 2.2e-16 of the sum of their magnitudes, which is below 100 here.
        np.testing.assert_allclose(accel.to_numpy(y), accel.to_numpy(alone), rtol=1e-13, atol=1e-12)


def test_transforms_along_a_divided_axis(mesh: accel.Mesh) -> None:
    h = values(4, 2)
    x = accel.shard(on_jax(h), ("data", "tensor"))
    for axis in (0, 1):
        np.testing.assert_allclose(
            accel.to_numpy(accel.fft.rfft(x, axis=axis)), np.fft.rfft(h, axis=axis), atol=1e-14
        )
    np.testing.assert_allclose(
        accel.to_numpy(accel.fft.fftn(accel.astype(x, accel.complex128))), np.fft.fftn(h), atol=1e-14
    )


def test_a_key_gives_the_same_numbers(mesh: accel.Mesh) -> None:
    key = accel.random.key(3, device="jax:cpu:0")
    alone = accel.to_numpy(accel.random.normal(key, (8, 6)))
    spread = accel.replicate(key)
    assert np.array_equal(accel.to_numpy(accel.random.normal(spread, (8, 6))), alone)
    cutting = accel.jit(lambda k: accel.shard(accel.random.normal(k, (8, 6)), ("data",)))(spread)
    assert cut(cutting)[:1] == ("data",)
    assert np.array_equal(accel.to_numpy(cutting), alone)


def test_inside_a_compiled_function_it_is_a_constraint(mesh: accel.Mesh) -> None:
    x = accel.replicate(on_jax(H))
    assert cut(accel.jit(lambda y: accel.shard(accel.multiply(y, 2.0), ("data", "tensor")))(x)) == (
        "data",
        "tensor",
    )
    assert cut(accel.jit(lambda y: accel.replicate(accel.shard(y, ("data",))))(x)) == ()
    assert cut(accel.jit(lambda y: accel.gather(accel.shard(y, ("data",))))(x)) == ()


def test_a_compiled_function_of_one_device_takes_no_mesh(mesh: accel.Mesh) -> None:
    function = accel.jit(lambda y: accel.shard(y, ("data",)))
    for x in (on_jax(H), H):
        with pytest.raises(MixedDevicesError, match=r"Spread the arguments over the mesh first"):
            function(x)


def test_a_compiled_function_follows_the_mesh_in_use(mesh: accel.Mesh) -> None:
    function = accel.jit(lambda y: accel.shard(accel.multiply(y, 2.0), ("data",)))
    first = function(accel.replicate(on_jax(H)))
    with accel.use_mesh(accel.mesh((2, 4), ("data", "tensor"), devices="jax")):
        second = function(accel.replicate(on_jax(H)))
    third = function(accel.replicate(on_jax(H)))
    assert [x.addressable_shards[0].data.shape[0] for x in (first, second, third)] == [2, 4, 2]


def test_meshes_nest_and_stay_in_their_thread(mesh: accel.Mesh) -> None:
    x = on_jax(H)
    with accel.use_mesh(accel.mesh(2, "rows", devices="jax")):
        assert cut(accel.shard(x, ("rows",))) == ("rows",)
        with pytest.raises(ArgumentError):
            accel.shard(x, ("data",))
    assert cut(accel.shard(x, ("data",))) == ("data",)
    with ThreadPoolExecutor(1) as pool, pytest.raises(ArgumentError, match="none is in use"):
        pool.submit(accel.shard, x, ("data",)).result()


def test_gradients(mesh: accel.Mesh) -> None:
    def loss(w: Any, x: Any) -> Any:
        return accel.sum(accel.square(accel.nn.gelu(accel.matmul(x, accel.shard(w, (None, "tensor"))))))

    w, x = on_jax(values(6, 4)), on_jax(values(8, 6))
    alone = accel.grad(lambda w, x: accel.sum(accel.square(accel.nn.gelu(accel.matmul(x, w)))))(w, x)
    divided = accel.jit(accel.grad(loss))(accel.shard(w, (None, "tensor")), accel.shard(x, ("data",)))
    assert divided.dtype == np.float64
    assert cut(divided) == (None, "tensor")
    np.testing.assert_allclose(np.asarray(divided), np.asarray(alone), rtol=1e-12, atol=1e-12)


def test_moves_are_noted_and_can_be_forbidden(mesh: accel.Mesh) -> None:
    x = on_jax(H)
    with accel.transfers("log") as record:
        y = accel.shard(x, ("data",))
        accel.shard(y, ("data",))
        accel.gather(y)
    assert [each.call for each in record] == ["accel.shard", "accel.gather"]
    with accel.transfers("forbid", explicit=True), pytest.raises(TransferError, match=r"accel\.shard"):
        accel.shard(x, ("data",))


# Mapped functions


def talk(x: Any) -> list[Any]:
    """Use every message there is, in a function that is mapped over rows and columns."""
    count = int(accel.collective._mapped.get().axes["data"])  # type: ignore[union-attr]
    place = accel.astype(c.axis_index("data"), accel.float64)
    ring = c.ppermute(x, "data", [(k, (k + 1) % count) for k in range(count)])
    edge = c.ppermute(x, "data", [(k, k + 1) for k in range(count - 1)])
    everyone = c.all_gather(x, "data", axis=0)
    # An average of equal values is that value, and says that they are equal.
    return [
        c.psum(accel.sum(x), ("data", "tensor")),
        c.pmean(x, "data"),
        ring,
        edge,
        c.pmean(everyone, "data"),
        accel.add(x, accel.to_device(place, like=x) if count == 1 else place),
    ]


SPECS = [(), (None, "tensor"), ("data", "tensor"), ("data", "tensor"), (None, "tensor"), ("data", "tensor")]


def test_messages_between_eight_devices(mesh: accel.Mesh) -> None:
    x = accel.shard(on_jax(H), ("data", "tensor"))
    mapped = accel.shard_map(talk, ("data", "tensor"), SPECS)
    for function in (mapped, accel.jit(mapped)):
        total, mean, ring, edge, whole, placed = map(accel.to_numpy, function(x))
        assert total.dtype == np.float64
        np.testing.assert_allclose(total, H.sum(), rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(mean, H.reshape(4, 2, 8).mean(axis=0), rtol=1e-14, atol=1e-15)
        assert np.array_equal(ring, np.roll(H, 2, axis=0))
        assert np.array_equal(edge, np.vstack([np.zeros((2, 8)), H[:-2]]))
        assert np.array_equal(whole, H)
        assert np.array_equal(placed, H + np.repeat(np.arange(4.0), 2)[:, None])


def test_messages_on_one_device(plain_row: Row) -> None:
    x = accel.asarray(H, device=plain_row.device)
    one = accel.mesh((1, 1), ("data", "tensor"), devices=accel.device(x))
    total, mean, ring, edge, whole, placed = accel.shard_map(talk, ("data", "tensor"), SPECS, mesh=one)(x)
    np.testing.assert_allclose(accel.to_numpy(total), H.sum(), rtol=1e-13, atol=1e-13)
    for same in (mean, ring, whole, placed):
        assert np.array_equal(accel.to_numpy(same), H)
    assert not np.any(accel.to_numpy(edge))


def test_a_mapped_function_is_compiled_once(mesh: accel.Mesh) -> None:
    seen = []

    def total(x: Any) -> Any:
        seen.append(x.shape)
        return c.psum(accel.sum(x), ("data", "tensor"))

    mapped = accel.shard_map(total, ("data", "tensor"), ())
    x = accel.shard(on_jax(H), ("data", "tensor"))
    for factor in (1, 2, 3):
        assert float(mapped(accel.multiply(x, factor))) == pytest.approx(factor * H.sum())
    assert seen == [(2, 4)]


def test_gradients_through_messages(mesh: accel.Mesh) -> None:
    mapped = accel.shard_map(
        lambda x: c.psum(accel.sum(accel.square(x)), ("data", "tensor")), ("data", "tensor"), ()
    )
    found = accel.grad(mapped)(accel.shard(on_jax(H), ("data", "tensor")))
    np.testing.assert_allclose(np.asarray(found), 2 * H, rtol=1e-15)


def test_a_map_takes_containers(mesh: accel.Mesh) -> None:
    mapped = accel.shard_map(
        lambda p, x: {"y": accel.nn.linear(x, p["w"], p["b"])},
        [{"w": (), "b": ()}, ("data",)],
        {"y": ("data",)},
    )
    p = accel.replicate({"w": on_jax(values(3, 8)), "b": on_jax(values(3))})
    made = mapped(p, accel.shard(on_jax(H), ("data",)))["y"]
    np.testing.assert_allclose(accel.to_numpy(made), H @ values(3, 8).T + values(3), rtol=1e-12, atol=1e-12)
    with pytest.raises(MixedBackendsError):
        mapped(p, H)


def test_the_page_runs(runnable: Callable[[Row], None]) -> None:
    runnable(Row("jax", "jax"))
    page = (Path(__file__).parents[1] / "docs" / "sharding.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.S)
    assert len(blocks) == 6
    scope: dict[str, Any] = {}
    for block in blocks:
        exec(block, scope)
    assert scope["rows"].addressable_shards[0].data.shape == (2, 6)
    assert scope["tiles"].addressable_shards[0].data.shape == (2, 3)
    assert scope["strips"].addressable_shards[0].data.shape == (1, 6)
    assert scope["loaded"].dtype == np.float64
    assert scope["params"]["b"].addressable_shards[0].data.shape == (3,)
    for name in set(re.findall(r"\baccel\.((?:collective\.|distributed\.)?[a-z_]+)", page)):
        found: Any = accel
        for part in name.split("."):
            found = getattr(found, part)
