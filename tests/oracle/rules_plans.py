"""Child protection, child in need and private fostering: conferences, core groups, visits, reviews, durations."""

from book import CANCELLED, FLAG, MET, Duty, Part, days, months, reads
from facts import day


# -------------------------------------------------------------------- conferences

def initiated(b, s47):
    """The day of the strategy meeting that initiated an enquiry (readings 5), else its own first day."""
    meetings = b.meetings("STRATEGY")
    linked = [m for m in meetings if m.get("initiated_s47") == "Y" and m.get("s47_id")
              and m.get("s47_id") == s47.get("s47_id")]
    linked += [m for m in meetings if m.get("meeting_id") and m.get("meeting_id") == s47.get("meeting_id")]
    if linked:
        return max(m.day for m in linked)
    unlinked = [m.day for m in meetings if m.get("s47_id") in (None, s47.get("s47_id"))]
    return max([on for on in unlinked if on <= s47.day], default=s47.day)


def conferences(b, s47):
    return [c for c in b.v.of("conference_icpc") if c.get("transfer_in") != "Y" and c.day >= s47.day
            and (not c.get("s47_id") or c.get("s47_id") == s47.get("s47_id"))]


@reads("CP-01")
def cp_01(b):
    for s47 in b.v.of("s47_started"):
        if s47.get("icpc_not_required") == "Y" and b.clock.reached(s47.recorded_at or s47.at):
            continue
        start, name = initiated(b, s47), s47.get("s47_id")
        held = [c.day for c in conferences(b, s47)]
        span = b.until(s47, b.v.closing(s47.at), b.v.age(18))
        yield b.duty("CP-01", "s47", name or s47.id, b.wd.after(start, 15), min(held, default=None), span)


def closing_conference(b, s47):
    """The conference that ended the enquiry, unless something else ended it before."""
    first = min(conferences(b, s47), key=lambda c: c.at, default=None)
    others = [end.at for end in (b.v.closing(s47.at), b.v.age(18), b.v.death) if end is not None]
    if s47.get("icpc_not_required") == "Y":
        others.append(s47.recorded_at or s47.at)
    return first if first is not None and first.at <= min(others, default=first.at) else None


@reads("CP-01T")
def cp_01t(b):
    """Case 17: a target date, supplied with the enquiry or the conference that ended it, that is not the due date."""
    for s47 in b.v.of("s47_started"):
        due = b.wd.after(initiated(b, s47), 15)
        told = [day(r.get("initial_cpc_target")) for r in (s47, closing_conference(b, s47)) if r is not None]
        if any(target is not None and target != due for target in told):
            yield Duty("CP-01T", "s47", s47.get("s47_id") or s47.id, due, FLAG)


@reads("CP-02")
def cp_02(b):
    """A record with the notice and without the date of a conference is the notice alone."""
    records = [c for c in b.v.of("conference_icpc") if c.get("transfer_in") == "Y"]
    held = [c.day for c in records if c.get("date_of_initial_cpc") or not c.get("transfer_in_notice_received")]
    for record in records:
        noticed = day(record.get("transfer_in_notice_received"))
        if noticed is None or not b.clock.reached_day(noticed):
            continue
        met = min([on for on in held if on >= noticed], default=None)
        span = b.until(record, b.v.closing(record.at), b.v.age(18))
        yield b.duty("CP-02", "child", "", b.wd.after(noticed, 15), met, span)


def conference(b, plan):
    """The latest initial conference on or before the plan's start, else that start (readings 6)."""
    held = [c.day for c in b.v.of("conference_icpc") if c.get("transfer_in") != "Y" and c.get("result") != "NO_PLAN"]
    return max([on for on in held if on <= plan.start], default=plan.start)


@reads("CP-03", "CP-04")
def core_groups(b):
    for plan in b.plans("CP"):
        start = conference(b, plan)
        groups = [m.day for m in b.meetings("CORE_GROUP")
                  if m.day >= plan.start and m.get("plan_id") in (None, plan.id)]
        yield from b.chain(lambda anchor, number: "CP-04" if number else "CP-03", "plan", plan.id, start, groups,
                           lambda anchor, number: anchor + days(42) if number else b.wd.after(anchor, 10), plan)
        if groups and groups[-1] + days(42) >= b.v.today:
            yield from b.warning("CP-04", "plan", plan.id, groups[-1] + days(28), b.is_open(plan))


@reads("CP-05", "CP-06")
def review_conferences(b):
    for plan in b.plans("CP"):
        start = conference(b, plan)
        reviews = [r for r in b.held_reviews(("RCPC",), plan.id) if r.day > plan.start]
        yield from b.review_chain(lambda anchor, number: "CP-06" if number else "CP-05", "plan", plan.id, start, reviews,
                                  lambda anchor, number: anchor + days(183 if number else 91), plan)


