import gzip
import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import LanguageModel
from lrd_bench.models.controls import UniformModel
from lrd_bench.models.folder import Origin, write_model
from lrd_bench.models.opening import open_model
from lrd_bench.models.recipes import UniformRecipe
from lrd_bench.vocabulary import build_vocabulary

MODULE = '''
from lrd_bench.models.base import LanguageModel


class Length(LanguageModel):
    """Likes short words."""

    context = 0
    conventions = "length:letters"

    def logprobs(self, sentences, wanted=None, end=False):
        return [[-float(len(word)) for word in words] for words in sentences]


def length():
    return Length()


def nothing():
    return 42


constant = 3
'''


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "their_models.py").write_text(MODULE)
    (tmp_path / "half_written.py").write_text("import no_such_package_at_all\n")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.modules.pop("their_models", None)


def complaint(spec: str) -> str:
    with pytest.raises(LrdBenchError) as caught:
        open_model(spec)
    return str(caught.value)


@pytest.mark.usefixtures("here")
def test_ten_lines_of_python_make_a_model() -> None:
    opened = open_model("python:their_models:length")
    assert (opened.name, opened.seed, opened.model.context) == ("length", None, 0)
    assert opened.model.logprobs([["the", "keys"]]) == [[-3.0, -4.0]]
    assert isinstance(opened.model, LanguageModel)
    assert opened.model.conventions == "length:letters"


@pytest.mark.usefixtures("here")
def test_a_python_model_s_digest_is_of_the_words_that_name_it() -> None:
    one, again = open_model("python:their_models:length"), open_model("python:their_models:length")
    assert one.digest == again.digest
    assert len(one.digest) == 64


@pytest.mark.usefixtures("here")
def test_opening_leaves_the_import_path_as_it_was() -> None:
    before = list(sys.path)
    open_model("python:their_models:length")
    assert sys.path == before


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("python:their_models:lenght", "unknown factory 'lenght'. Did you mean 'length'?"),
        ("python:their_models:constant", "unknown factory 'constant'."),
        ("python:their_models:nothing", "returned int, which has no `logprobs`."),
        ("python:my_models:length", "cannot import 'my_models'"),
        ("python:half_written:length", "cannot import 'half_written' (No module named 'no_such_package_at_all')"),
        ("python:their_models", "names no module and factory. Write python:package.module:factory."),
        (
            "xx:gpt2",
            "unknown kind of model 'xx'. Known: arpa, hf, kenlm, python, surprisals. Understood: a model folder that",
        ),
        ("hf:", "hf: names no model. Write hf:FOLDER, or hf:NAME of one on a model hub."),
        ("apra:some.arpa", "Did you mean 'arpa'?"),
        ("arpa:some.arpa", "some.arpa: cannot be read (No such file or directory)."),
        ("arpa:their_models.py", "their_models.py: is no ARPA file: no line of it is '\\data\\'."),
        ("pyhton:their_models:length", "Did you mean 'python'?"),
        ("runs/lstm-0", "runs/lstm-0: no such model. Understood: a model folder that"),
        (".", "is not a model folder: it has no manifest.json."),
        ("their_models.py", "is a file. For an n-gram model, write arpa:their_models.py, or kenlm:their_models.py"),
    ],
)
def test_what_cannot_be_opened_is_refused_with_what_can(spec: str, message: str) -> None:
    assert message in complaint(spec)


def test_without_transformers_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    assert "hf:NAME needs the transformers module, which is not installed" in complaint("hf:gpt2")
    assert "pip install 'lrd-bench[hf]'" in complaint("hf:gpt2")


def test_a_model_folder_opens_under_its_name_digest_and_seed(tmp_path: Path) -> None:
    origin = Origin(
        name="flat",
        seed=None,
        version="0",
        made_from="f00d",
        model_digest="cafe",
        corpus={},
        device="cpu",
        packages={},
        elapsed_s=0.1,
    )
    model = UniformModel(build_vocabulary([["a", "b"]]))
    recipe = UniformRecipe(family="uniform")
    write_model(tmp_path, recipe=recipe, model=model, metrics={}, log=[], origin=origin)
    opened = open_model(str(tmp_path))
    assert (opened.name, opened.digest, opened.seed) == ("flat", "cafe", None)
    assert opened.model.logprobs([["a"]]) == model.logprobs([["a"]])


