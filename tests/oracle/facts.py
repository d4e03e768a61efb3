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

    def is_working(self, d):
        return d.weekday() < 5 and d not in self.holidays

    def after(self, d, count):
        """`count` working days within, the day after being the first candidate (excl)."""
        while count > 0:
            d += timedelta(days=1)
            if self.is_working(d):
                count -= 1
        return d


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


class Record:
    """One message, its body flattened: enum values short, answers Y, N, NA, dates and instants parsed."""

    __slots__ = ("key", "revision", "op", "type", "body", "occurred_at", "occurred_on", "recorded_at", "precision",
                 "worker_ref", "raw", "id")

    def __init__(self, raw):
        self.raw = raw
        self.key = (raw["source_system"], raw["source_record_id"])
        self.id = raw["source_record_id"]
        self.revision = int(raw["source_revision"])
        self.op = raw["op"].removeprefix("OP_")
        self.occurred_at = instant(raw["occurred_at"])
        self.occurred_on = london_date(self.occurred_at)
        self.recorded_at = instant(raw.get("recorded_at"))
        self.precision = raw.get("occurred_precision", "MINUTE").removeprefix("OCCURRED_PRECISION_")
        self.worker_ref = raw.get("worker_ref", "")
        self.type = next((name for name in raw if name not in ENVELOPE), "")
        self.body = {name: "Y" if value is True else "N" if value is False else value
                     for name, value in (raw.get(self.type) or {}).items()}

    def get(self, name):
        return self.body.get(name) or None

    def date(self, name):
        """A named date wins over occurred_at (readings 45)."""
        return day(self.body.get(name)) or self.occurred_on

    def content(self):
        return json.dumps([self.type, self.op, self.body, self.occurred_at, self.worker_ref, self.precision],
                          sort_keys=True)

    def precedence(self):
        """The highest revision is the truth; of equal ones that written up last (readings 45)."""
        return (self.revision, self.recorded_at or 0)


# The day on which a fact came about, where its body names one.
NAMED_DATE = {"plan_review": "held_on", "meeting_held": "held_on", "supervision_held": "held_on",
              "referral_received": "cin_referral_date", "conference_icpc": "date_of_initial_cpc",
              "worker_allocated": "allocated_on", "worker_ended": "ended_on", "placement_started": "decom",
              "placement_ended": "dec", "legal_changed": "decom", "case_closed": "cin_closure_date"}
PLAN_DATES = {"CP": ("cpp_start_date", "cpp_end_date"), "CIN": ("cin_plan_start_date", "cin_plan_end_date")}


def plan_dates(plan_type):
    return PLAN_DATES.get(plan_type, ("start_date", "end_date"))


class Span:
    """A plan, placement, period of care or episode: from `start`, not including `end` (None: open)."""

    def __init__(self, **fields):
        self.__dict__.update(fields)

    def open_on(self, d):
        return self.start <= d and (self.end is None or d < self.end)


class Child:
    """Everything received about one child; `view` says what holds at a clock."""

    def __init__(self):
        self.records = {}

    def apply(self, record):
        """Whether anything changed."""
        held = self.records.get(record.key)
        if held is not None:
            if record.precedence() < held.precedence():
                return False
            if record.precedence() == held.precedence() and record.content() <= held.content():
                return False
        self.records[record.key] = record
        return True

    def view(self, clock):
        return View(self, clock)


