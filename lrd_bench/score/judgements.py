"""What a judge makes of a suite: a log-odds for each item, beside which a language model's margin may stand.

A judge of *acceptable* and *unacceptable* is shown both sentences of an item: the margin is how much more acceptable it
finds the good one. Any other judge is shown what comes before the critical word, and its labels are values of the cue,
such as *singular* and *plural*, for the verb that is to come (Linzen et al. 2016): the margin is how much likelier it
finds the item's own value than the twin's.

A double difference is the sum of both twins' margins: what a judge leans to whatever the cue cancels in it.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from lrd_bench.errors import LrdBenchError
from lrd_bench.formats.labels import ACCEPTABLE, UNACCEPTABLE
from lrd_bench.formula import Formula, Verdict, names_twin, parse_formula, verdict_of
from lrd_bench.items import Item, Suite
from lrd_bench.models.base import Judge, Words
from lrd_bench.outcomes import nats_to_bits
from lrd_bench.progress import progress_bar
from lrd_bench.score.questions import Unscored, whole_pairs

SENTENCES_AT_ONCE = 4096


class Judgements:
    """One suite put to one judge; in all else as `Questions`."""

    def __init__(self, suite: Suite, judge: Judge, name: str) -> None:
        """Raises LrdBenchError for a suite without good and bad sentences.

        name: the judge's, for messages
        """
        self.suite, self.name, self._judge = suite, name, judge
        # Which regions a prediction compares is nothing to a judge: of each kind, the first is asked.
        formulas = [(text, parse_formula(text)) for text in suite.predictions]
        by_kind = {names_twin(formula): (text, formula) for text, formula in reversed(formulas)}
        self.formulas = {text: formula for text, formula in formulas if (text, formula) in by_kind.values()}
        for item in suite.items:
            if not {"good", "bad"} <= item.sentences.keys():
                raise LrdBenchError(
                    f"{suite.name}: item {item.id!r} has no good and bad sentence, which a judge decides between. "
                    "Ask a language model."
                )

    def verdicts(self, formula: Formula) -> dict[str, Verdict | Unscored]:
        """Item id → verdict, or the reason why there is none. A pair is scored whole or not at all."""
        verdicts: dict[str, Verdict | Unscored] = {}
        for item in self.suite.items:
            margin = self._margin(item, formula)
            verdicts[item.id] = margin if isinstance(margin, Unscored) else verdict_of(nats_to_bits(margin))
        return whole_pairs(verdicts, self.suite)

    def _margin(self, item: Item, formula: Formula) -> float | Unscored:
        own = self._margins[item.id]
        if isinstance(own, Unscored) or not names_twin(formula):
            return own
        twin = self.suite.twins.get(item.id)
        if twin is None:
            return "it has no twin, and the prediction names one"
        other = self._margins[twin.id]
        return f"its twin is unscored: {other}" if isinstance(other, Unscored) else own + other

    @cached_property
    def _margins(self) -> dict[str, float | Unscored]:
        """Item id → by how much the judge prefers what is right, in nats, or the reason why nothing is known."""
        questions = {item.id: self._question(item) for item in self.suite.items}
        asked = {id_: question for id_, question in questions.items() if not isinstance(question, Unscored)}
        answers = self._answers([words for sentences, _ in asked.values() for words in sentences])
        margins: dict[str, float | Unscored] = {id_: why for id_, why in questions.items() if isinstance(why, Unscored)}
        for id_, (sentences, (right, wrong)) in asked.items():
            odds = [answers[self._seen(words)][right] - answers[self._seen(words)][wrong] for words in sentences]
            margins[id_] = float(odds[0] - odds[1] if len(odds) > 1 else odds[0])
        return margins

    def _question(self, item: Item) -> tuple[list[Words], list[int]] | Unscored:
        """The sentences to be shown, and the numbers of the right and the wrong label."""
        good, bad = item.sentences["good"], item.sentences["bad"]
        labels = self._judge.labels
        if {ACCEPTABLE, UNACCEPTABLE} <= set(labels):
            shown, right, wrong = [good.tokens, bad.tokens], ACCEPTABLE, UNACCEPTABLE
            deciding = ["cue", "critical"]
        else:
            twin = self.suite.twins.get(item.id)
            if twin is None:
                return "it has no twin, whose cue would have the other label"
            if item.factors.get("cue_value") is None or twin.factors.get("cue_value") is None:
                return "its cue or its twin's has no value (`cue_value`) that could be a label"
            right, wrong = (str(one.factors["cue_value"]) for one in (item, twin))
            if missing := [value for value in (right, wrong) if value not in labels]:
                return f"the judge has no label {missing[0]!r}"
            shown, deciding = [good.context], ["cue"]
        vocabulary = self._judge.vocabulary
        words = [
            word
            for sentence in (good, bad)
            for region in deciding
            if region in sentence.regions
            for word in sentence.tokens[slice(*sentence.span(region))]
        ]
        if vocabulary is not None and (unknown := sorted({word for word in words if word not in vocabulary})):
            return f"unknown word{'s' if len(unknown) > 1 else ''}: {', '.join(unknown)}"
        return list(shown), [labels.index(right), labels.index(wrong)]

    def _seen(self, words: Words) -> tuple[str, ...]:
        """What the judge sees: equal evidence is shown once, so that twins that it cannot tell apart cancel exactly."""
        context = self._judge.context
        return tuple(words) if context is None else tuple(words[max(0, len(words) - context) :])

    def _answers(self, sentences: Sequence[Words]) -> dict[tuple[str, ...], np.ndarray]:
        distinct = list(dict.fromkeys(map(self._seen, sentences)))
        answers = dict[tuple[str, ...], np.ndarray]()
        with progress_bar() as bar:
            task = bar.add_task(f"asking {self.name} of {self.suite.name}", total=len(distinct), unit="sentences")
            for start in range(0, len(distinct), SENTENCES_AT_ONCE):
                chunk = distinct[start : start + SENTENCES_AT_ONCE]
                answers |= zip(chunk, self._judge.scores(chunk), strict=True)
                bar.advance(task, len(chunk))
        return answers
