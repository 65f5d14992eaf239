"""Whether a suite's sentence and filler can make twins at the distances they promise."""

from collections.abc import Sequence

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.generate.cells import INNER, STRETCH
from lrd_bench.generate.language import Slot
from lrd_bench.generate.twins import FILLER, Frame


def check_frame(frame: Frame, where: str) -> None:
    """Raises LrdBenchError where a suite's sentence or unit cannot make twins; `where` names the file."""
    for region in ("cue", "critical"):
        _check_twin_slot(frame, region, where)
    one, other = (frame.slot(region).shared[frame.feature] for region in ("cue", "critical"))
    if one != other:
        raise LrdBenchError(f"{where}: cue and critical word do not share {frame.feature!r}: ${one} is not ${other}.")
    if len(frame.values()) < 2:
        raise LrdBenchError(
            f"{where}: 'twins': class {frame.slot('cue').name!r} of {frame.lexicon.path} has fewer than two values of "
            f"{frame.feature!r}. Twins need two."
        )
    _check_order(frame, where)
    _check_agreement(frame, where)
    _check_unit(frame, where)


def _check_twin_slot(frame: Frame, region: str, where: str) -> None:
    """The cue or the critical word: one slot, a class that shares the feature of the twins, and no form left open."""
    found = [part for part in _slots(frame.sentence) if part.region == region]
    if len(found) != 1 or found[0].repeat != (1, 1):
        raise LrdBenchError(f"{where}: 'sentence' needs exactly one slot {{{region}:…}}. Mark it.")
    slot = found[0]
    if slot.name not in frame.lexicon or frame.feature not in slot.shared:
        raise LrdBenchError(
            f"{where}: the {region} must be a class of the lexicon that shares {frame.feature!r}, the feature of "
            f"the twins: {{{region}:{slot.name}({frame.feature})}}."
        )
    for feature in slot.shared:
        if feature != frame.feature and frame.lexicon.inflects(slot.name, feature):
            raise LrdBenchError(
                f"{where}: the {region} leaves its form for {feature!r} open. Fix it: {feature}="
                f"{frame.lexicon.values(slot.name, feature)[0]}."
            )


def _check_order(frame: Frame, where: str) -> None:
    slots = _slots(frame.sentence)
    order = [slot.region if slot.region in ("cue", "critical") else slot.name for slot in slots]
    if order.count(FILLER) != 1:
        raise LrdBenchError(f"{where}: 'sentence' needs exactly one slot {{filler}} between cue and critical word.")
    if not order.index("cue") < order.index(FILLER) < order.index("critical"):
        raise LrdBenchError(f"{where}: 'sentence' must have the cue, then {{filler}}, then the critical word.")
    for slot in slots[order.index("cue") + 1 : order.index("critical")]:
        if slot.name != FILLER and not _is_word(frame, slot):
            raise LrdBenchError(
                f"{where}: {{{slot.name}}} stands between cue and critical word: only single words may."
            )


def _check_agreement(frame: Frame, where: str) -> None:
    """What agrees with the cue stands before it, so that the needed context is the distance and tails stay the same."""
    cue = frame.slot("cue")
    before = frame.sentence[: frame.sentence.index(cue)]
    for slot in _slots(frame.sentence):
        agrees = cue.shared[frame.feature] in slot.shared.values() and slot.region not in ("cue", "critical")
        if agrees and not (frame.inflected and slot in before):
            raise LrdBenchError(
                f"{where}: {{{slot.name}}} shares {frame.feature!r} with the cue. Only words before the cue may, and "
                f"only if both inflect for it: use another name, such as {frame.feature}=$other, or fix it."
            )


def _check_unit(frame: Frame, where: str) -> None:
    where = f"{where}: [filler]"
    slots = _slots(frame.unit)
    names = [slot.name for slot in slots]
    if frame.stretch is not None and frame.stretch not in frame.lexicon:
        raise LrdBenchError(f"{where} stretch: {unknown('class', frame.stretch, frame.lexicon.classes)}")
    if not frame.unit:
        return
    attractors = [slot for slot in slots if slot.region == "attractor"]
    if len(attractors) != 1 or frame.feature not in attractors[0].shared:
        raise LrdBenchError(f"{where} unit needs exactly one noun marked {{attractor:…({frame.feature})}}.")
    if names.count(STRETCH) != (frame.stretch is not None):
        raise LrdBenchError(
            f"{where} unit needs exactly one slot {{{STRETCH}}} if 'stretch' names a class, and none if not."
        )
    if names.count(INNER) > 1:
        raise LrdBenchError(f"{where} unit has more than one slot {{{INNER}}}. The next unit nests in one place.")
    for slot in slots:
        plain = slot.repeat == (1, 1) and not slot.fixed and not slot.shared
        if not (plain if slot.name in (STRETCH, INNER) else _is_word(frame, slot)):
            raise LrdBenchError(
                f"{where} unit: {{{slot.name}}} must be one word of a class, or the distance is not known."
            )


def _slots(parts: Sequence[Slot | str]) -> list[Slot]:
    return [part for part in parts if isinstance(part, Slot)]


def _is_word(frame: Frame, slot: Slot) -> bool:
    return slot.name in frame.lexicon and slot.repeat == (1, 1)
