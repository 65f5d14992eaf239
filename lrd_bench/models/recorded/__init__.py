"""Surprisals that were computed elsewhere: a table with a row for each region, or for each word."""

from lrd_bench.models.recorded.reading import read_recorded
from lrd_bench.models.recorded.surprisals import Key, RecordedSurprisals, Value, name_of_table

__all__ = ["Key", "RecordedSurprisals", "Value", "name_of_table", "read_recorded"]
