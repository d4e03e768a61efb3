#!/usr/bin/env python3
"""Cases of ref/readings.md and ref/domain.md worked by hand, so that the oracle is not its own witness.

Each row: what happened (one letter and a body per line of the table below), the day that is asked about, and what every duty
of the named rules is then. Last line: N passed, N failed, 0 skipped."""

import argparse
import os
import sys
from datetime import date

from facts import WorkingDays, add_months, instant
from oracle import Register
from rules import OFF, RULES
from run import DEFAULTS

WORDS = {"P": "placement_started", "V": "visit_done", "L": "legal_changed", "R": "plan_review", "B": "child_updated",
         "S": "plan_started", "E": "plan_ended", "O": "schedule_override", "M": "meeting_held", "N": "oversight_recorded",
         "F": "referral_received", "K": "s47_started", "X": "preproceedings_step", "A": "accommodation_provided",
         "I": "rhi", "Z": "missing_episode", "J": "identity_merged", "D": "identity_split", "C": "contact_received",
         "Q": "placement_ended"}
SEEN = {"mode": "F2F", "child_seen": "Y", "location": "PLACEMENT"}


def happened(*rows):
    lines = []
    for number, (letter, on, body, *child) in enumerate(rows):
        moment = on if "T" in on else on + "T10:00:00+00:00"
        lines.append({"la_code": "936", "child_ref": child[0] if child else "c", "occurred_at": moment, "recorded_at": moment,
                      "source_system": "LCS", "source_record_id": f"r{number}", "source_revision": 1, "op": "CREATE",
                      WORDS[letter]: {**SEEN, **body} if letter == "V" else body})
    return lines


