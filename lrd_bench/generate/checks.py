"""Whether a suite's sentence can make twins, with what it puts between and before."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.generate.cells import ATTRACTOR, LURE, Lead, slug
from lrd_bench.generate.filler_checks import check_filler, check_lead, check_no_nouns, is_word
from lrd_bench.generate.language import Parts, Slot, slots_of
from lrd_bench.generate.rules import check_sharing, check_slots, lengths
from lrd_bench.generate.twins import Frame
from lrd_bench.places import place

FILLER, LEAD = "filler", "lead"
REGIONS = ("cue", "critical", ATTRACTOR, LURE)
"""Regions with a meaning of their own."""


class SentenceParts(NamedTuple):
    """The parts of a sentence, as `Frame` has them."""

    head: Parts
    onset: Parts
    cue: Slot
    bridge: tuple[Parts, Parts]
    critical: Slot
    tail: Parts


def split_sentence(sentence: Parts, path: Path, *, led: bool) -> SentenceParts:
    """The parts of a sentence. Raises LrdBenchError where one is missing or out of order.

    led:  whether the suite says what stands in its lead
    """
    where = f"{place(path, 'sentence')}: 'sentence'"
    at = {}
    for name in ("cue", "critical", FILLER, LEAD):
        found = [place for place, part in enumerate(sentence) if isinstance(part, Slot) and name in _names(part)]
        if name == LEAD and not led and not found:
            continue
        if name == LEAD and not led:
            raise LrdBenchError(
                f"{where} has {{lead}}, but nothing says what it holds. Add a table [lead], or drop it."
            )
        if len(found) != 1 or _slot(sentence, found[0]).repeat != (1, 1):
            written = f"{{{name}}}" if name in (FILLER, LEAD) else f"{{{name}:…}}"
            why = ", because [lead] is given" if name == LEAD else ""
            raise LrdBenchError(f"{where} needs exactly one slot {written}{why}. It has {len(found)}.")
        at[name] = found[0]
    start = at.get(LEAD, at["cue"])
    if not start <= at["cue"] < at[FILLER] < at["critical"]:
        raise LrdBenchError(
            f"{where} must have {{lead}} (if any), the cue, {{filler}} and the critical word in this order."
        )
    return SentenceParts(
        head=sentence[:start],
        onset=sentence[start + 1 : at["cue"]] if led else (),
        cue=_slot(sentence, at["cue"]),
        bridge=(sentence[at["cue"] + 1 : at[FILLER]], sentence[at[FILLER] + 1 : at["critical"]]),
        critical=_slot(sentence, at["critical"]),
        tail=sentence[at["critical"] + 1 :],
    )


def _names(slot: Slot) -> tuple[str | None, ...]:
    return (slot.region,) if slot.region in ("cue", "critical") else (slot.name,)


def _slot(sentence: Parts, at: int) -> Slot:
    slot = sentence[at]
    assert isinstance(slot, Slot)
    return slot


def check_frame(frame: Frame, lead: Lead) -> None:
    """Raises LrdBenchError naming file and line where a suite's sentence, fillers or lead cannot make twins."""
    path = frame.path
    where = f"{place(path, 'sentence')}: 'sentence'"
    before, after = (*frame.head, *frame.onset), (*frame.bridge[0], *frame.bridge[1], *frame.tail)
    rules = {rule.name for rule in frame.grammar.rules}
    check_slots(slots_of((*before, *after)), where, frame.lexicon, rules)
    _check_twin_slot(frame, "cue", frame.cue, where)
    _check_twin_slot(frame, "critical word", frame.critical, where)
    check_sharing([*slots_of(before), frame.cue, frame.critical, *slots_of(after)], where, frame.lexicon)
    one, other = (slot.shared[frame.feature] for slot in (frame.cue, frame.critical))
    if one != other:
        raise LrdBenchError(
            f"{where}: cue and critical word do not share {frame.feature!r}: ${one} is not ${other}. Write the same."
        )
    _check_values(frame, path)
    _check_agreement(frame, slots_of(before), slots_of(after), where)
    check_no_nouns((*before, *after), (ATTRACTOR, LURE), where)
    for slot in slots_of((*before, *after)):
        if slot.region and not is_word(frame, slot):
            raise LrdBenchError(
                f"{where}: {slot} is a region that may be of several words, or of none. Make it one word of a class."
            )
    for slot in (slot for parts in frame.bridge for slot in slots_of(parts)):
        if not is_word(frame, slot):
            raise LrdBenchError(
                f"{where}: {{{slot.name}}} stands between cue and critical word, where only words of a class may. "
                "Put it into a filler."
            )
    if not min(lead.lures) and not lengths(before, frame.grammar.rules)[0]:
        raise LrdBenchError(
            f"{where}: may begin with the cue. Begin with another word, so that neither a capital letter nor the first "
            "place gives the cue away."
        )
    kinds = [slug(filler.kind) for filler in frame.fillers]
    for number, filler in enumerate(frame.fillers):
        if not kinds[number] or kinds.index(kinds[number]) != number:
            what = f"two fillers are of the kind {filler.kind!r}. Rename one."
            raise LrdBenchError(
                f"{place(path, 'filler', number, 'kind')}: "
                + (what if kinds[number] else "the kind is empty. Give it a name.")
            )
        check_filler(frame, filler, number, path)
    check_lead(frame, lead, path)
    _check_rules(frame)


