"""Gathers how far figures are from a peer's, and prints them as a table."""

import math

# What counts as equal, relative to the peer's figure.
RELATIVE = 1e-9
# To so much is a sum of shares rounded, and with it the square of a distance that is a root of one.
ROUNDING = 1e-15
# A probability below this counts as 0: doubles of that size have few digits.
NOTHING = 1e-300


class Figures:
    """One row for each statistic and peer, in the order of their first case."""

    def __init__(self):
        self.rows = {}

    def add(
        self, statistic, peer, ours, theirs, case, relative=RELATIVE, absolute=NOTHING, root=False
    ):
        """Compares one figure; a list by its worst member. A difference of at most `absolute` is equal too.
        `root`: a root of a sum of shares, which a rounding of 1e-16 before the root moves by 1e-8 near 0; equal where
        the squares are."""
        new = {"cases": 0, "absolute": 0.0, "relative": 0.0, "beyond": [], "rounded": 0, "limit": relative}
        row = self.rows.setdefault((statistic, peer), new)
        row["cases"] += 1
        for mine, other in zip(ours, theirs) if isinstance(ours, list) else [(ours, float(theirs))]:
            self._compare(row, mine, other, case, absolute, root)

    @staticmethod
    def _compare(row, mine, other, case, absolute, root):
        if mine is None or math.isnan(other):
            row["beyond"].append((case, mine, other))
            return
        difference = abs(mine - other)
        if difference == 0:
            return
        share = difference / abs(other) if other != 0 else math.inf
        if share > row["limit"]:
            if difference <= NOTHING:
                return
            if difference <= absolute or (root and abs(mine * mine - other * other) <= ROUNDING):
                row["rounded"] += 1
                return
            row["beyond"].append((case, mine, other))
        row["absolute"] = max(row["absolute"], difference)
        row["relative"] = max(row["relative"], share)

    def print(self):
        print("| statistic | peer | cases | largest difference | relative | tolerance | verdict |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for (statistic, peer), row in self.rows.items():
            differ = len(row["beyond"])
            verdict = "equal" if differ == 0 else f"**{differ} differ**"
            if row["rounded"] > 0:
                verdict += f", {row['rounded']} within rounding near 0"
            sizes = " | ".join("0" if row[key] == 0 else f"{row[key]:.0e}" for key in ("absolute", "relative", "limit"))
            print(f"| {statistic} | {peer} | {row['cases']} | {sizes} | {verdict} |")

    def print_beyond(self, most=3):
        """The first cases of each row that are not equal."""
        for (statistic, peer), row in self.rows.items():
            for case, mine, other in row["beyond"][:most]:
                print(f"{statistic} · {peer} · {case}: ours {mine!r}, theirs {other!r}")
