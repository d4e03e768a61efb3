"""Children looked after and care leavers: which visit rule a placement is under, reviews, health, plans, advisers."""

from datetime import date

from book import Part, days, months, reads
from facts import End, Span, day

ADOPTION_PLACES = ("A3", "A4", "A5", "A6")
SHORT_BREAKS = ("V3", "V4")
WEEKLY_FIRST = {"LA-05": 42, "LA-06": 28, "LA-07": 42}


# -------------------------------------------------------------------- visits

class Phase:
    """A part of a placement under one class of visit rule: from `start`, not including `end`."""

    def __init__(self, run, name, start, end, first):
        self.run, self.name, self.start, self.end, self.first = run, name, start, end, first


def place_on(run, on):
    """Where the child is placed; a temporary stay inside the placement is no other place."""
    lasting = [s for s in run.stays if s.start <= on and s.place not in ("T0", "T1", "T2", "T3", "T4")]
    return (lasting or run.stays[:1])[-1].place


def legal_on(b, run, on):
    return b.v.value(run.records, "ls", on) or b.v.value(run.care.records, "ls", on)


def family(b, run, on):
    """The first that matches (domain 2.2)."""
    place, legal = place_on(run, on), legal_on(b, run, on)
    if place in ADOPTION_PLACES:
        return "LA-08"
    if legal in SHORT_BREAKS:
        return "LA-10"
    if b.v.value(run.records, "reg24", on) == "Y" or (place == "P1" and legal == "C1"):
        return "LA-06"
    if b.v.value(run.records, "reg19", on) == "Y":
        return "LA-05"
    if place == "P1" and legal == "C2":
        return "LA-07"
    if b.has("LA-04") and b.v.value(run.records, "long_term_agreed", on) == "Y":
        return "LA-04"
    return "LA-01"


def phases(b):
    """Every placement, cut where its class changes (readings 13)."""
    if not hasattr(b, "phases"):
        b.phases = [phase for run in b.v.runs for phase in phases_of(b, run)]
    return b.phases


def phases_of(b, run):
    records = run.records + run.care.records
    cuts = sorted({r.day for r in records if r.day > run.start and (run.end is None or r.day < run.end)})
    found = []
    for on in [run.start] + cuts:
        name = family(b, run, on)
        if not found or found[-1].name != name:
            if found:
                found[-1].end = on
            found.append(Phase(run, name, on, run.end, not found))
    return found


def placement_visits(b, run, kinds="CLA"):
    """By a social worker, in the placement (readings 28, 29)."""
    visits = b.in_placement(b.statutory_visits(kinds, ("placement_id", run.ids)))
    return [visit.day for visit in visits if visit.day >= run.start]


def care_plans(b, on):
    """Those that are open on the day from which an interval counts, their last day included (readings 20)."""
    return [plan for plan in b.plans("CLA") if plan.start <= on and (plan.end is None or on <= plan.end)]


def reviews_in(b, run, *kinds):
    """Reviews held in this placement (readings 11)."""
    return [r.day for r in b.held_reviews(kinds) if r.day >= run.start and (run.end is None or r.day <= run.end)]


@reads("LA-04", off=True)
@reads("LA-01", "LA-02", "LA-03", "LA-05", "LA-06", "LA-07", "LA-08", "LA-10")
def placement_family(b):
    for phase in phases(b):
        run = phase.run
        kinds = "CLA ADOPTION" if phase.name == "LA-08" else "CLA"
        visits = [on for on in placement_visits(b, run, kinds) if on >= phase.start]
        if phase.name == "LA-10":
            yield from short_breaks(b, phase, visits)
            continue

        def rule(anchor, number, phase=phase):
            return base_rule(b, phase, anchor, number) if phase.name == "LA-01" else phase.name

        def due(anchor, number, phase=phase):
            name = rule(anchor, number)
            policy = limit(b, phase, name, anchor, number)
            return b.stricter(name, care_plans(b, anchor), anchor, policy, phase.run.ids)

        yield from b.chain(rule, "placement", run.id, phase.start, visits, due, phase)


def base_rule(b, phase, anchor, number):
    """The first seven days of the placement; then its first year, or a later one (domain 2.2; readings 9, 10)."""
    run = phase.run
    if number == 0 and anchor < run.start + days(7):
        return "LA-01"
    return "LA-02" if anchor < months(run.start, 12) else "LA-03"


def limit(b, phase, name, anchor, number):
    run = phase.run
    if name == "LA-01":
        return anchor + days(7)
    if name == "LA-02":
        return anchor + days(42)
    if name == "LA-03":
        lasting = b.v.value(run.records, "intended_until_18", anchor) == "Y"
        return months(anchor, 3) if lasting else anchor + days(42)
    if name == "LA-04":
        if number == 0:
            return anchor + days(7)
        return months(anchor, 6) if anchor >= months(run.start, 12) else anchor + days(42)
    if name == "LA-07":
        return anchor + days(42 if number else 7)
    if name == "LA-08":
        return adoption_limit(b, phase, anchor)
    reviewed = any(on <= anchor for on in reviews_in(b, run, "CLA"))
    return anchor + days(WEEKLY_FIRST[name] if reviewed else 7)


