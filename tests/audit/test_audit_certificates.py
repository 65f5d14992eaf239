"""What is proved of a suite, worked out anew: certificates against the file, questions against the grammar."""

import gzip
import json
from dataclasses import replace

import pytest
from by_hand import CRITICAL, marked, suite, twins

from lrd_bench.audit import audit_suite
from lrd_bench.errors import LrdBenchError
from lrd_bench.generate import generate_suite
from lrd_bench.suite_files import read_suite, suite_file, write_suite

SHIPPED = "agreement-pp"


def rows(audit):
    """What is proved → (items, detail)."""
    table = audit.table("certificates").astype(object)
    table = table.where(table.notna(), None)
    return {what: (items, detail) for what, items, detail in table.itertuples(index=False)}


def changed(file, line, change):
    """Change one item of a file, and remove what would say so."""
    lines = file.read_text().splitlines()
    item = json.loads(lines[line])
    change(item)
    lines[line] = json.dumps(item)
    file.write_text("\n".join(lines) + "\n")
    suite_file(file).unlink()


def test_certified_items_are_counted_with_their_range():
    pairs = suite(*twins("key|be", "near us"), *twins("key|be", "still"), predictions=(CRITICAL,))
    assert rows(audit_suite(pairs))["certified"] == (4, "K from 2 to 3")


def test_of_the_rest_it_is_said_why_they_are_not_certified():
    one, other = twins("key|be", "near us")
    odd = replace(other, id="odd", pair="odd")
    longer = marked("longer", "All *the keys* near us _are_ old .", "is", pair="odd")
    found = rows(audit_suite(suite(one, other, odd, longer, replace(one, id="alone", pair=None))))
    assert found["certified"] == (2, "K = 3")
    assert found["not certified: has no twin"] == (1, None)
    [(what, (number, _))] = [entry for entry in found.items() if "differ in length" in entry[0]]
    assert number == 2
    assert what.startswith("not certified: the twins' contexts")


def test_a_certificate_in_a_file_is_compared_and_never_believed(tmp_path):
    file = tmp_path / "by-hand.jsonl"
    write_suite(suite(*twins("key|be", "near us"), predictions=(CRITICAL,)), file)
    assert rows(audit_suite(file))["stored in the file"] == (2, "0 differ")
    changed(file, 1, lambda item: item["certificate"].update(blind_below=9))
    audit = audit_suite(file)
    assert rows(audit)["certified"] == (2, "K = 3")
    assert rows(audit)["stored in the file"] == (2, "1 differ")
    assert audit.findings[0] == (
        "1 certificate in the file is not what the sentences give (items key|be/near us/keys): the file was changed. "
        "Generate the suite again."
    )


def test_certificates_in_a_packed_file_are_compared_too(tmp_path):
    file = tmp_path / "by-hand.jsonl"
    write_suite(suite(*twins("key|be", "near us"), predictions=(CRITICAL,)), file)
    changed(file, 1, lambda item: item["certificate"].update(blind_below=9))
    packed = tmp_path / "by-hand.jsonl.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert rows(audit_suite(packed))["stored in the file"] == (2, "1 differ")


def test_a_suite_that_is_no_file_of_ours_stores_no_certificates():
    assert "stored in the file" not in rows(audit_suite(suite(*twins("key|be", "near us"))))


def test_an_item_whose_certificate_is_damaged_is_one_clear_message(tmp_path):
    file = tmp_path / "by-hand.jsonl"
    write_suite(suite(*twins("key|be", "near us"), predictions=(CRITICAL,)), file)
    changed(file, 1, lambda item: item.update(certificate="yes"))
    with pytest.raises(LrdBenchError, match=r"by-hand\.jsonl:2: the certificate is damaged"):
        audit_suite(file)


# -- decidable -------------------------------------------------------------------------------------------------------


@pytest.fixture
def shipped(tmp_path):
    file = tmp_path / "shipped.jsonl"
    generate_suite(SHIPPED, out=file, items=1)
    return file


def test_the_grammar_of_a_shipped_suite_decides_it(shipped):
    items = len(read_suite(shipped).items)
    assert rows(audit_suite(shipped))["decidable"] == (items, f"of {items} asked of the grammar")


def test_a_question_that_the_grammar_answers_otherwise_is_told(shipped):
    def swap(item):
        item["sentences"] = {"good": item["sentences"]["bad"], "bad": item["sentences"]["good"]}

    changed(shipped, 0, swap)
    audit = audit_suite(shipped)
    items = len(read_suite(shipped).items)
    assert rows(audit)["decidable"] == (items - 1, f"of {items} asked of the grammar")
    first = read_suite(shipped).items[0].id
    assert f"Of 1 item the grammar does not derive the right sentence ({first})." in audit.findings
    assert f"Of 1 item the grammar derives the wrong sentence ({first})." in audit.findings


def test_another_version_than_the_shipped_one_is_not_decided(shipped):
    old = replace(read_suite(shipped), version=0)
    number, why = rows(audit_suite(old))["decidable"]
    assert number is None
    assert why.startswith(f"not computed: the shipped {SHIPPED} is of version ")


def test_a_suite_of_ones_own_is_decided_by_its_file(tmp_path, shipped):
    own = replace(read_suite(shipped), name="my-own")
    assert rows(audit_suite(own))["decidable"] == (None, "not computed: the suite's file is not at hand (--grammar)")
    items = len(own.items)
    assert rows(audit_suite(own, grammar=SHIPPED))["decidable"] == (items, f"of {items} asked of the grammar {SHIPPED}")


def test_a_grammar_that_is_not_there_is_one_clear_message(shipped):
    with pytest.raises(LrdBenchError, match=r"nowhere\.toml: no such suite file"):
        audit_suite(shipped, grammar="nowhere.toml")