@reads("CP-10", off=True)
def cp_10(b):
    """A child born on a plan: a review within 20 working days of the birth."""
    for plan in b.plans("CP"):
        if b.v.born and plan.start < b.v.born and b.clock.reached_day(b.v.born):
            held = [r.day for r in b.held_reviews(("RCPC",), plan.id) if r.day >= b.v.born]
            yield b.duty("CP-10", "plan", plan.id, b.wd.after(b.v.born, 20), min(held, default=None), plan)


# -------------------------------------------------------------------- visits

def from_birth(b, on):
    """A visit at which the child is seen can be owed from birth on only (domain 4.15)."""
    return max(on, b.v.birth) if b.v.birth else on


@reads("CP-07")
def cp_07(b):
    for plan in b.plans("CP"):
        if b.v.unborn:
            continue
        start = from_birth(b, plan.start)
        visits = [v.day for v in b.statutory_visits("CP", ("plan_id", {plan.id})) if v.day >= start]
        yield from b.chain("CP-07", "plan", plan.id, start, visits,
                           lambda anchor, number: b.stricter("CP-07", [plan], anchor, b.wd.after(anchor, 10)), plan)


@reads("CP-08")
def cp_08(b):
    fourth = b.v.age(4)  # unknown birth date: no clock (readings 8)
    if fourth is None or not b.clock.reached_day(fourth.on):
        return
    for plan in b.plans("CP"):
        if plan.end is not None and plan.end <= fourth.on:
            continue
        start = max(plan.start, fourth.on)
        alone = [v.day for v in b.statutory_visits("CP", ("plan_id", {plan.id}))
                 if v.day >= plan.start and v.get("child_seen_alone") == "Y"]
        yield from b.chain("CP-08", "plan", plan.id, start, [on for on in alone if on >= start],
                           lambda anchor, number: b.stricter("CP-08", [], anchor, anchor + days(42)), plan)


@reads("CP-09", off=True)
def cp_09(b):
    """Alternate visits, preset "2 visits": counted in visits, not in days, so that no day is due. Two statutory visits since
    the last at which the bedroom was seen (or since the plan began) without seeing it, until it is seen."""
    for plan in b.plans("CP"):
        visits = [v for v in b.statutory_visits("CP", ("plan_id", {plan.id}))
                  if v.day >= plan.start and (plan.end is None or v.day <= plan.end)]
        seen = [v.day for v in visits if v.get("bedroom_seen") == "Y"]
        unseen = [v.day for v in visits if v.get("bedroom_seen") != "Y"]
        row = [on for on in unseen if on > max(seen, default=plan.start - days(1))]
        if len(row) >= 2 and plan.end is None:
            yield b.reached_threshold("CP-09", "plan", plan.id, row[1])
        elif len(unseen) >= 2:
            yield Duty("CP-09", "plan", plan.id, unseen[1], MET)  # seen since, no row, or over


# -------------------------------------------------------------------- how long, how often

@reads("CP-11")
def cp_11(b):
    for plan in b.plans("CP"):
        limit = months(plan.start, 18)
        yield b.duty("CP-11", "plan", plan.id, limit, None, plan)
        if limit >= b.v.today:
            yield from b.warning("CP-11", "plan", plan.id, months(plan.start, 15), b.is_open(plan))


@reads("CP-12")
def cp_12(b):
    """Live while a plan is open that began within 24 months of an earlier one's end; the flag says ever."""
    plans = b.plans("CP")
    for plan in plans:
        earlier = [other.end for other in plans if other is not plan and other.end is not None
                   and other.start_at < plan.start_at and other.end <= plan.start]
        said = b.v.value(plan.history, "number_of_previous_cpp", b.v.today)
        if earlier or count_of(said):
            yield Duty("CP-12", "plan", plan.id, plan.start, FLAG)
        if earlier and plan.start <= months(max(earlier), 24):
            if b.is_open(plan):
                yield b.reached_threshold("CP-12", "plan", plan.id, plan.start)
            else:
                yield Duty("CP-12", "plan", plan.id, plan.start, CANCELLED)
        elif earlier:
            yield Duty("CP-12", "plan", plan.id, plan.start, MET)


def count_of(value):
    return int(value.get("value", 0)) if isinstance(value, dict) else int(value or 0)


# -------------------------------------------------------------------- children in need

