"""pandas: grouping, dates with a time zone, and tables written to files and read again."""

from .work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def pandas_works(work: Work) -> None:
    """Sums by group are known; what is written to CSV and Parquet comes back equal."""
    import pandas

    work.at("grouping rows")
    table = pandas.DataFrame({"kind": ["a", "b", "a", "c"] * 250, "value": range(1000), "share": [0.25, 0.5, 0.75, 1.0] * 250})
    sums = table.groupby("kind")["value"].sum().to_dict()
    work.expect(sums == {"a": 249500, "b": 124750, "c": 125250}, "the sums by group are %s" % (sums,))
    merged = table.merge(pandas.DataFrame({"kind": ["a", "b"], "name": ["first", "second"]}), on="kind")
    work.expect(len(merged) == 750, "a join of 750 rows has %d" % len(merged))
    work.at("dates with a time zone")
    _zone(work, pandas.Timestamp("2026-07-01 12:00", tz="UTC"))
    work.at("writing and reading CSV")
    table.to_csv(work.path("table.csv"), index=False)
    _same(work, table, pandas.read_csv(work.path("table.csv")))
    work.words["files"] = "CSV"
    if "pyarrow" in work.besides:
        work.at("writing and reading Parquet")
        table.to_parquet(work.path("table.parquet"), engine="pyarrow")
        _same(work, table, pandas.read_parquet(work.path("table.parquet"), engine="pyarrow"))
        work.words["files"] = "CSV and Parquet"


def _zone(work: Work, noon: "Any") -> None:
    """Noon in another zone. A machine without data of time zones is noted only: not everybody needs them."""
    try:
        moment = noon.tz_convert("Europe/Berlin")
    except Exception as why:
        if "ZoneInfoNotFound" not in type(why).__name__ and "UnknownTimeZone" not in type(why).__name__:
            raise
        work.words["zones"] = "no data of time zones on this machine"
    else:
        work.expect(moment.hour == 14, "noon in UTC on a day in July is %d o'clock in Berlin, not 14" % moment.hour)


def _same(work: Work, table: "Any", again: "Any") -> None:
    same = list(table.columns) == list(again.columns) and all(list(table[name]) == list(again[name]) for name in table.columns)
    work.expect(same, "the table that was read differs from the one that was written")
