"""Two-sample statistics against scipy, and against mpmath where scipy's approximation ends."""

import importlib.util
import math
import warnings

import numpy as np
from scipy import special, stats

EXACT_ROWS = 10_000
EXACT_ROWS_CVM = 20
# The integrals take a second each.
MPMATH_ROWS = 21


def compare(cases, figures, _folder):
    exact_cvm = importlib.util.find_spec("mpmath") is not None
    for number, case in enumerate(cases):
        a, b = np.array(case["reference"], float), np.array(case["current"], float)
        where = f"{number} {case['shape']} {len(a)} {len(b)}"
        add = lambda name, peer, theirs, **more: figures.add(name, peer, case["ours"][name], theirs, where, **more)
        kolmogorov(a, b, add)
        add("wasserstein", "scipy wasserstein_distance", stats.wasserstein_distance(a, b))
        add("energy", "scipy energy_distance", stats.energy_distance(a, b))
        if len(np.unique(np.concatenate([a, b]))) > 1:
            cramer_von_mises(a, b, add, exact_cvm)
            ranked(a, b, add)
            means(a - a[0], b - a[0], add)


def kolmogorov(a, b, add):
    n, m = len(a), len(b)
    found = stats.ks_2samp(a, b, method="asymp")
    add("ks D", "scipy ks_2samp", found.statistic)
    if max(n, m) > EXACT_ROWS:
        limit = special.kolmogorov(math.sqrt(n * m / (n + m)) * found.statistic)
        add("ks p", "scipy.special.kolmogorov, above 10 000 rows", limit)
        add("ks p", "scipy ks_2samp, auto, above 10 000 rows", found.pvalue)
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exact = stats.ks_2samp(a, b, method="exact")
    add("ks p", "scipy ks_2samp, exact" if not caught else "scipy ks_2samp, where its exact p fails", exact.pvalue)


def cramer_von_mises(a, b, add, is_exact_known):
    n, m = len(a), len(b)
    if max(n, m) <= EXACT_ROWS_CVM:
        found = stats.cramervonmises_2samp(a, b, method="exact")
        add("cvm p", "scipy cramervonmises_2samp, exact", found.pvalue)
    else:
        found = stats.cramervonmises_2samp(a, b, method="asymptotic")
        scaled = standardised(found.statistic, n, m)
        part = "p above 0.01" if found.pvalue > 0.01 else "p below 0.01"
        add("cvm p", f"scipy cramervonmises_2samp, asymptotic, {part}", found.pvalue)
        if is_exact_known and min(n, m) <= MPMATH_ROWS:
            add("cvm p", "mpmath integral of the limit, 30 digits", limit_upper(scaled))
    add("cvm T", "scipy cramervonmises_2samp", found.statistic)


def standardised(statistic, n, m):
    """T brought to the mean and variance of the limit (Anderson 1962), as scipy does."""
    total, product = n + m, n * m
    mean = (1 + 1 / total) / 6
    variance = (total + 1) * (4 * product * total - 3 * (n * n + m * m) - 2 * product) / (45 * total**2 * 4 * product)
    return 1 / 6 + (statistic - mean) / math.sqrt(45 * variance)


def limit_upper(x):
    """Smirnov's alternating series of integrals between neighbouring poles."""
    import mpmath as mp

    mp.mp.dps = 30
    x, total = mp.mpf(x), mp.mpf(0)
    if x <= 0:
        return 1.0
    for k in range(1, 400):
        low = (2 * k - 1) * mp.pi
        if k > 1 and mp.exp(-x * low * low / 2) < mp.mpf(10) ** -25 * abs(total):
            break

        def term(angle):
            reach = mp.pi * mp.sin(angle / 2) ** 2
            below = (low + reach) * mp.sin(reach)
            return mp.exp(-x * (low + reach) ** 2 / 2) * mp.sin(angle) / mp.sqrt(below) if below > 0 else mp.mpf(0)

        part = mp.quad(term, mp.linspace(0, mp.pi, 100))
        total += part if k % 2 else -part
    return float(total)


def ranked(a, b, add):
    found = stats.anderson_ksamp([a, b], variant="midrank")
    add("anderson_darling A²", "scipy anderson_ksamp", found.statistic)
    add("anderson_darling p", "scipy anderson_ksamp", found.pvalue)
    found = stats.mannwhitneyu(a, b)
    add("mann_whitney U", "scipy mannwhitneyu", found.statistic)
    add("mann_whitney p", "scipy mannwhitneyu", found.pvalue)


def means(a, b, add):
    for name, equal in (("Welch", False), ("Student", True)):
        found = stats.ttest_ind(a, b, equal_var=equal)
        add(f"t_test {name} t", "scipy ttest_ind", found.statistic, absolute=1e-14)
        add(f"t_test {name} p", "scipy ttest_ind", found.pvalue)
