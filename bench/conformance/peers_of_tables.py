"""Metrics of decided against true, from counts, against scikit-learn with weights and statsmodels."""

from sklearn import metrics
from statsmodels.stats.proportion import proportion_confint

TRUTH, DECIDED = [1, 0, 0, 1], [1, 1, 0, 0]


def compare(cases, figures, _folder):
    for number, case in enumerate(cases):
        tp, fp, tn, fn = (case[name] for name in ("tp", "fp", "tn", "fn"))
        add = lambda name, peer, theirs: figures.add(name, peer, case["ours"][name], theirs, number)
        of = lambda metric, **more: metric(TRUTH, DECIDED, sample_weight=[tp, fp, tn, fn], **more)
        add("precision", "scikit-learn precision_score", of(metrics.precision_score))
        add("recall", "scikit-learn recall_score", of(metrics.recall_score))
        add("accuracy", "scikit-learn accuracy_score", of(metrics.accuracy_score))
        add("balanced_accuracy", "scikit-learn balanced_accuracy_score", of(metrics.balanced_accuracy_score))
        add("f1", "scikit-learn f1_score", of(metrics.f1_score))
        add("f_beta, β = 2", "scikit-learn fbeta_score", of(metrics.fbeta_score, beta=2))
        add("mcc", "scikit-learn matthews_corrcoef", of(metrics.matthews_corrcoef))
        lower, upper = proportion_confint(tp, tp + fp, alpha=0.05, method="wilson")
        add("precision, lower end (Wilson)", "statsmodels proportion_confint", lower)
        add("precision, upper end (Wilson)", "statsmodels proportion_confint", upper)