ARPA = """\\data\\
ngram 1=4
ngram 2=1

\\1-grams:
-1.5\t<unk>\t0
0\t<s>\t-0.5
-0.75\t</s>\t0
-0.5\tkeys\t0

\\2-grams:
-0.25\t<s> keys

\\end\\
"""


@pytest.mark.parametrize("kind", ["arpa", "kenlm"])
def test_a_file_of_another_tool_opens_under_its_name(kind: str, tmp_path: Path) -> None:
    if kind == "kenlm":
        pytest.importorskip("kenlm", reason="the kenlm module is not installed: pip install kenlm")
    for name in ("small.o2.arpa", "other.lm"):
        (tmp_path / name).write_text(ARPA)
    (tmp_path / "small.o2.arpa.gz").write_bytes(gzip.compress(ARPA.encode()))
    plain, packed, other = (
        open_model(f"{kind}:{tmp_path}/{name}") for name in ("small.o2.arpa", "small.o2.arpa.gz", "other.lm")
    )
    assert [opened.name for opened in (plain, packed, other)] == ["small.o2", "small.o2", "other"]
    assert (plain.seed, plain.model.context) == (None, 1)
    assert plain.digest == other.digest != packed.digest
    for opened in (plain, packed, other):
        assert opened.model.logprobs([["keys"]], end=True)[0] == pytest.approx(
            [-0.25 * math.log(10), -0.75 * math.log(10)]
        )
        assert opened.model.vocabulary is not None
        assert "keys" in opened.model.vocabulary


def test_who_reads_a_file_is_part_of_the_digest(tmp_path: Path) -> None:
    pytest.importorskip("kenlm", reason="the kenlm module is not installed: pip install kenlm")
    (tmp_path / "small.arpa").write_text(ARPA)
    assert open_model(f"arpa:{tmp_path}/small.arpa").digest != open_model(f"kenlm:{tmp_path}/small.arpa").digest


BROKEN = """
import math
import types
from lrd_bench.models.base import LanguageModel

class Silent(LanguageModel):
    pass

class Surprised(LanguageModel):
    def logprobs(self, sentences, wanted=None, end=False):
        return [[-math.log(0.5)] * len(words) for words in sentences]

class Failing(LanguageModel):
    def logprobs(self, sentences, wanted=None, end=False):
        raise RuntimeError("no weights")

def plain():
    half = lambda sentences, wanted=None, end=False: [[-1.0] * len(words) for words in sentences]
    return types.SimpleNamespace(logprobs=half, context=None, bidirectional=False, vocabulary=None)
def silent(): return Silent()
def surprised(): return Surprised()
def failing(): return Failing()
def boom(): raise ValueError("no file")
def nothing_for_some():
    answer = lambda sentences, wanted=None, end=False: [None for words in sentences]
    return types.SimpleNamespace(logprobs=answer, context=None, bidirectional=False, vocabulary=None)
def words_for_numbers():
    answer = lambda sentences, wanted=None, end=False: [words for words in sentences]
    return types.SimpleNamespace(logprobs=answer, context=None, bidirectional=False, vocabulary=None)
"""


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "broken_models.py").write_text(BROKEN)
    (tmp_path / "misspelt_models.py").write_text("def model(: pass")
    monkeypatch.chdir(tmp_path)
    yield
    sys.modules.pop("broken_models", None)


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("python:broken_models:silent", "Silent does not define `logprobs`"),
        ("python:broken_models:boom", r"boom\(\) failed: ValueError: no file \(broken_models.py, line 23\)"),
        ("python:misspelt_models:model", "'misspelt_models' fails when imported: SyntaxError"),
    ],
)
def test_a_model_that_cannot_be_made_is_one_message(spec: str, said: str) -> None:
    assert re.search(said, complaint(spec))


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(
    ("factory", "said"),
    [
        ("surprised", "gave a number above 0.*not surprisals"),
        ("failing", "logprobs failed: RuntimeError: no weights"),
        ("nothing_for_some", "gave something else than numbers"),
        ("words_for_numbers", "gave something else than numbers"),
    ],
)
def test_a_model_that_answers_nonsense_is_one_message(factory: str, said: str) -> None:
    opened = open_model(f"python:broken_models:{factory}")
    with pytest.raises(LrdBenchError, match=said):
        opened.model.logprobs([["the", "keys"]])


@pytest.mark.usefixtures("broken")
def test_a_model_need_not_be_of_our_class() -> None:
    assert open_model("python:broken_models:plain").model.logprobs([["the", "keys"]]) == [[-1.0, -1.0]]
