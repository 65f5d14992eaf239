"""Whether what a suite puts between and before makes the distances it promises, with nouns that may mislead."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from lrd_bench.errors import LrdBenchError, unknown
from lrd_bench.generate.cells import (
    ATTRACTOR,
    INNER,
    LURE,
    MARKS,
    STRETCH,
    UNITS,
    FillerParts,
    Lead,
    filler_at,
    lead_at,
)
from lrd_bench.generate.language import Parts, Slot, slots_of
from lrd_bench.generate.lexicon import Form, no_words
from lrd_bench.generate.rules import check_sharing, check_slots
from lrd_bench.generate.twins import Frame
from lrd_bench.places import place


def check_filler(frame: Frame, filler: FillerParts, number: int, path: Path) -> None:
    """Raises LrdBenchError for a filler whose lengths are not known, or whose nouns cannot mislead."""

    def at(key: str) -> str:
        return filler_at(path, number, filler.kind, key)

    where = f"{place(path, 'filler', number)}: filler {filler.kind!r}"
    _check_stretch(frame, filler.stretch, at("stretch"))
    slots = [slot.name for parts in (filler.text, filler.unit) for slot in slots_of(parts)]
    if slots.count(STRETCH) != (filler.stretch is not None):
        raise LrdBenchError(
            f"{where} needs exactly one slot {{{STRETCH}}}, in 'text' or 'unit', if 'stretch' is given; none if not."
        )
    if slots.count(UNITS) != bool(filler.unit) or UNITS in [slot.name for slot in slots_of(filler.unit)]:
        raise LrdBenchError(
            f"{where}: 'text' needs exactly one slot {{{UNITS}}} if there is a 'unit', and none if not."
        )
    inner = [slot.name for slot in slots_of(filler.unit)].count(INNER)
    if inner > 1 or INNER in [slot.name for slot in slots_of(filler.text)]:
        raise LrdBenchError(f"{where}: a slot {{{INNER}}}, where the next unit nests, may stand once, in 'unit'.")
    _check_words(frame, filler.text, at("text"))
    _check_words(frame, filler.unit, at("unit"))
    _check_nouns(frame, filler.text, ATTRACTOR, at("text"), at_least=0)
    if filler.unit:
        _check_nouns(frame, filler.unit, ATTRACTOR, at("unit"), at_least=1, at_most=1)


def check_lead(frame: Frame, lead: Lead, path: Path) -> None:
    """Raises LrdBenchError for a lead whose length is not known, or whose nouns cannot mislead."""
    unit = lead_at(path, "unit")
    _check_stretch(frame, frame.lead_stretch, lead_at(path, "stretch"))
    if bool(frame.lead) != any(lead.lures):
        raise LrdBenchError(
            f"{place(path, 'lead')}: [lead]: give both 'unit' and 'lures', such as lures = [0, 1], or neither."
        )
    if frame.lead:
        _check_words(frame, frame.lead, unit, marks=())
        _check_nouns(frame, frame.lead, LURE, unit, at_least=1, at_most=1)


def _check_stretch(frame: Frame, name: str | None, where: str) -> None:
    """Words that lengthen something have no features by which a form could be chosen."""
    if name is None:
        return
    if name not in frame.lexicon:
        raise LrdBenchError(f"{where}: {unknown('class', name, frame.lexicon.classes)}")
    for lexeme in frame.lexicon.classes[name]:
        if len(forms := list(dict.fromkeys(lexeme.forms.values()))) > 1:
            raise LrdBenchError(
                f"{where}: {lexeme.lemma!r} of class {name!r} has several forms ({', '.join(forms)}), and nothing "
                "chooses one. Name a class whose words do not inflect."
            )


def _check_words(frame: Frame, parts: Parts, where: str, marks: Sequence[str] = MARKS) -> None:
    for slot in slots_of(parts):
        plain = slot.repeat == (1, 1) and not slot.fixed and not slot.shared
        if slot.name in marks:
            if not plain:
                raise LrdBenchError(f"{where}: write {{{slot.name}}} without features or repetition.")
        elif not is_word(frame, slot):
            what = "" if slot.name in frame.lexicon else f" ({unknown('class', slot.name, frame.lexicon.classes)})"
            raise LrdBenchError(
                f"{where}: {{{slot.name}}} must be one word of a class, or the distance is not known{what}."
            )
        elif slot.region not in (None, ATTRACTOR, LURE):
            raise LrdBenchError(
                f"{where}: {{{slot.region}:{slot.name}}} would be a region of some sentences only. "
                f"Write {{{slot.name}}}."
            )
        else:
            check_slots([slot], where, frame.lexicon, ())
    check_sharing(slots_of(parts), where, frame.lexicon)


def _check_nouns(frame: Frame, parts: Parts, region: str, where: str, *, at_least: int, at_most: int = 9) -> None:
    """The nouns that may mislead: their number, and that each has the twins' feature to itself."""
    check_no_nouns(parts, (LURE if region == ATTRACTOR else ATTRACTOR,), where)
    found = [slot for slot in slots_of(parts) if slot.region == region]
    variables = [slot.shared.get(frame.feature) for slot in found]
    if not at_least <= len(found) <= at_most or None in variables:
        which = "exactly one noun" if at_least else "each of its nouns"
        raise LrdBenchError(f"{where} needs {which} marked {{{region}:…({frame.feature})}}.")
    for slot in found:
        _check_misleading(frame, slot, where)
    if len(set(variables)) != len(variables):
        raise LrdBenchError(
            f"{where}: two nouns share {frame.feature!r}, but each has a value of its own: {frame.feature}=$other."
        )


