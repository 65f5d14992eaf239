"""Training text: what a grammar shows, and what it never shows."""

import hashlib
import json
from itertools import pairwise, takewhile

import pytest
from small_language import write_grammar_file

from lrd_bench.catalogue import find
from lrd_bench.corpus import open_corpus
from lrd_bench.errors import LrdBenchError
from lrd_bench.generate import generate_text
from lrd_bench.generate.grammar import read_grammar
from lrd_bench.generate.lexicon import read_lexicon
from lrd_bench.generate.splits import read_split
from lrd_bench.pcfg import read_pcfg

FILES = ["grammar.json", "manifest.json", "test.txt", "train.txt", "valid.txt"]


@pytest.fixture(scope="module")
def english(tmp_path_factory):
    """Three thousand sentences of the shipped grammar."""
    return generate_text("english-small", sentences=3000, out=tmp_path_factory.mktemp("english") / "text", seed=3)


@pytest.fixture
def grammar(tmp_path):
    rules = {"sentence": ["The {noun(number)} {verb(number)} {adverb}*0-2 ."]}
    return str(write_grammar_file(tmp_path, rules))


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_a_text_is_a_folder_of_three_splits_beside_their_grammar(english):
    assert sorted(path.name for path in english.iterdir()) == FILES
    sizes = {split: len(list(open_corpus(english).sentences(split))) for split in ("train", "valid", "test")}
    assert sizes == {"train": 3000, "valid": 150, "test": 150}
    assert read_pcfg(english / "grammar.json").digest == read_grammar(find("grammar", "english-small"))[1].digest


def test_the_manifest_says_what_the_text_was_made_from(english):
    manifest = json.loads((english / "manifest.json").read_text())
    assert (manifest["grammar"], manifest["seed"]) == ("english-small", 3)
    assert manifest["sentences"] == {"train": 3000, "valid": 150, "test": 150}
    assert manifest["grammar_digest"] == read_pcfg(english / "grammar.json").digest
    counted = {split: len((english / f"{split}.txt").read_text().split()) for split in ("train", "valid", "test")}
    assert manifest["words"] == counted


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path, grammar):
    texts = [
        digests(generate_text(grammar, sentences=200, out=tmp_path / str(number), seed=seed))
        for number, seed in enumerate([0, 0, 1])
    ]
    assert texts[0] == texts[1]
    differing = {name for name in FILES if texts[0][name] != texts[2][name]}
    assert differing == {"manifest.json", "test.txt", "train.txt", "valid.txt"}


def test_the_splits_are_drawn_apart_and_more_sentences_extend_each(tmp_path, grammar):
    short = generate_text(grammar, sentences=100, out=tmp_path / "short")
    long = generate_text(grammar, sentences=400, out=tmp_path / "long")
    for split in ("train", "valid", "test"):
        assert (long / f"{split}.txt").read_text().startswith((short / f"{split}.txt").read_text())
    assert not (long / "train.txt").read_text().startswith((long / "valid.txt").read_text())


def test_every_sentence_begins_as_the_split_says_the_text_may(english):
    split = read_split("english-small")
    assert {split.seen(sentence) for sentence in open_corpus(english).sentences("valid")} == {"seen"}


# The next tests read the text with the lexicon alone, so that they do not believe what the grammar says of itself.


@pytest.fixture(scope="module")
def words():
    """Class → form → its features."""
    folder = find("grammar", "english-small").parent / "../lexicon"
    lexicon = read_lexicon(folder / "english.csv", folder / "english-domains.csv")
    return {
        name: {form.text: {"class": name, **form.features} for form in lexicon.forms(name, {})}
        for name in lexicon.classes
    }


@pytest.fixture(scope="module")
def sentences(english):
    return list(open_corpus(english).sentences("train"))


def run(sentence, words, start=0):
    """How many of the words stand in a row from there on."""
    return len(list(takewhile(words.__contains__, sentence[start:])))


def longest_run(sentence, words):
    return max(run(sentence, words, start) for start in range(len(sentence)))


def begin(sentence, words):
    """What stands before the clause that is asked about, as names of its parts; and where that clause begins."""
    if sentence[0] == "The":
        return [], 0
    adverbs = run(sentence, words["adverb"], 1)
    before, at = ["adverbs"] * bool(adverbs), 1 + adverbs
    while sentence[at] in words["preposition"]:
        before.append("fronted")
        at = sentence.index(",", at) + 1
    while sentence[at + 2] in words["reported"] and sentence[at + 3] == "that" and sentence[at + 1] in words["person"]:
        before.append("embedding")
        at += 4
    assert sentence[at] in ("the", "there", "you")
    return before, at


def subject(sentence, words):
    """The features of the subject, and where it stands; None for sentences with *there* or *you*."""
    _, at = begin(sentence, words)
    return None if sentence[at] in ("there", "you") else (words["agent"][sentence[at + 1]], at + 1)


def test_withheld_pairings_of_agent_and_thing_used_never_occur(sentences, words):
    pairs = [
        (subject(s, words)[0], words["instrument"][s[-2]])
        for s in sentences
        if s[-4] in words["usage"] and s[-3] == "the" and s[-2] in words["instrument"]
    ]
    assert len(pairs) > 800
    for agent, tool in pairs:
        assert agent["domain"] == tool["domain"]
        assert agent["square"] != tool["square"]
    assert len({(agent["square"], tool["square"]) for agent, tool in pairs}) == 12  # of the 16 of a Latin square


def test_withheld_pairings_of_subject_and_verb_never_occur(sentences, words):
    pairs = [
        (subject(s, words)[0], words["verb"][s[-3 if s[-2] in words["predicate"] else -2]])
        for s in sentences
        if s[-2] in words["verb"] or s[-2] in words["predicate"]
    ]
    assert len(pairs) > 800
    for agent, verb in pairs:
        assert agent["number"] == verb["number"]
        assert agent["square"] != verb["square"]
    assert len({(agent["square"], verb["square"]) for agent, verb in pairs}) == 12


