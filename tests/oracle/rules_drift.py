"""Missing episodes, supervision, workers, silence, standstill: what shows that a case drifts."""

from book import CANCELLED, FLAG, LATE, MET, MET_LATE, RUNNING, SUPERSEDED, Duty, Part, asked, days, months, reads
from facts import HOUR, london_date, midnight
from rules_front import steps

MEETINGS_ON_MISSING = ("STRATEGY", "RMM", "INTERVENTION")
CONTENT = ("why", "where", "with_whom", "harm", "safety_plan")
# not CP-09: both visits took place, and what was not looked at there is never overdue
VISITS_AND_REVIEWS = frozenset(("CP-05", "CP-06", "CP-07", "CP-08", "CP-10", "CN-01", "CN-02", "LA-01", "LA-02", "LA-03",
                      "LA-04", "LA-05", "LA-06", "LA-07", "LA-08", "LA-09", "LA-10", "LA-11", "LA-12", "LA-13", "LA-16",
                      "PF-01", "PF-02", "PF-03", "CL-01", "CL-02", "CL-03"))


# -------------------------------------------------------------------- missing

def counted_episodes(b):
    """Missing, not away: of all that was said about it the gravest counts (readings 43)."""
    return [episode for episode in b.v.episodes
            if not episode.categories or episode.categories - {"A", "NO_APPARENT_RISK"}]


