"""Metrics of predicted numbers against scikit-learn; bias and smape, which it lacks, against a plain formula."""

import numpy as np
from sklearn import metrics


def compare(cases, figures, _folder):
    for number, case in enumerate(cases):
        y, p = np.array(case["truth"], float), np.array(case["predicted"])
        add = lambda name, peer, theirs: figures.add(name, peer, case["ours"][name], theirs, number)
        add("mae", "scikit-learn mean_absolute_error", metrics.mean_absolute_error(y, p))
        add("rmse", "scikit-learn root_mean_squared_error", metrics.root_mean_squared_error(y, p))
        kept = y != 0
        theirs = metrics.mean_absolute_percentage_error(y[kept], p[kept])
        add("mape", "scikit-learn mean_absolute_percentage_error, truth not 0", theirs)
        add("r2", "scikit-learn r2_score", metrics.r2_score(y, p))
        add("pinball", "scikit-learn mean_pinball_loss", metrics.mean_pinball_loss(y, p, alpha=case["quantile"]))
        add("bias", "numpy formula", (p - y).mean())
        sizes = np.abs(y) + np.abs(p)
        terms = np.divide(2 * np.abs(p - y), sizes, out=np.zeros_like(y), where=sizes > 0)
        add("smape", "numpy formula", terms.mean())
