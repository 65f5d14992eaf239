"""The sentences of a suite as columns of numbers, read in one pass: of a large suite no more is held than that."""

from array import array
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lrd_bench.items import Item, Suite
from lrd_bench.report.page.columns import Columns

WHOLE = "I"
"""Whole numbers from 0 on, of 32 bits."""


class Sentences:
    """Words and regions of every condition's sentences, and who is whose twin."""

    def __init__(self, suite: Suite, likelier: str | None) -> None:
        """Read all items. likelier: the condition that should be likelier, which comes first."""
        self._words: dict[str, int] = {}
        self._lengths: dict[str, array[int]] = {}
        self._codes: dict[str, array[int]] = {}
        # Condition and region → first word (from 1 on; 0: there is none) and last word.
        self._spans: dict[tuple[str, str], tuple[array[int], array[int]]] = {}
        self._pairs: dict[str, int] = {}
        ids: list[str] = []
        groups: list[str | None] = []
        twins: list[int] = []
        for number, item in enumerate(suite.items):
            self._read(number, item)
            ids.append(item.id)
            groups.append(item.group)
            first = self._pairs.setdefault(item.pair, number) if item.pair is not None else number
            twins.append(first)
            twins[first] = number
        self.ids = pd.Index(ids, dtype=object)
        self.groups = groups
        self.twins: NDArray[np.intp] = np.array(twins, dtype=np.intp)
        """[items] where each item's twin stands; of an item without one, the item itself."""
        self._conditions = sorted(self._lengths, key=lambda condition: condition != likelier)

    def _read(self, number: int, item: Item) -> None:
        for condition, sentence in item.sentences.items():
            if condition not in self._lengths:
                self._lengths[condition], self._codes[condition] = array(WHOLE, [0] * number), array(WHOLE)
            for region in sentence.regions:
                if (condition, region) not in self._spans:
                    self._spans[condition, region] = array(WHOLE, [0] * number), array(WHOLE, [0] * number)
        for condition, lengths in self._lengths.items():
            tokens = item.sentences[condition].tokens if condition in item.sentences else ()
            lengths.append(len(tokens))
            self._codes[condition].extend([self._words.setdefault(word, len(self._words)) for word in tokens])
        for (condition, region), (starts, stops) in self._spans.items():
            span = item.sentences[condition].regions.get(region) if condition in item.sentences else None
            starts.append(0 if span is None else span.start + 1)
            stops.append(0 if span is None else span.stop)

    def add_to(self, columns: Columns) -> dict[str, Any]:
        """Add all columns; returns what they stand for."""
        regions = list(dict.fromkeys(region for _, region in self._spans))
        for number, condition in enumerate(self._conditions):
            columns.add_codes(f"length.{number}", np.array(self._lengths[condition], dtype=np.int64))
            columns.add_codes(f"words.{number}", np.array(self._codes[condition], dtype=np.int64))
            for place, region in enumerate(regions):
                if spans := self._spans.get((condition, region)):
                    columns.add_codes(f"start.{number}.{place}", np.array(spans[0], dtype=np.int64))
                    columns.add_codes(f"stop.{number}.{place}", np.array(spans[1], dtype=np.int64))
        columns.add_codes("twin", self.twins)
        return {
            "ids": self.ids.tolist(),
            "words": list(self._words),
            "conditions": self._conditions,
            "regions": regions,
            "groups": columns.add_values("group", self.groups),
        }
