"""The lexicon: forms and features from a table, in any language, and nothing else."""

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.generate.lexicon import read_lexicon

TABLE = """\
class,lemma,number=singular,number=plural,domain,gender,gender=f;number=singular,gender=m;number=singular
noun,Lampe,Lampe,Lampen,,f,,
noun,Schlüssel,Schlüssel,Schlüssel,,m,,
noun,Eltern,,Eltern,,f,,
article,der,,die,,,die,der
agent,poet,poet,poets,literature,,,
agent,pianist,pianist,pianists,music,,,
agent,writer,writer,writers,literature,,,
agent,critic,critic,critics,literature,,,
agent,author,author,authors,literature,,,
agent,editor,editor,editors,literature,,,
adverb,oft,,,,,,
"""


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        (tmp_path / "words.csv").write_text(text, encoding="utf-8")
        return read_lexicon(tmp_path / "words.csv")

    return read_text


def texts(lexicon, name, **bindings):
    return [form.text for form in lexicon.forms(name, bindings)]


def test_a_slot_takes_every_form_with_its_features(read):
    lexicon = read(TABLE)
    assert texts(lexicon, "noun", number="singular") == ["Lampe", "Schlüssel"]
    assert texts(lexicon, "noun", number="plural") == ["Lampen", "Schlüssel", "Eltern"]
    assert texts(lexicon, "noun") == ["Lampe", "Lampen", "Schlüssel", "Schlüssel", "Eltern"]


def test_a_word_without_forms_has_its_lemma_for_any_features(read):
    lexicon = read(TABLE)
    assert texts(lexicon, "adverb") == texts(lexicon, "adverb", number="plural") == ["oft"]


def test_a_feature_may_be_a_lexemes_own(read):
    assert texts(read(TABLE), "agent", domain="music", number="plural") == ["pianists"]


def test_a_feature_may_be_some_words_own_and_others_inflect_for_it(read):
    lexicon = read(TABLE)
    assert texts(lexicon, "noun", gender="m", number="singular") == ["Schlüssel"]
    assert texts(lexicon, "article", gender="m", number="singular") == ["der"]
    assert texts(lexicon, "article", gender="f", number="singular") == ["die"]
    assert texts(lexicon, "article", gender="m", number="plural") == ["die"]
    assert lexicon.inflects("article", "gender")
    assert not lexicon.inflects("noun", "gender")


def test_a_form_knows_the_features_that_it_was_chosen_for(read):
    form = read(TABLE).forms("noun", {"gender": "m", "number": "plural"})[0]
    assert {name: form.features[name] for name in ("gender", "number")} == {"gender": "m", "number": "plural"}


def test_values_come_in_the_order_of_the_table(read):
    lexicon = read(TABLE)
    assert lexicon.values("agent", "domain") == ["literature", "music"]
    assert lexicon.values("article", "gender") == ["f", "m"]
    assert lexicon.values("noun", "number") == ["singular", "plural"]
    assert lexicon.values("adverb", "number") == []


def test_words_are_zipfian_within_their_class_and_domain(read):
    weights = {lexeme.lemma: lexeme.weight for lexeme in read(TABLE).classes["agent"]}
    expected = {"poet": 1, "pianist": 1, "writer": 1 / 2, "critic": 1 / 3, "author": 1 / 4, "editor": 1 / 5}
    assert weights == pytest.approx(expected)


def test_the_square_is_the_place_in_class_and_domain_modulo_four(read):
    squares = {lexeme.lemma: lexeme.features["square"] for lexeme in read(TABLE).classes["agent"]}
    assert squares == {"poet": "0", "pianist": "0", "writer": "1", "critic": "2", "author": "3", "editor": "0"}


def test_keeping_to_known_words_drops_forms_and_words_that_have_none_left(read):
    kept = read(TABLE).keep({"Lampen", "Eltern", "poets"}.__contains__)
    assert texts(kept, "noun") == ["Lampen", "Eltern"]
    assert texts(kept, "noun", number="singular") == []
    assert texts(kept, "agent") == ["poets"]
    assert texts(kept, "adverb") == []


def test_keeping_to_known_words_changes_neither_squares_nor_weights(read):
    lexicon = read(TABLE)
    [author] = lexicon.keep({"author"}.__contains__).classes["agent"]
    [same] = [lexeme for lexeme in lexicon.classes["agent"] if lexeme.lemma == "author"]
    assert (author.features, author.weight) == (same.features, same.weight)


def test_a_byte_order_mark_blank_lines_and_spaces_around_fields_are_no_matter(read):
    lexicon = read("\ufeffclass,lemma, number=plural\n\nnoun, key ,keys\n\n")
    assert texts(lexicon, "noun") == ["keys"]
    assert lexicon.classes["noun"][0].lemma == "key"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: has no column 'class'. Add it to the header line."),
        ("class,lemmma\nnoun,key\n", ":1: has no column 'lemma'"),
        ("class,lemma,lemma\nnoun,key,key\n", ":1: has two columns 'lemma'"),
        ("class,lemma,square\nnoun,key,1\n", ":1: has a column 'square', a feature that every lexeme has"),
        ("class,lemma,number=\nnoun,key,1\n", ":1: has a column 'number='. Write feature, feature=value or a=b;c=d."),
        ("class,lemma,the number\nnoun,key,1\n", ":1: has a column 'the number'"),
        ("class,lemma\nnoun,key\nnoun,box,boxes\n", ":3: has 3 fields, the header 2. Mend the line."),
        ("class,lemma\nnoun,key\nnoun\n", ":3: has 1 fields, the header 2"),
        ("class,lemma\nnoun,key\n\nnoun,\n", ":4: lacks its class or lemma"),
        ("class,lemma,number=plural\nnoun,key,the keys\n", ":2: 'the keys' is not one word"),
        ('class,lemma\nnoun,"key\n', ":2: is not CSV"),
    ],
)
def test_a_broken_table_is_one_message_that_names_the_line(read, tmp_path, text, message):
    with pytest.raises(LrdBenchError) as error:
        read(text)
    assert str(error.value).startswith(f"{tmp_path}/words.csv{message}")


def test_a_missing_table_and_one_that_is_not_utf_8_are_said_to_be_so(tmp_path):
    with pytest.raises(LrdBenchError, match=r"words\.csv: cannot be read"):
        read_lexicon(tmp_path / "words.csv")
    (tmp_path / "words.csv").write_bytes("class,lemma\nnoun,Schlüssel\n".encode("latin-1"))
    with pytest.raises(LrdBenchError, match=r"words\.csv: is not UTF-8 \(byte 21\)"):
        read_lexicon(tmp_path / "words.csv")
