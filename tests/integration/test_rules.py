"""Every rule of the first release at its edge, through real Kafka and real Redis, by the independent client on a
create_time topic: at the last instant in time nothing (seen after a tick), at the first instant late the alert.
All dates were worked out by hand from domain.md section 2 and readings.md; see the comment of each case."""

import dataclasses
import datetime as dt

from client import due_of, instant, kind_of, make_event, raised_us, us

NO_DUE = ("MI-03", "ST-01", "DR-01", "FD-05")  # counts, stalls and flags


@dataclasses.dataclass
class Case:
    rule: str
    child: str
    events: list                 # (kind, occurred_at, body, envelope)
    quiet: str                   # last instant in time: nothing of this rule yet
    late: str                    # first instant late: opened
    due: str = None              # due_on, or due_at (RFC 3339)
    subject: str = ""
    kind: str = "opened"
    level: int = None
    reaching: list = dataclasses.field(default_factory=list)  # count rules: events sent after the quiet check


def at(day, time="12:00:00+00:00"):
    return f"{day}T{time}"


def plan(day, plan_type, plan_id, **more):
    body = {"plan_id": plan_id, "plan_type": plan_type}
    named = {"CP": "cpp_start_date", "CIN": "cin_plan_start_date"}.get(plan_type, "start_date")
    body[named] = day
    body.update(more)
    return ("plan_started", at(day), body, {})


def visit(day, visit_type, **more):
    envelope = more.pop("envelope", {})
    body = {"visit_type": visit_type, "mode": "F2F", "attempt_result": "SEEN", "child_seen": "Y", "by_role": "SW"}
    body.update(more)
    return ("visit_done", at(day), body, envelope)


def placement(day, placement_id, rne="S", place="U6", **more):
    return ("placement_started", at(day), {"placement_id": placement_id, "decom": day, "rne": rne, "place": place,
                                           "ls": "V2", **more}, {})


def review(day, kind, **more):
    return ("plan_review", at(day), {"review_kind": kind, "held_on": day, "status": "HELD", **more}, {})


def missing(start, episode, **more):
    return ("missing_episode", start, {"episode_id": episode, "phase": "OPENED", "category": "M", "mis_start": start,
                                       **more}, {})


def returned(start, end, episode):
    return ("missing_episode", end, {"episode_id": episode, "phase": "RETURNED", "category": "M", "mis_start": start,
                                     "returned_at": end}, {})


def allocated(day, worker, allocation, role="LEAD_SW"):
    return ("worker_allocated", at(day), {"allocation_id": allocation, "role": role, "allocated_on": day},
            {"worker_ref": worker})


