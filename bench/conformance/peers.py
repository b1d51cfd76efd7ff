"""Compares what write-figures.ts wrote with other libraries: python peers.py <folder> [--cases]. See README.md."""

import importlib.metadata
import importlib.util
import json
import pathlib
import sys
import warnings

from figures import Figures

FAMILIES = {
    "samples": ["scipy"],
    "counts": ["scipy", "statsmodels"],
    "adjusted": ["scipy"],
    "scores": ["sklearn", "scipy"],
    "tables": ["sklearn", "statsmodels"],
    "regressions": ["sklearn"],
    "cells": ["pandas", "pyarrow", "scipy"],
}
LIBRARIES = ["numpy", "scipy", "scikit-learn", "statsmodels", "pandas", "evidently", "nannyml"]


def main(folder):
    warnings.simplefilter("ignore")
    figures = Figures()
    for family, needed in FAMILIES.items():
        missing = [name for name in needed if importlib.util.find_spec(name) is None]
        if missing:
            print(f"{family}: not compared, {', '.join(missing)} not installed")
            continue
        module = importlib.import_module(f"peers_of_{family}")
        module.compare(json.loads((folder / f"{family}.json").read_text()), figures, folder)
    versions = {name: version(name) for name in LIBRARIES}
    print(f"Python {sys.version.split()[0]}, " + ", ".join(f"{name} {found}" for name, found in versions.items()))
    figures.print()
    if "--cases" in sys.argv:
        figures.print_beyond()


def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
