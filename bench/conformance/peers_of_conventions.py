"""A metric of two columns as Evidently or NannyML compute it, and as `driftbook` is defined, in numpy and scipy."""

import functools

import numpy as np
import pandas as pd
from scipy import stats
from scipy.spatial import distance

LEAST_SHARE = 1e-4
MOST_CATEGORIES = 100
EVIDENTLY = {
    "psi": "psi",
    "kl": "kl_div",
    "js": "jensenshannon",
    "hellinger": "hellinger",
    "wasserstein": "wasserstein",
}
NANNYML = {"js": "jensen_shannon", "hellinger": "hellinger"}


def evidently(metric, kind, reference, current):
    stattests, column_type = evidently_modules()
    feature = column_type("num" if kind == "numeric" else "cat")
    test = stattests.get_stattest(reference, current, feature, EVIDENTLY[metric])
    found = test(reference.copy(), current.copy(), feature, 0.1).drift_score
    return f"evidently {EVIDENTLY[metric]}", float(found)


def nannyml(metric, kind, reference, current):
    factory, types, chunker, threshold = nannyml_modules()
    feature = types.CONTINUOUS if kind == "numeric" else types.CATEGORICAL
    method = factory.create(key=NANNYML[metric], feature_type=feature, chunker=chunker, threshold=threshold)
    method.fit(reference.reset_index(drop=True))
    return f"nannyml {NANNYML[metric]}", float(method.calculate(current.reset_index(drop=True)))


OF_VALUES = {
    "ks": ("ks_2samp", lambda r, c: stats.ks_2samp(r, c, method="asymp").statistic),
    "wasserstein": ("wasserstein_distance", stats.wasserstein_distance),
    "energy": ("energy_distance", stats.energy_distance),
    "cvm": ("cramervonmises_2samp", lambda r, c: stats.cramervonmises_2samp(r, c, method="asymptotic").statistic),
    "anderson_darling": ("anderson_ksamp", lambda r, c: stats.anderson_ksamp([r, c], variant="midrank").statistic),
    "mann_whitney": ("mannwhitneyu", lambda r, c: stats.mannwhitneyu(r, c, method="asymptotic").statistic),
    "t_test": ("ttest_ind", lambda r, c: stats.ttest_ind(r, c, equal_var=False).statistic),
}
OF_COUNTS = {"chi2": "pearson", "g_test": "log-likelihood"}


def driftbook(metric, kind, reference, current):
    if metric in OF_VALUES:
        name, statistic = OF_VALUES[metric]
        return f"scipy {name}", statistic(reference.to_numpy(), current.to_numpy())
    counts = deciles if kind == "numeric" else categories
    r, c = counts(reference, current)
    if metric in OF_COUNTS:
        table = np.array([r, c])[:, r + c > 0]
        found = stats.chi2_contingency(table, correction=False, lambda_=OF_COUNTS[metric])
        return "scipy chi2_contingency", found.statistic
    p, q = r / r.sum(), c / c.sum()
    if metric == "js":
        return "numpy and scipy formula", distance.jensenshannon(p, q, base=2)
    if metric == "hellinger":
        return "numpy and scipy formula", np.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum() / 2)
    kept = (p > 0) | (q > 0)
    p, q = np.maximum(p[kept], LEAST_SHARE), np.maximum(q[kept], LEAST_SHARE)
    terms = (q - p) * np.log(q / p) if metric == "psi" else p * np.log(p / q)
    return "numpy and scipy formula", terms.sum()


def deciles(reference, current):
    edges = np.unique(np.quantile(reference.astype(float), np.arange(1, 10) / 10))

    def count(side):
        return np.bincount(np.searchsorted(edges, side.astype(float), side="right"), minlength=len(edges) + 1)

    return count(reference), count(current)


def categories(reference, current):
    """The reference's most frequent categories; ties in their order as text, as the cell has it."""
    ordered = sorted(reference.astype(str).value_counts().items(), key=lambda item: (-item[1], item[0]))
    kept, others = [name for name, _ in ordered[:MOST_CATEGORIES]], {name for name, _ in ordered[MOST_CATEGORIES:]}

    def count(side):
        rows = side.astype(str).value_counts().to_dict()
        rest = sum(n for name, n in rows.items() if name in others)
        shown = [rows.get(name, 0) for name in kept]
        return np.array([*shown, rest, len(side) - rest - sum(shown)])

    return count(reference), count(current)


def without_rounding(convention, metric, reference, current):
    """What a peer would say of huge whole numbers did its doubles not round; None where this is not known."""
    least = min(reference.min(), current.min())
    r, c = (side - least for side in (reference, current))
    if (convention, metric) == ("evidently", "wasserstein"):
        return stats.wasserstein_distance(r, c) / max(np.std(r), 0.001)
    if (convention, metric) == ("evidently", "hellinger"):
        edges = np.histogram_bin_edges(list(set(reference) | set(current)), bins="sturges")
        p, q = (np.histogram(side.to_numpy(), edges)[0] / len(side) for side in (reference, current))
        return np.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum() / 2)
    if (convention, metric) == ("driftbook", "t_test"):
        return stats.ttest_ind(r, c, equal_var=False).statistic
    return None


@functools.cache
def evidently_modules():
    from evidently.legacy.calculations import stattests
    from evidently.legacy.core import ColumnType

    return stattests, ColumnType


@functools.cache
def nannyml_modules():
    from nannyml.chunk import SizeBasedChunker
    from nannyml.drift.univariate.methods import FeatureType, MethodFactory
    from nannyml.thresholds import ConstantThreshold

    return MethodFactory, FeatureType, SizeBasedChunker(chunk_size=10_000_000), ConstantThreshold(upper=0.1)
