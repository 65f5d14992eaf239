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


MORE = """\
class,lemma,number=singular,number=plural,domain,pos
agent,critic,critic,critics,music,noun
agent,nurse,nurse,nurses,medicine,noun
agent,doctor,doctor,doctors,medicine,noun
noun,Lampe,Lampe,Lämpchen,,noun
verb,see,sees,see,,verb
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


# -- several tables ----------------------------------------------------------------------------------------------------


@pytest.fixture
def tables(tmp_path):
    def written(*texts):
        paths = [tmp_path / f"table-{number}.csv" for number in range(1, len(texts) + 1)]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8")
        return paths

    return written


def test_a_later_table_adds_words_and_classes(tables):
    lexicon = read_lexicon(*tables(TABLE, MORE))
    assert list(lexicon.classes) == ["noun", "article", "agent", "adverb", "verb"]
    assert texts(lexicon, "agent", domain="medicine") == ["nurse", "nurses", "doctor", "doctors"]
    assert texts(lexicon, "verb", number="plural") == ["see"]


def test_a_later_table_replaces_the_lines_of_the_same_class_and_lemma(tables):
    lexicon = read_lexicon(*tables(TABLE, MORE))
    assert texts(lexicon, "noun", number="plural") == ["Lämpchen", "Schlüssel", "Eltern"]
    [lamp] = [lexeme for lexeme in lexicon.classes["noun"] if lexeme.lemma == "Lampe"]
    assert "gender" not in lamp.features  # the whole line is replaced
    [critic] = [lexeme for lexeme in lexicon.classes["agent"] if lexeme.lemma == "critic"]
    assert critic.features["domain"] == "music"


def test_a_replaced_word_keeps_its_place_in_its_class_and_ranks_in_its_new_domain(tables):
    lexicon = read_lexicon(*tables(TABLE, MORE))
    weights = {lexeme.lemma: lexeme.weight for lexeme in lexicon.classes["agent"]}
    # literature: poet, writer, author, editor; music: pianist, critic; medicine: nurse, doctor
    assert list(weights) == ["poet", "pianist", "writer", "critic", "author", "editor", "nurse", "doctor"]
    assert weights == pytest.approx(
        {"poet": 1, "writer": 1 / 2, "author": 1 / 3, "editor": 1 / 4}
        | {"pianist": 1, "critic": 1 / 2, "nurse": 1, "doctor": 1 / 2}
    )
    squares = {lexeme.lemma: lexeme.features["square"] for lexeme in lexicon.classes["agent"]}
    assert [squares[word] for word in ("poet", "writer", "author", "editor", "critic", "doctor")] == list("012311")


def test_all_lines_of_a_class_and_lemma_are_replaced_at_once(tables):
    several = "class,lemma,domain\nagent,star,music\nagent,star,film\nagent,poet,music\n"
    lexicon = read_lexicon(*tables(several, "class,lemma,domain\nagent,star,sport\n"))
    assert [lexeme.features["domain"] for lexeme in lexicon.classes["agent"]] == ["sport", "music"]


def test_the_last_of_three_tables_has_the_last_word(tables):
    lines = [f"class,lemma,number=plural\nnoun,key,{plural}\n" for plural in ("keys", "keyes", "keyen")]
    assert texts(read_lexicon(*tables(*lines)), "noun") == ["keyen"]


def test_a_lexicon_is_called_by_all_its_tables(tables):
    one, other = tables(TABLE, MORE)
    assert read_lexicon(one, other).name == f"{one} and {other}"


def test_a_word_that_a_table_has_twice_is_refused_with_both_lines(tables):
    paths = tables(TABLE, MORE + "agent,poet,poet,poets,,\n\nagent,nurse,nurse,nurses,medicine,noun\n")
    with pytest.raises(LrdBenchError) as error:
        read_lexicon(*paths)
    assert str(error.value) == (
        f"{paths[1]}:9: class 'agent' has 'nurse' on line 3 already. "
        "Remove one of the two lines, or tell the words apart by a feature."
    )


def test_a_word_may_come_twice_if_a_feature_tells_the_two_apart(read):
    lexicon = read("class,lemma,domain\nagent,star,music\nagent,star,film\n")
    assert texts(lexicon, "agent", domain="film") == ["star"]


# -- nonce -------------------------------------------------------------------------------------------------------------


def test_in_a_nonce_lexicon_each_class_has_its_own_words_first_and_all_others_of_its_parts_of_speech(tables):
    nouns = "class,lemma,pos\nagent,poet,noun\nthing,lamp,noun\nthing,poet,noun\nmark,so,\nmark,thus,adverb\n"
    lexicon = read_lexicon(*tables(nouns + "adverb,often,adverb\nother,still,\n")).nonce()
    assert {name: texts(lexicon, name) for name in lexicon.classes} == {
        "agent": ["poet", "lamp"],
        "thing": ["lamp", "poet"],
        "mark": ["so", "thus", "often"],
        "adverb": ["often", "thus"],
        "other": ["still"],
    }


# -- broken tables -----------------------------------------------------------------------------------------------------


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
        ('class,lemma\nnoun,"key\nnoun,box\nnoun,lamp\n', ":2: is not CSV"),
        ("class;lemma\nnoun;key\n", ":1: has no column 'class'. Separate columns by commas, not ';'."),
        ("class,lemma\nnoun,key\nverb,key\nnoun,key\n", ":4: class 'noun' has 'key' on line 2 already."),
        ("class,lemma,number=plural\nnoun,key,keys\nnoun,key,keyes\n", ":3: class 'noun' has 'key' on line 2 already"),
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
    with pytest.raises(LrdBenchError, match=r"words\.csv:2: is not UTF-8"):
        read_lexicon(tmp_path / "words.csv")
