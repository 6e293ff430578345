"""Statistical quality of random numbers, with fixed seeds: what fails here fails for good."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import accel
from accel import random

pytestmark = pytest.mark.thorough

stats = pytest.importorskip("scipy.stats")

LEAST = 1e-4
"""No p-value of so few tests with fixed seeds is smaller, unless something is wrong."""


def key(number: int) -> Any:
    return random.fold_in(random.key(977, device="numpy"), number)


def spread(x: Any, lam: Any, seed: int) -> Any:
    """Make of counts, whose distribution has steps, numbers that are uniform if the counts are right."""
    return stats.poisson.cdf(x, lam) - random.uniform(key(seed), x.shape) * stats.poisson.pmf(x, lam)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("draw", "law"),
    [
        (lambda k, d: random.uniform(k, 300_000, d), stats.uniform()),
        (lambda k, d: random.uniform(k, 100_000, d, -3.0, 2.0), stats.uniform(-3.0, 5.0)),
        (lambda k, d: random.normal(k, 300_000, d), stats.norm()),
        (lambda k, d: random.exponential(k, 300_000, d), stats.expon()),
        (lambda k, d: random.truncated_normal(k, -0.5, 2.0, 50_000, d), stats.truncnorm(-0.5, 2.0)),
        (lambda k, d: random.truncated_normal(k, 4.0, 4.5, 50_000, d), stats.truncnorm(4.0, 4.5)),
        (lambda k, d: random.truncated_normal(k, -np.inf, -6.0, 50_000, d), stats.truncnorm(-np.inf, -6.0)),
        (lambda k, d: random.gamma(k, 0.3, 50_000, d), stats.gamma(0.3)),
        (lambda k, d: random.gamma(k, 1.0, 50_000, d), stats.gamma(1.0)),
        (lambda k, d: random.gamma(k, 7.5, 50_000, d), stats.gamma(7.5)),
        (lambda k, d: random.gamma(k, 2e4, 50_000, d), stats.gamma(2e4)),
        (lambda k, d: random.beta(k, 0.5, 0.5, 50_000, d), stats.beta(0.5, 0.5)),
        (lambda k, d: random.beta(k, 2.0, 5.0, 50_000, d), stats.beta(2.0, 5.0)),
        (lambda k, d: random.beta(k, 0.8, 30.0, 50_000, d), stats.beta(0.8, 30.0)),
    ],
)
def test_continuous_distributions(draw: Any, law: Any, dtype: str) -> None:
    drawn = draw(key(1), np.dtype(dtype)).astype(np.float64)
    assert stats.kstest(drawn, law.cdf).pvalue > LEAST
    assert abs(drawn.mean() - law.mean()) < 5 * law.std() / np.sqrt(drawn.size)
    # How far the spread of a sample strays depends on the fourth moment.
    strays = np.sqrt((float(law.stats("k")) + 2) / (4 * drawn.size))
    assert abs(drawn.std() / law.std() - 1) < 5 * strays


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_sixteen_bits(dtype: str) -> None:
    narrow = random.normal(key(2), 100_000, getattr(accel, dtype))
    assert np.array_equal(narrow, random.normal(key(2), 100_000, accel.float32).astype(narrow.dtype))
    drawn = random.uniform(key(2), 100_000, getattr(accel, dtype)).astype(np.float64)
    steps = 1024 if dtype == "float16" else 128
    counts = np.bincount((drawn * steps).astype(int), minlength=steps)
    assert stats.chisquare(counts).pvalue > LEAST


@pytest.mark.parametrize("lam", [0.05, 0.9, 4.0, 9.99, 10.0, 31.0, 1e3, 1e5])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_poisson(lam: float, dtype: str) -> None:
    drawn = random.poisson(key(3), np.asarray(lam, dtype), 60_000)
    assert stats.kstest(spread(drawn, lam, 4), "uniform").pvalue > LEAST
    assert abs(drawn.mean() - lam) < 5 * np.sqrt(lam / drawn.size)
    assert 0.95 < drawn.var() / lam < 1.05


def test_poisson_of_many_averages() -> None:
    lam = np.exp(random.uniform(key(5), 60_000, np.float64, -2.0, 8.0))
    assert stats.kstest(spread(random.poisson(key(6), lam), lam, 7), "uniform").pvalue > LEAST


@pytest.mark.parametrize("span", [2, 3, 7, 64, 1000])
def test_integers(span: int) -> None:
    drawn = random.randint(key(8), 200_000, -5, span - 5)
    assert stats.chisquare(np.bincount(drawn + 5, minlength=span)).pvalue > LEAST


def test_choices() -> None:
    p, n = np.asarray([0.5, 0.01, 0.19, 0.3]), 200_000
    for drawn in (
        random.choice(key(9), 4, n, p=p),
        random.categorical(key(10), np.log(p), shape=(n,)),
        random.choice(key(11), 4, n, p=p.astype(np.float32) * 7),
    ):
        assert stats.chisquare(np.bincount(drawn, minlength=4), p * n, sum_check=False).pvalue > LEAST
    assert abs(random.bernoulli(key(12), 0.3, n).mean() - 0.3) < 5 * np.sqrt(0.21 / n)


def test_choice_without_replacement() -> None:
    """The first of several is drawn by its probability, and each later one by what is left."""
    p, count = np.asarray([0.6, 0.3, 0.1]), 4000
    pairs = [tuple(random.choice(key(100 + i), 3, 2, replace=False, p=p).tolist()) for i in range(count)]
    known = {(i, j): p[i] * p[j] / (1 - p[i]) for i in range(3) for j in range(3) if i != j}
    assert set(pairs) == set(known)
    counted = [pairs.count(pair) for pair in known]
    assert stats.chisquare(counted, [q * count for q in known.values()], sum_check=False).pvalue > LEAST


def test_permutations() -> None:
    """All orders of four are equally likely, and so is each place of a long one."""
    rows = random.permutation(key(13), np.tile(np.arange(4), (24_000, 1)), axis=1, independent=True)
    numbers = rows @ np.asarray([64, 16, 4, 1])
    _, counts = np.unique(numbers, return_counts=True)
    assert counts.size == 24
    assert stats.chisquare(counts).pvalue > LEAST
    long = random.permutation(key(14), 100_000)
    assert np.array_equal(np.sort(long), np.arange(100_000))
    assert abs(stats.pearsonr(long, np.arange(100_000)).statistic) < 5 / np.sqrt(100_000)


def test_each_bit_is_set_as_often_as_not() -> None:
    words = random.bits(key(15), 400_000, np.dtype("uint64"))
    n = words.size
    for bit in range(64):
        ones = int(((words >> np.uint64(bit)) & np.uint64(1)).sum())
        assert abs(ones - n / 2) < 5 * np.sqrt(n) / 2
    # Neighbours have half of their bits in common.
    apart = np.bitwise_count(words[1:] ^ words[:-1])
    assert abs(apart.mean() - 32) < 5 * 4 / np.sqrt(n)


def streams() -> dict[str, tuple[Any, Any]]:
    first, second = random.split(key(16))
    near = [random.fold_in(key(17), i) for i in (0, 1)]
    seeds = [random.key(i, device="numpy") for i in (0, 1)]
    return {
        "two parts of a key": (first, second),
        "a key and its part": (key(16), first),
        "neighbouring steps": (near[0], near[1]),
        "neighbouring seeds": (seeds[0], seeds[1]),
        "a key and the one folded with zero": (key(17), near[0]),
    }


@pytest.mark.parametrize("name", streams())
def test_streams_have_nothing_in_common(name: str) -> None:
    n = 200_000
    a, b = (random.uniform(each, n, np.dtype("float64")) for each in streams()[name])
    for lag in (0, 1, 2):
        assert abs(stats.pearsonr(a[lag:], b[: n - lag]).statistic) < 5 / np.sqrt(n)
    cells = np.bincount((a * 32).astype(int) * 32 + (b * 32).astype(int), minlength=1024)
    assert stats.chisquare(cells).pvalue > LEAST
    assert np.intersect1d(*(random.bits(each, n, np.dtype("uint64")) for each in streams()[name])).size == 0


def test_many_keys_make_one_stream() -> None:
    """The first numbers of many parts are as good as the many numbers of one key."""
    parts = random.split(key(18), 3000)
    firsts = np.asarray([random.uniform(part, (), np.dtype("float64")) for part in parts])
    assert stats.kstest(firsts, "uniform").pvalue > LEAST
    assert abs(stats.pearsonr(firsts[1:], firsts[:-1]).statistic) < 5 / np.sqrt(3000)


def test_numbers_in_a_row_do_not_depend_on_one_another() -> None:
    x = random.uniform(key(19), 600_000, np.dtype("float64"))
    for lag in (1, 2, 3, 32, 1024):
        assert abs(stats.pearsonr(x[lag:], x[:-lag]).statistic) < 5 / np.sqrt(x.size)
    cells = (x.reshape(-1, 3) * 8).astype(int) @ np.asarray([64, 8, 1])
    assert stats.chisquare(np.bincount(cells, minlength=512)).pvalue > LEAST


def test_birthdays() -> None:
    """The gaps between 512 days of 2**24, in order, coincide as often as they do by chance: 2 times on average."""
    days = np.sort(random.bits(key(20), (2000, 512)) >> np.uint32(8), axis=1).astype(np.int64)
    gaps = np.sort(np.diff(days, axis=1), axis=1)
    same = (np.diff(gaps, axis=1) == 0).sum(axis=1)
    counts = np.bincount(np.minimum(same, 8), minlength=9)
    law = stats.poisson(512**3 / (4 * 2**24))
    expected = np.asarray([*law.pmf(np.arange(8)), law.sf(7)]) * 2000
    assert stats.chisquare(counts, expected, sum_check=False).pvalue > LEAST


def test_collisions() -> None:
    """Of 2**14 words, cut to 20 bits, as many meet as do by chance."""
    n, cells = 2**14, 2**20
    drawn = random.bits(key(21), (200, n)) >> np.uint32(12)
    meetings = np.asarray([n - np.unique(row).size for row in drawn])
    mean = n - cells * (1 - (1 - 1 / cells) ** n)
    assert abs(meetings.mean() - mean) < 5 * np.sqrt(mean / 200)


def test_vectors_have_their_covariances() -> None:
    cov, n = np.asarray([[4.0, 1.0, -0.5], [1.0, 2.0, 0.25], [-0.5, 0.25, 1.0]]), 100_000
    for method in ("cholesky", "eigh"):
        drawn = random.multivariate_normal(key(22), np.asarray([1.0, -2.0, 0.0]), cov, (n,), method=method)
        assert np.allclose(drawn.mean(axis=0), [1.0, -2.0, 0.0], atol=5 * 2 / np.sqrt(n))
        assert np.allclose(np.cov(drawn.T), cov, atol=5 * 6 / np.sqrt(n))
        white = np.linalg.solve(np.linalg.cholesky(cov), (drawn - [1.0, -2.0, 0.0]).T)
        assert stats.kstest(white.ravel(), "norm").pvalue > LEAST
    flat = random.multivariate_normal(key(23), np.zeros(2), np.ones((2, 2)), (100,), method="eigh")
    assert np.allclose(flat[:, 0], flat[:, 1], atol=1e-6)
