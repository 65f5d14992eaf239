"""What an item asks: which two sentences, and in which words they differ."""

from dataclasses import replace

import pytest
from by_hand import CRITICAL, DOUBLE, WHOLE, marked, plain, suite

from lrd_bench.audit.contrasts import contrasts_of
from lrd_bench.errors import LrdBenchError
from lrd_bench.items import Item, Sentence


def cut(good, bad):
    [contrast] = contrasts_of(suite(plain("a", good, bad)))
    return tuple(" ".join(words) for words in (contrast.before, contrast.right, contrast.wrong))


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        ("the keys are old", "the keys is old", ("the keys", "are", "is")),
        (
            "all boys boast about that child",
            "all boys boast about those child",
            ("all boys boast about", "that", "those"),
        ),
        ("no authors have ever slept", "the authors have ever slept", ("", "no", "the")),
        (
            "she hugged Ann after shocking him",
            "she hugged after shocking Ann him",
            ("she hugged", "Ann after shocking", "after shocking Ann"),
        ),
        ("he has more unsure people", "he has more unsure", ("he has more unsure", "people", "")),
        ("he saw an old old dog", "he saw an old dog", ("he saw an old", "old", "")),
    ],
)
def test_the_candidates_are_what_differs_wherever_it_stands(good, bad, expected):
    assert cut(good, bad) == expected


def test_a_prediction_about_a_condition_that_no_item_has_is_refused():
    odd = replace(suite(plain("a", "it is", "it are")), predictions=("(*;%god%) < (*;%bad%)",))
    with pytest.raises(LrdBenchError, match=r"unknown condition 'god'\. Did you mean 'good'\?"):
        contrasts_of(odd)


def test_equal_sentences_are_identical_and_others_not():
    same, other = contrasts_of(suite(plain("a", "it is", "it is"), plain("b", "it is", "it are")))
    assert same.identical
    assert not other.identical


@pytest.mark.parametrize("predictions", [(WHOLE,), (CRITICAL,), (DOUBLE, CRITICAL), (WHOLE, CRITICAL)])
def test_an_item_is_one_contrast_however_often_its_sentences_are_compared(predictions):
    item = marked("a", "The *key* _is_ old", "are", pair="p")
    twin = marked("b", "The *keys* _are_ old", "is", pair="p")
    assert len(contrasts_of(suite(item, twin, predictions=predictions))) == 2


def test_a_prediction_says_which_sentence_is_right_whatever_it_is_called():
    sentences = {name: Sentence(tokens=(name,), regions={}) for name in ("grammatical", "odd")}
    [contrast] = contrasts_of(suite(Item(id="a", sentences=sentences), predictions=("(*;%odd%) > (*;%grammatical%)",)))
    assert (contrast.right, contrast.wrong) == (("grammatical",), ("odd",))


def test_each_inequality_of_a_conjunction_is_a_contrast():
    sentences = {name: Sentence(tokens=(name,), regions={}) for name in ("a", "b", "c", "d")}
    both = "((*;%a%) < (*;%b%)) & ((*;%c%) < (*;%d%))"
    found = contrasts_of(suite(Item(id="x", sentences=sentences), predictions=(both,)))
    assert [(contrast.right[0], contrast.wrong[0]) for contrast in found] == [("a", "b"), ("c", "d")]


@pytest.mark.parametrize(
    "prediction",
    [
        DOUBLE,
        "(*;%good%) = (*;%bad%)",
        "(*;%good%) + 2 < (*;%bad%)",
        "(*;%good%) < 3",
        "((*;%good%) < (*;%bad%)) | ((*;%bad%) < (*;%good%))",
    ],
)
def test_what_is_no_plain_inequality_is_no_contrast(prediction):
    assert contrasts_of(suite(plain("a", "it is", "it are"), predictions=(prediction,))) == []
