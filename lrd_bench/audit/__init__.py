"""What a suite can and cannot show: shortcuts, balance, certificates, words, overlap with a training text."""

from lrd_bench.audit.auditing import Audit, audit_suite, audit_suites
from lrd_bench.audit.document import audit_document, write_audit
from lrd_bench.audit.overlap import count_overlap

__all__ = ["Audit", "audit_document", "audit_suite", "audit_suites", "count_overlap", "write_audit"]
