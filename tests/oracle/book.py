"""What all rules share: the duty, the words that several rules use, and the table of the readings.

A reading yields a Duty for everything that was ever owed, with its state at the clock. The clock is asked with
clock.reached only, so it knows the next instant at which an answer can change."""

from datetime import timedelta
from functools import lru_cache

from assessments import owed_assessments
from facts import Span, add_months, day

NOT_SEEN = ("NOT_SEEN", "NO_ACCESS", "CANCELLED")
RUNNING, LATE, MET, MET_LATE, CANCELLED, SUPERSEDED = "running", "late", "met", "met late", "cancelled", "superseded"
FLAG, WARNING = "flag", "warning"
RULES = {}  # id -> the function that reads it
NO_DUE = {"MI-03", "DR-01", "ST-01", "FD-05", "FD-06", "CP-12", "MI-07", "MI-08", "SU-02"}  # counts, stalls and flags (alerts.proto)
WARNS_ONLY = {"FD-03"}  # of which nothing is said but the warning
OFF = set()  # ids that the table has off by default


class Duty:
    __slots__ = ("rule", "kind", "subject", "due", "state", "breached_on", "counted")

    def __init__(self, rule, kind, subject, due, state, breached_on=None):
        self.rule, self.kind, self.subject, self.due, self.state = rule, kind, subject, due, state
        self.breached_on = breached_on  # first overdue day, if it was missed
        self.counted = False  # it was reached, and has no due time

    @property
    def late(self):
        return self.state in (LATE, FLAG)

    @property
    def flag(self):
        return self.state == FLAG


class Part:
    """A part of a span, for `Book.duty`: it may end before the span does."""

    def __init__(self, end):
        self.end = end


def reads(*names, off=False):
    """The ids that a function reads; one that ends in a letter is a second clock of the rule (README)."""
    def register(function):
        for name in names:
            RULES[name] = function
            if off:
                OFF.add(name)
        return function
    return register


def days(count):
    return timedelta(days=count)


def months(d, count):
    return add_months(d, count)


