"""What a judge makes of a suite: a log-odds for each item, beside which a language model's margin may stand.

A judge of *acceptable* and *unacceptable* is shown both sentences of an item: the margin is how much more acceptable it
finds the good one. Any other judge is shown what comes before the critical word, and its labels are values of the cue,
such as *singular* and *plural*, for the verb that is to come (Linzen et al. 2016): the margin is how much likelier it
finds the item's own value than the twin's.
"""

from collections.abc import Sequence

import numpy as np

from lrd_bench.errors import LrdBenchError
from lrd_bench.formula import Formula, Verdict, parse_formula, verdict_of
from lrd_bench.items import Item, Suite
from lrd_bench.models.base import Judge, Words
from lrd_bench.outcomes import nats_to_bits
from lrd_bench.progress import progress_bar
from lrd_bench.score.questions import Unscored, whole_pairs

ACCEPTABLE, UNACCEPTABLE = "acceptable", "unacceptable"
SENTENCES_AT_ONCE = 4096


class Judgements:
    """One suite put to one judge; in all else as `Questions`."""

    def __init__(self, suite: Suite, judge: Judge, name: str) -> None:
        """Raises LrdBenchError for a suite without good and bad sentences.

        name: the judge's, for messages
        """
        self.suite, self.name, self._judge = suite, name, judge
        headline = suite.predictions[0]
        self.formulas = {headline: parse_formula(headline)}
        for item in suite.items:
            if not {"good", "bad"} <= item.sentences.keys():
                raise LrdBenchError(
                    f"{suite.name}: item {item.id!r} has no good and bad sentence, which a judge decides between. "
                    "Ask a language model."
                )

    def verdicts(self, formula: Formula) -> dict[str, Verdict | Unscored]:
        """Item id → verdict, or the reason why there is none. A pair is scored whole or not at all."""
        asked: dict[str, tuple[list[Words], list[int]]] = {}
        verdicts: dict[str, Verdict | Unscored] = {}
        for item in self.suite.items:
            question = self._question(item)
            if isinstance(question, Unscored):
                verdicts[item.id] = question
            else:
                asked[item.id] = question
        answers = self._answers([words for sentences, _ in asked.values() for words in sentences])
        for id_, (sentences, (right, wrong)) in asked.items():
            odds = [answers[self._seen(words)][right] - answers[self._seen(words)][wrong] for words in sentences]
            margin = odds[0] - odds[1] if len(odds) > 1 else odds[0]
            verdicts[id_] = verdict_of(nats_to_bits(float(margin)))
        return whole_pairs({item.id: verdicts[item.id] for item in self.suite.items}, self.suite)

    def surprisals(self) -> dict[tuple[str, str, str], float | None]:
        """Raises LrdBenchError: a judge gives words no probability."""
        raise LrdBenchError(f"{self.name}: is a judge, and gives words no surprisal. Leave out --surprisals.")

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
            right, wrong = (str(one.factors.get("cue_value")) for one in (item, twin))
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
        return tuple(words) if context is None else tuple(words[-context:])

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
