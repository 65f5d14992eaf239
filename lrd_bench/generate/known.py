"""Keeping a suite to words that a model has seen often enough: whole groups go, so that what is left is balanced."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate.draws import Drawer
from lrd_bench.generate.language import Parts, slots_of
from lrd_bench.generate.pages import OpenedSuite
from lrd_bench.generate.plans import Plan
from lrd_bench.generate.twins import Frame, Groups, Material
from lrd_bench.places import place
from lrd_bench.vocabulary import Vocabulary


class KnownWords(NamedTuple):
    """What of a suite is known, and what is lost."""

    frame: Frame
    groups: Groups
    left_out: dict[str, int]
    """What is not known (cue, candidate, word around them) → how many groups are lost for that."""
    words_left_out: int
    """How many forms around the cue and the critical word are lost."""
    fixed_unknown: list[str]
    """Words of the page itself that are not known; they stay."""


def known_words(suite: OpenedSuite, vocabulary: Vocabulary | None, min_count: int) -> KnownWords:
    """The suite over the words that a vocabulary has counted at least so often; over all words without a vocabulary.

    Raises LrdBenchError if no group is left.
    """
    frame, groups = suite.frame, Groups(suite.frame)
    possible, where = groups.keys(), place(suite.path, "sentence")
    if not possible:
        raise LrdBenchError(
            f"{where}: no cue and critical word in {frame.lexicon.name} have what their slots share, in two forms "
            "each. Share fewer features, or add words."
        )
    if vocabulary is None:
        return KnownWords(frame, groups, {}, 0, [])
    cut = suite.frame_over(frame.lexicon.keep(lambda word: word in vocabulary and vocabulary.count(word) >= min_count))
    # Not only cue and candidates must be known: each pair needs words that may stand around and between them.
    drawer = Drawer(cut, Plan(cut, suite.cells), seed=0)
    left = Groups(cut, accepts=drawer.can_fill)
    kept = set(left.keys())
    if not kept:
        whole = Groups(cut)
        for key in whole.keys()[:1]:
            drawer.block(whole.materials(key)[0])  # raises: it says which words are lacking
        raise LrdBenchError(
            f"{where}: none of its {len(possible)} groups has a cue and two candidates that the vocabulary knows at "
            f"least {min_count} times. Use a larger vocabulary, a lower --min-count or another lexicon."
        )
    reasons = Counter(_unknown(groups.materials(key), cut) for key in possible if key not in kept)
    fixed = dict.fromkeys(part for line in _lines(frame) for part in line if isinstance(part, str))
    unknown = [word for word in fixed if word not in vocabulary or vocabulary.count(word) < min_count]
    return KnownWords(cut, left, dict(reasons), _words(frame) - _words(cut), unknown)


def _unknown(materials: Sequence[Material], cut: Frame) -> str:
    """What keeps a group out of a suite over the words that are left."""
    cues, answers = ({form.text for form in cut.lexicon.forms(slot.name, {})} for slot in (cut.cue, cut.critical))
    with_cues = [each for each in materials if cues.issuperset(each.cues)]
    if not with_cues:
        return "unknown cue"
    known = any(answers.issuperset(each.answers) for each in with_cues)
    return "unknown word around them" if known else "unknown candidate"


def _words(frame: Frame) -> int:
    """How many forms may stand around the cue and the critical word."""
    names = {slot.name for line in _lines(frame) for slot in slots_of(line)} | frame.grammar.names()
    names |= {name for name in (frame.lead_stretch, *(filler.stretch for filler in frame.fillers)) if name}
    return len({form.text for name in names if name in frame.lexicon for form in frame.lexicon.forms(name, {})})


def _lines(frame: Frame) -> list[Parts]:
    """The lines of the page, without those of its rules."""
    fillers = [line for filler in frame.fillers for line in (filler.text, filler.unit)]
    return [frame.head, frame.onset, frame.tail, frame.lead, *frame.bridge, *fillers]
