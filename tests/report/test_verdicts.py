from pathlib import Path

import pytest
from report_doubles import curve, frame, more_nouns, pair

from lrd_bench.report.cells import prepare
from lrd_bench.report.results import SuiteResults
from lrd_bench.report.verdicts import judge


def verdict(*rows):
    return judge(SuiteResults(name="agreement-pp", rows=prepare(frame(*rows))).curves["lstm"])


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [
        ({1: 1.0, 4: 1.0, 16: 0.96}, "holds"),
        ({1: 1.0, 4: 0.92, 16: 0.6}, "forgets"),
        ({1: 0.72, 4: 0.56, 16: 0.52}, "not learnt"),
        ({1: 0.96, 16: 0.92}, "holds"),  # a fall that is too small
        ({1: 1.0}, "learnt"),
    ],
)
def test_a_curve_holds_forgets_or_was_never_learnt(accuracies, expected):
    assert verdict(*curve(accuracies)) == expected


def test_a_fall_must_be_sure_to_count():
    # 8 of 9 groups: lower than 1 by more than 0.05, but it is one group.
    assert verdict(*curve({1: 1.0, 4: 8 / 9}, groups=9)) == "holds"


def groups_of_ten(accuracies, *, groups=12, **changes):
    """Groups that have nine or ten of ten pairs right by turns, and at each distance so many fewer."""
    return [
        item
        for group in range(groups)
        for distance, fewer in accuracies.items()
        for number in range(10)
        for item in pair(
            f"d{distance}g{group}p{number}",
            *(float(number < 10 - group % 2 - fewer),) * 2,
            **{"group": f"g{group}", "distance": distance, "needed_context": distance} | changes,
        )
    ]


def test_what_groups_share_at_both_distances_is_no_reason_to_doubt_a_fall():
    # From 0.95 to 0.85, by one of ten in every group: intervals of groups at 0.9 and 1 would nearly meet.
    assert verdict(*groups_of_ten({1: 0, 4: 1})) == "forgets"
    assert verdict(*groups_of_ten({1: 0, 4: 1}, groups=4)) == "holds"  # four coins fall alike now and then


def test_an_architecture_does_not_forget_by_one_seed_in_five_but_trained_models_do():
    def seeds(number):
        return [item for seed in range(number) for item in groups_of_ten({1: 0, 4: 5 * (seed == 0)}, seed=seed)]

    assert verdict(*seeds(4)) == "forgets"
    assert verdict(*seeds(5)) == "holds"


def test_a_fall_at_distances_that_the_text_withholds_is_told_apart():
    seen = {1: "seen", 4: "seen", 8: "distance", 16: "distance"}
    assert verdict(*curve({1: 1.0, 4: 1.0, 8: 0.5}, distance_seen=seen)) == "forgets (only where withheld)"
    assert verdict(*curve({1: 1.0, 4: 0.6, 8: 0.5}, distance_seen=seen)) == "forgets"
    assert verdict(*curve({1: 1.0, 4: 0.6, 8: 1.0}, distance_seen=seen)) == "forgets"  # whatever becomes of the others


def test_a_curve_that_dips_and_is_back_at_the_longest_distance_does_not_forget_with_distance():
    assert verdict(*curve({1: 1.0, 4: 0.6, 16: 1.0})) == "holds"
    assert verdict(*curve({1: 1.0, 4: 0.6, 16: 0.92})) == "holds"  # at 16 it may be chance: two groups of 25
    assert verdict(*curve({1: 1.0, 4: 0.92, 16: 0.6})) == "forgets"


def test_nouns_that_longer_distances_hold_besides_are_not_taken_for_distance():
    fewest = curve({4: 1.0, 16: 1.0}, nouns_between=1)
    assert verdict(*fewest, *more_nouns(curve({16: 0.4}, nouns_between=2))) == "holds"
    fewest = curve({4: 1.0, 16: 0.6}, nouns_between=1)
    assert verdict(*fewest, *more_nouns(curve({16: 1.0}, nouns_between=2))) == "forgets"


def test_a_kind_of_filler_that_short_distances_lack_is_not_taken_for_distance():
    adverbs = curve({1: 1.0, 16: 1.0}, filler="adverbs")
    assert verdict(*adverbs, *more_nouns(curve({4: 0.5, 16: 0.5}, filler="phrases"))) == "holds"
    everywhere = more_nouns(curve({1: 1.0, 16: 0.5}, filler="phrases"))
    assert verdict(*adverbs, *everywhere) == "forgets"


def test_where_the_number_of_nouns_is_the_distance_all_items_are_judged():
    assert verdict(*curve({5: 1.0}, nouns_between=1), *curve({9: 0.6}, nouns_between=2)) == "forgets"


def test_a_window_model_is_blind_beyond_its_window():
    assert verdict(*curve({1: 1.0, 4: 1.0, 5: 0.5, 16: 0.5}, context=4)) == "blind: ½ exact beyond 4 words"
    assert verdict(*curve({1: 0.5, 4: 0.5}, context=0)) == "blind: ½ exact"


def test_a_window_that_covers_all_distances_is_judged_like_any_model():
    assert verdict(*curve({1: 1.0, 4: 0.6}, context=40)) == "forgets"


def test_a_blind_model_that_is_not_half_right_is_an_error():
    assert verdict(*pair("p", 1, 1, context=3)) == "blind, and yet not ½: an error"


def test_the_page_about_the_method_has_every_verdict():
    method = (Path(__file__).parents[2] / "docs" / "method.md").read_text(encoding="utf-8")
    ours = [
        verdict(*pair("p", 1, 1, context=3)),
        verdict(*pair("p", None, None)),
        verdict(*curve({1: 1.0, 4: 1.0, 5: 0.5}, context=4)).replace("4", "N"),
        verdict(*curve({1: 0.5}, context=0)),
        *("not learnt", "forgets", "forgets (only where withheld)", "holds", "learnt"),
    ]
    assert [said for said in ours if f"\n| {said} |" not in method] == []


def test_without_scores_or_distances_there_is_no_verdict():
    assert verdict(*pair("p", None, None)) == "unscored"
    assert verdict(*pair("p", 1, 1, distance=None)) is None