def adoption_limit(b, phase, anchor):
    """Weekly to the first review; then as decided; weekly where nothing was (readings 12)."""
    if any(on <= anchor for on in reviews_in(b, phase.run, "CLA", "ADOPTION")):
        return agreed(b, "LA-08", phase.run, anchor) or anchor + days(7)
    return anchor + days(7)


def agreed(b, rule, run, on):
    """Until when, of a rule that has no number of its own: the strictest of what the care plans and an override say."""
    due = b.stricter(rule, care_plans(b, on), on, date.max, run.ids)
    return due if due != date.max else None


def short_breaks(b, phase, visits):
    """As agreed with IRO and parents; without a frequency there is a gap, and no clock."""
    anchor = phase.start
    for met in [*visits, None]:
        due = agreed(b, "LA-10", phase.run, anchor)
        if due:
            yield b.duty("LA-10", "placement", phase.run.id, due, met, phase)
        anchor = met


@reads("LA-09")
def la_09(b):
    """A request or a regulator's notice is told as an override of LA-09: a visit within 7 days of it."""
    for asked in b.v.of("schedule_override"):
        run = b.v.run_on(asked.day)
        if asked.get("rule") != "LA-09" or run is None:
            continue
        if asked.get("placement_id") and asked.get("placement_id") not in run.ids:
            continue
        met = min([on for on in placement_visits(b, run, "CLA ADOPTION") if on >= asked.day], default=None)
        yield b.duty("LA-09", "placement", run.id, asked.day + days(7), met, run)


# -------------------------------------------------------------------- reviews and permanence

def care_reviews(b, care):
    """A review on the first day of care counts (readings 7)."""
    return [r for r in b.held_reviews(("CLA",)) if r.day >= care.start and (care.end is None or r.day <= care.end)]


@reads("LA-11", "LA-12", "LA-13")
def reviews_of_care(b):
    def due(anchor, number):
        return b.wd.after(anchor, 20) if number == 0 else months(anchor, 3 if number == 1 else 6)

    for care in b.v.care:
        yield from b.review_chain(lambda anchor, number: ("LA-11", "LA-12", "LA-13")[min(number, 2)], care.kind, care.id,
                                  care.start, care_reviews(b, care), due, care)


@reads("LA-14")
def la_14(b):
    for care in b.v.care:
        told = [r.day for r in b.v.of("plan_started", "plan_changed", "plan_ended", "plan_review")
                if r.get("permanence_plan") and r.day >= care.start and (care.end is None or r.day <= care.end)]
        reviews = care_reviews(b, care)
        if len(reviews) >= 2:
            yield b.duty("LA-14", care.kind, care.id, reviews[1].day, min(told, default=None), care)
        if not told and (len(reviews) < 2 or reviews[1].day >= b.v.today):
            yield from b.warning("LA-14", care.kind, care.id, months(care.start, 3), b.is_open(care))


def banded(b, young, old, anchor):
    """Months by the age at the last meeting or assessment (readings 15)."""
    fifth = b.v.age(5)
    return months(anchor, young if anchor < fifth.on else old)


@reads("LA-15")
def la_15(b):
    if b.v.born is None:
        return  # no age, no band, no clock (as readings 8)
    held = [m.day for m in b.meetings("PPM")] + [r.day for r in b.held_reviews(("PPM",))]
    for care in b.v.care:
        mine = sorted(on for on in held if on >= care.start)
        yield from b.chain("LA-15", care.kind, care.id, care.start, mine,
                           lambda anchor, _: banded(b, 1, 3, anchor), care)


@reads("LA-16", "LA-16P")
def la_16(b):
    reviews = b.held_reviews(("ADOPTION",))
    for phase in phases(b):
        if phase.name == "LA-08":
            mine = [r for r in reviews if r.day >= phase.start]

            def due(anchor, number):
                return anchor + days(28) if number == 0 else months(anchor, 3 if number == 1 else 6)

            yield from b.review_chain("LA-16P", "placement", phase.run.id, phase.start, mine, due, phase)
    for care in b.v.care:
        for start, end in authority_to_place(b, care):
            mine = [r for r in reviews if r.day >= start]
            yield from b.review_chain("LA-16", care.kind, care.id, start, mine,
                                      lambda anchor, number: months(anchor, 6 if number else 3), Part(end))


def authority_to_place(b, care):
    """Parts of care under a placement order, the child not placed for adoption yet."""
    placed = [phase for phase in phases(b) if phase.name == "LA-08" and phase.run.care is care]
    cuts = {care.start} | {r.day for r in care.records if r.day > care.start}
    cuts |= {on for phase in placed for on in (phase.start, phase.end) if on is not None}
    found, since = [], None
    for on in sorted(on for on in cuts if care.end is None or on < care.end):
        waiting = b.v.value(care.records, "ls", on) == "E1" and not any(
            phase.start <= on and (phase.end is None or on < phase.end) for phase in placed)
        if waiting and since is None:
            since = on
        if not waiting and since is not None:
            found.append((since, on))
            since = None
    return found + ([(since, care.end)] if since is not None else [])


