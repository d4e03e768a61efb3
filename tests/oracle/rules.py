"""The readings of all rules: one plain function for each, or for each chain of rules that follow one another.

Importing this module fills RULES (id -> function) and OFF (ids that the table has off by default)."""

import rules_care  # noqa: F401
import rules_drift  # noqa: F401
import rules_front  # noqa: F401
import rules_plans  # noqa: F401
from book import OFF, RULES, Book  # noqa: F401

# Ids of the table that are no duty towards one child; README.md says how each is read.
NOT_PER_CHILD = ("FD-02", "WL-01", "ES-03")
