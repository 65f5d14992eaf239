"""Small models of transformers with random weights, and tokenisers that have learnt a few sentences.

Import this after `pytest.importorskip("transformers")`.
"""

import re
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from lrd_bench.models.hf.text import running_text

LINES = [
    "The keys to the cabinet are rusty.",
    "The key to the cabinets isn't rusty, and the keys don't fit.",
    "The boy who the girls like doesn't laugh; the girl who the boys like does.",
    "Who says \"No keys!\" to the dogs' owner? The author that they've met.",
    "The pictures of the house (all 5) weren't large enough to hang in the hall.",
    "Some authors think that they can't write unless it's raining near the old harbour.",
    "The family moved from the city because they wanted a larger house.",
    "I'd say the senators near the window haven't read what the minister wrote.",
]
SENTENCES = [
    line.split()
    for line in (
        "The keys to the cabinet are rusty .",
        "The keys to the cabinet is rusty .",
        "The key to the cabinets does n't fit , and the dogs ' owner ca n't laugh !",
        "The key to the cabinets do n't fit",
        'Who says " No " ( 5 % ) ?',
        "Zyxomma 🙂 naïve <s> <|endoftext|>",
        "laugh",
        "",
    )
]
"""Shared beginnings, punctuation, clitics, what no tokeniser has learnt, and nothing."""


def tokeniser(kind: str, **special: str) -> Any:
    """A tokeniser; `special` are its special tokens, <|endoftext|> for both ends where none is named.

    bytes:        as GPT-2 has it, pieces of words with the space before them
    bytes-trim:   the same, which leaves that space out when it says where pieces are
    across:       BPE whose pieces may hold spaces, so that they span words
    unigram:      the likeliest of all ways to cut, across spaces
    wordpiece:    as BERT has it
    words:        whole words, punctuation not among them, and <unk>
    """
    special = special or {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}
    names = list(dict.fromkeys(special.values()))
    match kind:
        case "bytes" | "bytes-trim":
            made = Tokenizer(models.BPE())
            made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
            made.decoder = decoders.ByteLevel()
            made.post_processor = processors.ByteLevel(trim_offsets=kind == "bytes-trim")
            alphabet = pre_tokenizers.ByteLevel.alphabet()
            trainer = trainers.BpeTrainer(
                vocab_size=420, special_tokens=names, initial_alphabet=alphabet, show_progress=False
            )
        case "across":
            made = Tokenizer(models.BPE(unk_token="<unk>"))
            made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
            trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["<unk>", *names], show_progress=False)
        case "unigram":
            made = Tokenizer(models.Unigram())
            made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
            trainer = trainers.UnigramTrainer(
                vocab_size=200, special_tokens=["<unk>", *names], unk_token="<unk>", show_progress=False
            )
        case "wordpiece":
            made = Tokenizer(models.WordPiece(unk_token="<unk>"))
            made.normalizer = normalizers.BertNormalizer(lowercase=True)
            made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
            trainer = trainers.WordPieceTrainer(vocab_size=250, special_tokens=["<unk>", *names], show_progress=False)
        case "words":
            made = Tokenizer(models.WordLevel(unk_token="<unk>"))
            made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
            trainer = trainers.WordLevelTrainer(special_tokens=["<unk>", *names], show_progress=False)
    lines = [re.sub("[^A-Za-z]+", " ", line) for line in LINES] if kind == "words" else LINES
    made.train_from_iterator(lines, trainer)
    if "<unk>" in made.get_vocab():
        special = special | {"unk_token": "<unk>"}
    return transformers.PreTrainedTokenizerFast(tokenizer_object=made, **special)


def network(kind: str, vocab: int, **settings: Any) -> Any:
    """A model with random weights, large enough that its scores differ."""
    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
    llama = {**shape, "intermediate_size": 64, "num_key_value_heads": 2}
    gpt = {"n_embd": 32, "n_layer": 2, "n_head": 4}
    config_class, usual = {
        "gpt2": ("GPT2Config", {**gpt, "n_positions": 300}),
        "llama": ("LlamaConfig", llama),
        "neox": ("GPTNeoXConfig", {**shape, "intermediate_size": 64}),
        "opt": ("OPTConfig", {**shape, "ffn_dim": 64, "word_embed_proj_dim": 32}),
        "qwen2": ("Qwen2Config", llama),
        "gemma2": ("Gemma2Config", {**llama, "head_dim": 8, "final_logit_softcapping": 3.0}),
        "sliding": ("MistralConfig", {**llama, "sliding_window": 8}),
        "bloom": ("BloomConfig", {"hidden_size": 32, "n_layer": 2, "n_head": 4}),
        "local": ("GPTNeoConfig", {**shape, "num_heads": 4, "num_layers": 2, "window_size": 8}),
        "mamba": ("MambaConfig", {"hidden_size": 32, "num_hidden_layers": 2, "state_size": 8}),
        "bert": ("BertConfig", {**shape, "intermediate_size": 64}),
    }[kind]
    if kind == "local":
        del usual["num_hidden_layers"], usual["num_attention_heads"]
        usual["attention_types"] = [[["global", "local"], 1]]
    ends = {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": None}
    config = getattr(transformers, config_class)(vocab_size=vocab, **{**ends, **usual, **settings})
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = transformers.AutoModelForCausalLM.from_config(config)
        with torch.no_grad():
            for weights in made.parameters():
                weights += torch.randn_like(weights) / 5
    return made.eval()


def write(folder: Path, cutter: Any, model: Any) -> str:
    """Write both; returns how the command line names them."""
    model.save_pretrained(folder)
    cutter.save_pretrained(folder)
    return f"hf:{folder}"


def text_logprob(cutter: Any, model: Any, words: list[str]) -> float:
    """Of the whole text of some words after its BOS, in nats: the model's own loss, of this sentence alone."""
    pieces = cutter(running_text(words).text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    if not pieces:
        return 0.0
    ids = torch.tensor([[cutter.bos_token_id, *pieces]])
    with torch.inference_mode():
        return -float(model(input_ids=ids, labels=ids).loss.double()) * len(pieces)
