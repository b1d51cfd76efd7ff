"""Benjamini and Hochberg's adjustment against scipy."""

from scipy import stats


def compare(cases, figures, _folder):
    for number, case in enumerate(cases):
        theirs = stats.false_discovery_control(case["p"]).tolist()
        figures.add("adjusted p", "scipy false_discovery_control", case["ours"]["adjusted p"], theirs, number)