CASES = [
    ("readings 13: an order in mid-placement", happened(
        ("P", "2026-01-05", {"placement_id": "p", "ls": "C1", "place": "P1", "rne": "S"}),
        ("V", "2026-01-10", {"visit_type": "CLA"}), ("L", "2026-02-02", {"ls": "C2"}), ("V", "2026-02-05", {"visit_type": "CLA"})),
     "2026-04-30", "LA-01 LA-02 LA-06 LA-07",
     ["LA-06 2026-01-12 met", "LA-06 2026-01-17 superseded", "LA-07 2026-02-09 met", "LA-07 2026-03-19 late"]),
    ("readings 11: the running interval keeps its date", happened(
        ("P", "2026-01-05", {"placement_id": "p", "ls": "V2", "place": "U3", "reg24": "Y", "rne": "S"}),
        ("V", "2026-01-10", {"visit_type": "CLA"}), ("R", "2026-01-14", {"review_kind": "CLA"}),
        ("V", "2026-01-16", {"visit_type": "CLA"})),
     "2026-03-30", "LA-06", ["LA-06 2026-01-12 met", "LA-06 2026-01-17 met", "LA-06 2026-02-13 late"]),
    ("readings 12: placed for adoption, then as decided", happened(
        ("P", "2026-01-05", {"placement_id": "p", "ls": "E1", "place": "A5", "rne": "S"}),
        ("V", "2026-01-10", {"visit_type": "ADOPTION"}), ("R", "2026-02-01", {"review_kind": "ADOPTION"}),
        ("O", "2026-02-01", {"rule": "LA-08", "visit_frequency": {"days": 28}}), ("V", "2026-02-03", {"visit_type": "CLA"})),
     "2026-03-30", "LA-08 LA-16P", ["LA-08 2026-01-12 met", "LA-08 2026-01-17 met late", "LA-08 2026-03-03 late",
                                    "LA-16P 2026-02-02 met", "LA-16P 2026-05-01 running"]),
    ("LA-16: authority to place, then placed", happened(
        ("P", "2026-01-05", {"placement_id": "p", "ls": "C2", "place": "U6", "rne": "S"}), ("L", "2026-02-01", {"ls": "E1"}),
        ("P", "2026-03-01", {"placement_id": "q", "ls": "E1", "place": "A6", "rne": "P"})),
     "2026-06-30", "LA-16 LA-16P", ["LA-16P 2026-03-29 late", "LA-16 2026-05-01 cancelled"]),
    ("domain 4.15: before birth nobody can be seen", happened(
        ("B", "2026-01-05", {"expected_person_birth_date": "2026-03-01"}), ("S", "2026-01-06", {"plan_id": "x", "plan_type": "CP"})),
     "2026-03-20", "CP-07", []),
    ("domain 4.15: from birth", happened(
        ("B", "2026-01-05", {"expected_person_birth_date": "2026-03-01"}), ("S", "2026-01-06", {"plan_id": "x", "plan_type": "CP"}),
        ("B", "2026-03-04", {"person_birth_date": "2026-03-03"})),
     "2026-03-20", "CP-07", ["CP-07 2026-03-17 late"]),
    ("readings 8, 25, 35: four in the plan, and what is owed for it", happened(
        ("B", "2026-01-05", {"person_birth_date": "2022-03-03"}), ("S", "2026-01-06", {"plan_id": "x", "plan_type": "CP"}),
        ("V", "2026-01-20", {"visit_type": "CP"}), ("V", "2026-04-15", {"visit_type": "CP", "child_seen_alone": "Y"}),
        ("N", "2026-04-14", {"linked_rule": "CP-08"}), ("N", "2026-04-16", {"linked_rule": "CP-07"})),
     "2026-04-21", "CP-07 CP-08 SU-03", ["CP-07 2026-01-20 met", "CP-07 2026-02-03 met late", "CP-07 2026-04-29 running",
                                        "CP-08 2026-04-14 met late", "CP-08 2026-05-27 running",
                                        "SU-03 2026-02-06 met late", "SU-03 2026-04-17 late",
                                        "SU-03 2026-04-10 late"]),
    ("readings 38: down on one day, and up again", happened(
        ("S", "2026-01-05", {"plan_id": "x", "plan_type": "CP"}), ("E", "2026-02-05", {"plan_id": "x", "plan_type": "CP"}),
        ("S", "2026-02-05", {"plan_id": "y", "plan_type": "CIN"}), ("S", "2026-03-05", {"plan_id": "z", "plan_type": "CP"})),
     "2026-03-20", "DR-04 DR-04C", ["DR-04 2026-03-05 late", "DR-04C 2026-03-05 cancelled"]),
    ("domain 4.20: merged", happened(
        ("S", "2026-01-05", {"plan_id": "x", "plan_type": "CP"}, "a"), ("V", "2026-01-12", {"visit_type": "CP"}, "b"),
        ("J", "2026-02-06", {"merged_child_ref": "a"}, "b")),
     "2026-03-20", "CP-07", ["CP-07 2026-01-19 met", "CP-07 2026-01-26 late"]),
    ("domain 4.20: split", happened(
        ("S", "2026-01-05", {"plan_id": "x", "plan_type": "CP"}, "a"), ("V", "2026-01-12", {"visit_type": "CP"}, "b"),
        ("J", "2026-02-06", {"merged_child_ref": "a"}, "b"), ("D", "2026-02-07", {"split_child_ref": "a"}, "b")),
     "2026-03-20", "CP-07", ["CP-07 2026-01-19 late"]),
    ("domain 4.20: never before and after an adoption", happened(
        ("S", "2026-01-05", {"plan_id": "x", "plan_type": "CP"}, "a"), ("V", "2026-01-12", {"visit_type": "CP"}, "b"),
        ("Q", "2026-01-13", {"rec": "E11"}, "b"), ("J", "2026-02-06", {"merged_child_ref": "a"}, "b")),
     "2026-03-20", "CP-07", ["CP-07 2026-01-19 late"]),
    ("readings 17, 32: an adviser's two clocks", happened(
        ("B", "2026-01-01", {"person_birth_date": "2008-01-20"}), ("P", "2026-01-05", {"placement_id": "p", "ls": "V2", "rne": "S"}),
        ("S", "2026-01-06", {"plan_id": "pw", "plan_type": "PATHWAY"}), ("A", "2026-01-21", {"provided_by_la": "Y"}),
        ("V", "2026-01-28", {"visit_type": "PA", "by_role": "PA"})),
     "2026-04-20", "CL-01 CL-02 CL-02V CL-03", ["CL-01 2026-01-28 met", "CL-02 2026-03-17 met", "CL-02 2026-03-25 late",
                                               "CL-02V 2026-03-28 late", "CL-03 2026-07-06 running"]),
    ("readings 39: letter, application", happened(
        ("X", "2026-01-06", {"step": "LBP_SENT"}), ("X", "2026-02-06", {"step": "REVIEW"}),
        ("X", "2026-03-06", {"step": "COURT_APPLICATION"})),
     "2026-12-20", "PL-01 PL-02", ["PL-01 2026-04-28 met", "PL-02 2026-09-04 late"]),
    ("readings 5: the meeting that initiated it", happened(
        ("M", "2026-01-05", {"kind": "STRATEGY", "initiated_s47": "Y", "s47_id": "s"}), ("K", "2026-01-07", {"s47_id": "s"}),
        ("M", "2026-01-07", {"kind": "STRATEGY"})),
     "2026-02-20", "CP-01", ["CP-01 2026-01-26 late"]),
    ("readings 3, 4: an enquiry after the referral", happened(
        ("F", "2026-01-05", {"referral_id": "R"}), ("K", "2026-01-07", {"s47_id": "s"})),
     "2026-02-27", "AS-01 AS-03", ["AS-01 2026-03-09 running", "AS-01 2026-02-23 warning", "AS-03 2026-01-08 late"]),
    ("readings 34: declined with a reason", happened(
        ("Z", "2026-01-05T08:00:00+00:00", {"episode_id": "e", "phase": "OPENED", "category": "M"}),
        ("Z", "2026-01-05T20:00:00+00:00", {"episode_id": "e", "phase": "RETURNED"}),
        ("I", "2026-01-07", {"episode_id": "e", "stage": "DECLINED", "reason_declined": "OTHER"})),
     "2026-01-20", "MI-06", ["MI-06 2026-01-08 met"]),
    ("readings 48: a referral since the first contact", happened(
        ("C", "2026-01-05", {"contact_source": "6"}), ("C", "2026-01-08", {"contact_source": "2A"})),
     "2026-01-12", "FD-06", ["FD-06 2026-01-08 late"]),
    ("readings 48: it fades", happened(
        ("C", "2026-01-05", {"contact_source": "6"}), ("C", "2026-01-08", {"contact_source": "2A"})),
     "2026-01-13", "FD-06", ["FD-06 2026-01-05 met"]),
]

