"""A sentence of an item as markup, with what decides it marked, and the item that shows best what is asked."""

import re
from collections.abc import Iterable
from itertools import groupby, islice

from lrd_bench.items import Item, Sentence, Suite
from lrd_bench.report.page.markup import tag, text

SEARCHED = 2000
"""So many items of a suite are looked at."""

SHOWN_DISTANCE = 7
"""An example has about this distance: far enough to be interesting, and short enough to be read."""

_CLOSING = re.compile(r"[.,;:!?)\]%]+")
"""What stands close to the word before."""


def marked(sentence: Sentence, wrong: str | None = None) -> str:
    """The sentence with its cue, the nouns between and its critical region marked.

    wrong: what stands in place of the critical region in the wrong sentence
    """
    kinds = [""] * len(sentence.tokens)
    for region, span in sorted(sentence.regions.items(), key=lambda entry: entry[0] in ("cue", "critical")):
        kind = region if region in ("cue", "critical") else "between" if region.startswith("attractor") else ""
        kinds[span.start : span.stop] = [kind] * (span.stop - span.start)
    parts = []
    for kind, words in groupby(zip(kinds, sentence.tokens, strict=True), key=lambda entry: entry[0]):
        run = spaced([word for _, word in words])
        parts.append(
            tag("mark", text(run.strip()), class_=kind).join([" " * run.startswith(" "), ""]) if kind else text(run)
        )
        if kind == "critical" and wrong is not None:
            parts.append(" " + tag("s", text(wrong)))
    return "".join(parts).strip()


def spaced(words: Iterable[str]) -> str:
    """Words with a blank before each but those that stand close to the word before."""
    return "".join(word if _CLOSING.fullmatch(word) else f" {word}" for word in words)


def example_of(suites: Iterable[Suite]) -> tuple[Suite, Item] | None:
    """The item that shows best what is asked: of the first suite that marks cue and critical region, with a noun that
    opposes the cue if there is one, and about SHOWN_DISTANCE apart; None where no suite marks them."""
    for suite in suites:
        item = min(filter(_shows_both, islice(suite.items, SEARCHED)), key=_unlike_an_example, default=None)
        if item is not None:
            return suite, item
    return None


def _unlike_an_example(item: Item) -> tuple[bool, int]:
    opposing = item.factors.get("attractors")
    assert item.distance is not None
    return not (isinstance(opposing, int) and opposing > 0), abs(item.distance - SHOWN_DISTANCE)


def _shows_both(item: Item) -> bool:
    """Whether the item marks a cue, and a right and a wrong critical region."""
    sentences = [item.sentences.get(condition) for condition in ("good", "bad")]
    return all(sentence is not None and sentence.distance is not None for sentence in sentences)
