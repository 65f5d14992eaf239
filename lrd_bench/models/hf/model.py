"""A causal language model of transformers as one of ours: words in, natural-log probabilities of words out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lrd_bench.errors import LrdBenchError
from lrd_bench.models.base import KnownWords, LanguageModel, LogProbs, Words, check_wanted
from lrd_bench.models.foreign import blaming
from lrd_bench.models.hf.network import CausalNetwork
from lrd_bench.models.hf.pieces import KnownPieces, read_sentences
from lrd_bench.models.hf.questions import PieceQuestions
from lrd_bench.models.prefixes import asked_states
from lrd_bench.progress import progress_bar, say

CACHED_LINES = 32
"""Scores of all pieces after so many prefixes are summed at a time, for what is in a processor's cache is summed
quickly."""


class HfModel(LanguageModel):
    """A model and a tokeniser of transformers.

    A sentence begins after the tokeniser's BOS; where it has none, after its EOS, which then is what stands between
    texts; where it has neither, nothing precedes it, and its first word has no score (NaN). The end symbol is EOS.
    """

    def __init__(self, name: str, tokeniser: Any, model: Any) -> None:
        """Try the model, which takes about as long as 60 sentences do.

        Raises LrdBenchError for one that looks ahead, and for one that cannot be asked.

        name:       what messages call it
        tokeniser:  one that says where in a text its pieces are
        model:      as AutoModelForCausalLM gives it, ready to be asked
        """
        config = model.config.get_text_config()
        self._name, self._tokeniser = name, tokeniser
        self._begin, self._end = tokeniser.bos_token_id, tokeniser.eos_token_id
        begins_with = "bos"
        if self._begin is None:
            self._begin, begins_with = self._end, "none" if self._end is None else "eos"
        self.conventions = f"hf:{begins_with},space"
        self.vocabulary: KnownWords | None = None if tokeniser.unk_token_id is None else KnownPieces(tokeniser)
        longest = getattr(config, "max_position_embeddings", None) or -1
        self._longest: int | None = longest if longest > 0 else None  # some say -1 for no limit

        pieces = np.setdiff1d(np.arange(min(len(tokeniser), config.vocab_size)), tokeniser.all_special_ids)
        self._network = blaming(name, "asking it", lambda: CausalNetwork(model, pieces, self._longest))
        if not self._network.causal:
            raise LrdBenchError(f"{name}: its scores depend on what follows. Name a causal language model.")
        if not self._network.packs:
            say(f"{name}: cannot be asked about many sentences in one row. Scores are the same, and take longer.")

    @torch.inference_mode()
    def logprobs(
        self, sentences: Sequence[Words], wanted: Sequence[Sequence[int]] | None = None, end: bool = False
    ) -> LogProbs:
        """Natural-log probability of words given those before them; see `LanguageModel`.

        Raises LrdBenchError for a sentence that is longer than the model can read, and for the end where the tokeniser
        has no EOS.
        """
        check_wanted(sentences, wanted)
        if end and self._end is None:
            raise LrdBenchError(f"{self._name}: its tokeniser has no EOS, so that no text ends. Leave perplexity out.")
        questions = PieceQuestions(self._begin)
        for number, reading in enumerate(read_sentences(self._tokeniser, sentences)):
            words = range(len(reading.counts)) if wanted is None else wanted[number]
            length = questions.ask(reading, words, self._end if end else None)
            if self._longest is not None and length > self._longest:
                begins = " ".join(sentences[number][:8])
                raise LrdBenchError(
                    f"{self._name}: reads at most {self._longest} pieces of words, and the sentence that begins with "
                    f"{begins!r} takes {length}. Leave it out."
                )
        return questions.answers(self._piece_logprobs(questions))

    def _piece_logprobs(self, questions: PieceQuestions) -> NDArray[np.float64]:
        places = (questions.row, questions.position, questions.target)
        row, position, target = (np.array(numbers, dtype=np.int64) for numbers in places)
        result = np.empty(len(target), dtype=np.float64)
        with progress_bar() as bar:
            task = bar.add_task(f"asking {self._name}", total=len(target), unit="pieces")
            for question, line, logits in asked_states(
                list(questions.rows), row, position, self._network.walk, at_once=None
            ):
                lines, targets = torch.from_numpy(np.stack((line, target[question]))).to(logits.device)
                totals = torch.cat([part.logsumexp(dim=-1) for part in torch.split(logits, CACHED_LINES)])
                logprobs = logits[lines, targets].double() - totals[lines]
                result[question] = logprobs.cpu().numpy()
                bar.advance(task, len(question))
        return result