# domain.md, "Calendar vectors": from, working days, last day in time (excl).
VECTORS = [("2015-11-16", 10, "2015-11-30"), ("2022-06-02", 15, "2022-06-24"), ("2022-09-12", 15, "2022-10-04"),
           ("2020-12-18", 15, "2021-01-13"), ("2020-04-30", 5, "2020-05-07"), ("2023-12-22", 15, "2024-01-17"),
           ("2020-12-26", 15, "2021-01-19"), ("2024-03-28", 10, "2024-04-15"), ("2020-11-20", 45, "2021-01-27"),
           ("2024-02-29", 20, "2024-03-28"), ("2026-12-24", 15, "2027-01-19")]
MONTHS = [("2020-11-30", 3, "2021-02-28"), ("2019-08-31", 6, "2020-02-29"), ("2020-08-31", 6, "2021-02-28")]


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    working_days, failed = WorkingDays(DEFAULTS[1]), 0
    for name, lines, at, asked, expected in CASES:
        register = Register(working_days, frozenset(RULES) - OFF)
        for line in lines:
            register.feed(line)
        said = sorted(f"{duty.rule} {duty.due} {duty.state}" for duties in register.at(instant(at + "T12:00:00Z")).values()
                      for duty in duties if duty.rule in asked.split())
        if said != sorted(expected):
            failed += 1
            print(f"FAIL  {name}\n      worked out: {sorted(expected)}\n      oracle:     {said}")
    for start, count, end in VECTORS:
        failed += working_days.after(date.fromisoformat(start), count) != date.fromisoformat(end)
    for start, count, end in MONTHS:
        failed += add_months(date.fromisoformat(start), count) != date.fromisoformat(end)
    total = len(CASES) + len(VECTORS) + len(MONTHS)
    print(f"{'FAIL' if failed else 'ok  '}  oracle: {os.path.basename(__file__)}, cases worked by hand")
    print(f"{total - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