def _check_misleading(frame: Frame, slot: Slot, where: str) -> None:
    """A noun that may mislead has words for the values of the twins, and forms that show them."""
    lexicon, feature = frame.lexicon, frame.feature
    of = f"{where}: class {slot.name!r} of {lexicon.name}"
    if len(lexicon.values(slot.name, feature)) < 2:
        raise LrdBenchError(
            f"{of} has fewer than two values of {feature!r}, so that its words cannot mislead. Name another class, or "
            "add words."
        )
    values = [
        value
        for value in frame.values()
        if all(lexicon.forms(each.name, {**each.fixed, feature: value}) for each in (frame.cue, frame.critical))
    ]
    if len(values) < 2:  # no twins at all: that is said elsewhere
        return
    forms = {value: lexicon.forms(slot.name, {**slot.fixed, feature: value}) for value in values}
    for value in values:
        if not forms[value]:
            raise no_words(where, lexicon, slot.name, {**slot.fixed, feature: value})
    if lexicon.inflects(slot.name, feature) and not _differ(forms, feature):
        raise LrdBenchError(
            f"{of} has no word whose forms for {' and '.join(values)} differ, so that its words cannot mislead. Name "
            "another class, or add words."
        )


def _differ(forms: Mapping[str, Sequence[Form]], but: str) -> bool:
    """Whether some lexeme has two forms that have the same features but for one, and are written differently."""
    one, other, *_ = forms.values()
    return any(
        form.lexeme is each.lexeme
        and form.text != each.text
        and all(each.features.get(name, value) == value for name, value in form.features.items() if name != but)
        for form in one
        for each in other
    )


def check_no_nouns(parts: Parts, regions: Sequence[str], where: str) -> None:
    """The nouns that may mislead stand where a cell's pattern reaches them."""
    if found := next((slot for slot in slots_of(parts) if slot.region in regions), None):
        place_of = "a filler's text or unit" if found.region == ATTRACTOR else "the unit of [lead]"
        raise LrdBenchError(f"{where}: {{{found.region}:{found.name}}} may stand in {place_of} only. Move it there.")


def is_word(frame: Frame, slot: Slot) -> bool:
    """Whether a slot is filled by a single word of a class."""
    return slot.name in frame.lexicon and slot.repeat == (1, 1)
