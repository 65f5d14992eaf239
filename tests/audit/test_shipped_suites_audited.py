"""What an audit must find in every shipped suite: no shortcut, no imbalance, every item proved and decided."""

import pytest
from by_hand import accuracies

from lrd_bench.audit import audit_suite
from lrd_bench.catalogue import names
from lrd_bench.generate import generate_suite
from lrd_bench.suite_files import read_suite


@pytest.fixture(scope="module", params=names("suite"))
def file(request, tmp_path_factory):
    """Some blocks of items: of most suites two or three."""
    path = tmp_path_factory.mktemp("stimuli") / f"{request.param}.jsonl"
    generate_suite(request.param, out=path, items=300)
    return path


@pytest.fixture(scope="module")
def audit(file):
    return audit_suite(file)


def test_every_cue_blind_shortcut_earns_exactly_one_half(file):
    found = accuracies(read_suite(file))
    assert len(found) >= 6  # with all distances at 1, no window is blind but that of K − 1 words
    assert set(found.values()) == {0.5}


def test_a_shortcut_earns_no_more_in_hindsight(audit):
    assert set(audit.table("shortcuts")["in hindsight"].dropna()) == {0.5}


def test_every_item_is_certified_as_the_file_says_and_decided_by_the_grammar(file, audit):
    items = len(read_suite(file).items)
    table = audit.table("certificates").set_index("what is proved")
    assert table["items"].to_dict() == {"certified": items, "stored in the file": items, "decidable": items}
    assert table.loc["stored in the file", "detail"] == "0 differ"


def test_all_that_is_varied_is_even(audit):
    table = audit.table("balance")
    assert table["what is even"].iloc[0] == "each candidate is as often right as wrong in every cell"
    assert (table["uneven"] == 0).all()


def test_nothing_occurs_twice_or_without_an_answer(audit):
    size = audit.table("size").set_index("what")["number"]
    for what in ("identical pairs", "items that repeat another", "sentences both right and wrong"):
        assert size[what] == 0


def test_the_heuristics_are_computed_for_every_item(file, audit):
    table = audit.table("heuristics")
    assert table["remark"].isna().all()
    assert (table["items"] == len(read_suite(file).items)).all()


@pytest.mark.parametrize("heuristic", ["first noun", "nearest noun", "majority of nouns"])
def test_some_shipped_suite_speaks_against_each_heuristic(heuristic, tmp_path):
    # Lures stand before the cue in agreement-lure, and nouns between in all but the simplest.
    path = tmp_path / "agreement-lure.jsonl"
    generate_suite("agreement-lure", out=path, items=1)
    table = audit_suite(path).table("heuristics").set_index("heuristic")
    assert table.loc[heuristic, "wrong"] > 0
