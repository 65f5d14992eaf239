"""The words of a page, each in a sentence or two. docs/method.md defines them in full."""

from collections.abc import Iterable

from lrd_bench.items import Suite

TERMS: tuple[tuple[str, str], ...] = (
    ("cue", "The word that decides which form or word is right further on: the subject that a verb agrees with."),
    ("critical region", "Where the right sentence and the wrong one differ: the verb, or the noun that is selected."),
    (
        "distance",
        "Position of the first critical word minus position of the cue's last word: 1 when they are adjacent.",
    ),
    (
        "filler",
        "What stands between cue and critical word, such as adverbs or prepositional phrases. Only it changes with"
        " distance.",
    ),
    (
        "attractor, opposing noun",
        "A noun between cue and critical word whose value (number, domain) opposes the cue's: cabinets in The key "
        "to the cabinets is. A cell of items with so many of them holds one twin without the other, and the "
        "theorem says nothing of it.",
    ),
    (
        "twins",
        "Two items with the same words but for the cue, the same two candidates, and the opposite answer. A model "
        "that cannot see the cue gets one of the two right, exactly.",
    ),
    ("needed context", "How many words to the left a model must see to tell the twins apart. K in docs/method.md."),
    (
        "surprisal",
        "Minus the base-2 logarithm of the probability of a word given what the model sees before it, in bits: 1 "
        "bit is a probability of ½, 10 bits about one in a thousand.",
    ),
    (
        "margin",
        "By how many bits a prediction holds: the surprisal of the wrong critical region minus that of the right "
        "one. With a margin of m bits the right one is 2 to the power of m times likelier; below 0 the model is "
        "wrong.",
    ),
    ("accuracy", "The mean over items of right (1), wrong (0) and tie (½, a margin within 0.0001 bits)."),
    ("both right", "How often both twins of a pair are right. One candidate always preferred gives 0."),
    (
        "double difference",
        "The sum of both twins' margins. Whatever makes a word likely everywhere, such as its frequency, cancels; "
        "what is left is what cue and candidate have to do with each other.",
    ),
    (
        "½ exact",
        "A model that sees fewer words than the twins' needed context scores exactly one half on whole pairs. It "
        "is a theorem, and = ½ beside a measured number says that it was found so.",
    ),
    (
        "interval",
        "95 %, for each number by itself. Groups of items that share words are resampled, not items; from five "
        "training seeds on, seeds as well.",
    ),
    ("group", "Items that share their content words, and so rise and fall together."),
    (
        "verdict",
        "blind, not learnt, forgets or holds: what a curve of accuracy by distance says, of items in which "
        "distance alone varies. Holds says that no fall was found, not that there is none.",
    ),
    (
        "withheld",
        "What the grammar that the items were made with (their split) never shows in the training text that it writes: "
        "pairings of words, distances, depths, fillers. Success there is not memory of sentences. Of models trained on "
        "other text it says nothing.",
    ),
    (
        "attractor effect",
        "Accuracy where the noun nearest to the critical word opposes the cue, minus accuracy where it agrees, "
        "inside the same pairs.",
    ),
    (
        "unscored",
        "Left out of every mean, and counted: a word of the cue or the critical region is not in the model's "
        "vocabulary, or the model gives no number.",
    ),
    (
        "perplexity",
        "2 to the power of the mean surprisal of the words of a text: how well a model predicts running text.",
    ),
    ("ideal observer", "The grammar that wrote the training text, as a model: no model of such text can do better."),
    (
        "signature",
        "What a number was measured on, in one line: suite, model, seeds, method, and how ties and unknown words "
        "are taken. Two numbers compare where their signatures differ in the model alone.",
    ),
)


OF_COLUMNS: tuple[tuple[str, str], ...] = (
    (
        "horizon",
        "The longest distance up to which accuracy surely exceeds halfway from chance to perfect, at every distance on "
        "the way.",
    ),
    ("detectable", "The longest distance up to which accuracy surely exceeds chance, at every distance on the way."),
    (
        "half-life",
        "How many words beyond the shortest distance a model has lost half of what it knows there.",
    ),
)
"""Words that are explained where a table has a column of that name."""


def factors_of(suites: Iterable[Suite]) -> list[tuple[str, str]]:
    """Factor → what the suites' glossaries say it means; where they differ, for each suite."""
    said: dict[str, dict[str, list[str]]] = {}
    for suite in suites:
        for factor, meaning in suite.glossary.items():
            said.setdefault(factor, {}).setdefault(meaning, []).append(suite.name)
    return [
        (factor, next(iter(meanings)))
        if len(meanings) == 1
        else (factor, "; ".join(f"{meaning} ({', '.join(names)})" for meaning, names in meanings.items()))
        for factor, meanings in said.items()
    ]
