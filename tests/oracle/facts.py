"""What is known about one child at one clock: revisions settled, dates read, and plans, placements, care, episodes put
together from their records. Made from the texts alone (README.md says which); every question is answered anew each time."""

import calendar as month_calendar
import json
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
HOUR = 3600 * 1_000_000
MINUTE = 60 * 1_000_000

ENVELOPE = {"event_id", "schema_version", "la_code", "child_ref", "occurred_at", "occurred_precision", "recorded_at",
            "source_system", "source_record_id", "source_revision", "op", "supersedes", "family_ref", "team_id",
            "worker_ref", "restricted", "log_time", "partition", "offset"}


@lru_cache(maxsize=None)
def instant(text):
    """RFC 3339 -> microseconds since 1970."""
    if not text:
        return None
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH) // timedelta(microseconds=1)


@lru_cache(maxsize=None)
def day(text):
    return date.fromisoformat(text) if text else None


@lru_cache(maxsize=None)
def midnight(d):
    """The first instant of a London day."""
    return (datetime(d.year, d.month, d.day, tzinfo=LONDON).astimezone(timezone.utc) - EPOCH) // timedelta(microseconds=1)


@lru_cache(maxsize=None)
def london_date(us):
    return (EPOCH + timedelta(microseconds=us)).astimezone(LONDON).date()


def add_months(d, months):
    """Same day of the month, or the last one of a shorter month."""
    at = d.year * 12 + d.month - 1 + months
    year, month = at // 12, at % 12 + 1
    return date(year, month, min(d.day, month_calendar.monthrange(year, month)[1]))


class WorkingDays:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            events = json.load(file)["england-and-wales"]["events"]
        self.holidays = {date.fromisoformat(event["date"]) for event in events}
        self.known = {}  # (day, count) -> day: only to be quick

    def is_working(self, d):
        return d.weekday() < 5 and d not in self.holidays

    def after(self, d, count):
        """`count` working days within, the day after being the first candidate (excl)."""
        if (d, count) not in self.known:
            on, left = d, count
            while left > 0:
                on += timedelta(days=1)
                if self.is_working(on):
                    left -= 1
            self.known[d, count] = on
        return self.known[d, count]


class Clock:
    """The instant that is looked at. Whoever asks whether a later instant has come is waited for."""

    def __init__(self, now):
        self.now = now
        self.wakeups = set()

    def reached(self, us):
        if self.now >= us:
            return True
        self.wakeups.add(us)
        return False

    def reached_day(self, d):
        return self.reached(midnight(d))


# What a body may name of its time, the first that it has. The latest thing that a missing record tells is its instant.
START_DATES = ("cpp_start_date", "cin_plan_start_date", "start_date", "aware_on", "notified_on")
END_DATES = ("cpp_end_date", "cin_plan_end_date", "end_date")
NAMED_DATES = {"plan_started": START_DATES, "plan_ended": END_DATES, "plan_review": ("held_on",),
               "meeting_held": ("held_on",), "supervision_held": ("held_on",),
               "referral_received": ("cin_referral_date",), "conference_icpc": ("date_of_initial_cpc",),
               "worker_allocated": ("allocated_on",), "worker_ended": ("ended_on",), "placement_started": ("decom",),
               "placement_ended": ("dec",), "legal_changed": ("decom",), "case_closed": ("cin_closure_date",),
               "oversight_recorded": ("recorded_on",), "health_assessment": ("held_on",),
               "team_transferred": ("transferred_on",), "pa_contact": ("contacted_on",),
               "accommodation_provided": ("provided_on",), "chronology_updated": ("updated_on",),
               "preproceedings_step": ("step_date",), "audit_outcome": ("audited_on",), "clock_paused": ("from",),
               "schedule_override": ("from",), "s47_started": ("s47_actual_start_date",),
               "early_help_started": ("started_on",), "dispute_step": ("step_on",),
               "assessment_started": ("assessment_actual_start_date",),
               "assessment_authorised": ("assessment_authorisation_date",)}