def check_kin(frame: Frame, kin: Sequence[Sequence[str]]) -> None:
    """Raises LrdBenchError where what is kin is no value of the twins' feature, or one form of a word to another."""
    if kin and frame.inflected:
        raise LrdBenchError(
            f"{place(frame.path, 'kin')}: kin: the twins' cues are two forms of one word, and have no other values of "
            f"{frame.feature!r} to keep apart. Remove it."
        )
    for values in kin:
        for value in values:
            if value not in frame.values():
                where = place(frame.path, "kin", containing=f'"{value}"')
                raise LrdBenchError(f"{where}: kin: {unknown(frame.feature, value, frame.values())}")
        if len(set(values)) < 2:
            where = place(frame.path, "kin", containing=f'"{values[0]}"' if values else "")
            raise LrdBenchError(f"{where}: kin: {list(values)} needs two different values of {frame.feature!r}.")
    if kin and not frame.pairs():
        raise LrdBenchError(
            f"{place(frame.path, 'kin')}: kin: leaves no two values of {frame.feature!r} that could be twins. "
            "Keep fewer apart."
        )


def check_fixed_length(frame: Frame, lead: Lead) -> None:
    """Raises LrdBenchError where a suite has no version of fixed length: the cue has to be able to keep its place."""
    sentence, table = place(frame.path, "sentence"), place(frame.path, "lead")
    if lead.stretch is None:
        where = sentence if table == str(frame.path) else table
        raise LrdBenchError(
            f"{where}: has no version of fixed length: nothing stretches what stands before the cue. Add {{lead}} to "
            "the sentence and 'stretch' to [lead], or leave out --fixed-length."
        )
    for slot in slots_of((*frame.head, *frame.onset)):
        low, high = lengths((slot,), frame.grammar.rules)
        if low != high:
            words = f"{low:g} to {high:g} words" if math.isfinite(high) else f"{low:g} words or more"
            raise LrdBenchError(
                f"{sentence}: has no version of fixed length: before the cue, {{{slot.name}}} may be of {words}. "
                "Let it always be of as many, or leave out --fixed-length."
            )


def _check_rules(frame: Frame) -> None:
    """A suite's own rules show everything, and name no region that the sentence, its fillers and its lead have."""
    for rule in (rule for rules in frame.grammar.rules for rule in rules.alternatives):
        if rule.withheld:
            raise LrdBenchError(
                f"{rule.where}: {rule.text!r} is withheld, as it can be in a training grammar only. Leave out "
                "'withheld …'."
            )
        if taken := next((slot.region for slot in rule.slots if slot.region in REGIONS), None):
            raise LrdBenchError(
                f"{rule.where}: a region {taken!r} belongs into the sentence, filler or lead. Rename it."
            )


def _check_twin_slot(frame: Frame, what: str, slot: Slot, where: str) -> None:
    """The cue or the critical word: a class that shares the feature of the twins, and no form left open."""
    if slot.name not in frame.lexicon:
        raise LrdBenchError(f"{where}: {what}: {unknown('class', slot.name, frame.lexicon.classes)}")
    check_slots([slot], where, frame.lexicon, ())
    if frame.feature not in slot.shared:
        raise LrdBenchError(
            f"{where}: the {what} must share {frame.feature!r}, the feature of the twins: "
            f"{{{slot.region}:{slot.name}({frame.feature})}}."
        )
    for feature in slot.shared:
        if feature != frame.feature and frame.lexicon.inflects(slot.name, feature):
            raise LrdBenchError(
                f"{where}: the {what} leaves its form for {feature!r} open. Fix it here and in all that agrees: "
                f"{feature}={frame.lexicon.values(slot.name, feature)[0]}."
            )


def _check_values(frame: Frame, path: Path) -> None:
    """Twins need two values, and just two where one word has them all."""
    values, feature = frame.values(), frame.feature
    of = f"{place(path, 'twins')}: class {frame.cue.name!r} of {frame.lexicon.name}"
    if len(values) < 2:
        raise LrdBenchError(
            f"{of} has fewer than two values of {feature!r}. Twins need two: add words, or name another feature."
        )
    if frame.inflected and len(values) > 2:
        raise LrdBenchError(
            f"{of} has forms for {len(values)} values of {feature!r} ({', '.join(values)}). Twins need exactly two: "
            "leave the others out of the lexicon."
        )


def _check_agreement(frame: Frame, before: Sequence[Slot], after: Sequence[Slot], where: str) -> None:
    """What agrees with the cue stands before it, so that the needed context is the distance and tails stay the same."""
    for slot in (slot for slot in before if frame.variable in slot.shared.values()):
        if frame.inflected and slot.name not in frame.lexicon:
            raise LrdBenchError(
                f"{where}: {{{slot.name}}} agrees with the cue and comes from a rule. What agrees before the cue must "
                "be words of a class: write them into the sentence."
            )
        inflects = slot.shared.get(frame.feature) == frame.variable and frame.lexicon.inflects(slot.name, frame.feature)
        if not (frame.inflected and inflects):
            raise _agrees(frame, slot, where)
    for slot in (slot for slot in after if frame.variable in slot.shared.values()):
        raise _agrees(frame, slot, where)


def _agrees(frame: Frame, slot: Slot, where: str) -> LrdBenchError:
    return LrdBenchError(
        f"{where}: {{{slot.name}}} shares {frame.feature!r} with the cue. Only words before the cue may, and only if "
        f"both inflect for it: use another name, such as {frame.feature}=$other, or fix it."
    )
