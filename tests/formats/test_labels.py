import gzip

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.formats.labels import LABELS, label_sentences, write_labels
from lrd_bench.items import Item, Sentence, Span, Suite
from lrd_bench.suite_files import write_suite

CRITICAL = "(critical;%good%) < (critical;%bad%)"


def marked(text: str) -> Sentence:
    """`the [key] near it (is) rusty`: the cue in brackets, the critical region in parentheses."""
    words = text.split()
    spans = {}
    for region, (opening, closing) in {"cue": "[]", "critical": "()"}.items():
        starts = [place for place, word in enumerate(words) if word.startswith(opening)]
        if starts:
            stop = next(place for place, word in enumerate(words) if word.endswith(closing)) + 1
            spans[region] = Span(starts[0], stop)
    return Sentence(tokens=tuple(word.strip("[]()") for word in words), regions=spans)


def item(good: str, bad: str, value="singular", **rest) -> Item:
    factors = {} if value is None else {"cue_value": value}
    return Item(id=good, sentences={"good": marked(good), "bad": marked(bad)}, factors=factors, **rest)


KEY = item("The [key] near it (is) rusty", "The [key] near it (are) rusty")
KEYS = item("Yesterday the [two keys] near it (are) rusty", "Yesterday the [two keys] near it (is) rusty", "plural")


@pytest.fixture
def labelled(tmp_path):
    """Labels of a suite of these items."""

    def label(to, *items):
        write_suite(Suite(name="mine", version=1, items=items, predictions=(CRITICAL,)), tmp_path / "mine.jsonl")
        return label_sentences(str(tmp_path / "mine.jsonl"), to)

    return label


def test_items_become_the_words_before_the_critical_word_with_the_value_of_their_cue(labelled):
    found = labelled("number", KEY, KEYS)
    assert sorted(found.lines) == ["plural\tYesterday the two keys near it", "singular\tThe key near it"]
    assert (found.name, found.counts, found.left_out) == ("mine", {"plural": 1, "singular": 1}, {})


def test_tags_say_what_number_is_to_come_from_the_last_word_of_the_cue_on(labelled):
    found = labelled("number-tags", KEY, KEYS)
    assert sorted(found.lines) == [
        "none none none plural plural plural\tYesterday the two keys near it",
        "none singular singular singular\tThe key near it",
    ]
    assert found.counts == {"plural": 1, "singular": 1}


def test_good_and_bad_sentences_are_acceptable_and_not_but_for_those_that_are_the_same(labelled):
    found = labelled("acceptability", KEY, item("the (nurse) slept", "the (nurse) slept", None))
    assert sorted(found.lines) == ["acceptable\tThe key near it is rusty", "unacceptable\tThe key near it are rusty"]
    assert found.left_out == {"its sentences are the same": 1}


def test_every_twentieth_line_is_not_of_one_label_though_twins_alternate(labelled):
    items = [item(f"The [key] {n} (is) here", f"The [key] {n} (are) here") for n in range(400)]
    lines = labelled("acceptability", *items).lines
    assert lines == labelled("acceptability", *items).lines  # the same each time
    held_out = [line.split("\t")[0] for line in lines[19::20]]
    assert 10 < held_out.count("acceptable") < 30


@pytest.mark.parametrize(
    ("to", "broken", "message"),
    [
        ("number", item("The [key] (is) here", "The [key] (are) here", None), "has no `cue_value`"),
        ("number", item("The [key] is here", "The [key] are here"), "has no critical region"),
        ("number", item("(is) the [key] here", "(are) the [key] here"), "has no word before its critical region"),
        ("number", item("so (is) the [key] here", "so (are) the [key] here"), "has its cue after its critical region"),
        ("number-tags", item("The key (is) here", "The key (are) here"), "has no cue"),
        ("number-tags", item("The [key] (is) here", "The [key] (are) here", "just one"), "has the value 'just one'"),
        ("acceptability", Item(id="x", sentences={"so": marked("a b"), "bad": marked("a c")}), "has no good and bad"),
    ],
)
def test_an_item_that_lacks_what_its_label_is_made_of_is_refused(labelled, to, broken, message):
    with pytest.raises(LrdBenchError) as error:
        labelled(to, *([] if to == "acceptability" else [KEY]), broken)
    assert str(error.value).startswith(f"mine: item {broken.id!r} {message}")