CASES = [
    # 2 Mar 2026 is a Monday; the 10th working day after it is Monday 16 March
    Case("CP-07", "edge-cp07a", [plan("2026-03-02", "CP", "cp-a")],
         "2026-03-16T23:59:59.999Z", "2026-03-17T00:00:00Z", "2026-03-16", "cp-a", level=0),
    # visit on Mon 30 March; Good Friday 3 and Easter Monday 6 April do not count: 10th working day is Wed 15 April.
    # Clocks went forward on 29 March: the 16th begins at 23:00 UTC.
    Case("CP-07", "edge-cp07b", [plan("2026-03-19", "CP", "cp-b"), visit("2026-03-30", "CP", plan_id="cp-b")],
         "2026-04-15T22:59:59.999Z", "2026-04-15T23:00:00Z", "2026-04-15", "cp-b"),
    # a visit at which the child was not seen restarts nothing: still 16 March
    Case("CP-07", "edge-cp07c", [plan("2026-03-02", "CP", "cp-c"),
                                 visit("2026-03-09", "CP", plan_id="cp-c", child_seen="N",
                                       attempt_result="NOT_SEEN")],
         "2026-03-16T23:59:59.999Z", "2026-03-17T00:00:00Z", "2026-03-16", "cp-c"),
    # a video call is not a visit
    Case("CP-07", "edge-cp07d", [plan("2026-03-02", "CP", "cp-d"), visit("2026-03-10", "CP", mode="VIDEO")],
         "2026-03-16T23:59:59.999Z", "2026-03-17T00:00:00Z", "2026-03-16", "cp-d"),
    # 20 working days after Monday 2 March: Monday 30 March; the next day begins at 23:00 UTC (BST)
    Case("CN-01", "edge-cn01a", [plan("2026-03-02", "CIN", "cin-a")],
         "2026-03-30T22:59:59.999Z", "2026-03-30T23:00:00Z", "2026-03-30", "cin-a", level=0),
    Case("CN-01", "edge-cn01b", [plan("2026-02-02", "CIN", "cin-b"),
                                 visit("2026-03-02", "CIN", plan_id="cin-b", by_role="FSW")],
         "2026-03-30T22:59:59.999Z", "2026-03-30T23:00:00Z", "2026-03-30", "cin-b"),
    # 7 calendar days after the placement began
    Case("LA-01", "edge-la01a", [placement("2026-03-02", "pl-a")],
         "2026-03-09T23:59:59.999Z", "2026-03-10T00:00:00Z", "2026-03-09", "pl-a", level=0),
    # a meeting at school is not a visit in the placement
    Case("LA-01", "edge-la01b", [placement("2026-03-02", "pl-b"),
                                 visit("2026-03-05", "CLA", location="SCHOOL", placement_id="pl-b")],
         "2026-03-09T23:59:59.999Z", "2026-03-10T00:00:00Z", "2026-03-09", "pl-b"),
    # 42 days after the visit of 5 March: 16 April (BST)
    Case("LA-02", "edge-la02", [placement("2026-03-02", "pl-c"),
                                visit("2026-03-05", "CLA", location="PLACEMENT", placement_id="pl-c")],
         "2026-04-16T22:59:59.999Z", "2026-04-16T23:00:00Z", "2026-04-16", "pl-c"),
    # placement since 10 January 2025; visit after the first year, not meant to last: 42 days after 12 January 2026
    Case("LA-03", "edge-la03a", [placement("2025-01-10", "pl-d", intended_until_18="N"),
                                 visit("2026-01-12", "CLA", location="PLACEMENT", placement_id="pl-d")],
         "2026-02-23T23:59:59.999Z", "2026-02-24T00:00:00Z", "2026-02-23", "pl-d"),
    # meant to last until 18: 3 months after 12 January is 12 April (a Sunday, BST)
    Case("LA-03", "edge-la03b", [placement("2025-01-10", "pl-e", intended_until_18="Y"),
                                 visit("2026-01-12", "CLA", location="HOME", placement_id="pl-e")],
         "2026-04-12T22:59:59.999Z", "2026-04-12T23:00:00Z", "2026-04-12", "pl-e"),
    # a visit on the anniversary itself is year 2 (readings 9): 3 months after 10 January
    Case("LA-03", "edge-la03c", [placement("2025-01-10", "pl-f", intended_until_18="Y"),
                                 visit("2026-01-10", "CLA", location="PLACEMENT", placement_id="pl-f")],
         "2026-04-10T22:59:59.999Z", "2026-04-10T23:00:00Z", "2026-04-10", "pl-f"),
    # 7 working days after Monday 2 March: Wednesday 11 March
    Case("PF-01", "edge-pf01", [plan("2026-03-02", "PF", "pf-a", notified_on="2026-03-02", aware_on="2026-03-02")],
         "2026-03-11T23:59:59.999Z", "2026-03-12T00:00:00Z", "2026-03-11", "pf-a"),
    # first year from 20 February 2026: 42 days after the visit of 3 March is 14 April
    Case("PF-02", "edge-pf02", [plan("2026-02-20", "PF", "pf-b", notified_on="2026-02-20", aware_on="2026-02-20"),
                                visit("2026-03-03", "PF", plan_id="pf-b", child_seen_alone="Y")],
         "2026-04-14T22:59:59.999Z", "2026-04-14T23:00:00Z", "2026-04-14", "pf-b"),
    # second year from 20 February 2026 on: 84 days after the visit of 23 February is 18 May
    Case("PF-03", "edge-pf03", [plan("2025-02-20", "PF", "pf-c", notified_on="2025-02-20", aware_on="2025-02-20"),
                                visit("2026-02-23", "PF", plan_id="pf-c", child_seen_alone="Y")],
         "2026-05-18T22:59:59.999Z", "2026-05-18T23:00:00Z", "2026-05-18", "pf-c"),
    # strictly more than 24 hours
    Case("MI-01", "edge-mi01", [missing("2026-03-10T10:00:00Z", "ep-a")],
         "2026-03-11T10:00:00.000Z", "2026-03-11T10:00:00.001Z", "2026-03-11T10:00:00Z", "ep-a", level=1),
    # over the clock change: 26 hours of wall clock, 24 elapsed
    Case("MI-01", "edge-mi01b", [missing("2026-03-28T22:00:00Z", "ep-b")],
         "2026-03-29T22:00:00.000Z", "2026-03-29T22:00:00.001Z", "2026-03-29T22:00:00Z", "ep-b"),
    # 72 elapsed hours after the return
    Case("MI-02", "edge-mi02a", [missing("2026-03-10T10:00:00Z", "ep-c"),
                                 returned("2026-03-10T10:00:00Z", "2026-03-10T20:00:00Z", "ep-c")],
         "2026-03-13T20:00:00.000Z", "2026-03-13T20:00:00.001Z", "2026-03-13T20:00:00Z", "ep-c"),
    # an offer does not answer it (readings 33), and 72 h run through the clock change
    Case("MI-02", "edge-mi02b", [missing("2026-03-27T20:00:00Z", "ep-d"),
                                 returned("2026-03-27T20:00:00Z", "2026-03-27T23:30:00Z", "ep-d"),
                                 ("rhi", "2026-03-28T12:00:00Z", {"rhi_id": "r-d", "episode_id": "ep-d",
                                                                  "stage": "OFFERED"}, {})],
         "2026-03-30T23:30:00.000Z", "2026-03-30T23:30:00.001Z", "2026-03-30T23:30:00Z", "ep-d"),
    # third start 90 dates after the first: difference 90 counts
    Case("MI-03", "edge-mi03", [missing("2026-01-10T10:00:00Z", "e1"),
                                returned("2026-01-10T10:00:00Z", "2026-01-10T12:00:00Z", "e1"),
                                missing("2026-02-20T10:00:00Z", "e2"),
                                returned("2026-02-20T10:00:00Z", "2026-02-20T12:00:00Z", "e2")],
         "2026-04-10T08:00:00Z", "2026-04-10T10:00:00Z", None, "", level=1,
         reaching=[missing("2026-04-10T10:00:00Z", "e3")]),
    # 5 working days after the third start on Tuesday 10 March: Tuesday 17 March
    Case("MI-05", "edge-mi05", [missing("2026-02-10T10:00:00Z", "f1"),
                                returned("2026-02-10T10:00:00Z", "2026-02-10T12:00:00Z", "f1"),
                                missing("2026-02-20T10:00:00Z", "f2"),
                                returned("2026-02-20T10:00:00Z", "2026-02-20T12:00:00Z", "f2"),
                                missing("2026-03-10T10:00:00Z", "f3"),
                                returned("2026-03-10T10:00:00Z", "2026-03-10T12:00:00Z", "f3")],
         "2026-03-17T23:59:59.999Z", "2026-03-18T00:00:00Z", "2026-03-17", ""),
    # 91 days after the conference of 15 January that made the plan of the 20th: 16 April
    Case("CP-05", "edge-cp05", [("conference_icpc", at("2026-01-15"), {"conference_id": "ic-a",
                                                                      "date_of_initial_cpc": "2026-01-15",
                                                                      "result": "CP_PLAN"}, {}),
                                plan("2026-01-20", "CP", "cp-e")],
         "2026-04-16T22:59:59.999Z", "2026-04-16T23:00:00Z", "2026-04-16", "cp-e"),
    # 183 days after the review of 1 October 2025: 2 April 2026
    Case("CP-06", "edge-cp06", [plan("2025-07-01", "CP", "cp-f"), review("2025-10-01", "RCPC", plan_id="cp-f")],
         "2026-04-02T22:59:59.999Z", "2026-04-02T23:00:00Z", "2026-04-02", "cp-f"),
    # an adjourned review does not count (readings 31)
    Case("CP-06", "edge-cp06b", [plan("2025-07-01", "CP", "cp-g"), review("2025-10-01", "RCPC", plan_id="cp-g"),
                                 ("plan_review", at("2026-03-20"), {"review_kind": "RCPC", "held_on": "2026-03-20",
                                                                    "status": "ADJOURNED", "plan_id": "cp-g"}, {})],
         "2026-04-02T22:59:59.999Z", "2026-04-02T23:00:00Z", "2026-04-02", "cp-g"),
    # 18 months after 15 September 2024: 15 March 2026 is the last day
    Case("CP-11", "edge-cp11", [plan("2024-09-15", "CP", "cp-l")],
         "2026-03-15T23:59:59.999Z", "2026-03-16T00:00:00Z", "2026-03-15", "cp-l"),
    # 20 working days after Monday 2 March
    Case("LA-11", "edge-la11", [placement("2026-03-02", "pl-g")],
         "2026-03-30T22:59:59.999Z", "2026-03-30T23:00:00Z", "2026-03-30"),
    # 3 months after the first review of 22 December: 22 March
    Case("LA-12", "edge-la12", [placement("2025-12-01", "pl-h"), review("2025-12-22", "CLA")],
         "2026-03-22T23:59:59.999Z", "2026-03-23T00:00:00Z", "2026-03-22"),
    # 6 months after the second review of 8 September: 8 March
    Case("LA-13", "edge-la13", [placement("2025-05-20", "pl-i"), review("2025-06-10", "CLA"),
                                review("2025-09-08", "CLA")],
         "2026-03-08T23:59:59.999Z", "2026-03-09T00:00:00Z", "2026-03-08"),
    # the second review that changes nothing
    Case("ST-01", "edge-st01", [plan("2025-06-10", "CP", "cp-h", initial_category="NEG", latest_category="NEG"),
                                review("2025-09-10", "RCPC", plan_id="cp-h", outcome="CONTINUE", seq=1)],
         "2026-03-05T11:00:00Z", "2026-03-05T12:00:00Z", None, "cp-h", level=0,
         reaching=[review("2026-03-05", "RCPC", plan_id="cp-h", outcome="CONTINUE", seq=2)]),
    # child protection: 28 days after the supervision of 4 March: 1 April
    Case("SU-01", "edge-su01a", [plan("2026-03-02", "CP", "cp-i"),
                                 ("supervision_held", at("2026-03-04"), {"supervision_id": "su-a",
                                                                         "held_on": "2026-03-04"}, {})],
         "2026-04-01T22:59:59.999Z", "2026-04-01T23:00:00Z", "2026-04-01"),
    # child in need: 42 days after the opening of the plan on 2 March: 13 April
    Case("SU-01", "edge-su01b", [plan("2026-03-02", "CIN", "cin-d")],
         "2026-04-13T22:59:59.999Z", "2026-04-13T23:00:00Z", "2026-04-13"),
    # tightened from CIN to CP on 23 March: the earlier of 13 April and 28 days from the plan (20 April)
    Case("SU-01", "edge-su01c", [plan("2026-03-02", "CIN", "cin-e"), plan("2026-03-23", "CP", "cp-j")],
         "2026-04-13T22:59:59.999Z", "2026-04-13T23:00:00Z", "2026-04-13"),
    # third lead worker within 365 days
    Case("DR-01", "edge-dr01", [plan("2025-06-01", "CIN", "cin-f"), allocated("2025-06-01", "w-1", "al-1"),
                                allocated("2025-11-01", "w-2", "al-2")],
         "2026-03-04T11:00:00Z", "2026-03-04T12:00:00Z", None, reaching=[allocated("2026-03-04", "w-3", "al-3")]),
    # 10 working days after the new worker took over on Wednesday 4 March: 18 March
    Case("DR-01V", "edge-dr01v", [plan("2026-03-02", "CIN", "cin-g"), allocated("2026-03-04", "w-4", "al-4")],
         "2026-03-18T23:59:59.999Z", "2026-03-19T00:00:00Z", "2026-03-18"),
    # the only worker left on Thursday 5 March: 1 working day, Friday
    Case("DR-02", "edge-dr02", [plan("2026-03-02", "CIN", "cin-h"), allocated("2026-03-02", "w-5", "al-5"),
                                ("worker_ended", at("2026-03-05"), {"allocation_id": "al-5", "role": "LEAD_SW",
                                                                    "ended_on": "2026-03-05"},
                                 {"worker_ref": "w-5"})],
         "2026-03-06T23:59:59.999Z", "2026-03-07T00:00:00Z", "2026-03-06"),
    # child protection: nothing for 21 days
    Case("DR-03", "edge-dr03a", [plan("2026-03-02", "CP", "cp-k")],
         "2026-03-23T23:59:59.999Z", "2026-03-24T00:00:00Z", "2026-03-23"),
    # in need: 42 days after the last fact, whatever it is (a phone call of 10 March): 21 April
    Case("DR-03", "edge-dr03b", [plan("2026-03-02", "CIN", "cin-i"), visit("2026-03-10", "CIN", mode="PHONE")],
         "2026-04-21T22:59:59.999Z", "2026-04-21T23:00:00Z", "2026-04-21"),
    # contact on Thursday 5 March: decided by Friday
    Case("FD-01", "edge-fd01a", [("contact_received", at("2026-03-05"), {"contact_id": "c-a",
                                                                        "contact_source": "2A"}, {})],
         "2026-03-06T23:59:59.999Z", "2026-03-07T00:00:00Z", "2026-03-06", "c-a"),
    # contact on Friday 6 March at 23:50: day 1 is Monday
    Case("FD-01", "edge-fd01b", [("contact_received", "2026-03-06T23:50:00Z", {"contact_id": "c-b",
                                                                              "contact_source": "6"}, {})],
         "2026-03-09T23:59:59.999Z", "2026-03-10T00:00:00Z", "2026-03-09", "c-b"),
    # exactly 12 months apart counts; a flag, not an alert
    Case("FD-05", "edge-fd05", [("referral_received", at("2025-03-10"), {"referral_id": "rf-a",
                                                                        "cin_referral_date": "2025-03-10"}, {})],
         "2026-03-10T11:00:00Z", "2026-03-10T12:00:00Z", None, "rf-b", kind="flagged",
         reaching=[("referral_received", at("2026-03-10"), {"referral_id": "rf-b",
                                                            "cin_referral_date": "2026-03-10"}, {})]),
]

