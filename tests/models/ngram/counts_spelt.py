"""The n-grams of counts, written out."""


def spelt(levels):
    """For each order its n-grams, as tuples of words, in the order of their ids."""
    grams = [(word,) for word in levels[0].words.tolist()]
    yield grams
    for level in levels[1:]:
        grams = [
            (*grams[parent], word) for parent, word in zip(level.parents.tolist(), level.words.tolist(), strict=True)
        ]
        yield grams


def occurrences(levels):
    """How often each n-gram occurs, all orders in one."""
    return {
        gram: count
        for level, grams in zip(levels, spelt(levels), strict=True)
        for gram, count in zip(grams, level.counts.tolist(), strict=True)
    }
