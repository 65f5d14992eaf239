"""Reporting: outcomes to tables, figures and verdicts, each number with its interval and its signature."""

from lrd_bench.report.write import write_report

__all__ = ["write_report"]