# what must never raise the rule, although it comes near
NEVER = [
    ("MI-03", "never-mi03", [missing("2026-01-10T10:00:00Z", "n1"),
                             returned("2026-01-10T10:00:00Z", "2026-01-10T12:00:00Z", "n1"),
                             missing("2026-02-20T10:00:00Z", "n2"),
                             returned("2026-02-20T10:00:00Z", "2026-02-20T12:00:00Z", "n2"),
                             missing("2026-04-11T10:00:00Z", "n3")]),   # 91 dates apart
    ("FD-05", "never-fd05", [("referral_received", at("2025-03-10"), {"referral_id": "x1",
                                                                     "cin_referral_date": "2025-03-10"}, {}),
                             ("referral_received", at("2026-03-11"), {"referral_id": "x2",
                                                                     "cin_referral_date": "2026-03-11"}, {})]),
    ("CP-07", "never-cp07", [plan("2026-03-02", "CP", "ola", temporary_ola="Y")]),
    ("CN-01", "never-cn01", [plan("2026-03-02", "CIN", "beside"), plan("2026-03-03", "CP", "over")]),
    ("MI-02", "never-mi02", [missing("2026-03-10T10:00:00Z", "d1"),
                             returned("2026-03-10T10:00:00Z", "2026-03-10T20:00:00Z", "d1"),
                             ("rhi", "2026-03-13T20:00:00Z", {"rhi_id": "r1", "episode_id": "d1",
                                                              "stage": "DECLINED"}, {})]),  # inside 72 h, to the second
    ("FD-01", "never-fd01", [("contact_received", at("2026-03-05"), {"contact_id": "ok", "outcome": "NFA",
                                                                    "decided_at": "2026-03-06T16:00:00Z"}, {})]),
    ("LA-02", "never-la02", [placement("2026-03-02", "unseen")]),  # LA-01 unmet is one chain (readings 10)
    ("ST-01", "never-st01", [plan("2025-06-10", "CP", "moves", latest_category="NEG"),
                             review("2025-09-10", "RCPC", plan_id="moves", outcome="CONTINUE"),
                             ("plan_changed", at("2025-12-01"), {"plan_id": "moves", "plan_type": "CP",
                                                                 "latest_category": "EMO"}, {}),
                             review("2026-03-05", "RCPC", plan_id="moves", outcome="CONTINUE")]),
]