def test_reflexives_agree_with_their_subjects_in_number_and_gender(sentences, words):
    pairs = [(subject(s, words)[0], s[-2]) for s in sentences if s[-2] in words["reflexive"]]
    assert len(pairs) > 100
    for agent, pronoun in pairs:
        expected = {"male": "himself", "female": "herself"}[agent["gender"]]
        assert pronoun == ("themselves" if agent["number"] == "plural" else expected)


@pytest.mark.parametrize(("opening", "cue"), [("there", "existential"), ("you", "demonstrative")])
def test_withheld_pairings_of_cue_and_thing_never_occur_where_the_noun_comes_last(sentences, words, opening, cue):
    pairs = []
    for s in sentences:
        _, at = begin(s, words)
        if s[at] == opening:
            pairs.append((words[cue][s[at + (1 if opening == "there" else 2)]], words["thing"][s[-2]], s[0]))
    assert len(pairs) > 50
    for first, thing, opener in pairs:
        assert first["number"] == thing["number"]
        assert first["square"] != thing["square"] != words["opener"][opener]["square"]


def test_withheld_pairings_of_first_word_and_subject_never_occur(sentences, words):
    pairs = {
        (words["opener"][s[0]]["square"], subject(s, words)[0]["square"])
        for s in sentences
        if s[0] != "The" and subject(s, words)
    }
    assert len(pairs) == 12
    assert all(opener != agent for opener, agent in pairs)


def test_withheld_distances_never_occur(sentences, words):
    # Adverbs in a row after a subject, up to its verb: six and seven are a gap, twelve the end.
    subjects = [(s, subject(s, words)[1]) for s in sentences if subject(s, words)]
    assert {run(s, words["adverb"], at + 1) for s, at in subjects} == {0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12}
    assert {run(s, words["adverb"], 1) for s in sentences} <= {0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12}
    assert {longest_run(s, words["adjective"]) for s in sentences} == {0, 1, 2}


def test_withheld_depths_never_occur(sentences, words):
    # Embedded verbs end their clauses one after another, with adverbs before each.
    bare = [[word for word in s if word not in words["adverb"]] for s in sentences]
    assert {longest_run(s, words["transitive"]) for s in bare} == {0, 1, 2}


def test_withheld_numbers_of_nouns_before_the_subject_never_occur(sentences, words):
    before = {tuple(begin(s, words)[0]) for s in sentences}
    assert {each for each in before if "embedding" not in each} == {
        (),
        ("adverbs",),
        ("fronted",),
        ("adverbs", "fronted"),
    }
    assert {("embedding",), ("embedding", "embedding")} <= before
    assert not any({"adverbs", "fronted"} & set(each) for each in before if "embedding" in each)


def test_withheld_numbers_of_coordinated_clauses_never_occur(sentences):
    assert {s.count("and") for s in sentences} == {0, 1, 2}


def test_the_withheld_filler_never_occurs(sentences):
    assert not any(one == "," and other == "as" for s in sentences for one, other in pairwise(s))


def test_a_text_that_is_there_is_not_made_again(tmp_path, grammar):
    text = generate_text(grammar, sentences=100, out=tmp_path / "text")
    (text / "train.txt").write_text("mine\n")
    assert generate_text(grammar, sentences=100, out=tmp_path / "text") == text
    assert (text / "train.txt").read_text() == "mine\n"


@pytest.mark.parametrize("other", [{"seed": 1}, {"sentences": 120}])
def test_a_text_made_from_other_inputs_is_refused_and_kept_unless_forced(tmp_path, grammar, other):
    text = generate_text(grammar, sentences=100, out=tmp_path / "text")
    before = digests(text)
    with pytest.raises(LrdBenchError, match="text: exists and was made from other inputs or settings"):
        generate_text(grammar, out=text, **{"sentences": 100, **other})
    assert digests(text) == before
    generate_text(grammar, out=text, force=True, **{"sentences": 100, **other})
    assert digests(text) != before


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_that_holds_anything_else_is_never_replaced(tmp_path, grammar, force):
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.tex").write_text("my life's work")
    with pytest.raises(LrdBenchError, match="which is no part of a training text"):
        generate_text(grammar, sentences=100, out=home, force=force)
    assert (home / "thesis.tex").read_text() == "my life's work"


def test_an_empty_folder_is_filled(tmp_path, grammar):
    (tmp_path / "text").mkdir()
    generate_text(grammar, sentences=100, out=tmp_path / "text")
    assert sorted(path.name for path in (tmp_path / "text").iterdir()) == FILES


def test_too_few_sentences_are_refused(tmp_path, grammar):
    with pytest.raises(LrdBenchError, match=r"19 is too few\. Ask for at least 20"):
        generate_text(grammar, sentences=19, out=tmp_path / "text")


def test_an_unknown_grammar_names_the_nearest(tmp_path):
    with pytest.raises(LrdBenchError, match=r"unknown grammar 'english-smal'\. Did you mean 'english-small'\?"):
        generate_text("english-smal", sentences=100, out=tmp_path / "text")
    assert list(tmp_path.iterdir()) == []


def test_a_grammar_that_goes_on_without_end_is_told(tmp_path):
    path = write_grammar_file(tmp_path, {"sentence": ["x", "9: x {sentence} {sentence}"]})
    with pytest.raises(LrdBenchError, match="draws a sentence of more than 10000 words: its rules call themselves"):
        generate_text(str(path), sentences=200, out=tmp_path / "text")
    assert not (tmp_path / "text").exists()