NAMED_INSTANTS = {"missing_episode": ("returned_at", "found_at", "mis_end", "mis_start")}


class Record:
    """One message, its body flattened: enum values short, answers Y, N, NA. `day` and `at` are when it was."""

    def __init__(self, raw):
        self.key = (raw["source_system"], raw["source_record_id"])
        self.id = raw["source_record_id"]
        self.revision = int(raw["source_revision"])
        self.op = raw["op"].removeprefix("OP_")
        self.recorded_at = instant(raw.get("recorded_at"))
        self.worker_ref = raw.get("worker_ref", "")
        self.type = next((name for name in raw if name not in ENVELOPE), "")
        self.body = {name: "Y" if value is True else "N" if value is False else value
                     for name, value in (raw.get(self.type) or {}).items()}
        self.place_in_time(instant(raw["occurred_at"]), raw.get("occurred_precision", "").endswith("DATE"))
        self.sorts = (self.day, self.at, self.key)
        self.counts = self.counts_from()

    def place_in_time(self, occurred_at, date_only):
        """A named date or instant wins over occurred_at (readings 45), which gives a named date of its own its time."""
        named = self.first_of(NAMED_INSTANTS.get(self.type, ()))
        self.at, self.by_date = occurred_at, date_only
        self.day = london_date(self.at)
        if named:
            self.at, self.by_date = instant(named), False
            self.day = london_date(self.at)
            return
        named = day(self.first_of(NAMED_DATES.get(self.type, ())))
        if named and named != self.day:
            self.day, self.by_date = named, True
        if self.by_date:
            self.at = midnight(self.day)

    def first_of(self, names):
        return next((self.body[name] for name in names if self.body.get(name)), None)

    def counts_from(self):
        """Facts later than the clock do not count yet; that a child is missing does, whatever end was told with it."""
        if self.type == "missing_episode" and self.get("mis_start"):
            return min(self.at, instant(self.get("mis_start")))
        return self.at

    def get(self, name):
        return self.body.get(name) or None

    def content(self):
        return json.dumps([self.type, self.op, self.body, self.at, self.worker_ref], sort_keys=True)

    def precedence(self):
        """The highest revision is the truth; of equal ones that written up last (readings 45)."""
        return (self.revision, self.op == "VOID", self.recorded_at or 0)

    def order(self):
        return self.sorts


class Span:
    """A plan, placement, period of care or episode: from `start` (`start_at`), not including `end` (None: open)."""

    def __init__(self, **fields):
        self.end = self.end_at = None
        self.__dict__.update(fields)

    def open_on(self, d):
        return self.start <= d and (self.end is None or d < self.end)


class End:
    """How something ends: when, and whether its own record says so (else age, or the closing of the case)."""

    def __init__(self, at, on, own=True):
        self.at, self.on, self.own = at, on, own


def end_on(on, own=True):
    return End(midnight(on), on, own)


