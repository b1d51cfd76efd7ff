"""What drift cells say of Parquet files against Evidently and NannyML over the same files, and scipy and numpy."""

import functools
import importlib.util

import numpy as np
import pandas as pd
from peers_of_conventions import driftbook, evidently, nannyml, without_rounding

PEERS = {"driftbook": driftbook, "evidently": evidently, "nannyml": nannyml}
NEEDS_TWO_VALUES = {"cvm", "anderson_darling", "mann_whitney", "t_test", "chi2", "g_test"}
ROOTS = {"js", "hellinger"}
FEW, FEW_SHARE = 50, 0.1
HUGE, WITH_NULLS = "near 2^53", "whole with nulls"


def compare(cases, figures, folder):
    @functools.lru_cache(maxsize=2)
    def side(table, which):
        return pd.read_parquet(folder / "data" / f"{table}-{which}.parquet")

    for case in cases:
        convention, column = case["convention"], case["column"]
        if convention != "driftbook" and importlib.util.find_spec(convention) is None:
            continue
        reference, current = (side(case["table"], which)[column].dropna() for which in ("reference", "current"))
        if len(reference) == 0 or len(current) == 0:
            continue
        if case["metric"] in NEEDS_TWO_VALUES and pd.concat([reference, current]).nunique() < 2:
            continue
        peer, theirs = PEERS[convention](case["metric"], case["kind"], reference, current)
        name = f"{convention} {case['metric']}, {group_of(case, reference)}"
        where = f"{case['table']} {column}"
        figures.add(name, peer, case["value"], theirs, where, root=case["metric"] in ROOTS)
        if column == HUGE:
            exact = without_rounding(convention, case["metric"], reference, current)
            if exact is not None:
                figures.add(name, f"{peer}, its rounding taken out", case["value"], exact, where)



def group_of(case, reference):
    """Columns that libraries treat unlike."""
    if case["kind"] == "categorical":
        return "categories"
    if case["column"] == HUGE:
        return "whole numbers near 2^53"
    if case["column"] == WITH_NULLS:
        return "whole numbers with nulls, floats in pandas"
    distinct = reference.nunique()
    if case["convention"] == "nannyml":
        if distinct <= FEW and distinct / len(reference) <= FEW_SHARE:
            return "numbers of at most 50 values"
        if case["type"] == "BIGINT" and np.diff(np.histogram_bin_edges(reference.astype(float), "doane"))[0] < 1:
            return "whole numbers in bins narrower than 1"
    return "whole numbers" if case["type"] == "BIGINT" else "numbers"