class Book:
    """The rules over one view. `present`: the ids that the standards have; None: all that are not off."""

    def __init__(self, view, working_days, present=None):
        self.v, self.clock, self.wd = view, view.clock, working_days
        self.present = frozenset(set(RULES) - OFF if present is None else present)
        self.read = {}  # function -> its duties

    # ---------------------------------------------------------------- answers

    def has(self, name):
        return name in self.present

    def duties_of(self, name):
        """Everything that the function of a rule says."""
        function = RULES[name]
        if function not in self.read:
            self.read[function] = list(function(self))
        return self.read[function]

    def duties(self):
        """Every duty of every rule; a second clock whose id the standards do not have goes by its rule's."""
        for name, function in asked(self.present):
            for duty in self.duties_of(name):
                rule = duty.rule if duty.rule in self.present else duty.rule[:5]
                if rule in self.present:
                    duty.rule = rule
                    yield duty

    def all(self):
        """{(rule, kind, subject): Duty} of what runs, is late or flagged; the oldest late one of a subject stands for it, and
        an alert says more than a flag."""
        result = {}
        for duty in self.duties():
            if duty.state not in (RUNNING, LATE, FLAG):
                continue
            key = (duty.rule, duty.kind, duty.subject)
            held = result.get(key)
            if held is None or (duty.late, not duty.flag, -rank(duty)) > (held.late, not held.flag, -rank(held)):
                result[key] = duty
        return result

    # ---------------------------------------------------------------- duties

    def late_after(self, due):
        """The due date itself is in time; late begins with the next London day."""
        return self.clock.reached_day(due + days(1))

    @staticmethod
    def is_open(span):
        return span is None or span.end is None

    def duty(self, rule, kind, subject, due, met=None, span=None):
        """One duty with a due date, `met` on a day or not, while the span is open (readings 1 and 2)."""
        end = span.end if span is not None else None
        if met is not None and (end is None or met <= end):
            state = MET if met <= due else MET_LATE
        elif end is not None:
            state = SUPERSEDED if due < end else CANCELLED
        else:
            state = LATE if self.late_after(due) else RUNNING
        return Duty(rule, kind, subject, due, state, due + days(1) if state in (LATE, MET_LATE, SUPERSEDED) else None)

    def chain(self, rule, kind, subject, start, evidence, due_of, span):
        """One interval after the other: from `start`, then from each piece of evidence. `rule` and `due_of` take the
        day from which the interval counts and how many there were before it."""
        anchor, end = start, span.end
        for number, met in enumerate([*(on for on in evidence if end is None or on <= end), None]):
            name = rule if isinstance(rule, str) else rule(anchor, number)
            yield self.duty(name, kind, subject, due_of(anchor, number), met, span)
            anchor = met

    def reached_threshold(self, rule, kind, subject, on):
        """A rule that counts: live while its threshold is reached. The day on which it was stands for the due time it
        has not: it tells one crossing from the next."""
        duty = Duty(rule, kind, subject, on, LATE)
        duty.counted = True
        return duty

    def until(self, record, *ends):
        """The span of a duty that begins with a record and ends with the first of the ends, or by death."""
        return self.v.close(Span(start=record.day, start_at=record.at), *ends)

    def warning(self, rule, kind, subject, limit, open_now):
        """From the day after the limit (readings 22)."""
        if open_now and self.late_after(limit):
            yield Duty(rule, kind, subject, limit, WARNING)

    # ---------------------------------------------------------------- words for evidence

    def seen_visits(self, visit_type=None, *, worker=None, link=None):
        """Face-to-face visits at which the child was seen."""
        found = []
        for visit in self.v.of("visit_done"):
            if visit.get("mode") != "F2F" or visit.get("child_seen") != "Y":
                continue
            if visit.get("attempt_result") in NOT_SEEN:
                continue
            if visit_type and visit.get("visit_type") not in visit_type.split():
                continue
            if worker is not None and visit.worker_ref != worker:
                continue
            if link and visit.get(link[0]) and visit.get(link[0]) not in link[1]:
                continue
            found.append(visit)
        return found

    def statutory_visits(self, visit_type, link=None):
        """CP and CLA visits: by a social worker (readings 28)."""
        return [visit for visit in self.seen_visits(visit_type, link=link)
                if visit.get("by_role") in (None, "SW")]

    @staticmethod
    def in_placement(visits):
        """Readings 29."""
        return [visit for visit in visits if visit.get("location") in ("PLACEMENT", "HOME")]

    def held_reviews(self, kinds, plan=None):
        """Only HELD counts, and a blank is read as HELD (readings 31)."""
        reviews = []
        for review in self.v.of("plan_review"):
            if review.get("review_kind") not in kinds or review.get("status") not in (None, "HELD"):
                continue
            if plan is not None and review.get("plan_id") and review.get("plan_id") != plan:
                continue
            reviews.append(review)
        return reviews

    @staticmethod
    def review_due(review, reviews, due):
        """An earlier date that the review itself set wins; of reviews at one instant the earliest that any of them set."""
        told = [day(one.body.get("next_due_override")) for one in reviews if review and one.at == review.at]
        return min([on for on in told if on and on >= review.day] + [due])

    def review_chain(self, rule, kind, subject, start, reviews, due_of, span):
        """As `chain`, over reviews that may name the date of the next."""
        anchor, before, end = start, None, span.end
        for number, review in enumerate([*(r for r in reviews if end is None or r.day <= end), None]):
            name = rule if isinstance(rule, str) else rule(anchor, number)
            due = self.review_due(before, reviews, due_of(anchor, number))
            yield self.duty(name, kind, subject, due, review.day if review else None, span)
            anchor, before = (review.day, review) if review else (None, None)

    def meetings(self, *kinds):
        return [meeting for meeting in self.v.of("meeting_held") if meeting.get("kind") in kinds]

    def plans(self, plan_type):
        return [plan for plan in self.v.plans if plan.type == plan_type and not plan.temporary]

    def counted(self, anchor, count, unit):
        return self.wd.after(anchor, count) if unit == "WD" else anchor + days(count)

    def stricter(self, rule, plans, anchor, due, placements=()):
        """A recorded frequency that is stricter wins; it counts for intervals that begin under it (readings 20)."""
        for plan in plans:
            frequency = self.v.frequency(plan, anchor)
            if frequency is not None:
                due = min(due, self.counted(anchor, *frequency))
        if "schedule_override" in self.v.facts:
            override = self.override(rule, {plan.id for plan in plans}, placements, anchor)
            frequency = override.get("visit_frequency") if override else None
            if frequency and frequency.get("days"):
                due = min(due, self.counted(anchor, frequency["days"], frequency.get("unit", "CD")))
            agreed = day(override.get("next_due")) if override else None
            if agreed and anchor <= agreed:
                due = min(due, agreed)
        return due

    def override(self, rule, plans, placements, on):
        """The override of a rule in force on a day: the one that began last."""
        found = None
        for record in self.v.of("schedule_override"):
            if record.get("rule") != rule or record.day > on:
                continue
            if record.get("plan_id") and record.get("plan_id") not in plans:
                continue
            if record.get("placement_id") and record.get("placement_id") not in placements:
                continue
            if not record.get("until") or on <= day(record.get("until")):
                found = record
        return found

    # ---------------------------------------------------------------- the case

    @staticmethod
    def unbroken(spans):
        """First day of the unbroken run of spans that is open today, or None; spans are (first day, end or None)."""
        opened = min((start for start, end in spans if end is None), default=None)
        while opened is not None:
            earlier = [start for start, end in spans if start < opened and (end is None or end >= opened)]
            if not earlier:
                break
            opened = min(earlier)
        return opened

    def case_opened(self):
        """Any plan but a placement plan (a pathway plan until 18), being looked after, an undecided
        referral, an assessment that is still owed: a case."""
        if not hasattr(self, "opened"):
            spans = [(span.start, span.end) for span in self.v.plans + self.v.care + self.v.referrals
                     if getattr(span, "type", None) not in ("PLACEMENT", "PATHWAY")]
            adult = self.v.age(18)
            grown = adult.on if adult is not None and self.clock.reached(adult.at) else None
            for plan in self.v.plans:
                if plan.type == "PATHWAY" and (grown is None or plan.start < grown):
                    ends = [on for on in (plan.end, grown) if on is not None]
                    spans.append((plan.start, min(ends, default=None)))
            self.opened = self.unbroken(spans + owed_assessments(self))
        return self.opened


@lru_cache(maxsize=None)
def asked(present):
    """One id for each function that speaks of a rule that is present."""
    found = {}
    for name, function in RULES.items():
        if name in present or name[:5] in present:
            found.setdefault(function, name)
    return [(name, function) for function, name in found.items()]


def rank(duty):
    """Older duties first."""
    return duty.due if isinstance(duty.due, int) else duty.due.toordinal()
