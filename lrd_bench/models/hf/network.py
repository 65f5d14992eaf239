"""A causal language model of transformers, asked what may come after many prefixes, each of them read once.

Whole branches of a trie lie in one row, in which a piece looks at those before it in its own sentence alone. That takes
a model that heeds the positions and the mask that it is given, which not all do (distances that are biases, windows
that slide, recurrence). So each is tried when it is opened, and its answers compared with those to sentences that stand
alone. One that does not is asked about sentences in batches of one length, which need no padding.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lrd_bench.models.packing import ROW_NODES, packed_rows
from lrd_bench.models.tries import NO_PARENT, Integers, Trie, build_trie

DEEPEST = ROW_NODES // 2
"""Pieces of the longest prefix that is packed: nothing is packed that is larger than what was tried."""
MAX_LOGITS = 2**25
"""Scores of pieces held at once (128 MiB) where sentences are not packed."""

ABSOLUTE_NATS, RELATIVE = 1e-5, 1e-6
"""How far a score in a row may lie from the score alone: rounding. What packing breaks is off by far more."""
AHEAD_NATS = 1e-3
"""A score that more than rounding changes when other words follow."""
TARGETS = 16
"""Of how many pieces the log-probabilities are compared, after each prefix."""


class CausalNetwork:
    """A model of transformers, asked for the scores of all pieces after prefixes."""

    def __init__(self, model: Any, pieces: Integers, longest: int | None) -> None:
        """Try the model.

        model:    as AutoModelForCausalLM gives it, ready to be asked
        pieces:   ids that may stand in a text
        longest:  how many pieces it reads at most; None: any number
        """
        self._model = model
        self._vocab = int(model.config.get_text_config().vocab_size)
        self.causal, self.packs = self._try(pieces, min(longest or DEEPEST, DEEPEST))
        """Whether it looks back alone; whether its prefixes can be packed."""

    @torch.inference_mode()
    def _try(self, pieces: Integers, longest: int) -> tuple[bool, bool]:
        rows = _trial_rows(pieces, longest)
        half = rows[0][: (longest + 1) // 2]
        trie, beginning = build_trie(sorted(rows)), build_trie([half])
        nodes = np.arange(len(trie.symbol))
        targets = pieces[:TARGETS]
        alone = _logprobs(self._apart(trie, nodes), len(nodes), targets)
        shorter = _logprobs(self._apart(beginning, np.arange(len(half))), len(half), targets)
        longest_row = sorted(rows).index(rows[0])
        causal = np.allclose(alone[trie.node[longest_row, : len(half)]], shorter, rtol=0, atol=AHEAD_NATS)
        try:
            packed = _logprobs(self._packed(trie, nodes), len(nodes), targets)
            packs = np.allclose(packed, alone, rtol=RELATIVE, atol=ABSOLUTE_NATS)
        except Exception:  # each kind of model has its own way of not taking positions or such a mask
            packs = False
        return causal, packs

    def walk(self, trie: Trie, asked: Integers) -> Iterator[tuple[Integers, Tensor]]:
        """The scores of all pieces after the prefixes of a trie, [m, vocab]; see `lrd_bench.models.prefixes.Walk`."""
        packed = trie.depths(asked) < (DEEPEST if self.packs else 0)
        yield from self._packed(trie, asked[packed])
        yield from self._apart(trie, asked[~packed])

    def _packed(self, trie: Trie, asked: Integers) -> Iterator[tuple[Integers, Tensor]]:
        missing = np.zeros(len(trie.symbol), dtype=bool)
        missing[asked] = True
        for row in packed_rows(trie, asked, ROW_NODES):
            new = np.flatnonzero(missing[row.nodes])
            missing[row.nodes] = False
            hidden = torch.from_numpy(~row.sees).to(self._model.device)
            mask = hidden * torch.finfo(torch.float32).min  # all attention takes a mask that is added
            depths = torch.from_numpy(row.depths).to(self._model.device)
            logits = self._ask(
                trie.symbol[row.nodes][np.newaxis], new, attention_mask=mask[None, None], position_ids=depths[None]
            )
            yield row.nodes[new], logits[0]

    def _apart(self, trie: Trie, asked: Integers) -> Iterator[tuple[Integers, Tensor]]:
        missing = np.zeros(len(trie.symbol), dtype=bool)
        missing[asked] = True
        last = asked[~_has_below(trie, missing)[asked]]
        depths = trie.depths(last)
        for depth in np.unique(depths).tolist():
            paths = trie.node[trie.first_row[last[depths == depth]], : depth + 1]  # [sentences, time]
            some = max(1, MAX_LOGITS // (self._vocab * (depth + 1)))
            for start in range(0, len(paths), some):
                nodes = paths[start : start + some]
                wanted = np.flatnonzero(missing[nodes].any(axis=0))
                everything = torch.ones(nodes.shape, dtype=torch.int64, device=self._model.device)
                logits = self._ask(trie.symbol[nodes], wanted, attention_mask=everything).flatten(0, 1)
                new, where = np.unique(nodes[:, wanted], return_index=True)
                where, new = where[missing[new]], new[missing[new]]
                missing[new] = False
                yield new, logits[torch.from_numpy(where).to(logits.device)]

    def _ask(self, symbols: Integers, wanted: Integers, **how: Tensor) -> Tensor:
        """Scores of what may come after some positions of rows: [batch, wanted, vocab].

        symbols:  [batch, time]
        wanted:   [wanted] positions
        """
        inputs, keep = (torch.from_numpy(part).to(self._model.device) for part in (symbols, wanted))
        logits: Tensor = self._model(input_ids=inputs, use_cache=False, logits_to_keep=keep, **how).logits
        return logits if logits.shape[1] == len(wanted) else logits[:, keep]  # a few models know only of all


def _has_below(trie: Trie, wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """For each node, whether a wanted one begins with it: [nodes]."""
    below = np.zeros_like(wanted)
    for level in reversed([*trie.levels()]):
        parents = trie.parent[level][wanted[level] | below[level]]
        below[parents[parents != NO_PARENT]] = True
    return below


def _trial_rows(pieces: Integers, longest: int) -> list[tuple[int, ...]]:
    """A long row, and four that begin as it does and part from it: with room for it, as many nodes as a packed row."""
    rng = np.random.default_rng(0)
    row = rng.choice(pieces, longest).tolist()
    more = max(1, longest // 4)
    shared = [number * longest // 4 for number in range(4)]
    return [tuple(row), *((*row[:length], *rng.choice(pieces, more).tolist()) for length in shared)]


def _logprobs(parts: Iterator[tuple[Integers, Tensor]], nodes: int, targets: Integers) -> NDArray[np.float32]:
    """Of some pieces after each prefix of a walk: [nodes, targets]."""
    result = np.full((nodes, len(targets)), np.nan, dtype=np.float32)
    for some, logits in parts:
        result[some] = logits.log_softmax(dim=-1)[:, torch.from_numpy(targets).to(logits.device)].cpu().numpy()
    return result
