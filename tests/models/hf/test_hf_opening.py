"""Opening `hf:NAME`: folders and names on a hub, what is refused, and what a scored item's signature says."""

import json
import math
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lrd_bench.cli import app
from lrd_bench.errors import LrdBenchError
from lrd_bench.items import Item, Sentence, Span, Suite
from lrd_bench.models import load_model
from lrd_bench.models.opening import open_model
from lrd_bench.outcomes import read_outcomes
from lrd_bench.suite_files import write_suite

pytest.importorskip("transformers", reason="transformers is not installed: pip install 'lrd-bench[hf]'")

import huggingface_hub
import torch
import transformers
from hf_making import network, tokeniser, write
from safetensors.torch import load_file, save_file

WORDS = ["The", "keys", "to", "the", "cabinet", "are"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder with a small GPT-2; not to be written to."""
    folder = tmp_path_factory.mktemp("saved") / "small-gpt"
    cutter = tokeniser("bytes")
    write(folder, cutter, network("gpt2", len(cutter)))
    return folder


@pytest.fixture
def folder(saved, tmp_path) -> Path:
    """A copy of it, to be spoilt."""
    return Path(shutil.copytree(saved, tmp_path / "small-gpt"))


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """A hub that cannot be reached, and nothing fetched from it yet: returns where that would lie."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def complaint(folder: object) -> str:
    with pytest.raises(LrdBenchError) as caught:
        open_model(f"hf:{folder}")
    return str(caught.value)


def test_a_folder_opens_under_its_name(saved, monkeypatch, capsys):
    opened = open_model(f"hf:{saved}")
    assert (opened.name, opened.seed, opened.model.context, opened.model.vocabulary) == ("small-gpt", None, None, None)
    assert capsys.readouterr() == ("", "")
    monkeypatch.chdir(saved)
    assert open_model("hf:.").name == "small-gpt"
    monkeypatch.setenv("HOME", str(saved.parent))
    assert open_model(f"hf:~/{saved.name}").name == "small-gpt"
    assert load_model("hf:.").logprobs([WORDS]) == opened.model.logprobs([WORDS])


def test_weights_of_fewer_bits_are_read_as_float32(saved, folder):
    save_file(
        {name: weights.bfloat16() for name, weights in load_file(saved / "model.safetensors").items()},
        folder / "model.safetensors",
        metadata={"format": "pt"},
    )
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"dtype": "bfloat16"}))
    [rounded], [exact] = (load_model(f"hf:{each}").logprobs([WORDS]) for each in (folder, saved))
    assert rounded == pytest.approx(exact, abs=0.2)
    assert rounded != pytest.approx(exact, abs=1e-4)
    beside = load_model(f"hf:{folder}").logprobs([WORDS, WORDS[:3], ["The", "boy"]])[0]
    assert beside == pytest.approx(rounded, abs=1e-5)


def test_a_digest_is_of_what_scores_depend_on(saved, folder):
    (folder / "README.md").write_text("Other weights lie in another folder.")
    (folder / "pytorch_model.bin").write_bytes(b"the same in another format")
    assert open_model(f"hf:{folder}").digest == open_model(f"hf:{saved}").digest
    weights = load_file(folder / "model.safetensors")
    name = min(weights)
    save_file(weights | {name: weights[name] + 1}, folder / "model.safetensors", metadata={"format": "pt"})
    assert open_model(f"hf:{folder}").digest != open_model(f"hf:{saved}").digest


def test_what_was_fetched_from_a_hub_opens_under_its_name(saved, offline):
    kept = offline / "models--someone--small" / "snapshots" / "0123456789012345678901234567890123456789"
    shutil.copytree(saved, kept)
    (kept.parents[1] / "refs").mkdir()
    (kept.parents[1] / "refs" / "main").write_text(kept.name)
    opened, same = open_model("hf:someone/small"), open_model(f"hf:{saved}")
    assert (opened.name, opened.digest) == ("small", same.digest)
    assert opened.model.logprobs([WORDS]) == same.model.logprobs([WORDS])


def test_only_what_is_needed_is_fetched_from_a_hub(saved, monkeypatch):
    asked = {}

    def fetch(name, **patterns):
        asked.update(patterns, name=name)
        return str(saved)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetch)
    open_model("hf:someone/small")
    offered = [
        "model.safetensors",
        "pytorch_model.bin",
        "onnx/model.safetensors",
        "consolidated.00.safetensors",
        "config.json",
        "modeling_mine.py",
        "tokenizer.json",
        "model-00001-of-00002.safetensors",
        "vocab.json",
    ]
    fetched = huggingface_hub.utils.filter_repo_objects(
        offered, allow_patterns=asked["allow_patterns"], ignore_patterns=asked["ignore_patterns"]
    )
    assert asked["name"] == "someone/small"
    assert list(fetched) == [offered[0], *offered[4:5], *offered[6:]]


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("name", ["no/such-model", "gpt3", "../nowhere/at/all"])
def test_what_is_neither_a_folder_nor_on_the_hub_is_one_message(name):
    message = complaint(name)
    assert message.startswith(f"hf:{name}: there is no such folder, and no model of that name could be fetched (")
    assert "\n" not in message


