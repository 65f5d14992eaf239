"""The page of a report: one HTML file that needs nothing else, for people to show each other."""

from lrd_bench.report.page.background import read_background
from lrd_bench.report.page.page import report_page
from lrd_bench.report.page.sections import Made

__all__ = ["Made", "read_background", "report_page"]
