"""Words that a vocabulary lacks, and how common the answers are in a training text."""

import pytest
from by_hand import CRITICAL, marked, suite, twins

from lrd_bench.audit import audit_suite
from lrd_bench.vocabulary import build_vocabulary

OTHER = ("dog", "runs"), ("dogs", "run")


@pytest.fixture
def vocabulary(tmp_path):
    """Writes the vocabulary of a text."""

    def written(text):
        path = tmp_path / "vocabulary.tsv"
        build_vocabulary([text.split()]).write(path)
        return path

    return written


@pytest.fixture
def corpus(tmp_path):
    """Writes a training text of these sentences; the other splits hold one that is never looked at."""

    def written(*sentences):
        folder = tmp_path / "corpus"
        folder.mkdir(exist_ok=True)
        for split in ("valid", "test"):
            (folder / f"{split}.txt").write_text("The keys near us are old .\n")
        (folder / "train.txt").write_text("\n".join(sentences) + "\n")
        return folder

    return written


def unknown(path, of, **options):
    table = audit_suite(of, vocabulary=path, **options).table("vocabulary")
    return dict(zip(table["what"], table["number"], strict=True))


PAIRS = suite(*twins("key|be", "near us"), *twins("dog|run", "near us", *OTHER), predictions=(CRITICAL,))


def test_an_unknown_cue_or_answer_leaves_both_twins_unscored(vocabulary):
    found = unknown(vocabulary("The near us key is are old . dog dogs run runs"), PAIRS)
    assert found == {
        "different words": 13,
        "unknown words": 1,
        "… in a cue or a critical region": 1,
        "items left unscored, with their twins": 2,
        "items with unknown words elsewhere": 0,
    }


def test_an_unknown_word_elsewhere_leaves_nothing_unscored(vocabulary):
    found = unknown(vocabulary("The near key keys is are old . dog dogs run runs"), PAIRS)
    assert found["items left unscored, with their twins"] == 0
    assert found["items with unknown words elsewhere"] == 4


def test_words_that_are_too_rare_count_as_unknown(vocabulary):
    words = "The near us key is are old . dog dogs run runs"
    path = vocabulary(f"{words} {words} keys")
    assert unknown(path, PAIRS)["unknown words"] == 0
    assert unknown(path, PAIRS, min_count=2)["items left unscored, with their twins"] == 2


def test_items_that_cannot_be_scored_are_told(vocabulary):
    findings = audit_suite(PAIRS, vocabulary=vocabulary("The near us key is are old . dog dogs run runs")).findings
    assert (
        "2 items of 4 (50 %) cannot be scored with this vocabulary: it lacks keys in a cue or a critical region."
    ) in findings


def test_answers_are_shown_with_how_often_they_occur(corpus):
    text = corpus("It is here .", "It is there .", "Dogs run .", "We are here .")
    audit = audit_suite(PAIRS, corpus=text)
    assert audit.table("answers").to_numpy().tolist() == [
        ["are", 1, 1, 1],
        ["is", 1, 1, 2],
        ["run", 1, 1, 1],
        ["runs", 1, 1, 0],
    ]
    assert "1 of 4 candidates never occurs in the training text: “runs”." in audit.findings


def test_the_commoner_answer_of_the_text_is_a_shortcut(corpus):
    items = [
        marked(name, f"{name} has the *keys* that _{right}_", wrong)
        for name, right, wrong in (("Ann", "sleep", "snore"), ("Ben", "sleep", "doze"), ("Cem", "doze", "snore"))
    ]
    shortcuts = audit_suite(suite(*items), corpus=corpus("They sleep .", "You sleep .", "We snore ."))
    table = shortcuts.table("shortcuts").set_index("shortcut")
    # sleep 2, snore 1, doze 0: right, right, wrong
    assert table.loc["commoner candidate (by the training text)", "accuracy"] == 2 / 3


# -- overlap ---------------------------------------------------------------------------------------------------------

WHOLE, BEGINNING, SPAN = "whole sentences", "beginnings up to the candidate", "from the cue to the candidate"


def overlap(of, text):
    """What → (how many, in the text with the right candidate, with the wrong one)."""
    table = audit_suite(of, corpus=text).table("overlap").set_index("what")
    return {what: tuple(row) for what, row in zip(table.index, table.to_numpy(), strict=True)}


def test_sentences_beginnings_and_sequences_are_found_with_the_right_and_with_the_wrong_answer(corpus):
    text = corpus(
        "The keys near us are old .",  # whole, and right
        "The key near us are old .",  # whole, and wrong
        "Today the dogs near us run .",  # from cue to answer, right
        "Today the dog near us run",  # from cue to answer, wrong
        "Look near us runs a cat .",
    )
    found = overlap(PAIRS, text)
    assert found[WHOLE] == (4, 1, 1)
    assert found[BEGINNING] == (4, 1, 1)
    assert found[SPAN] == (4, 2, 2)
    assert found["1 word and the candidate"] == (4, 3, 3)  # us are, us run, us runs
    assert found["2 words and the candidate"] == (4, 3, 3)
    assert found["3 words and the candidate"] == (4, 2, 2)
    assert found["4 words and the candidate"] == (4, 1, 1)  # The keys near us are
    assert found["contexts that begin a sentence"][:2] == (4, 2)


def test_overlap_is_told(corpus):
    audit = audit_suite(PAIRS, corpus=corpus("The keys near us are old .", "The dogs near us run away ."))
    assert "The whole right sentence of 1 item of 4 (25 %) occurs in the training text." in audit.findings
    assert (
        "2 items of 4 (50 %) begin as a training sentence does, up to and including the right candidate."
    ) in audit.findings
    assert (
        "Of 2 items of 4 (50 %) the training text has the very words from the cue to the right candidate, of 0 those "
        "to the wrong one."
    ) in audit.findings


def test_a_text_without_any_of_it_gives_no_finding(corpus):
    audit = audit_suite(PAIRS, corpus=corpus("It is . We are . They run . He runs ."))
    assert not [text for text in audit.findings if "training text" in text]


def test_where_no_cue_is_marked_there_is_no_sequence_to_look_for(corpus):
    from by_hand import plain

    found = overlap(suite(plain("a", "it is", "it are")), corpus("it is"))
    assert f"{SPAN} (no cue is marked)" in found
