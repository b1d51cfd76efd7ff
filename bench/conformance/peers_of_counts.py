"""Tests and distances of counts in groups against scipy, statsmodels and plain formulas, in mpmath to 40 digits."""

import importlib.util
import math

import numpy as np
from scipy import stats
from scipy.spatial import distance
from statsmodels.stats.proportion import proportions_ztest


def compare(cases, figures, _folder):
    precise = precise_figures if importlib.util.find_spec("mpmath") else lambda r, c: {}
    for number, case in enumerate(cases):
        r, c = np.array(case["reference"], float), np.array(case["current"], float)
        add = lambda name, peer, theirs, **more: figures.add(name, peer, case["ours"][name], theirs, number, **more)
        for name, exact in precise(case["reference"], case["current"]).items():
            add(name, "mpmath formula, 40 digits", exact)
        p, q = r / r.sum(), c / c.sum()
        add("js, natural logarithm", "scipy jensenshannon", distance.jensenshannon(p, q), root=True)
        add("js, base 2", "scipy jensenshannon", distance.jensenshannon(p, q, base=2), root=True)
        add("tvd", "numpy formula", np.abs(p - q).sum() / 2)
        add("linf", "numpy formula", np.abs(p - q).max())
        z = proportions_ztest([r[0], c[0]], [r.sum(), c.sum()])
        if not math.isnan(z[0]):
            add("two_proportions z", "statsmodels proportions_ztest", z[0])
            add("two_proportions p", "statsmodels proportions_ztest", z[1])
        table = np.array([r, c])[:, r + c > 0]
        if table.shape[1] < 2:
            continue
        pearson = stats.chi2_contingency(table, correction=False)
        add("chi2 statistic", "scipy chi2_contingency", pearson.statistic)
        add("chi2 p", "scipy chi2_contingency", pearson.pvalue)
        likelihood = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
        add("g_test statistic", "scipy chi2_contingency, log-likelihood", likelihood.statistic)
        add("g_test p", "scipy chi2_contingency, log-likelihood", likelihood.pvalue)
        add("cramers_v", "numpy formula (Bergsma 2013)", bergsma(pearson.statistic, table))


def bergsma(statistic, table):
    rows, (r, k) = table.sum(), table.shape
    squared = max(0, statistic / rows - (r - 1) * (k - 1) / (rows - 1))
    smaller = min(r - (r - 1) ** 2 / (rows - 1), k - (k - 1) ** 2 / (rows - 1)) - 1
    return min(1, math.sqrt(squared / smaller)) if smaller > 0 else 0.0


def precise_figures(reference, current):
    import mpmath as mp

    mp.mp.dps = 40
    n, m = mp.mpf(sum(reference)), mp.mpf(sum(current))
    likelihood, js = mp.mpf(0), mp.mpf(0)
    for a, b in zip(reference, current):
        middle = (a / n + b / m) / 2
        for rows, side in ((a, n), (b, m)):
            if rows > 0:
                likelihood += 2 * rows * mp.log(rows * (n + m) / ((a + b) * side))
                js += rows / side * mp.log(rows / side / middle) / 2
    pooled = (reference[0] + current[0]) / (n + m)
    error = mp.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    found = {
        "g_test statistic": likelihood,
        "js, natural logarithm": mp.sqrt(js) if js > 0 else mp.mpf(0),
        "js, base 2": mp.sqrt(js / mp.log(2)) if js > 0 else mp.mpf(0),
        "two_proportions z": (reference[0] / n - current[0] / m) / error if error > 0 else mp.mpf(0),
    }
    return {name: float(value) for name, value in found.items()}