def timeline():
    """Everything that happens, in log order: (instant, order, what, case)."""
    steps = []
    for case in CASES:
        for event in case.events:
            steps.append((instant(event[1]), 0, "event", (case.child, event)))
        for event in case.reaching:
            steps.append((instant(event[1]), 2, "event", (case.child, event)))
        steps.append((instant(case.quiet), 1, "quiet", case))
        steps.append((instant(case.late), 3, "late", case))
    for _, child, events in NEVER:
        steps.extend((instant(event[1]), 0, "event", (child, event)) for event in events)
    return sorted(steps, key=lambda step: step[:2])


def of_case(rows, case):
    return [row for row in rows if row.rule_id == case.rule and row.child_ref == case.child]


def check_late(rows, case):
    mine = [row for row in of_case(rows, case) if kind_of(row) == case.kind]
    assert mine, f"{case.rule} {case.child}: no {case.kind} at {case.late}"
    row = mine[0]
    # a deadline fires at its own instant: one microsecond after the last instant in time where hours are counted
    late_us = us(case.due) + 1 if case.due and "T" in case.due else us(case.late)
    assert raised_us(row) == late_us, f"{case.rule} {case.child}: raised at {row.raised_at.ToJsonString()}"
    if case.rule in NO_DUE:
        assert due_of(row) is None and row.calendar == row.count_mode == "", f"{case.rule} {case.child}: a due time"
    if case.due is not None:
        due = due_of(row)
        want = instant(case.due) if "T" in case.due else case.due
        assert due == want, f"{case.rule} {case.child}: due {due}, not {want}"
    assert row.subject_id == case.subject, f"{case.rule} {case.child}: subject {row.subject_id!r}"
    if case.level is not None:
        assert row.level == case.level, f"{case.rule} {case.child}: level {row.level}"
    if case.kind == "flagged":
        assert row.post == "" and row.level == 0
    else:
        assert row.post != "" and row.policy_number == 1 and len(row.policy_digest) == 64