class View:
    """The facts of a child that count at a clock. Facts later than the clock do not count yet (readings 45)."""

    def __init__(self, child, clock):
        self.clock = clock
        self.today = london_date(clock.now)
        self.facts = {}
        for key in sorted(child.records):
            record = child.records[key]
            if record.op != "VOID" and self.has_come(record):
                self.facts.setdefault(record.type, []).append(record)
        self.end_of_childhood = self.find_end_of_childhood()
        closures = [record.date("cin_closure_date") for record in self.of("case_closed")]
        self.closures = sorted(closures)
        self.plans = self.find_plans()
        self.placements = self.find_placements()
        self.care = self.find_care()
        self.runs = self.find_runs()
        self.episodes = self.find_episodes()
        self.allocations = self.find_allocations()

    def of(self, *types):
        return [record for name in types for record in self.facts.get(name, [])]

    def has_come(self, record):
        if record.type in ("missing_episode", "rhi", "contact_received"):
            if record.type == "missing_episode" and record.get("mis_start"):
                return self.clock.reached(instant(record.get("mis_start")))
            return self.clock.reached(record.occurred_at)
        if record.type in ("plan_started", "plan_ended"):
            start, end = plan_dates(record.get("plan_type"))
            return self.clock.reached_day(record.date(start if record.type == "plan_started" else end))
        return self.clock.reached_day(record.date(NAMED_DATE.get(record.type, "")))

    def find_end_of_childhood(self):
        """The 18th birthday (born on 29 February: 1 March), or death; None when unknown or not reached."""
        ends = []
        for record in self.of("child_updated"):
            born, died = day(record.get("person_birth_date")), day(record.get("person_death_date"))
            if born:
                try:
                    ends.append(born.replace(year=born.year + 18))
                except ValueError:
                    ends.append(date(born.year + 18, 3, 1))
            if died:
                ends.append(died)
        return min((end for end in ends if self.clock.reached_day(end)), default=None)

    def capped(self, start, *ends):
        """The earliest of the ends that have come."""
        known = [end for end in ends if end is not None and self.clock.reached_day(end)]
        if self.end_of_childhood is not None:
            known.append(self.end_of_childhood)
        return min(known, default=None)

    # ------------------------------------------------------------------ plans

    def find_plans(self):
        groups = {}
        for record in self.of("plan_started", "plan_changed", "plan_ended"):
            groups.setdefault(record.get("plan_id") or record.id, []).append(record)
        plans = [plan for plan in (self.make_plan(name, records) for name, records in groups.items()) if plan]
        return sorted(plans, key=lambda plan: (plan.start, plan.id))

    def make_plan(self, name, records):
        started = [record for record in records if record.type == "plan_started"]
        ended = [record for record in records if record.type == "plan_ended"]
        changed = [record for record in records if record.type == "plan_changed"]
        plan_type = next((r.get("plan_type") for r in started + changed + ended if r.get("plan_type")), None)
        start_name, end_name = plan_dates(plan_type)
        if started:
            start = min(record.date(start_name) for record in started)
        else:
            named = [day(record.get(start_name)) for record in changed + ended if record.get(start_name)]
            if not named:
                return None
            start = min(named)
        if ended:
            end = min(record.date(end_name) for record in ended)
        else:
            end = min((day(r.get(end_name)) for r in started + changed if r.get(end_name)), default=None)
        closure = next((closed for closed in self.closures if closed >= start), None)
        history = [(start, record) for record in started]
        history += [(record.occurred_on, record) for record in sorted(changed, key=lambda record: record.occurred_at)]
        history.sort(key=lambda item: item[0])
        stated = {}
        for name_of_date in ("notified_on", "aware_on"):
            stated[name_of_date] = next((day(r.get(name_of_date)) for _, r in history if r.get(name_of_date)), None)
        return Span(id=name, type=plan_type, start=start, end=self.capped(start, end, closure), history=history,
                    temporary=self.plan_value(history, "temporary_ola", self.today) == "Y", **stated)

    @staticmethod
    def plan_value(history, name, on):
        """The value last stated on or before a day."""
        value = None
        for effective, record in history:
            if effective <= on and record.get(name) is not None:
                value = record.get(name)
        return value

    @staticmethod
    def frequency(plan, on):
        """The recorded frequency in force on a day: (days, unit), or None."""
        best = None
        for effective, record in plan.history:
            frequency = record.get("visit_frequency")
            if frequency and frequency.get("days"):
                begins = day(frequency.get("from")) or effective
                if begins <= on and (best is None or begins >= best[0]):
                    best = (begins, frequency["days"], frequency.get("unit", "CD"))
        return best[1:] if best else None

    # ------------------------------------------------------------------ placements and care

    def find_placements(self):
        groups = {}
        for record in self.of("placement_started", "placement_ended"):
            groups.setdefault(record.get("placement_id") or record.id, []).append(record)
        placements = []
        for name, records in groups.items():
            started = [record for record in records if record.type == "placement_started"]
            ended = [record for record in records if record.type == "placement_ended"]
            if not started:
                continue
            first = min(started, key=lambda record: record.date("decom"))
            last = min(ended, key=lambda record: record.date("dec")) if ended else None
            placements.append(Span(
                id=name, start=first.date("decom"), end=last.date("dec") if last else None,
                rec=last.get("rec") if last else None, rne=first.get("rne"), place=first.get("place"),
                ls=first.get("ls"), until_18=first.get("intended_until_18") == "Y"))
        placements.sort(key=lambda placement: (placement.start, placement.id))
        for placement, following in zip(placements, placements[1:]):
            if placement.end is None or placement.end > following.start:  # a child lives in one place
                placement.end, placement.rec = following.start, "X1"
        return placements

    def find_care(self):
        """Periods of being looked after: placements that follow each other without care having ended."""
        periods = []
        for placement in self.placements:
            current = periods[-1] if periods else None
            goes_on = current and (current.rec == "X1" or current.end is None or placement.start <= current.end)
            if goes_on:
                current.end, current.rec = placement.end, placement.rec
                current.members.append(placement)
            else:
                periods.append(Span(id="", start=placement.start, end=placement.end, rec=placement.rec,
                                    members=[placement]))
        for period in periods:
            ended = period.end if period.rec != "X1" else None
            period.end = self.capped(period.start, ended)
        return periods

    def find_runs(self):
        """Placements as the visit rules see them (readings 14): some moves go on where the last one began."""
        runs = []
        for placement in self.placements:
            previous = runs[-1] if runs else None
            joined = previous is not None and (previous.end is None or previous.end >= placement.start)
            if joined and self.goes_on(placement):
                previous.ids.add(placement.id)
                previous.end = placement.end
                previous.members.append(placement)
            else:
                runs.append(Span(id=placement.id, ids={placement.id}, start=placement.start, end=placement.end,
                                 members=[placement]))
        for run in runs:
            run.end = self.capped(run.start, run.end)
        return runs

    def goes_on(self, placement):
        if placement.place in ("T0", "T1", "T2", "T3", "T4"):
            if placement.end is not None and (placement.end - placement.start).days <= 7:
                return True
            return not self.clock.reached_day(placement.start + timedelta(days=8))
        return placement.rne in ("T", "U", "L")

    def legal_status(self, on):
        """Legal status on a day: the placement's own, or the last change."""
        stated = [(p.start, 0, p.ls) for p in self.placements if p.ls and p.start <= on]
        stated += [(r.date("decom"), 1, r.get("ls")) for r in self.of("legal_changed") if r.get("ls")
                   and r.date("decom") <= on]
        return max(stated, default=(None, 0, None))[2]

    def placement_on(self, on):
        return next((p.id for p in reversed(self.placements) if p.open_on(on)), None)

    def in_care_on(self, on):
        return next((period for period in self.care if period.open_on(on)), None)

    # ------------------------------------------------------------------ missing episodes

    def find_episodes(self):
        groups = {}
        for record in self.of("missing_episode"):
            groups.setdefault(record.get("episode_id") or record.id, []).append(record)
        spells = [spell for spell in (self.make_spell(name, records) for name, records in groups.items()) if spell]
        spells.sort(key=lambda spell: (spell.start, spell.id))
        merged = []
        for spell in spells:
            last = merged[-1] if merged else None
            if last and self.same_spell(last, spell):
                if last.end is None or spell.end is None:
                    last.end = None
                elif spell.end >= last.end:
                    last.end, last.returned, last.end_by_date = spell.end, spell.returned, spell.end_by_date
                last.ids |= spell.ids
                last.gravity = max(last.gravity, spell.gravity)
            else:
                merged.append(spell)
        return merged

    @staticmethod
    def same_spell(last, spell):
        """Readings 40: a gap of 1 to 60 minutes is none; touching spells are two when a return was recorded."""
        if last.end is None or spell.start < last.end:
            return True
        gap = (spell.start - last.end) // MINUTE
        return gap <= 60 if gap >= 1 else not last.returned

    def make_spell(self, name, records):
        if any(record.get("phase") == "CANCELLED" for record in records):
            return None
        named = [instant(record.get("mis_start")) for record in records if record.get("mis_start")]
        opened = [record for record in records if record.get("phase") in (None, "OPENED")]
        by_date = False
        if named:
            start = min(named)
        elif opened:
            start = min(record.occurred_at for record in opened)
            by_date = any(r.precision == "DATE" for r in opened)
        else:
            return None
        end, returned, end_by_date = None, False, False
        for field in ("returned_at", "found_at", "mis_end"):
            ends = [instant(record.get(field)) for record in records if record.get(field)]
            ends = [found for found in ends if self.clock.reached(found)]
            if ends:
                end, returned = max(ends), field != "mis_end"
                break
        back = [record for record in records if record.get("phase") in ("RETURNED", "CLOSED")]
        if end is None and back and not any(r.get("mis_end") or r.get("returned_at") or r.get("found_at")
                                            for r in records):
            last = max(back, key=lambda record: record.occurred_at)
            end, returned = last.occurred_at, last.get("phase") == "RETURNED"
            end_by_date = last.precision == "DATE"
        returned = returned or any(record.get("phase") == "RETURNED" for record in back)
        categories = {record.get("category") for record in records if record.get("category")}
        counts = not categories or bool(categories - {"A", "NO_APPARENT_RISK"})
        return Span(id=name, ids={name}, start=start, end=end, returned=returned, gravity=int(counts),
                    start_by_date=by_date, end_by_date=end_by_date)

    # ------------------------------------------------------------------ workers

    def find_allocations(self):
        """Lead social workers: start and end joined by allocation id."""
        groups = {}
        for record in self.of("worker_allocated", "worker_ended"):
            groups.setdefault(record.get("allocation_id") or record.id, []).append(record)
        allocations = []
        for name, records in groups.items():
            started = [r for r in records if r.type == "worker_allocated" and r.get("role") == "LEAD_SW"]
            ended = [r.date("ended_on") for r in records if r.type == "worker_ended"]
            if started:
                first = min(started, key=lambda record: record.date("allocated_on"))
                allocations.append(Span(id=name, worker=first.worker_ref, start=first.date("allocated_on"),
                                        end=min(ended, default=None)))
        return sorted(allocations, key=lambda allocation: (allocation.start, allocation.id))