def active(b, plan, rests):
    """The parts of a child in need plan that no stricter plan covers (readings 19): (first day, rest before?, end)."""
    parts, since, rested = [], plan.start, False
    for rest in sorted(rests, key=lambda span: span.start_at):
        if rest.start_at > plan.start_at and (rest.start > since or not rested):
            parts.append((since, rested, rest.start))
        if rest.end_at is None:
            return parts
        since, rested = max(since, rest.end), True
    ended = max((rest.end_at for rest in rests), default=None)
    if ended is None or plan.end_at is None or ended < plan.end_at:  # else it rested to its own end
        parts.append((since, rested, plan.end))
    return parts


@reads("CN-01")
def cn_01(b):
    if b.v.unborn:
        return
    stricter = b.plans("CP") + b.v.care
    for plan in b.plans("CIN"):
        visits = [v.day for v in b.seen_visits("CIN", link=("plan_id", {plan.id}))]
        looked_after = b.statutory_visits("CLA")
        others = [v.day for v in b.statutory_visits("CP") + b.in_placement(looked_after)]
        rests = [span for span in stricter if (span.end_at is None or span.end_at > plan.start_at)
                 and (plan.end_at is None or span.start_at < plan.end_at)]
        first = from_birth(b, plan.start)
        for since, rested, end in active(b, plan, rests):
            end = end if plan.end is None or end is not None and end < plan.end else plan.end
            anchor = max([first] + [on for on in visits + (others if rested else []) if first <= on <= since])
            later = sorted(on for on in visits if on > max(since, anchor) and (end is None or on <= end))
            for duty in b.chain("CN-01", "plan", plan.id, anchor, later,
                                lambda anchor, _: b.stricter("CN-01", [plan], anchor, b.wd.after(anchor, 20)), Part(end)):
                if rested and duty.breached_on is not None:
                    duty.breached_on = max(duty.breached_on, since)  # nothing was owed while it rested
                yield duty


@reads("CN-02")
def cn_02(b):
    for plan in b.plans("CIN"):
        reviews = [r for r in b.held_reviews(("CIN",), plan.id) if r.day > plan.start]
        yield from b.review_chain("CN-02", "plan", plan.id, plan.start, reviews,
                                  lambda anchor, number: anchor + days(84 if number else 42), plan)


@reads("CN-03")
def cn_03(b):
    for plan in b.plans("CIN"):
        limit = months(plan.start, 12)
        yield b.duty("CN-03", "plan", plan.id, limit, None, plan)
        if limit >= b.v.today:
            yield from b.warning("CN-03", "plan", plan.id, months(plan.start, 9), b.is_open(plan))


# -------------------------------------------------------------------- private fostering

@reads("PF-01", "PF-02", "PF-03")
def fostering(b):
    for plan in b.plans("PF"):
        noticed, aware = plan.notified_on or plan.start, plan.aware_on or plan.start
        first = min(noticed, plan.start)
        seen = sorted(v.day for v in b.seen_visits("PF", link=("plan_id", {plan.id})))
        second = [on for on in seen if on >= min(aware, plan.start)]

        def rule(anchor, aware=aware):
            return "PF-02" if anchor < months(aware, 12) else "PF-03"

        def due(anchor, plan=plan):
            name = rule(anchor)
            return b.stricter(name, [plan], anchor, anchor + days(42 if name == "PF-02" else 84))

        met = min([on for on in seen if on >= first], default=None)
        yield b.duty("PF-01", "plan", plan.id, b.wd.after(noticed, 7), met, plan)
        for anchor, met in zip(second, second[1:] + [None]):
            yield b.duty(rule(anchor), "plan", plan.id, due(anchor), met, plan)


@reads("CP-13")
def cp_13(b):
    """Two visits in a row at which nobody was let in or the child was not seen go to a manager the same day (domain 4.12)."""
    for plan in b.plans("CP"):
        tried = [v for v in b.v.of("visit_done") if v.get("visit_type") == "CP" and v.get("mode") == "F2F"
                 and v.get("by_role") in (None, "SW") and v.get("plan_id") in (None, plan.id)
                 and v.day >= plan.start and (plan.end is None or v.day <= plan.end)]
        failed = [v.day for v in tried if v.get("attempt_result") in ("NOT_SEEN", "NO_ACCESS")]
        went_well = [v.day for v in tried if v.get("attempt_result") == "SEEN"
                     or (v.get("child_seen") == "Y" and v.get("attempt_result") is None)]
        row = [on for on in failed if on > max(went_well, default=plan.start - days(1))]
        if len(row) >= 2 and plan.end is None:
            yield b.reached_threshold("CP-13", "plan", plan.id, row[1])
        elif len(failed) >= 2:
            yield Duty("CP-13", "plan", plan.id, failed[1], MET)  # answered, no row, or over