def test_every_rule_at_its_edge(env):
    with env.daemon(partitions=3, clock="create_time") as daemon:
        client = daemon.client()
        last_day = None
        for when, _, what, item in timeline():
            if when.date() != last_day:
                daemon.settle(client)  # what the default partitioner misplaced is forwarded before time goes on
                last_day = when.date()
            if what == "event":
                child, (kind, occurred, body, envelope) = item
                client.publish(make_event(kind, child, occurred, body, **envelope), when)
                continue
            client.tick(when)
            daemon.settle(client)
            rows = client.read_alerts()
            if what == "quiet":
                early = [f"{kind_of(r)} {due_of(r)} at {r.raised_at.ToJsonString()}" for r in of_case(rows, item)]
                assert not early, f"{item.rule} {item.child}: before {item.late}: {early}"
            else:
                check_late(rows, item)
        client.tick("2026-07-01T00:00:00Z")
        daemon.settle(client)
        rows = client.read_alerts()
        for rule, child, _ in NEVER:
            bad = [kind_of(r) for r in rows if r.rule_id == rule and r.child_ref == child]
            assert not bad, f"{rule} {child}: {bad}"
        for case in (case for case in CASES if case.kind == "flagged"):  # an attribute: raised once, never ended
            kinds = [(kind_of(row), row.post, row.level, row.outcome) for row in of_case(rows, case)]
            assert kinds == [("flagged", "", 0, 0)], f"{case.rule} {case.child}: {kinds}"
        rules = {case.rule for case in CASES}
        assert rules <= {row.rule_id for row in rows}
        assert len({r.transition_id for r in rows}) == len(rows), "a transition id occurs twice"


