"""lrd_bench measures what a language model remembers: accuracy as a function of dependency distance."""

__version__ = "0.1.0"
