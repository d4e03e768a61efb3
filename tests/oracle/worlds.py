"""Small adversarial worlds from a seed: one to four children, records on the edges of every limit, corrected, withdrawn,
repeated, late, early and out of order. A world is a list of records in log order, each with its log_time."""

import copy
import random
from datetime import date, datetime, time, timedelta

from facts import LONDON, add_months, instant

# Clock changes, Christmas, Easter, a state funeral, leap days, the turn of a year.
STARTS = ["2026-03-16", "2026-10-12", "2025-12-15", "2026-03-30", "2022-09-05", "2024-02-16", "2023-12-20", "2026-05-18",
          "2021-03-22", "2021-10-25", "2020-02-20", "2025-01-02", "2025-08-11", "2026-06-01"]
THEMES = ["protection", "need", "care", "fostering", "missing", "front_door", "workers", "reviews", "mixed"]


def text_of(moment):
    return moment.isoformat(timespec="seconds")


def failing(body, kind, on):
    """Some weeks in which visits fail one after the other. By the calendar: drawing lots would change every world."""
    if kind == "CP" and on.toordinal() // 28 % 5 == 0:
        body.update(child_seen="N", attempt_result=("NOT_SEEN", "NO_ACCESS")[on.day % 2])


def bedroom(body, kind, on):
    """Seen, not seen or not said, by the calendar too: runs of each."""
    if kind == "CP" and on.toordinal() // 11 % 4:
        body["bedroom_seen"] = "YNN"[on.toordinal() // 11 % 4 - 1]


class World:
    def __init__(self, seed, working_days):
        self.random = random.Random(seed)
        self.wd = working_days
        self.entries = []  # (log moment, order, record)
        self.serial = 0
        self.theme = self.random.choice(THEMES)
        self.start = date.fromisoformat(self.random.choice(STARTS)) + timedelta(days=self.random.randrange(8))
        self.end = self.start
        for number in range(self.random.choice([1, 1, 1, 2, 3, 4])):
            self.child = f"c-{number}"
            self.live()
        self.mutate()

    # ---------------------------------------------------------------- small choices

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def pick(self, *items):
        return self.random.choice(items)

    def near(self, d):
        """A day on the edge of `d`, or somewhere about it."""
        return d + timedelta(days=self.pick(-1, 0, 0, 1, 1, self.random.randint(-12, 9), self.random.randint(-3, 25)))

    def moment(self, d):
        """Some time of a London day; midnight's both sides come often."""
        at = self.pick(time(0, 0), time(23, 59, 59), time(10, 0), time(15, 30), time(1, 30), time(9, 0), time(23, 50))
        moment = datetime.combine(d, at, tzinfo=LONDON)
        return moment.replace(fold=self.random.randrange(2))

    # ---------------------------------------------------------------- records

    def fact(self, kind, on, body, moment=None, **envelope):
        """One record about the current child, told some time after it happened (seldom before)."""
        self.serial += 1
        occurred = moment or self.moment(on)
        delay = self.pick(0, 0, 0, 60, 3600, 86400, 3 * 86400, self.random.randrange(40 * 86400))
        if self.chance(4):
            delay = -self.random.randrange(20 * 86400)
        told = datetime.fromtimestamp(occurred.timestamp() + delay, LONDON)
        record = {"event_id": f"e{self.serial}", "la_code": "936", "child_ref": self.child,
                  "occurred_at": text_of(occurred), "source_system": "LCS", "source_record_id": f"r{self.serial}",
                  "source_revision": 1, "op": "CREATE", **envelope, kind: body}
        if self.chance(80):
            record["recorded_at"] = text_of(told)
        if self.chance(6):
            record["occurred_precision"] = self.pick("DATE", "DATE", "MINUTE")
        self.tell(told, record)
        return record

    def word(self, kind, on, body):
        """A record whose words replace earlier ones: at a moment of its own, for of two at one moment either may win."""
        moment = datetime.combine(on, time(12, self.serial // 60 % 60, self.serial % 60), tzinfo=LONDON)
        self.fact(kind, on, body, moment).pop("occurred_precision", None)

    def tell(self, moment, record):
        self.entries.append((instant(text_of(moment)), len(self.entries), record))

    def maybe(self, percent, body, **fields):
        """Optional fields."""
        for name, value in fields.items():
            if self.chance(percent):
                body[name] = value
        return body

    # ---------------------------------------------------------------- lives

    def live(self):
        theme = self.theme if self.theme != "mixed" else None
        slow = self.theme in ("care", "fostering", "reviews")
        span = self.pick(120, 420, 500, 600) if slow else self.pick(40, 120, 250, 420)
        self.last = self.start + timedelta(days=span)
        self.end = max(self.end, self.last + timedelta(days=self.pick(3, 40, 120)))
        themes = [theme] if theme else self.random.sample(THEMES[:-1], self.pick(2, 3))
        for name in themes:
            getattr(self, "live_" + name)()
        if self.chance(8):
            self.close(self.near(self.start + timedelta(days=self.random.randrange(span))))
        if self.chance(5):
            born = self.near(add_months(self.last, -18 * 12))
            if self.chance(20) and born.year % 4 == 0:
                born = date(born.year, 2, 29)
            self.fact("child_updated", self.start, {"person_birth_date": born.isoformat()})

    def days_on(self):
        """Days across the life, some close to one another."""
        on = self.start + timedelta(days=self.random.randrange(15))
        while on < self.last:
            yield on
            on += timedelta(days=self.pick(0, 1, 2, 3, 5, 7, 10, 14, 20, 30, 60))

    def frequency(self):
        frequency = {"days": self.pick(3, 5, 7, 10, 28), "unit": self.pick("WD", "CD")}
        if self.chance(40):
            frequency["from"] = self.near(self.start + timedelta(days=self.random.randrange(60))).isoformat()
        return frequency

    def plan(self, kind, begins, ends, name):
        """Joined by plan_id, seldom by its kind alone."""
        nameless = self.chance(6)
        names = {"CP": ("cpp_start_date", "cpp_end_date"), "CIN": ("cin_plan_start_date", "cin_plan_end_date")}
        first, last = names.get(kind, ("start_date", "end_date"))
        body = self.maybe(15, {"plan_id": name, "plan_type": kind}, visit_frequency=self.frequency(),
                          latest_category=self.pick("NEG", "EMO"), permanence_plan=self.pick("RETURN6M", "ADOPTION"))
        if self.chance(4):
            body["temporary_ola"] = "Y"
        if kind == "PF":
            self.maybe(60, body, notified_on=(begins + timedelta(days=self.random.randint(-3, 6))).isoformat(),
                       aware_on=(begins + timedelta(days=self.random.randint(-6, 0))).isoformat())
        if nameless:
            del body["plan_id"]
        self.named(body, first, begins)
        in_one = ends is not None and self.chance(20)
        if in_one:  # start and end as revisions of one record
            record = self.fact("plan_started", begins, body)
            later = copy.deepcopy(record)
            later.update(op="AMEND", source_revision=2)
            later["plan_started"].update({first: begins.isoformat(), last: ends.isoformat()})
            if begins.day % 2:  # it is now an end that carries the start (readings 44); drawing lots would change every world
                later["plan_ended"] = later.pop("plan_started")
            self.tell(self.moment(self.near(ends)), later)
            return
        self.fact("plan_started", begins, body)
        if ends is not None:
            body = {"plan_type": kind} if nameless else {"plan_id": name, "plan_type": kind}
            self.named(body, last, ends)
            self.fact("plan_ended", ends, body)

    def named(self, body, field, on):
        """The date by name, or by occurred_at alone."""
        if self.chance(70):
            body[field] = on.isoformat()

    def change(self, kind, name, on):
        body = self.maybe(40, {"plan_id": name, "plan_type": kind}, visit_frequency=self.frequency(),
                          latest_category=self.pick("NEG", "EMO"), permanence_plan=self.pick("RETURN6M", "ADOPTION"))
        self.word("plan_changed", on, body)

    def visit(self, kind, on, plan=None, placement=None, worker=None):
        body = {"visit_type": kind, "mode": "F2F", "child_seen": "Y"}
        self.maybe(8, body, mode=self.pick("VIDEO", "PHONE"), child_seen=self.pick("N", "NA"), by_role=self.pick("FSW", "TM"),
                   attempt_result=self.pick("NOT_SEEN", "NO_ACCESS", "CANCELLED"))
        self.maybe(40, body, by_role="SW", attempt_result="SEEN")
        if kind == "CLA":
            body["location"] = self.pick("PLACEMENT", "PLACEMENT", "HOME", "HOME", "SCHOOL", "OTHER")
        if plan and self.chance(60):
            body["plan_id"] = self.pick(plan, plan, plan, plan, "elsewhere")
        if placement and self.chance(60):
            body["placement_id"] = self.pick(placement, placement, placement, "elsewhere")
        failing(body, kind, on)
        bedroom(body, kind, on)
        envelope = {"worker_ref": worker} if worker else {}
        self.fact("visit_done", on, body, **envelope)

    def visits(self, kind, begins, limit, **link):
        """Visits at about the limit, from the start of the duty on."""
        on = begins
        for _ in range(self.pick(0, 1, 3, 6, 10)):
            on = self.near(limit(on))
            if on > self.last:
                break
            self.visit(kind, on, **link)

    def live_protection(self):
        begins = self.start
        for number in range(self.pick(1, 1, 2, 3)):
            ends = self.pick(None, begins + timedelta(days=self.random.randint(5, 160)))
            name = f"cp{number}"
            self.plan("CP", begins, ends, name)
            self.visits("CP", begins, lambda on: self.wd.after(on, 10), plan=name)
            for _ in range(self.pick(0, 0, 1, 2)):
                self.change("CP", name, self.near(begins + timedelta(days=self.random.randrange(60))))
            begins = self.near((ends or begins) + timedelta(days=self.pick(0, 10, 40)))
        if self.chance(30):
            self.enquiry()

    def live_need(self):
        begins = self.start
        for number in range(self.pick(1, 2, 2)):
            ends = self.pick(None, begins + timedelta(days=self.random.randint(5, 200)))
            self.plan("CIN", begins, ends, f"cin{number}")
            self.visits("CIN", begins, lambda on: self.wd.after(on, 20), plan=f"cin{number}")
            if self.chance(60):  # a stricter plan beside it or after it
                first = self.near(begins + timedelta(days=self.random.randrange(80)))
                last = self.pick(None, first + timedelta(days=self.random.randint(1, 90)))
                self.plan("CP", first, last, f"cp{number}")
                self.visits("CP", first, lambda on: self.wd.after(on, 10), plan=f"cp{number}")
            begins = self.near((ends or begins) + timedelta(days=20))
        if self.chance(25):
            self.close(self.near(self.last - timedelta(days=20)))

    def close(self, on):
        body = {}
        self.named(body, "cin_closure_date", on)
        self.fact("case_closed", on, body)

    def live_care(self):
        begins, moves = self.start, self.pick(1, 1, 2, 3, 4)
        for number in range(moves):
            length = self.pick(2, 5, 6, 7, 8, 9, 30, 60, 200, 400)
            ends = begins + timedelta(days=length)
            body = {"placement_id": f"p{number}", "rne": "S" if number == 0 else self.pick("P", "B", "T", "U", "L"),
                    "ls": self.pick("C1", "C2", "V2"), "place": self.pick("U6", "K2", "U4", "T1", "T4", "T0")}
            if number == 0:
                body["place"] = self.pick("U6", "K2")
            self.maybe(25, body, intended_until_18="Y")
            self.maybe(3, body, ls=self.pick("V3", "V4"))
            if self.chance(10):
                del body["rne"]
            self.named(body, "decom", begins)
            self.word("placement_started", begins, body)
            self.visits("CLA", begins, lambda on: on + timedelta(days=self.pick(7, 42, 42, 90)), placement=f"p{number}")
            if self.chance(40):
                self.visits("CLA", add_months(begins, 11), lambda on: on + timedelta(days=self.pick(21, 42, 90)),
                            placement=f"p{number}")
            stays = number + 1 == moves and self.chance(60)
            if not stays and self.chance(85):
                body = {"placement_id": f"p{number}", "rec": "X1" if number + 1 < moves else self.pick("E4A", "X1", "E8")}
                self.named(body, "dec", ends)
                self.fact("placement_ended", ends, body)
            begins = ends + timedelta(days=self.pick(0, 0, 0, 0, 1, 10))
            if begins > self.last:
                break
        for _ in range(self.pick(0, 0, 0, 1, 2)):
            body = {"ls": self.pick("C1", "C1", "C2", "E1", "V3", "V4")}
            on = self.near(self.start + timedelta(days=self.random.randrange(90)))
            self.named(body, "decom", on)
            self.word("legal_changed", on, body)
        for _ in range(self.pick(0, 0, 1, 2)):
            self.fact("supervision_held", self.near(self.start + timedelta(days=self.pick(28, 42, 70))), {})
        if self.chance(50):
            self.plan("CLA", self.start, None, "cla")
        self.reviews("CLA", self.start, "cla")

    def reviews(self, kind, begins, plan):
        if self.chance(12):  # on the first day
            self.fact("plan_review", begins, {"review_kind": kind, "held_on": begins.isoformat()})
        on, limits = begins, {"CLA": (20, 91, 182), "RCPC": (91, 183, 183), "CIN": (42, 84, 84)}[kind]
        for number in range(self.pick(0, 1, 2, 3, 4, 5)):
            on = self.near(on + timedelta(days=self.pick(limits[min(number, 2)], limits[0])))
            if on > self.last:
                break
            body = {"review_id": f"rv{self.serial}", "review_kind": kind}
            self.maybe(70, body, plan_id=plan, status=self.pick(
                "HELD", "HELD", "HELD", "HELD", "HELD", "ADJOURNED", "INQUORATE", "CANCELLED", "SERIES_PART"))
            self.maybe(90, body, outcome=self.pick("CONTINUE", "CONTINUE", "CONTINUE", "CONTINUE", "END"))
            self.maybe(12, body, permanence_plan=self.pick("RETURN6M", "ADOPTION"),
                       next_due_override=(on + timedelta(days=self.random.randint(20, 200))).isoformat())
            self.named(body, "held_on", on)
            self.fact("plan_review", on, body)

    def live_reviews(self):
        kind, review = self.pick(("CP", "RCPC"), ("CP", "RCPC"), ("CIN", "CIN"))
        self.plan(kind, self.start, self.pick(None, self.last - timedelta(days=30)), "pl")
        if kind == "CP":
            for _ in range(self.pick(0, 1, 2)):
                body = {"conference_id": f"ic{self.serial}"}
                self.maybe(15, body, transfer_in="Y", result="NO_PLAN")
                on = self.near(self.start - timedelta(days=self.random.randrange(12)))
                self.named(body, "date_of_initial_cpc", on)
                self.fact("conference_icpc", on, body)
        self.reviews(review, self.start, "pl")
        for _ in range(self.pick(0, 0, 1, 2)):
            self.change(kind, "pl", self.start + timedelta(days=self.random.randrange(200)))

    def enquiry(self):
        """A section 47 enquiry whose target date somebody else worked out."""
        strategy = self.start + timedelta(days=self.pick(0, 0, -1, -3))
        if self.chance(70):
            body = {"meeting_id": f"st{self.serial}", "kind": "STRATEGY"}
            self.maybe(60, body, initiated_s47="Y", s47_id="s1")
            self.named(body, "held_on", strategy)
            self.fact("meeting_held", strategy, body)
        due = self.wd.after(strategy, 15)
        targets = [due, due, strategy + timedelta(days=21), self.wd.after(self.start, 15)]
        body = self.maybe(60, {"s47_id": "s1"}, initial_cpc_target=self.pick(*targets).isoformat())
        self.maybe(12, body, icpc_not_required="Y")
        self.named(body, "s47_actual_start_date", self.start)
        self.fact("s47_started", self.start, body)
        if self.chance(60):
            held = self.near(due)
            body = {"conference_id": f"ic{self.serial}"}
            self.maybe(40, body, s47_id="s1", initial_cpc_target=self.pick(*targets).isoformat())
            self.named(body, "date_of_initial_cpc", held)
            self.fact("conference_icpc", held, body)

    def live_fostering(self):
        ends = self.pick(None, None, self.start + timedelta(days=self.random.randint(5, 400)))
        self.plan("PF", self.start, ends, "pf")
        self.visits("PF", self.start, lambda on: self.wd.after(on, 7), plan="pf")
        self.visits("PF", add_months(self.start, 11), lambda on: on + timedelta(days=self.pick(42, 84)), plan="pf")

    def live_missing(self):
        begins = self.moment(self.start)
        first, edge = self.start, self.pick(None, None, 90, 91)  # days to the third start
        for number in range(3 if edge else self.pick(1, 2, 3, 4, 5, 7)):
            length = self.pick(3, 23, 24, 24, 25, 71, 72, 100) * 3600 + self.pick(0, 0, 1, -1, 60)
            back = datetime.fromtimestamp(begins.timestamp() + length, LONDON)
            name = f"ep{number}"
            category = self.pick("M", "M", "M", "M", "HIGH", "A", "NO_APPARENT_RISK", None)
            self.episode(name, category, begins, back)
            self.interviews(name, back)
            gap = self.pick(0, 1, 60, 61, 600, *(60 * 24 * number for number in (2, 5, 10, 20, 43, 44, 45, 46)))
            begins = datetime.fromtimestamp(back.timestamp() + gap * 60, LONDON)
            if number == 1 and edge:
                begins = max(begins, self.moment(first + timedelta(days=edge)))
        for on in self.days_on():
            if self.chance(8):
                body = {"kind": self.pick("STRATEGY", "RMM", "INTERVENTION", "CORE_GROUP")}
                self.named(body, "held_on", on)
                self.fact("meeting_held", on, body)

    def episode(self, name, category, begins, back):
        body = {"episode_id": name, "phase": "OPENED", "mis_start": text_of(begins)}
        if category:
            body["category"] = category
        ended = self.chance(85)
        shape = self.pick("phases", "phases", "revisions", "once")
        if shape == "once" and ended:
            body.update({"phase": "CLOSED", "mis_end": text_of(back)})
            self.maybe(50, body, returned_at=text_of(back))
            self.fact("missing_episode", None, body, begins)
            return
        if self.chance(15):
            del body["mis_start"]
        record = self.fact("missing_episode", None, body, begins)
        if not ended:
            return
        if shape == "revisions":
            later = copy.deepcopy(record)
            later.update(op="AMEND", source_revision=2)
            later["missing_episode"].update(phase="RETURNED", returned_at=text_of(back), mis_start=text_of(begins))
            self.tell(datetime.fromtimestamp(back.timestamp() + self.pick(0, 60, 90000), LONDON), later)
        else:
            body = {"episode_id": name, "phase": "RETURNED"}
            self.maybe(60, body, returned_at=text_of(back))
            self.fact("missing_episode", None, body, back)
        if self.chance(5):
            self.fact("missing_episode", None, {"episode_id": name, "phase": "CANCELLED"}, back)
        if self.chance(10):
            body = {"episode_id": name, "phase": "UPDATED", "category": self.pick("M", "A", "LOW", "NO_APPARENT_RISK")}
            self.fact("missing_episode", None, body, begins)

    def interviews(self, name, back):
        for _ in range(self.pick(0, 1, 1, 2)):
            wait = self.pick(3600, 71 * 3600, 72 * 3600, 72 * 3600 + 1, 72 * 3600 - 1, 100 * 3600)
            body = {"stage": self.pick("OFFERED", "ATTEMPTED", "DECLINED", "HELD", "HELD", "AUTHORISED")}
            body.update(self.pick({"episode_id": name}, {"episode_id": name}, {"episode_ids": [name, "ep0"]}, {}))
            self.fact("rhi", None, body, datetime.fromtimestamp(back.timestamp() + wait, LONDON))

    def live_front_door(self):
        for on in self.days_on():
            if self.chance(50):
                self.contact(on)
            if self.chance(30):
                body = {"referral_id": f"ref{self.serial}"}
                self.named(body, "cin_referral_date", on)
                self.fact("referral_received", on, body)
        if self.chance(40):
            first = self.start
            for _ in range(self.pick(1, 2, 3)):
                self.fact("referral_received", first, {"referral_id": f"ref{self.serial}"})
                on = first = add_months(first, 12) + timedelta(days=self.pick(-1, 0, 0, 1, 1, 2))
                self.fact("referral_received", on, {"referral_id": f"ref{self.serial}"})
                self.end = max(self.end, on)

    def contact(self, on):
        occurred = self.moment(on)
        record = self.fact("contact_received", on, {"contact_id": f"k{self.serial}"}, occurred)
        body = record["contact_received"]
        if self.chance(50):
            self.maybe(60, body, outcome=self.pick("NFA", "REFERRAL"), decided_at=text_of(occurred))
        elif self.chance(70):
            decided = self.moment(self.near(self.wd.after(on, 1)))
            later = copy.deepcopy(record)
            later.update(op="AMEND", source_revision=2, recorded_at=text_of(decided))
            later["contact_received"]["outcome"] = "NFA"
            if self.chance(50):
                later["contact_received"]["decided_at"] = text_of(decided)
            self.tell(datetime.fromtimestamp(decided.timestamp() + self.pick(0, 3600), LONDON), later)

    def live_workers(self):
        if self.chance(85):
            self.plan(self.pick("CIN", "CP", "CLA", "PF"), self.start, self.pick(None, self.last - timedelta(days=20)), "w")
        if self.chance(30):
            first = self.start + timedelta(days=self.random.randrange(60))
            self.plan("CP", first, self.pick(None, first + timedelta(days=self.random.randrange(40))), "w2")
        on = self.start
        for number in range(self.pick(1, 2, 3, 4, 5)):
            worker, name = self.pick("SW1", "SW2", "SW3", "SW4"), f"al{number}"
            body = {"allocation_id": name, "role": self.pick("LEAD_SW", "LEAD_SW", "LEAD_SW", "IRO")}
            self.named(body, "allocated_on", on)
            self.fact("worker_allocated", on, body, worker_ref=worker)
            for _ in range(self.pick(0, 1, 2)):
                self.visit(self.pick("CP", "CIN", "DUTY"), self.near(self.wd.after(on, 10)), worker=self.pick(worker, "SW9"))
            ends = self.near(on + timedelta(days=self.pick(5, 30, 60, 120, 180, 183)))
            if self.chance(70):
                body = {"allocation_id": name, "role": body["role"]}
                self.named(body, "ended_on", ends)
                self.fact("worker_ended", ends, body, worker_ref=worker)
            on = self.near(ends)
        on = self.start
        for _ in range(self.pick(0, 1, 3, 5)):
            on = self.near(on + timedelta(days=self.pick(28, 42)))
            body = {}
            self.named(body, "held_on", on)
            self.fact("supervision_held", on, body)
        if self.chance(20):
            self.close(self.near(self.last - timedelta(days=10)))

    # ---------------------------------------------------------------- corrections

    def mutate(self):
        for at, _, record in list(self.entries):
            if record["source_revision"] > 1 or not self.chance(18):
                continue
            later = copy.deepcopy(record)
            moment = datetime.fromtimestamp(at / 1e6 + self.random.randrange(30 * 86400), LONDON)
            action = self.pick("amend", "amend", "void", "again", "equal", "old")
            if action == "again":
                self.tell(moment, later)
                continue
            later["recorded_at"] = text_of(moment)
            if action == "equal":
                if instant(later["recorded_at"]) <= instant(record.get("recorded_at", "1970-01-01T00:00:00Z")):
                    continue
                self.alter(later)
            elif action == "void":
                later.update(op="VOID", source_revision=9)
            else:
                later.update(op="AMEND", source_revision=3)
                self.alter(later)
            if action == "old":  # the newer revision comes first
                moment = datetime.fromtimestamp(at / 1e6 - 1, LONDON)
            self.tell(moment, later)

    def alter(self, record):
        """Another day, or another answer."""
        kind = next(name for name in record if isinstance(record[name], dict))
        moved = timedelta(days=self.pick(-9, -1, 1, 3, 12))
        body = record[kind]
        for field in list(body):
            if field.endswith("_date") or field in ("held_on", "decom", "dec", "allocated_on", "ended_on"):
                body[field] = (date.fromisoformat(body[field]) + moved).isoformat()
            elif field in ("mis_start", "returned_at", "mis_end"):
                body[field] = text_of(datetime.fromisoformat(body[field]) + moved / 24)
        if kind == "visit_done" and self.chance(30):
            body["child_seen"] = "N"
        if kind != "missing_episode":
            record["occurred_at"] = text_of((datetime.fromisoformat(record["occurred_at"]) + moved).astimezone(LONDON))

    # ---------------------------------------------------------------- the log

    def log(self):
        entries = sorted(self.entries, key=lambda entry: entry[:2])
        lines = [{**record, "log_time": stamp(at)} for at, _, record in entries]
        last = max([at for at, _, _ in entries] + [instant(text_of(datetime.combine(self.end, time(12), tzinfo=LONDON)))])
        return lines + [tick(last)]

    def shuffled(self, lines):
        """The same records in another order, some twice, at the same times; the tick at the end stays."""
        records = [{k: v for k, v in line.items() if k != "log_time"} for line in lines[:-1]]
        self.random.shuffle(records)
        times = [line["log_time"] for line in lines[:-1]]
        mixed = []
        for at, record in zip(times, records):
            mixed.append({**record, "log_time": at})
            if self.chance(15):
                mixed.append({**self.random.choice(records), "log_time": at})
        return mixed + [lines[-1]]

    def ticked(self, lines):
        """The same log with ticks between its records."""
        result = []
        for line, following in zip(lines, lines[1:] + [None]):
            result.append(line)
            if following and self.chance(30):
                low, high = instant(line["log_time"]), instant(following["log_time"])
                result.append(tick(low + self.random.randrange(high - low + 1)))
        return result


def stamp(us):
    return datetime.fromtimestamp(us // 1_000_000, LONDON).replace(microsecond=us % 1_000_000).isoformat()


def tick(us):
    return {"event_id": "tick", "occurred_at": stamp(us), "source_system": "oracle", "source_record_id": "tick",
            "source_revision": 1, "op": "CREATE", "clock_tick": {}, "log_time": stamp(us)}
