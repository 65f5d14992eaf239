"""Recurrent networks: Elman (1990), the GRU of Cho et al. (2014), the LSTM of Hochreiter and Schmidhuber (1997), and
the minimal GRU of Feng et al. (2024).

Each sees the whole sentence so far or, as Gulordava et al. (2018) have an LSTM do, a window of words.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)

from lrd_bench.models.min_gru import MinGru
from lrd_bench.models.neural import MAX_CELLS, WordVectors
from lrd_bench.models.recipes import Cell, RecurrentSettings
from lrd_bench.models.tries import Integers, Trie
from lrd_bench.vocabulary import BOS_ID

State = Any
"""What a layer carries on: [1, batch, hidden], or two of these for an LSTM."""


class RecurrentEncoder(nn.Module):
    """Word vectors and one or more recurrent layers.

    Every sentence starts from `<s>` and a state of zeros. With a `context`, so does every word (Gulordava et al. 2018):
    a fresh network reads the last `context` words and predicts the next; a window that reaches over the beginning of
    the sentence is filled with `<s>`, and equal windows are scored once.

    With x the layer's input, h its state, σ the logistic function and · the product of components, the cells are
    torch's (`elman-relu` has max(0, ·) in place of tanh, as Le, Jaitly and Hinton 2015), and `MinGru`:

        elman   h = tanh(W x + b + U h′ + c)
        gru     r = σ(Wr x + br + Ur h′ + cr),  z = σ(Wz x + bz + Uz h′ + cz),
                n = tanh(Wn x + bn + r · (Un h′ + cn)),  h = (1 - z) · n + z · h′
        lstm    i, f, o = σ(W x + b + U h′ + c), each with its own weights,  g = tanh(Wg x + bg + Ug h′ + cg),
                c = f · c′ + i · g,  h = o · tanh(c)

    The LSTM has forget gates (Gers et al. 2000) and no peepholes; the GRU applies its reset gate after the recurrent
    product. Between layers lies dropout (Zaremba et al. 2014) and, with `residual`, a way round each layer but the
    first (He et al. 2016). Word vectors that are the output layer's weights, too, and of another size than a state, are
    met by a linear layer. How weights begin: `lrd_bench.models.neural.initialise`.
    """

    def __init__(self, settings: RecurrentSettings, vocab: int) -> None:
        super().__init__()
        self.context, self.residual = settings.context, settings.residual
        inputs = settings.embedding or settings.hidden
        self.dropout, self.size = settings.dropout, inputs if settings.tied else settings.hidden
        self.embedding = WordVectors(vocab, inputs, tied=settings.tied)
        sizes = [inputs, *[settings.hidden] * (settings.layers - 1)]
        self.layers = nn.ModuleList(make_layer(settings.cell, size, settings.hidden) for size in sizes)
        narrow = self.size != settings.hidden
        self.narrowing = nn.Linear(settings.hidden, self.size, bias=False) if narrow else nn.Identity()

    def forward(self, inputs: Tensor, cells: Tensor | None = None, lengths: Tensor | None = None) -> Tensor:
        """The states after some of the words; see `lrd_bench.models.neural.Encoder`."""
        # Real positions first, the vocabulary after: nothing is projected that nobody asks for, nor any window read.
        if self.context is None:
            states = self.read(inputs)[0][-1].flatten(0, 1)  # [batch × time, hidden]
            states = states if cells is None else states.index_select(0, cells)
        else:
            windows = _windows(inputs, self.context)
            states = self.read(windows if cells is None else windows.index_select(0, cells))[0][-1][:, -1]
        return self._output(states)

    def go_on(self, inputs: Tensor, carried: Sequence[State] | None) -> tuple[Tensor, list[State]]:
        """The states after all words of rows that go on from what was carried, [batch × time, size]; what they
        carry on."""
        of_layers, carry = self.read(inputs, carried)
        return self._output(of_layers[-1].flatten(0, 1)), carry

    def _output(self, states: Tensor) -> Tensor:
        """What the vocabulary is given: [n, hidden] to [n, size]."""
        narrowed: Tensor = self.narrowing(F.dropout(states, self.dropout, self.training))
        return narrowed

    def read(self, inputs: Tensor, carried: Sequence[State] | None = None) -> tuple[list[Tensor], list[State]]:
        """The states of each layer, [batch, time, hidden]; and what each carries on.

        inputs:   [batch, time]
        carried:  what each layer carries from what was read before; None: it starts fresh
        """
        states = F.dropout(self.embedding(inputs), self.dropout, self.training)
        of_layers, carry = list[Tensor](), list[State]()
        for number, layer in enumerate(self.layers):
            if number:
                states = F.dropout(states, self.dropout, self.training)
            after, last = layer(states, None if carried is None else carried[number])
            states = after + states if self.residual and number else after
            of_layers.append(states)
            carry.append(last)
        return of_layers, carry

    def walk(self, trie: Trie, asked: Integers) -> Iterator[tuple[Integers, Tensor]]:
        """The states after the prefixes of a trie, one more word at a time; see `lrd_bench.models.prefixes.Walk`."""
        device = self.embedding.weight.device
        before, carried = 0, list[State]()
        for level in trie.levels():
            parts = []
            for start in range(level.start, level.stop, MAX_CELLS):
                nodes = slice(start, min(start + MAX_CELLS, level.stop))
                parents = torch.from_numpy(trie.parent[nodes] - before).to(device)
                words = torch.from_numpy(trie.symbol[nodes]).to(device)
                states, carry = self._step(words, [_chosen(state, parents) for state in carried])
                first, last = np.searchsorted(asked, (nodes.start, nodes.stop))
                these = states[torch.from_numpy(asked[first:last] - nodes.start).to(device)]
                yield asked[first:last], self._output(these)
                parts.append(carry)
            before, carried = level.start, [_joined(states) for states in zip(*parts, strict=True)]

    def _step(self, words: Tensor, carried: Sequence[State]) -> tuple[Tensor, list[State]]:
        """One more word for each of some prefixes: the last layer's states, [n, hidden]; what each layer carries on.

        words:    [n]
        carried:  by each layer; none: these are first words
        """
        states, carry = self.embedding(words), list[State]()
        for number, layer in enumerate(self.layers):
            after, last = step(layer, states, carried[number] if carried else None)
            states = after + states if self.residual and number else after
            carry.append(last)
        return states, carry

    def layer_states(self, inputs: Tensor) -> list[Tensor]:
        """The states of each layer; see `lrd_bench.models.neural.Encoder`."""
        if self.context is None:
            return self.read(inputs)[0]
        return [layer[:, -1].reshape(*inputs.shape, -1) for layer in self.read(_windows(inputs, self.context))[0]]


def _chosen(state: State, which: Tensor) -> State:
    """What some of the rows carry."""
    return state[which] if isinstance(state, Tensor) else tuple(part[which] for part in state)


def _joined(states: Sequence[State]) -> State:
    """What all rows carry, one below the other."""
    if isinstance(states[0], Tensor):
        return torch.cat(list(states))
    return tuple(torch.cat(parts) for parts in zip(*states, strict=True))


def _windows(inputs: Tensor, context: int) -> Tensor:
    """The last `context` words up to each, `<s>` before the first: [batch, time] to [batch × time, context]."""
    return F.pad(inputs, (context - 1, 0), value=BOS_ID).unfold(1, context, 1).reshape(-1, context)


def make_layer(cell: Cell, inputs: int, hidden: int) -> nn.Module:
    """One layer: from [batch, time, inputs] and what it carries to [batch, time, hidden] and what it carries on."""
    layers: dict[Cell, Callable[..., nn.Module]] = {
        "elman": nn.RNN,
        "elman-relu": lambda *sizes, **how: nn.RNN(*sizes, nonlinearity="relu", **how),
        "gru": nn.GRU,
        "lstm": nn.LSTM,
    }
    return MinGru(inputs, hidden) if cell == "min-gru" else layers[cell](inputs, hidden, batch_first=True)


def step(layer: nn.Module, inputs: Tensor, carried: State | None) -> tuple[Tensor, State]:
    """One symbol for each row through a layer: its states, [n, hidden], and what it carries on.

    The same equations as the layer's own, which on a CPU arranges its weights anew at each call: for a single word that
    takes ten times as long as reading it.

    inputs:   [n, inputs]
    carried:  [n, hidden], or two of these for an LSTM; None: the layer starts fresh
    """
    if isinstance(layer, MinGru):
        states, last = layer(inputs.unsqueeze(1), None if carried is None else carried.unsqueeze(0))
        return states[:, 0], last[0]
    assert isinstance(layer, nn.RNNBase)
    zeros = inputs.new_zeros(len(inputs), layer.hidden_size)
    weights = dict(layer.named_parameters())
    wih, whh, bih, bhh = (weights[f"{name}_l0"] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    if isinstance(layer, nn.LSTM):
        carry = torch.lstm_cell(inputs, (zeros, zeros) if carried is None else carried, wih, whh, bih, bhh)
        return carry[0], carry
    elman = torch.rnn_relu_cell if layer.mode == "RNN_RELU" else torch.rnn_tanh_cell
    cell = torch.gru_cell if isinstance(layer, nn.GRU) else elman
    states = cell(inputs, zeros if carried is None else carried, wih, whh, bih, bhh)
    return states, states