def birthday(born, years):
    """Born on 29 February: the 1st of March in other years."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


class Child:
    """Everything received about one child; `view` says what holds at a clock."""

    def __init__(self):
        self.records = {}
        self.first_recorded = {}  # key -> recorded_at of the lowest revision that tells it (readings 46)
        self.sorted = None

    def apply(self, record):
        """Whether anything changed."""
        first = self.first_recorded.get(record.key)
        if record.recorded_at is not None and (first is None or (record.revision, record.recorded_at) < first):
            self.first_recorded[record.key] = (record.revision, record.recorded_at)
        held = self.records.get(record.key)
        if held is not None and (record.precedence(), record.content()) <= (held.precedence(), held.content()):
            return False
        self.records[record.key] = record
        self.sorted = None
        return True

    def in_order(self):
        if self.sorted is None:
            self.sorted = sorted((r for r in self.records.values() if r.op != "VOID"), key=Record.order)
        return self.sorted

    def view(self, clock):
        return View(self, clock)


class View:
    """The facts of a child that count at a clock."""

    def __init__(self, child, clock):
        self.clock = clock
        self.first_recorded = child.first_recorded
        self.today = london_date(clock.now)
        self.facts = {}
        for record in child.in_order():
            if clock.reached(record.counts):
                self.facts.setdefault(record.type, []).append(record)
        self.born = self.last_said("person_birth_date")
        self.find_death_and_birth()
        self.closures = self.of("case_closed")
        self.plans = self.find_plans()
        self.find_care_and_placements()
        self.episodes = self.find_episodes()
        self.referrals = self.find_referrals()
        self.allocations = self.find_allocations()

    def last_said(self, field):
        return next((day(record.get(field)) for record in reversed(self.of("child_updated")) if record.get(field)), None)

    def find_death_and_birth(self):
        """Unborn: an expected date, and no birth yet. Death ends everything on its day (domain 4.14, 4.15)."""
        died = self.last_said("person_death_date")
        if died is None:  # the adviser was told
            died = next((record.day for record in self.of("pa_contact") if record.get("in_touch") == "DIED"), None)
        self.death = end_on(died, False) if died else None
        born = self.born and self.clock.reached_day(self.born)
        self.unborn = not born and bool(self.born or self.last_said("expected_person_birth_date"))
        self.birth = self.born if born else None

    def of(self, *types):
        if len(types) == 1:
            return self.facts.get(types[0], [])
        found = [record for name in types for record in self.facts.get(name, [])]
        return sorted(found, key=Record.order)

    def close(self, span, *ends):
        """Ends a span at the earliest of the ends; one that is still to come is waited for."""
        ends = [end for end in (*ends, self.death) if end is not None]
        if ends:
            first = min(ends, key=lambda end: end.at)
            if self.clock.reached(first.at):
                span.end_at, span.end = max(first.at, span.start_at), max(first.on, span.start)
                span.ended_itself = first.own
        return span

    def closing(self, at):
        """The closing of the case that ends what began at `at`."""
        return next((End(closed.at, closed.day, False) for closed in self.closures if closed.at >= at), None)

    def age(self, years):
        return end_on(birthday(self.born, years), False) if self.born else None

    @staticmethod
    def value(records, name, on):
        """The value last told on or before a day; what the record of the start says holds at any time."""
        told, opening = None, next((record for record in records if record.type == "plan_started"), records[0])
        for record in sorted(records, key=Record.order):
            if (record.day <= on or record is opening) and record.get(name) is not None:
                told = record.get(name)
        return told

    # ------------------------------------------------------------------ plans

    def find_plans(self):
        groups, begun = {}, {}
        for record in self.of("plan_started", "plan_changed", "plan_ended"):
            name = record.get("plan_id")
            if not name:  # by kind; a start after an end begins another plan
                kind = record.get("plan_type")
                if kind == "PLACEMENT":  # each placement has its own
                    kind = (kind, record.get("placement_id"))
                name = begun.get(kind)
                before = groups[name][-1] if name else None
                if not name or (record.type == "plan_started" and before.type == "plan_ended" and before.at != record.at):
                    name = begun[kind] = f"without an id: {record.id}"
            groups.setdefault(name, []).append(record)
        plans = [plan for plan in (self.make_plan(name, records) for name, records in groups.items()) if plan]
        return sorted(plans, key=lambda plan: (plan.start_at, not plan.named, plan.id))

    def make_plan(self, name, records):
        kind = next((record.get("plan_type") for record in records if record.get("plan_type")), None)
        first = next((record for record in records if record.type == "plan_started"), None)
        if first is not None:
            plan = Span(start=first.day, start_at=first.at)
        else:  # an end or change that carries the start
            named = [day(record.first_of(START_DATES)) for record in records if record.first_of(START_DATES)]
            if not named or not self.clock.reached_day(min(named)):
                return None
            plan = Span(start=min(named), start_at=midnight(min(named)))
        ended = [record for record in records if record.type == "plan_ended"]
        named = [day(record.first_of(END_DATES)) for record in records if record.first_of(END_DATES)]
        end = End(ended[-1].at, ended[-1].day) if ended else end_on(max(named)) if named else None
        old = None if kind == "PATHWAY" else self.age(16 if kind == "PF" else 18)
        self.close(plan, end, self.closing(plan.start_at), old)
        plan.__dict__.update(id=name, type=kind, history=records, named=bool(records[0].get("plan_id")),
                             temporary=self.value(records, "temporary_ola", self.today) == "Y",
                             notified_on=day(self.value(records, "notified_on", self.today)),
                             aware_on=day(self.value(records, "aware_on", self.today)))
        return plan

    @staticmethod
    def frequency(plan, on):
        """The recorded frequency in force on a day: (days, unit), or None."""
        best = None
        for record in plan.history:
            told = record.get("visit_frequency")
            if told and told.get("days"):
                begins = day(told.get("from")) or record.day
                if begins <= on and (best is None or begins >= best[0]):
                    best = (begins, told["days"], told.get("unit", "CD"))
        return best[1:] if best else None

    # ------------------------------------------------------------------ placements and care

    def find_care_and_placements(self):
        """Being looked after, and the placements as the visit rules see them (readings 14).

        One line of time: ends of what began before, beginnings, ends of what began at that instant, closings."""
        self.care, self.runs = [], []
        stays = [Span(record=r, start=r.day, start_at=r.at, id=r.get("placement_id") or r.id, named=r.get("placement_id"),
                      rne=r.get("rne"), place=r.get("place"), finish=None) for r in self.of("placement_started")]
        for record in self.of("placement_ended"):
            mine = [s for s in stays if s.start_at <= record.at
                    and record.get("placement_id") in (None, s.named)]
            if mine and mine[-1].finish is None:
                mine[-1].finish = record
        marks = []
        for stay in stays:
            marks.append((stay.start_at, 1, "stay", stay))
            if stay.finish is not None:
                marks.append((stay.finish.at, 0 if stay.finish.at > stay.start_at else 2, "stay ends", stay))
        for plan in self.plans:
            if plan.type == "CLA" and not plan.temporary:
                marks.append((plan.start_at, 1, "plan", plan))
                if plan.end_at is not None and plan.ended_itself:
                    marks.append((plan.end_at, 0 if plan.end_at > plan.start_at else 2, "plan ends", plan))
        marks += [(record.at, 1, "legal", record) for record in self.of("legal_changed") if record.get("ls")]
        marks += [(record.at, 3, "closed", record) for record in self.closures]
        adult = min((end for end in (self.age(18), self.death) if end is not None), key=lambda end: end.at, default=None)
        for at, _, what, subject in sorted(marks, key=lambda mark: mark[:2]):
            if adult is None or at < adult.at:
                self.take_mark(at, what, subject, stays)
        for span in self.care + self.runs:
            if span.end is None:
                self.close(span, adult)
        self.name_care()

    def name_care(self):
        """A care plan that overlaps it gives care its name."""
        for care in self.care:
            plans = [plan.id for plan in self.plans if plan.type == "CLA" and not plan.temporary
                     and plan.start_at <= (care.end_at or plan.start_at)
                     and (plan.end_at is None or plan.end_at > care.start_at)]
            care.kind, care.id = ("plan", plans[0]) if plans else ("child", "")

    def take_mark(self, at, what, subject, stays):
        care = self.care[-1] if self.care and self.care[-1].end is None else None
        run = self.runs[-1] if care and self.runs and self.runs[-1].care is care else None
        if what in ("stay", "plan", "legal") and care is None:
            on = subject.day if what == "legal" else subject.start
            care = Span(start=on, start_at=at, records=[])
            self.care.append(care)
        if what == "legal":
            care.records.append(subject)
            if run and run.end is None:
                run.records.append(subject)
        elif what == "plan":
            care.records.append(next((r for r in subject.history if r.type == "plan_started"), subject.history[0]))
        elif what == "stay":
            care.records.append(subject.record)
            self.move(care, run, subject, stays)
        elif what == "stay ends" and care is not None:
            end = End(subject.finish.at, subject.finish.day)
            if subject.finish.get("rec") not in (None, "X1"):
                self.end_care(care, run, end)
            elif run and run.end is None and subject in run.stays and not self.goes_back(run, subject.finish.at):
                self.close(run, end)
        elif what == "plan ends" and care is not None:
            if not any(other is not subject and other.type == "CLA" and not other.temporary and other.start <= subject.end
                       and (other.end_at is None or other.end > subject.end) for other in self.plans):
                self.end_care(care, run, End(subject.end_at, subject.end))
        elif what == "closed" and care is not None:
            self.end_care(care, run, End(subject.at, subject.day))

    def end_care(self, care, run, end):
        self.close(care, end)
        if run and run.end is None:
            self.close(run, end)

    def move(self, care, run, stay, stays):
        if run and self.goes_on(run, stay, stays):
            run.end = run.end_at = None
            run.stays.append(stay)
            run.records.append(stay.record)
            run.ids.add(stay.id)
            return
        if run and run.end is None:
            self.close(run, End(stay.start_at, stay.start))
        self.runs.append(Span(id=stay.id, ids={stay.id}, start=stay.start, start_at=stay.start_at, care=care,
                              stays=[stay], records=[stay.record]))

    @staticmethod
    def is_temporary(stay):
        return stay.place in ("T0", "T1", "T2", "T3", "T4")

    def goes_on(self, run, stay, stays):
        """Readings 14. A day between two placements is none."""
        if run.end is not None and stay.start > run.end + timedelta(days=1):
            return False
        if stay.named in run.ids:
            return True
        if self.is_temporary(stay) and stay.rne != "S":
            ends = [stay.finish.day] if stay.finish else []
            after = stays[stays.index(stay) + 1:]
            ends += [after[0].start] if after else []
            if ends:
                return (min(ends) - stay.start).days <= 7
            return not self.clock.reached_day(stay.start + timedelta(days=8))
        return stay.rne in ("T", "U", "L")

    def goes_back(self, run, at):
        """Is there still a stay, or, the last one being temporary and over, one before it that nobody has ended?"""
        last = run.stays[-1]
        if last.finish is None or last.finish.at > at:
            return True
        return self.is_temporary(last) and any(
            not self.is_temporary(other) and (other.finish is None or other.finish.at > at) for other in run.stays[:-1])

    def run_on(self, on):
        """The placement of a day; on the day of a move the one moved to."""
        return next((run for run in reversed(self.runs) if run.start <= on and (
            run.end is None or on <= run.end and not self.over(run, on))), None)

    def over(self, run, on):
        """Has the day after its end come, of which is asked?"""
        return on == self.today and self.clock.reached_day(run.end + timedelta(days=1))

    # ------------------------------------------------------------------ missing episodes

    def find_episodes(self):
        groups = {}
        for record in self.of("missing_episode"):
            groups.setdefault(record.get("episode_id") or record.id, []).append(record)
        spells = [spell for spell in (self.make_spell(name, records) for name, records in groups.items()) if spell]
        spells.sort(key=lambda spell: (spell.start_at, spell.id))
        merged = []
        for spell in spells:
            last = merged[-1] if merged else None
            if last and self.same_spell(last, spell):
                if last.end_at is not None and spell.end_at == last.end_at:
                    last.returned = last.returned or spell.returned
                elif last.end_at is not None and (spell.end_at is None or spell.end_at > last.end_at):
                    last.end, last.end_at = spell.end, spell.end_at
                    last.returned, last.end_by_date = spell.returned, spell.end_by_date
                last.ids |= spell.ids
                last.categories |= spell.categories
            else:
                merged.append(spell)
        for spell in merged:
            spell.open = spell.end_at is None
            spell.came_back = spell.end_at is not None
            self.end_by_code(spell)
        return [spell for spell in merged if not spell.grown]

    def end_by_code(self, spell):
        """At 18, or by death, a spell ends, and that is no return; one that begins later is none of a child's (4.14)."""
        ends = [end for end in (self.age(18), self.death) if end is not None]
        first = min(ends, key=lambda end: end.at, default=None)
        spell.grown = first is not None and spell.start_at >= first.at
        spell.by_code = None
        if first is not None and (spell.end_at is None or spell.end_at > first.at) and self.clock.reached(first.at):
            spell.open = spell.came_back = False
            spell.by_code = first

    @staticmethod
    def same_spell(last, spell):
        """Readings 40: a gap of 1 to 60 minutes is none; spells that touch are two when a return was recorded."""
        if last.end_at is None or spell.start_at // MINUTE < last.end_at // MINUTE:
            return True
        if spell.start_at // MINUTE == last.end_at // MINUTE:
            return not last.returned
        return spell.start_at - last.end_at <= 60 * MINUTE

    def make_spell(self, name, records):
        if any(record.get("phase") == "CANCELLED" for record in records):
            return None
        named = [instant(record.get("mis_start")) for record in records if record.get("mis_start")]
        opened = [record for record in records if record.get("phase") in (None, "OPENED")]
        if not named and not opened:
            return None
        start_at = min(named) if named else opened[0].at
        if not self.clock.reached(start_at):
            return None
        spell = Span(id=name, ids={name}, start=london_date(start_at), start_at=start_at, returned=False,
                     by_date=not named and opened[0].by_date, end_by_date=False,
                     categories={record.get("category") for record in records if record.get("category")})
        back = [record for record in records if record.get("phase") == "RETURNED"]
        closed = [record for record in records if record.get("phase") == "CLOSED"]
        end_at = None
        for field in ("returned_at", "found_at", "mis_end"):
            ends = [instant(record.get(field)) for record in records if record.get(field)]
            if ends:
                end_at, spell.returned = max(ends), field != "mis_end" or bool(back)
                break
        if end_at is None and (back or closed):
            last = (back or closed)[-1]
            end_at, spell.returned, spell.end_by_date = last.at, bool(back), last.by_date
        if end_at is not None and self.clock.reached(end_at):
            spell.end_at = max(end_at, start_at)
            spell.end = london_date(spell.end_at)
        return spell

    # ------------------------------------------------------------------ front door and workers

    def find_referrals(self):
        """From receipt to decision: what keeps a case open before there is a plan."""
        spans = []
        for record in self.of("referral_received"):
            span = Span(id=record.get("referral_id") or record.id, start=record.day, start_at=record.at)
            decided = self.decision(record, "referral_nfa")
            spans.append(self.close(span, decided, self.closure_named(record), self.closing(record.at)))
        return spans

    @staticmethod
    def closure_named(record):
        """The date of closure that a referral itself names."""
        closure = day(record.get("cin_closure_date"))
        return end_on(closure) if closure else None

    @staticmethod
    def decision(record, outcome):
        """decided_at; with an outcome alone the time at which it was recorded (readings 30)."""
        at = instant(record.get("decided_at"))
        if at is None and record.get(outcome):
            at = record.recorded_at or record.at
        return None if at is None else End(at, london_date(at))

    def find_allocations(self):
        """Lead social workers: start and end joined by allocation id; the next one replaces one without an end; two from one
        instant on are two."""
        started = [record for record in self.of("worker_allocated") if record.get("role") == "LEAD_SW"]
        allocations = []
        for record in started:
            name = record.get("allocation_id") or record.id
            ended = [End(r.at, r.day) for r in self.of("worker_ended")
                     if (r.get("allocation_id") or r.id) == name and r.at >= record.at]
            later = [End(r.at, r.day) for r in started if r.at > record.at
                     and (r.get("allocation_id") or r.id) != name]
            span = Span(id=name, worker=record.worker_ref, start=record.day, start_at=record.at)
            allocations.append(self.close(span, (ended or later or [None])[0], self.closing(record.at)))
        return allocations