def publish_hour_rules(client, tag, soon):
    """An episode that began 24 hours before `soon`, and a return 72 hours before it."""
    start, gone, back = (soon - dt.timedelta(hours=hours) for hours in (24, 80, 72))
    client.publish(make_event("missing_episode", f"quiet-mi01-{tag}", start.isoformat(),
                              {"episode_id": f"q1-{tag}", "phase": "OPENED", "category": "M",
                               "mis_start": start.isoformat()}))
    client.publish(make_event("missing_episode", f"quiet-mi02-{tag}", back.isoformat(),
                              {"episode_id": f"q2-{tag}", "phase": "RETURNED", "category": "M",
                               "mis_start": gone.isoformat(), "returned_at": back.isoformat()}))
    return {("MI-01", f"quiet-mi01-{tag}"), ("MI-02", f"quiet-mi02-{tag}")}


def test_hour_rule_fires_with_nothing_arriving(env):
    """MI-02 and MI-01 on a LogAppendTime topic: the episode lies 24 h (return 72 h) back but for a few seconds; nothing
    arrives afterwards; the daemon's own tick makes the deadline fire, also after a restart. A deadline that fires says
    the first instant late; a record that came too late for it would say its own."""
    with env.daemon(partitions=2, clock="log_append") as daemon:
        client = daemon.client()
        for seconds in (6, 30, 90):  # more where the machine is too slow to have the events in before the deadline
            soon = dt.datetime.now(dt.timezone.utc) + dt.timedelta(seconds=seconds)
            wanted = publish_hour_rules(client, seconds, soon)
            daemon.settle(client)
            if dt.datetime.now(dt.timezone.utc) < soon:
                break
        else:
            raise AssertionError("two events were not applied within 90 s")
        daemon.restart()

        def opened():
            return {(r.rule_id, r.child_ref): r for r in client.read_alerts() if kind_of(r) == "opened"}

        env.wait(lambda: wanted <= opened().keys(), seconds + 40, "the hour rules to fire with nothing arriving")
        for what in wanted:
            row = opened()[what]
            assert row.due_at.ToMicroseconds() == us(soon), f"{what}: due {row.due_at.ToJsonString()}, not {soon}"
            assert raised_us(row) == us(soon) + 1, f"{what}: raised at {row.raised_at.ToJsonString()}, due {soon}"
