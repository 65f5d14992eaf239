"""A small suite, and outcomes, surprisals and an audit of it, written down by hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from report_doubles import DOUBLE, PLAIN

from lrd_bench.items import Item, Sentence, Span, Suite
from lrd_bench.outcomes import SURPRISAL_COLUMNS, outcome_frame, write_table
from lrd_bench.signature import run_signature
from lrd_bench.suite_files import write_suite

GROUPS = {"key": "keys", "boy": "boys", "dog": "dogs"}
FILLERS = {
    ("adverbs", 2): ["really"],
    ("adverbs", 4): ["really", "very", "often"],
    ("phrases", 4): ["near", "the", "door"],
}
GOOD_BITS = 2.0
"""The surprisal of every right verb: a probability of 25 %."""


@dataclass(frozen=True)
class Names:
    """What may be called otherwise, to see whether it does harm."""

    suite: str = "agreement-by-hand"
    lstm: str = "lstm"
    factor: str = "construction"
    adverb: str = "really"
    phrases: str = "phrases"
    group: str = "key"


PLAINLY = Names()


def suite_of(names: Names = PLAINLY) -> Suite:
    """Twins at two distances with two kinds of filler, one of which holds a singular noun."""
    items = []
    for singular, plural in GROUPS.items():
        for (filler, distance), words in FILLERS.items():
            words = [names.adverb if word == "really" else word for word in words]
            for value, cue, good, bad in (("singular", singular, "is", "are"), ("plural", plural, "are", "is")):
                sentences = {
                    condition: _sentence(["The", cue, *words, verb, "here", "."], noun=filler == "phrases")
                    for condition, verb in (("bad", bad), ("good", good))
                }
                pair = f"{names.group if singular == 'key' else singular}/{filler}/{distance}"
                factors: Mapping[str, Any] = {
                    "filler": names.phrases if filler == "phrases" else filler,
                    "attractors": int(filler == "phrases" and value == "plural"),
                    "cue_value": value,
                    names.factor: "subject-verb",
                    "seen": "distance" if distance == 4 else "seen",
                }
                group = names.group if singular == "key" else singular
                items.append(Item(id=f"{pair}/{value}", sentences=sentences, group=group, pair=pair, factors=factors))
    return Suite(
        name=names.suite,
        version=1,
        items=tuple(items),
        predictions=(PLAIN, DOUBLE),
        reference="Nobody & Nobody 1963.",
        glossary={"filler": "what stands between", names.factor: "what depends on what"},
    )


def _sentence(words: list[str], *, noun: bool) -> Sentence:
    verb = len(words) - 3
    regions = {"cue": Span(1, 2), "critical": Span(verb, verb + 1)}
    return Sentence(tokens=tuple(words), regions=regions | ({"attractor1": Span(verb - 1, verb)} if noun else {}))


def margin_of(model: str, item: Item, seed: int | None) -> float | None:
    """The LSTM is wrong where a noun opposes the cue, with seed 1 with all phrases; the trigram says singular always.

    Of dogs the trigram knows nothing.
    """
    if model == "ngram-3":
        return None if item.group == "dog" else 3.0 if item.factors["cue_value"] == "singular" else -3.0
    phrases = "attractor1" in item.sentences["good"].regions
    wrong = phrases if seed == 1 else item.factors["attractors"] == 1
    return -1.0 if wrong else 2.0


def write_inputs(folder: Path, names: Names = PLAINLY) -> dict[str, Path]:
    """All files that a page is made from: outcomes, items, surprisals, audit."""
    suite = suite_of(names)
    files = {
        "outcomes": folder / "outcomes.parquet",
        "stimuli": folder / "items.jsonl",
        "surprisals": folder / "surprisals.parquet",
        "audits": folder / "audit.json",
    }
    write_suite(suite, files["stimuli"])
    rows: list[dict[str, object]] = []
    bits: list[dict[str, object]] = []
    for model, called, context, seeds in (("lstm", names.lstm, None, (0, 1)), ("ngram-3", "ngram-3", 2, (None,))):
        run = run_signature(
            suite=f"{suite.name}@1", suite_digest=suite.digest, model=called, model_digest="77ab03d2", method="lm"
        )
        for seed in seeds:
            about = {"run": run, "model": called, "seed": seed, "suite": suite.name}
            for item in suite.items:
                margin, of_twin = (margin_of(model, each, seed) for each in (item, suite.twins[item.id]))
                both = None if margin is None or of_twin is None else margin + of_twin
                for prediction, value in ((PLAIN, margin), (DOUBLE, both)):
                    rows.append(about | _outcome(suite, item, context, prediction, value))
                for condition, surprisal in (("good", GOOD_BITS), ("bad", GOOD_BITS + (margin or 0.0))):
                    region = {"condition": condition, "region": "critical", "words": 1, "unknown_words": 0}
                    known = None if margin is None else surprisal
                    bits.append(about | region | {"item": item.id, "surprisal_bits": known})
    write_table(outcome_frame(rows), files["outcomes"])
    table = pd.DataFrame(bits, columns=list(SURPRISAL_COLUMNS)).astype(dict(SURPRISAL_COLUMNS))
    write_table(table, files["surprisals"])
    found = [
        {"suite": f"{suite.name}@1#{suite.digest[:8]}", "findings": ["All items have one of 3 cues."], "tables": {}}
    ]
    files["audits"].write_text(json.dumps(found))
    return files


def _outcome(suite: Suite, item: Item, context: int | None, prediction: str, margin: float | None) -> dict[str, object]:
    correct = None if margin is None else 0.5 if margin == 0 else float(margin > 0)
    return {
        **item.factors,
        "context": context,
        "suite_version": 1,
        "suite_digest": suite.digest,
        "item": item.id,
        "group": item.group,
        "pair": item.pair,
        "prediction": prediction,
        "method": "lm",
        "correct": correct,
        "margin_bits": margin,
        "chance": 0.5,
        "reason": "unknown word: dog" if margin is None else None,
        "distance": item.distance,
        "needed_context": suite.needed_context(item),
    }