def elapsed(start, hours, by_date):
    """The last instant in time; when only the date is known, the end of that many days after it."""
    if by_date:
        return midnight(london_date(start) + days(hours // 24 + 1)) - 1
    return start + hours * HOUR


@reads("MI-01")
def mi_01(b):
    for episode in counted_episodes(b):
        due = elapsed(episode.start_at, 24, episode.by_date)
        ended = episode.end_at if episode.by_code is None else episode.by_code.at
        if episode.open:
            state = LATE if b.clock.reached(due + 1) else RUNNING
        else:
            state = (MET if episode.came_back else CANCELLED) if ended <= due else (
                MET_LATE if episode.came_back else SUPERSEDED)
        yield Duty("MI-01", "episode", episode.id, due, state)


def dead(b):
    return b.v.death is not None and b.clock.reached(b.v.death.at)


@reads("MI-02")
def mi_02(b):
    for episode in counted_episodes(b):
        if not episode.came_back:
            continue
        due = elapsed(episode.end_at, 72, episode.end_by_date)
        answers = [rhi for rhi in b.v.of("rhi") if interview_answers(rhi, episode, due)]
        if dead(b) and not answers:
            state = CANCELLED
        elif answers:
            state = MET if interview_in_time(answers[0], due) else MET_LATE
        else:
            state = LATE if b.clock.reached(due + 1) else RUNNING
        yield Duty("MI-02", "episode", episode.id, due, state)


def about(rhi, episode):
    """An interview is about the episodes that it names; one that names none is about any; never before the return."""
    named = set(rhi.body.get("episode_ids") or [])
    if rhi.get("episode_id"):
        named.add(rhi.get("episode_id"))
    if named and not named & episode.ids:
        return False
    by_date = rhi.by_date or episode.end_by_date
    return rhi.day >= episode.end if by_date else rhi.at >= episode.end_at


def interview_in_time(rhi, due):
    return rhi.day <= london_date(due) if rhi.by_date else rhi.at <= due


def interview_answers(rhi, episode, due):
    """Held, or declined inside 72 hours (readings 33)."""
    if not about(rhi, episode):
        return False
    if rhi.get("stage") in ("HELD", "AUTHORISED"):
        return True
    return rhi.get("stage") == "DECLINED" and interview_in_time(rhi, due)


@reads("MI-06")
def mi_06(b):
    """What the record of the return has to say, or why there is none (readings 34)."""
    for episode in counted_episodes(b):
        if not episode.came_back:
            continue
        met = None
        for rhi in b.v.of("rhi"):
            full = rhi.get("stage") in ("HELD", "AUTHORISED") and all(rhi.get(name) == "Y" for name in CONTENT)
            refused = rhi.get("stage") == "DECLINED" and rhi.get("reason_declined")
            if met is None and (full or refused) and about(rhi, episode):
                met = rhi.day
        yield b.duty("MI-06", "episode", episode.id, b.wd.after(episode.end, 3), met, Part(b.v.death.on) if dead(b) else None)


def crossings(b):
    """Starts that are at least the third within 90 days."""
    starts = [episode.start for episode in counted_episodes(b)]
    return [at for place, at in enumerate(starts) if place >= 2 and (at - starts[place - 2]).days <= 90]


def meetings_on_missing(b):
    return [m.day for m in b.meetings(*MEETINGS_ON_MISSING)]


@reads("MI-03")
def mi_03(b):
    held, grown = meetings_on_missing(b), grown_up(b)
    unanswered = [at for at in crossings(b) if not any(on >= at for on in held)]
    for at in crossings(b):
        met = any(on >= at for on in held)
        yield Duty("MI-03", "child", "", min(unanswered, default=at), MET if met else CANCELLED if grown else LATE)


@reads("MI-05")
def mi_05(b):
    for at in crossings(b):
        met = min([on for on in meetings_on_missing(b) if on >= at], default=None)
        yield b.duty("MI-05", "child", "", b.wd.after(at, 5), met, grown_up(b))


def grown_up(b):
    """A span that ended at 18 or by death; None while neither has come."""
    ends = [end for end in (b.v.age(18), b.v.death) if end is not None and b.clock.reached(end.at)]
    return Part(min(ends, key=lambda end: end.at).on) if ends else None


@reads("MI-04", "MI-04R")
def mi_04(b):
    episodes = counted_episodes(b)
    for episode in episodes:
        due = elapsed(episode.start_at, 24, episode.by_date)
        if episode.open:
            yield Duty("MI-04", "episode", episode.id, due, LATE if b.clock.reached(due + 1) else RUNNING)
        else:
            ended = episode.end_at if episode.by_code is None else episode.by_code.at
            yield Duty("MI-04", "episode", episode.id, due, MET if ended <= due else MET_LATE)
    inside = [episode.start for episode in episodes if not b.clock.reached_day(episode.start + days(29))]
    if len(inside) >= 2 and grown_up(b) is None:
        yield b.reached_threshold("MI-04R", "child", "", inside[1])
    elif len(episodes) == 1:
        yield Duty("MI-04R", "child", "", episodes[0].start, MET)


@reads("MI-07", off=True)
def mi_07(b):
    """A looked-after child missing for the first time, and no form held: within a day of the start."""
    for episode in counted_episodes(b)[:1]:
        care = [one for one in b.v.care if one.start_at <= episode.start_at
                and (one.end_at is None or one.end_at > episode.start_at)]
        held = [r for r in b.v.of("missing_episode") if (r.get("episode_id") or r.id) in episode.ids
                and r.get("philomena_held") == "Y"]
        if care and not held and episode.open:
            yield b.duty("MI-07", "episode", episode.id, episode.start, None, None)


@reads("MI-08")
def mi_08(b):
    """A placement, care or childhood that ended while the child was missing: an error in the data."""
    ends = [span.end_at for span in b.v.runs + b.v.care if span.end_at is not None]
    adult = b.v.age(18)
    if adult is not None and b.clock.reached(adult.at):
        ends.append(adult.at)
    for episode in b.v.episodes:
        if any(episode.start_at < at and (episode.end_at is None or at < episode.end_at) for at in ends):
            yield Duty("MI-08", "episode", episode.id, episode.start, FLAG)


# -------------------------------------------------------------------- supervision, notes, audits

def in_proceedings(b, care):
    """Since when an interim care order holds, if it does today (or did when care ended): readings 21."""
    as_of = care.end or b.v.today
    since = None
    for on in sorted({care.start, as_of} | {r.day for r in care.records if r.day <= as_of}, reverse=True):
        if b.v.value(care.records, "ls", on) != "C1":
            break
        since = on
    return since


def applied_for(b):
    """Since when an application stands without a final order (readings 21), the case not closed: (first day, end or None)."""
    for application in steps(b, "COURT_APPLICATION"):
        final = [r.day for r in steps(b, "FINAL_ORDER", of=application)]
        final += [r.day for r in b.v.of("legal_changed", "placement_started")  # readings 39
                  if r.get("ls") in ("C2", "E1") and r.day >= application.day]
        final += [r.day for r in b.v.closures if r.at >= application.at]
        yield application.day, min(final, default=None)


def limits(b):
    """Spans under which a child is supervised every 28 and every 42 days."""
    orders = [(in_proceedings(b, care), care.end) for care in b.v.care]
    for care in b.v.care:
        for begun, final in applied_for(b):
            end = min([on for on in (care.end, final) if on is not None], default=None)
            if (care.end is None or begun < care.end) and (end is None or end > care.start):
                orders.append((max(begun, care.start), end))
    tight = [(plan.start, plan.end) for plan in b.plans("CP")] + [order for order in orders if order[0]]
    plans = [plan for kind in ("CIN", "CP", "CLA", "PF") for plan in b.plans(kind)]
    return [(28, tight), (42, [(span.start, span.end) for span in plans + b.v.care])]


@reads("SU-01")
def su_01(b):
    """28 days while it is tight, 42 under any plan: from the last supervision, or since that limit applies."""
    opened = b.case_opened()
    if opened is None:
        return
    held = sorted(held.day for held in b.v.of("supervision_held") if held.day >= opened)
    last = max([opened] + held)
    dues = [max(last, b.unbroken(spans)) + days(limit) for limit, spans in limits(b) if b.unbroken(spans)]
    if dues:
        yield b.duty("SU-01", "child", "", min(dues))
        for one, other in zip([opened] + held, held):  # for the count of what was met
            yield b.duty("SU-01", "child", "", one + days(42), other)


@reads("SU-02")
def su_02(b):
    for held in b.v.of("supervision_held"):
        if held.get("actions_reviewed") == "N":
            yield Duty("SU-02", "child", "", held.day, FLAG)


@reads("SU-03")
def su_03(b):
    """A note explains every missed visit and review, though it was made up for or its plan ended (readings 25, 35)."""
    notes = b.v.of("oversight_recorded")
    for name, _ in asked(b.present & VISITS_AND_REVIEWS):
        for duty in b.duties_of(name):
            rule = duty.rule[:5]
            if duty.breached_on is None or rule not in VISITS_AND_REVIEWS or rule not in b.present:
                continue
            answers = [note.day for note in notes if note.day >= duty.breached_on and names(note, rule)]
            yield b.duty("SU-03", duty.kind, duty.subject, b.wd.after(duty.breached_on, 2), min(answers, default=None),
                         Part(closed_after(b, duty.breached_on)))


def closed_after(b, on):
    """The day on which the case closed, or the child died, on or after a day; None while neither has."""
    ends = [closed.day for closed in b.v.closures if closed.day >= on]
    return min(ends + ([b.v.death.on] if dead(b) else []), default=None)


def names(note, rule):
    """A note answers the rule that it names; one that names no alert answers all."""
    if note.get("linked_rule"):
        return note.get("linked_rule") == rule
    return not note.get("linked_alert_id")


@reads("SU-04", off=True)
def su_04(b):
    """Preset: within 3 months of an inadequate grade its actions are evidenced, or the case is audited again."""
    for audit in b.v.of("audit_outcome"):
        if audit.get("grade") == "INADEQUATE":
            later = [r.day for r in b.v.of("audit_outcome") if r.order() > audit.order()
                     and (r.get("actions_evidenced") == "Y" or r.get("re_audit") == "Y")]
            met = audit.day if audit.get("actions_evidenced") == "Y" else min(later, default=None)
            yield b.duty("SU-04", "child", "", months(audit.day, 3), met, b.until(audit, b.v.closing(audit.at)))


# -------------------------------------------------------------------- workers

@reads("DR-01")
def dr_01(b):
    if b.case_opened() is None:
        return
    first = {}  # within the year
    for record in b.v.of("worker_allocated"):
        inside = not b.clock.reached_day(record.day + days(366))
        if record.get("role") == "LEAD_SW" and record.worker_ref and inside:
            first.setdefault(record.worker_ref, record.day)
    if len(first) >= 3:
        yield b.reached_threshold("DR-01", "child", "", sorted(first.values())[2])
    elif first:
        yield Duty("DR-01", "child", "", min(first.values()), MET)


@reads("DR-01V")
def dr_01v(b):
    if b.v.unborn:
        return
    for allocation in b.v.allocations:
        if not allocation.worker:
            continue
        start = max(allocation.start, b.v.birth) if b.v.birth else allocation.start
        visits = [v.day for v in b.seen_visits(worker=allocation.worker) if v.day >= start]
        yield b.duty("DR-01V", "child", "", b.wd.after(start, 10), min(visits, default=None), allocation)


@reads("DR-02")
def dr_02(b):
    allocations = b.v.allocations
    for one, following in zip(allocations, allocations[1:]):  # for the count of what was met
        if one.end is not None:
            yield b.duty("DR-02", "child", "", b.wd.after(one.end, 1), max(following.start, one.end))
    if not allocations or any(b.is_open(allocation) for allocation in allocations):
        return
    last = max(allocations, key=lambda allocation: allocation.end_at)
    opened = b.case_opened()
    if opened is None or opened > last.end or not last.ended_itself:
        return
    yield b.duty("DR-02", "child", "", b.wd.after(last.end, 1))


# -------------------------------------------------------------------- silence and change

@reads("DR-03")
def dr_03(b):
    limits = [21 for plan in b.plans("CP") if b.is_open(plan)]
    limits += [42 for plan in b.plans("CIN") if b.is_open(plan)]
    limits += [56 for care in b.v.care if b.is_open(care)]
    if limits:
        told = sorted({record.day for records in b.v.facts.values() for record in records if b.clock.reached(record.at)})
        yield b.duty("DR-03", "child", "", told[-1] + days(min(limits)))
        if len(told) > 1:  # for the count of what was met
            yield b.duty("DR-03", "child", "", told[-2] + days(min(limits)), told[-1])


def level_on(b, spans, on):
    """The highest level open on a day: 1 in need, 2 protection, 3 looked after, 0 none."""
    return max((level for level, span in spans if span.open_on(on)), default=0)


def level_changes(b):
    """[(day, level before, level from then on)]: from one level to another on one day (readings 38)."""
    if not hasattr(b, "changes"):
        spans = [(1, plan) for plan in b.plans("CIN")] + [(2, plan) for plan in b.plans("CP")]
        spans += [(3, care) for care in b.v.care]
        edges = sorted({on for _, span in spans for on in (span.start, span.end) if on is not None})
        b.changes = [(on, level_on(b, spans, on - days(1)), level_on(b, spans, on)) for on in edges]
        b.changes = [change for change in b.changes if change[1] != change[2]]
    return b.changes


@reads("DR-04", "DR-04C")
def dr_04(b):
    stepped = [on for on, before, after in level_changes(b) if before and after]
    inside = [on for on in stepped if not b.clock.reached_day(on + days(366))]
    if len(inside) >= 2 and b.case_opened() is not None:
        yield b.reached_threshold("DR-04", "child", "", inside[1])
    elif len(stepped) == 1:
        yield Duty("DR-04", "child", "", stepped[0], MET)
    changes = level_changes(b)
    for (on, before, after), following in zip(changes, changes[1:] + [None]):
        if before > after > 0 and not b.v.unborn:
            since = max(on, b.v.birth) if b.v.birth else on
            met = min([v.day for v in b.seen_visits() if v.day >= since], default=None)
            span = Part(following[0]) if following else None
            if span is None or since == on or since < span.end:
                yield b.duty("DR-04C", "child", "", b.wd.after(since, 20), met, span)


@reads("DR-05")
def dr_05(b):
    """From the last update, or the opening of the plan (readings 16)."""
    opened = b.unbroken(limits(b)[1][1])
    if opened is not None:
        updated = sorted(r.day for r in b.v.of("chronology_updated") if r.day >= opened)
        yield from b.chain("DR-05", "child", "", opened, updated, lambda anchor, _: anchor + days(84), Part(None))


def as_it_stood(b, plan, reviews, on):
    """What ST-01 compares, on a day. Blank means unchanged: the last word stands, whoever said it."""
    told = plan.history + reviews
    frequency = b.v.value(told, "visit_frequency", on) or {}
    return (b.v.value(told, "latest_category", on), b.v.value(told, "permanence_plan", on),
            frequency.get("days"), frequency.get("unit"), b.v.run_on(on))


@reads("ST-01")
def st_01(b):
    for plan in b.v.plans:
        if plan.type not in ("CIN", "CP", "CLA") or plan.temporary or not b.is_open(plan):
            continue
        reviews = [r for r in b.held_reviews(("CIN", "RCPC", "CLA"), plan.id) if r.day >= plan.start]
        stalls = [one.get("outcome") == "CONTINUE" and other.get("outcome") == "CONTINUE"
                  and as_it_stood(b, plan, reviews, one.day) == as_it_stood(b, plan, reviews, other.day)
                  for one, other in zip(reviews, reviews[1:])]
        if stalls and not stalls[-1]:
            yield Duty("ST-01", "plan", plan.id, reviews[-1].day, MET)
        if not stalls or not stalls[-1]:
            continue
        if as_it_stood(b, plan, reviews, reviews[-1].day) != as_it_stood(b, plan, reviews, b.v.today):
            continue
        began = len(stalls)
        while began > 1 and stalls[began - 2]:
            began -= 1
        yield Duty("ST-01", "plan", plan.id, reviews[began].day, LATE)


@reads("RE-01")
def re_01(b):
    """A visit or meeting first written up more than 2 working days after it. It belongs to what its record names."""
    for record in b.v.of("visit_done", "meeting_held", "plan_review", "conference_icpc"):
        first, due = b.v.first_recorded.get(record.key), b.wd.after(record.day, 2)
        if first is not None and london_date(first[1]) > due:
            named = [(kind, record.get(kind + "_id")) for kind in ("placement", "plan", "episode") if record.get(kind + "_id")]
            yield Duty("RE-01", *(named or [("child", "")])[0], due, FLAG)
