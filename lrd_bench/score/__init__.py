"""Scoring: what a model makes of the regions of sentences, and so of predictions, items and running text."""

from lrd_bench.score.stimuli import score_files, score_items
from lrd_bench.score.suites import score_suite
from lrd_bench.score.texts import score_text

__all__ = ["score_files", "score_items", "score_suite", "score_text"]
