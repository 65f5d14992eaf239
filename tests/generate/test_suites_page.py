"""docs/suites.md: its files work as they stand, and what it shows is what they make."""

import re
from collections import Counter
from pathlib import Path

import pytest

from lrd_bench.corpus import open_corpus
from lrd_bench.errors import LrdBenchError
from lrd_bench.generate import generate_suite, generate_text
from lrd_bench.generate.suite_grammar import suite_grammar
from lrd_bench.listing import about_items
from lrd_bench.suite_files import read_suite

PAGE = (Path(__file__).parents[2] / "docs" / "suites.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"`([\w-]+\.\w+)`(?:, in the same folder)?:\n\n```\w+\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with the page's files, and we are in it."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page_holds_a_lexicon_a_suite_and_a_grammar():
    assert FILES.keys() == {"lexicon.csv", "near.toml", "small-world.toml"}


def test_the_suite_makes_what_the_page_shows(here):
    made = generate_suite("near.toml", out=Path("runs/near.jsonl"), items=200)
    assert f"$ lrd-bench generate near.toml --items 200\n{about_items(made)}      runs/near.jsonl\n" in PAGE
    suite = read_suite(made.path)
    for item in suite.items:
        if item.pair == "0/phrases/7/SP":
            shown = [f"  {condition:<4}  {' '.join(item.sentences[condition].tokens)}" for condition in ("good", "bad")]
            assert "\n".join([item.id, *shown]) in PAGE
    assert "here 40 items" in PAGE
    assert Counter(item.id.partition("/")[0] for item in suite.items)["0"] == 40


def test_the_items_are_twins_that_differ_in_cue_and_determiner(here):
    suite = read_suite(generate_suite("near.toml", out=Path("near.jsonl"), items=200).path)
    grammar = suite_grammar("near.toml")
    for item in suite.items:
        good, twin = item.sentences["good"].tokens, suite.twins[item.id].sentences["bad"].tokens
        assert [place for place in range(len(good)) if good[place] != twin[place]] == [1, 2]
        assert suite.needed_context(item) == item.distance
        assert grammar.derives(good)
        assert not grammar.derives(item.sentences["bad"].tokens)


def test_the_text_withholds_what_the_page_says_and_items_are_marked_with_it(here):
    text = generate_text("small-world.toml", sentences=5000, out=Path("runs/small-world"))
    suite = read_suite(generate_suite("near.toml", out=Path("near.jsonl"), items=1000, split="small-world.toml").path)
    marks = Counter(item.factors["seen"] for item in suite.items)
    assert marks.keys() == {
        reasons + pairing for reasons in ("frame", "distance+frame", "filler+frame") for pairing in ("", "+pairing")
    }
    for item in suite.items:
        assert item.factors["seen"].startswith("filler") == (item.factors["filler"] == "relatives")
        assert item.factors["seen"].startswith("distance") == (
            item.distance > 4 and item.factors["filler"] == "phrases"
        )
    begun = {sentence[:length] for sentence in open_corpus(text).sentences("train") for length in range(3, 9)}
    for item in suite.items:
        good = item.sentences["good"]
        assert good.tokens[: good.regions["critical"].stop] not in begun
        assert good.tokens[:3] not in begun  # the frame: first word, determiner and cue


def test_the_python_on_the_page_says_what_its_comments_say(here):
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    setup, *lines = re.split(r"\n(?=grammar\.)", code)
    scope = {}
    exec(setup, scope)
    for line in lines:
        assert str(eval(line.partition("#")[0], scope)) == line.partition("#")[2].strip()


def test_the_message_on_the_page_is_the_one_that_is_given(here):
    Path("near.toml").write_text(FILES["near.toml"].replace("[4, 7, 9]", "[3]", 1))
    with pytest.raises(LrdBenchError) as error:
        generate_suite("near.toml", out=Path("near.jsonl"))
    assert f"```text\n{error.value}\n```" in PAGE


def test_the_rules_on_the_page_fit_the_language(here):
    [block] = re.findall(r"handed to it:\n\n((?:    .*\n)+)", PAGE)
    sentence, rules = re.sub("^    ", "", block, flags=re.MULTILINE).split("[rules]\n")
    lexicon = (
        FILES["lexicon.csv"].replace("plural,domain", "plural,complement").replace("be,is,are,", "be,is,are,adjective")
    )
    Path("lexicon.csv").write_text(lexicon.replace("looks,look,", "looks,look,none").replace(",people", ","))
    text = (
        re.sub("sentence = .*\n", sentence, FILES["near.toml"])
        .replace(", domain=things", "")
        .replace(", domain=people", "")
    )
    Path("near.toml").write_text(f"{text}\n[rules]\n{rules}")
    suite = read_suite(generate_suite("near.toml", out=Path("near.jsonl"), items=200).path)
    endings = {
        (item.group.partition("|")[2], len(item.sentences["good"].tokens) - item.distance) for item in suite.items
    }
    assert endings == {("be", 4), ("look", 3)}
