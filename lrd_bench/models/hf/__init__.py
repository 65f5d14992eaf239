"""Causal language models of the transformers library (`hf:NAME`), scored by words.

text, pieces     words as running text, and as the pieces that a tokeniser makes of it
questions        which pieces a word's score is made of
network          a model asked about many prefixes, each read once
model            all of this as a language model
files            folders and names on a hub
"""

from lrd_bench.models.hf.files import open_hf
from lrd_bench.models.hf.model import HfModel

__all__ = ["HfModel", "open_hf"]
