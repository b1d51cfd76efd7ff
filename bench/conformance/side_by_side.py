"""python side_by_side.py <folder> evidently|evidently-functions|nannyml [rows]: the same metrics of the files that
side-by-side.ts wrote, by another library, as its users call it; seconds without imports, and the process's highest
memory. `evidently-functions` calls its tests one by one without a report. `rows` takes the first rows only."""

import pathlib
import resource
import sys
import time
import warnings

import pandas as pd

NUMERIC = [f"n{at}" for at in range(50)]
CATEGORICAL = [f"c{at}" for at in range(10)]
OF_NUMBERS = ["psi", "jensenshannon", "hellinger", "ks", "wasserstein"]
OF_CATEGORIES = ["psi", "jensenshannon", "hellinger"]


def main(folder, library, rows=None):
    warnings.simplefilter("ignore")
    run = {"evidently": evidently, "evidently-functions": evidently_functions, "nannyml": nannyml}[library]()
    began, processor = time.perf_counter(), time.process_time()
    files = [pathlib.Path(folder) / "data" / f"{side}.parquet" for side in ("reference", "current")]
    reference, current = (pd.read_parquet(file, columns=NUMERIC + CATEGORICAL) for file in files)
    if rows is not None:
        reference, current = reference[: int(rows)].copy(), current[: int(rows)].copy()
    loaded = time.perf_counter() - began
    figures = run(reference, current)
    seconds = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(
        f"{library}: {len(reference)} rows a side, {figures} figures, {seconds:.1f} s "
        f"(processor {time.process_time() - processor:.1f} s; reading {loaded:.1f} s), at most {memory:.2f} GB",
        flush=True,
    )


def evidently():
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import ValueDrift

    def run(reference, current):
        metrics = [ValueDrift(column=name, method=method) for name in NUMERIC for method in OF_NUMBERS]
        metrics += [ValueDrift(column=name, method=method) for name in CATEGORICAL for method in OF_CATEGORIES]
        definition = DataDefinition(numerical_columns=NUMERIC, categorical_columns=CATEGORICAL)
        sides = [Dataset.from_pandas(side, data_definition=definition) for side in (current, reference)]
        return len(Report(metrics).run(*sides).dict()["metrics"])

    return run


def evidently_functions():
    from evidently.legacy.calculations.stattests import get_stattest
    from evidently.legacy.core import ColumnType

    def run(reference, current):
        done = 0
        for kind, names, methods in (("num", NUMERIC, OF_NUMBERS), ("cat", CATEGORICAL, OF_CATEGORIES)):
            for name in names:
                r, c = reference[name].dropna(), current[name].dropna()
                for method in methods:
                    test = get_stattest(r, c, ColumnType(kind), method)
                    test(r.copy(), c.copy(), ColumnType(kind), 0.1)
                    done += 1
        return done

    return run


def nannyml():
    from nannyml import UnivariateDriftCalculator

    def run(reference, current):
        calculator = UnivariateDriftCalculator(
            column_names=NUMERIC + CATEGORICAL,
            continuous_methods=["jensen_shannon", "hellinger", "kolmogorov_smirnov", "wasserstein"],
            categorical_methods=["jensen_shannon", "hellinger"],
            chunk_number=1,
        )
        calculator.fit(reference)
        calculator.calculate(current)
        return len(NUMERIC) * 4 + len(CATEGORICAL) * 2

    return run


if __name__ == "__main__":
    main(*sys.argv[1:])