def test_weights_that_would_be_unpickled_are_not_read(folder, tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    torch.save({"transformer.wte.weight": Trap()}, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert "holds no *.safetensors, and weights in other formats are not read" in complaint(folder)
    assert not (tmp_path / "sprung").exists()


def test_code_that_comes_with_a_model_is_not_run(folder, tmp_path):
    (folder / "mine.py").write_text(f"from pathlib import Path\nPath({str(tmp_path / 'sprung')!r}).touch()\n")
    for name in ("config.json", "tokenizer_config.json"):
        settings = json.loads((folder / name).read_text())
        settings["auto_map"] = {
            "AutoConfig": "mine.Config",
            "AutoModelForCausalLM": "mine.Model",
            "AutoTokenizer": ["mine.Cutter", "mine.Cutter"],
        }
        (folder / name).write_text(json.dumps(settings | {"model_type": "mine"}))
    assert "transformers cannot open it as a causal language model (" in complaint(folder)
    assert not (tmp_path / "sprung").exists()


def spoil(name: str, content: bytes | None):
    def spoilt(folder: Path) -> None:
        (folder / name).unlink() if content is None else (folder / name).write_bytes(content)

    return spoilt


def drop_a_weight(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["transformer.h.1.mlp.c_fc.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def save_another(model):
    return lambda folder: model().save_pretrained(folder)


def translator():
    return transformers.T5ForConditionalGeneration(
        transformers.T5Config(
            vocab_size=420, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2, decoder_start_token_id=0
        )
    )


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        (spoil("config.json", None), "holds no config.json"),
        (spoil("config.json", b"{"), "cannot open it as a causal language model ("),
        (spoil("config.json", b"{}"), "cannot open it as a causal language model ("),
        (spoil("model.safetensors", b"half a file"), "cannot open it as a causal language model ("),
        (spoil("tokenizer.json", b"{}"), "cannot open it as a causal language model ("),
        (drop_a_weight, "1 of its weights are missing or of another shape: 'transformer.h.1.mlp.c_fc.weight'"),
        (
            save_another(lambda: network("gpt2", 300)),
            "its tokeniser has 420 pieces, of which the model knows the first 300",
        ),
        (save_another(translator), "cannot open it as a causal language model ("),
        (save_another(transformers.ByT5Tokenizer), "its tokeniser does not say where in a text its pieces are"),
    ],
    ids=[
        "no-config",
        "half-a-config",
        "empty-config",
        "half-the-weights",
        "no-tokeniser",
        "a-weight-less",
        "other-vocabulary",
        "a-translator",
        "slow-tokeniser",
    ],
)
def test_what_cannot_be_opened_is_one_message(folder, spoilt, message):
    spoilt(folder)
    assert message in complaint(folder)
    assert "\n" not in complaint(folder)


def suite() -> Suite:
    subjects = {"singular": "key", "plural": "keys"}
    verbs = {"singular": "isn't", "plural": "aren't"}
    return Suite(
        name="keys",
        version=1,
        predictions=("(critical;%good%) < (critical;%bad%)", "(*;%good%) < (*;%bad%)"),
        items=tuple(
            Item(
                id=number,
                sentences={
                    condition: Sentence(
                        tokens=("The", subjects[number], "to", "the", "cabinet", verbs[value][:-3], "n't", "old", "."),
                        regions={"cue": Span(1, 2), "critical": Span(5, 7)},
                    )
                    for condition, value in (("good", number), ("bad", other))
                },
            )
            for number, other in (("singular", "plural"), ("plural", "singular"))
        ),
    )


def test_the_command_line_scores_items_and_texts_and_says_how_words_are_read(saved, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_suite(suite(), tmp_path / "keys.jsonl")
    result = CliRunner().invoke(app, ["score", f"hf:{saved}", "keys.jsonl"])
    assert result.exit_code == 0, result.output
    outcomes = read_outcomes([tmp_path / "runs" / "small-gpt" / "outcomes.parquet"])
    [run] = set(outcomes["run"])
    assert "|oov:pair|eos:no|hf:bos,space|v:" in run
    assert run in result.stdout.replace("|seeds:1", "")
    model = load_model(f"hf:{saved}")
    for (_, row), item in zip(outcomes.iterrows(), [*suite().items] * 2, strict=True):
        good, bad = (model.logprobs([item.sentences[name].tokens])[0] for name in ("good", "bad"))
        begin, stop = (5, 7) if row["prediction"].startswith("(critical") else (0, 9)
        margin = (sum(good[begin:stop]) - sum(bad[begin:stop])) / math.log(2)
        assert row["margin_bits"] == pytest.approx(margin, abs=1e-4)
    text = "The keys do n't fit ."
    (tmp_path / "held-out.txt").write_text(text + "\n")
    result = CliRunner().invoke(app, ["score", f"hf:{saved}", "--text", "held-out.txt"])
    perplexity = math.exp(-sum(model.logprobs([text.split()], end=True)[0]) / 7)
    assert result.exit_code == 0, result.output
    assert f"perplexity {perplexity:.4g}"[:14] in result.stdout
