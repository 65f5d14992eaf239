"""Agreement in treebanks: subjects, and the finite present verbs that agree with them in number.

What a verb and its number are in Universal Dependencies: the head of the subject if it is finite, otherwise (*has been
seen*, *are rusty*) the first finite auxiliary or copula of that head.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lrd_bench.formats.conllu import ROOT, ParsedSentence, Token

NUMBERS = {"Sing": "singular", "Plur": "plural"}
SUBJECTS = ("NOUN", "PROPN", "PRON")
VERBS = ("VERB", "AUX")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A subject before a verb that agrees with it."""

    subject: int
    """Its place in the sentence, from 0."""
    verb: int
    """The place of the verb that carries the number."""
    number: str
    """`singular` or `plural`."""


def agreements(sentence: ParsedSentence) -> Iterator[Agreement | str]:
    """For each subject (`nsubj` or a subtype) of a sentence, in order: what agrees with it, or why it is left out."""
    for place, token in enumerate(sentence.tokens):
        if token.relation.partition(":")[0] == "nsubj":
            yield _agreement(sentence, place, token)


def _agreement(sentence: ParsedSentence, place: int, subject: Token) -> Agreement | str:
    # Its head is the predicate of the clause inside, whose verb does not agree with it.
    if subject.relation == "nsubj:outer":
        return "its predicate is a clause"
    number = NUMBERS.get(subject.features.get("Number", ""))
    if subject.upos not in SUBJECTS or number is None:
        return "the subject is no noun or pronoun that is singular or plural"
    verb = _verb(sentence, subject)
    if verb is None:
        return "there is no finite present verb"
    if verb < place:
        return "the verb comes first"
    verbs = NUMBERS.get(sentence.tokens[verb].features.get("Number", ""))
    if verbs is None:
        return "the verb shows no number"
    if verbs != number:
        return "subject and verb differ in number"
    return Agreement(subject=place, verb=verb, number=number)


def _verb(sentence: ParsedSentence, subject: Token) -> int | None:
    if subject.head == ROOT:
        return None
    head = subject.head - 1
    if _is_finite_present(sentence.tokens[head]):
        return head
    helpers = (
        place
        for place, token in enumerate(sentence.tokens)
        if token.head == subject.head and token.relation.partition(":")[0] in ("aux", "cop")
    )
    return next((place for place in helpers if _is_finite_present(sentence.tokens[place])), None)


def _is_finite_present(token: Token) -> bool:
    features = token.features
    return (
        token.upos in VERBS
        and features.get("VerbForm") == "Fin"
        and features.get("Tense") == "Pres"
        and features.get("Mood", "Ind") == "Ind"
    )