# The keys that it opens are rusty; politics is dull; "10 000 keys" is one word of two parts.
TREEBANK = """\
1\tThe\tthe\tDET\t_\t_\t2\tdet\t_\t_
2\tkeys\tkey\tNOUN\t_\tNumber=Plur\t7\tnsubj\t_\t_
3\tthat\tthat\tPRON\t_\t_\t5\tobj\t_\t_
4\tit\tit\tPRON\t_\tNumber=Sing\t5\tnsubj\t_\t_
5\topens\topen\tVERB\t_\tNumber=Sing|Tense=Pres|VerbForm=Fin\t2\tacl:relcl\t_\t_
6\tare\tbe\tAUX\t_\tNumber=Plur|Tense=Pres|VerbForm=Fin\t7\tcop\t_\t_
7\trusty\trusty\tADJ\t_\t_\t0\troot\t_\t_

1\t10 000\t10 000\tNUM\t_\t_\t2\tnummod\t_\t_
2\tKeys\tkey\tNOUN\t_\tNumber=Plur\t3\tnsubj\t_\t_
3\topens\topen\tVERB\t_\tNumber=Sing|Tense=Pres|VerbForm=Fin\t0\troot\t_\t_
4\t10 000\t10 000\tNUM\t_\t_\t5\tnummod\t_\t_
5\tdoors\tdoor\tNOUN\t_\tNumber=Plur\t6\tnsubj\t_\t_
6\topen\topen\tVERB\t_\tNumber=Plur|Tense=Pres|VerbForm=Fin\t3\tparataxis\t_\t_
"""


@pytest.mark.parametrize("packed", [False, True])
def test_dependencies_of_a_treebank_become_lines_in_its_order(tmp_path, packed):
    path = tmp_path / ("en_mine-ud-dev.conllu.gz" if packed else "en_mine-ud-dev.conllu")
    path.write_bytes(gzip.compress(TREEBANK.encode()) if packed else TREEBANK.encode())
    number, tags = (label_sentences(str(path), to) for to in ("number", "number-tags"))
    assert number.name == "en_mine-ud-dev"
    assert number.lines == (
        "plural\tThe keys that it opens",
        "singular\tThe keys that it",
        "plural\t10_000 Keys opens 10_000 doors",
    )
    assert tags.lines == (
        "none plural plural plural plural\tThe keys that it opens",
        "none none none singular\tThe keys that it",
        "none none none none plural\t10_000 Keys opens 10_000 doors",
    )
    assert number.counts == tags.counts == {"plural": 2, "singular": 1}
    assert number.left_out == {"subject and verb differ in number": 1}


def test_a_treebank_has_no_unacceptable_sentences_and_may_have_no_number(tmp_path):
    (tmp_path / "mine.conllu").write_text(TREEBANK.replace("Number", "Case"), encoding="utf-8")
    with pytest.raises(LrdBenchError, match="is a treebank, and has no unacceptable sentences"):
        label_sentences(str(tmp_path / "mine.conllu"), "acceptability")
    with pytest.raises(LrdBenchError, match="gives no labelled sentence: all 4 subjects are left out"):
        label_sentences(str(tmp_path / "mine.conllu"), "number")


def test_an_unknown_kind_of_labels_is_refused(labelled):
    with pytest.raises(LrdBenchError, match=r"unknown kind of labels 'numbr'\. Did you mean 'number'"):
        labelled("numbr", KEY)
    assert list(LABELS) == ["number", "number-tags", "acceptability"]


def test_a_file_that_says_the_same_is_left_and_another_is_refused_unless_forced(tmp_path, labelled):
    for name in ("labels.tsv", "labels.tsv.gz"):
        out = tmp_path / name
        write_labels(labelled("number", KEY), out)
        before = out.stat().st_mtime_ns
        write_labels(labelled("number", KEY), out)
        assert out.stat().st_mtime_ns == before
        with pytest.raises(LrdBenchError, match=f"{name}: exists and is another file"):
            write_labels(labelled("number", KEYS), out)
        write_labels(labelled("number", KEYS), out, force=True)
        text = gzip.decompress(out.read_bytes()) if name.endswith("gz") else out.read_bytes()
        assert text == b"plural\tYesterday the two keys near it\n"


def test_nouns_of_the_treebanks_that_mark_both_numbers_agree_as_often_as_their_readme_says(data):
    # EWT's README row counts 927 subjects with a Number before a verb with one, `nsubj:outer` and mismatches included.
    found = label_sentences(str(data / "treebanks/en_ewt/en_ewt-ud-dev.conllu"), "number")
    assert found.counts == {"plural": 206, "singular": 685}
    assert found.left_out["subject and verb differ in number"] == 24
    assert sum(found.counts.values()) + sum(found.left_out.values()) == 2137
