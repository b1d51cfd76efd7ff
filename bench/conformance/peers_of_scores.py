"""What scores are worth against scikit-learn, and without truth against NannyML."""

import importlib.util
import math

import numpy as np
from scipy import stats
from sklearn import metrics
from sklearn.isotonic import IsotonicRegression

# The reference formula of DeLong compares every positive with every negative.
MOST_PAIRS = 10_000_000


def compare(cases, figures, _folder):
    estimates = nannyml_estimates() if importlib.util.find_spec("nannyml") else {}
    for number, case in enumerate(cases):
        y, s = np.array(case["truth"]), np.array(case["scores"])
        where = f"{number} {case['rows']} {'ties' if case['hasTies'] else ''}"
        add = lambda name, peer, theirs, **more: figures.add(name, peer, case["ours"][name], theirs, where, **more)
        auc = metrics.roc_auc_score(y, s)
        add("roc_auc", "scikit-learn roc_auc_score", auc)
        add("gini", "scikit-learn 2·roc_auc_score − 1", 2 * auc - 1)
        add("average_precision", "scikit-learn average_precision_score", metrics.average_precision_score(y, s))
        add("ks_score", "scipy ks_2samp", stats.ks_2samp(s[y == 1], s[y == 0], method="asymp").statistic)
        add("brier", "scikit-learn brier_score_loss", metrics.brier_score_loss(y, s))
        add("log_loss", "scikit-learn log_loss", metrics.log_loss(y, s))
        fit = IsotonicRegression(out_of_bounds="clip").fit(s, y)
        add("isotonic calibration", "scikit-learn IsotonicRegression", fit.predict(np.array(case["asked"])).tolist())
        if (y == 1).sum() * (y == 0).sum() <= MOST_PAIRS:
            half = stats.norm.ppf(0.975) * delong_error(s[y == 1], s[y == 0])
            add("roc_auc, lower end (DeLong)", "numpy formula over all pairs", max(0, auc - half))
            add("roc_auc, upper end (DeLong)", "numpy formula over all pairs", min(1, auc + half))
        alerted = (s >= case["threshold"]).astype(int)
        for name, estimate in estimates.items():
            if name == "estimated roc_auc":
                if not case["hasTies"]:
                    add(name, "nannyml CBPE, which rounds to 5 digits", estimate(s, s), relative=1e-5)
            elif case["ours"][name] is not None:
                add(name, "nannyml CBPE", estimate(alerted, s))


def delong_error(positives, negatives):
    above = (np.sign(positives[:, None] - negatives[None, :]) + 1) / 2
    of_positives, of_negatives = above.mean(1), above.mean(0)
    return math.sqrt(of_positives.var(ddof=1) / len(positives) + of_negatives.var(ddof=1) / len(negatives))


def nannyml_estimates():
    from nannyml.performance_estimation.confidence_based import metrics as cbpe

    names = ["precision", "recall", "f1", "specificity", "accuracy", "roc_auc"]
    return {f"estimated {name}": getattr(cbpe, f"estimate_{name}") for name in names}