# -------------------------------------------------------------------- health and placement plans

def assessments(b, care, *kinds):
    return [r.day for r in b.v.of("health_assessment") if r.get("kind") in kinds and r.day >= care.start]


@reads("HA-01")
def ha_01(b):
    for care in b.v.care:
        met = min(assessments(b, care, "IHA"), default=None)
        yield b.duty("HA-01", care.kind, care.id, b.wd.after(care.start, 20), met, care)


@reads("HA-02", "HA-02D")
def ha_02(b):
    """From the last assessment; the dental check from the start of care."""
    for care in b.v.care:
        held = assessments(b, care, "IHA", "RHA")
        if held and b.v.born is not None:
            yield from b.chain("HA-02", care.kind, care.id, held[0], held[1:],
                               lambda anchor, _: banded(b, 6, 12, anchor), care)
        yield from b.chain("HA-02D", care.kind, care.id, care.start, assessments(b, care, "DENTAL"),
                           lambda anchor, _: months(anchor, 12), care)


@reads("PP-01")
def pp_01(b):
    """A plan that names the placement, made before it or within 5 working days."""
    for run in b.v.runs:
        made = [plan.start for plan in b.plans("PLACEMENT")
                if b.v.value(plan.history, "placement_id", b.v.today) in run.ids]
        yield b.duty("PP-01", "placement", run.id, b.wd.after(run.start, 5), min(made, default=None), run)


# -------------------------------------------------------------------- care leavers

def out_of_care(b, start, end):
    """The parts of start..end on which the young person is not in care (readings 17): (first day, end)."""
    since = start
    for care in sorted(b.v.care, key=lambda one: one.start):
        if care.end is not None and care.end <= since:
            continue
        if care.start > since:
            yield since, min(on for on in (care.start, end) if on is not None)
        if care.end is None:
            return
        since = care.end
        if end is not None and since >= end:
            return
    yield since, end


def until_25(b, record):
    return b.until(record, b.v.closing(record.at), b.v.age(25))


def homes(b):
    """Accommodation of a care leaver: (record, its end)."""
    for record in b.v.of("accommodation_provided"):
        span = until_25(b, record)
        ended = day(record.get("ended_on"))
        if ended and b.clock.reached_day(ended) and (span.end is None or ended < span.end):
            span.end = max(ended, record.day)
        yield record, span.end


@reads("CL-01", "CL-02V")
def adviser_visits_owed(b):
    """7 days from each accommodation that the authority provides, once out of care; then, while it does, every two months."""
    visits = [v.day for v in b.seen_visits("PA")]
    for record, ends in homes(b):
        if record.get("provided_by_la") == "N":
            continue
        for start, end in out_of_care(b, record.day, ends):
            mine = [on for on in visits if on >= start and (end is None or on <= end)]
            yield b.duty("CL-01", "child", "", start + days(7), min(mine, default=None), Part(end))
            if mine and record.get("provided_by_la") == "Y":
                yield from b.chain("CL-02V", "child", "", mine[0], mine[1:], lambda anchor, _: months(anchor, 2), Part(end))


@reads("CL-02")
def cl_02(b):
    """Contact of any kind that finds the young person in touch, or a visit that did."""
    touched = [r.day for r in b.v.of("pa_contact") if r.get("in_touch") == "YES"]
    touched += [v.day for v in b.v.of("visit_done") if v.get("visit_type") == "PA" and v.get("child_seen") == "Y"
                and v.get("attempt_result") in (None, "SEEN")]
    for plan in b.plans("PATHWAY"):
        for start, end in out_of_care(b, plan.start, leaver_span(b, plan).end):
            yield from b.chain("CL-02", "plan", plan.id, start, sorted(on for on in touched if on >= start),
                               lambda anchor, _: anchor + days(56), Part(end))


def leaver_span(b, plan):
    """A pathway plan ends itself, at 25, or by death."""
    span = Span(start=plan.start, start_at=plan.start_at)
    own = [End(plan.end_at, plan.end)] if plan.end is not None else []
    return b.v.close(span, *own, b.v.age(25))


@reads("CL-03")
def cl_03(b):
    for plan in b.plans("PATHWAY"):
        reviews = [r for r in b.held_reviews(("PATHWAY",), plan.id) if r.day >= plan.start]
        yield from b.review_chain("CL-03", "plan", plan.id, plan.start, reviews,
                                  lambda anchor, _: months(anchor, 6), leaver_span(b, plan))


@reads("CL-04")
def cl_04(b):
    sixteenth = b.v.age(16)
    if sixteenth is None or not b.clock.reached_day(sixteenth.on):
        return
    made = min([plan.start for plan in b.plans("PATHWAY")], default=None)
    for care in b.v.care:
        if care.end is None or care.end > sixteenth.on:
            yield b.duty("CL-04", care.kind, care.id, months(max(care.start, sixteenth.on), 3), made, care)
