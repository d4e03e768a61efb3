"""The front door, assessments and proceedings: contacts, referrals, enquiries, letters, applications."""

from assessments import authorised_on, decided_on, no_further_action
from book import FLAG, MET, Duty, Part, days, months, reads
# -------------------------------------------------------------------- contacts and referrals

@reads("FD-01")
def fd_01(b):
    for contact in b.v.of("contact_received"):
        span = b.until(contact, b.v.closing(contact.at))
        yield b.duty("FD-01", "contact", contact.get("contact_id") or contact.id, b.wd.after(contact.day, 1),
                     decided_on(b, contact, "outcome"), span)


@reads("HO-01")
def ho_01(b):
    """A young person of 16 or 17 who presents as homeless: decided within a working day."""
    for contact in b.v.of("contact_received"):
        if contact.get("age_band_16_17_homeless") == "Y":
            span = b.until(contact, b.v.closing(contact.at))
            yield b.duty("HO-01", "contact", contact.get("contact_id") or contact.id, b.wd.after(contact.day, 1),
                         decided_on(b, contact, "outcome"), span)


@reads("FD-04")
def fd_04(b):
    for referral in b.v.of("referral_received"):
        span = until_closed(b, referral)
        yield b.duty("FD-04", "referral", referral.get("referral_id") or referral.id, b.wd.after(referral.day, 1),
                     decided_on(b, referral, "referral_nfa"), span)


@reads("FD-05")
def fd_05(b):
    referrals = sorted(b.v.referrals, key=lambda referral: (referral.start_at, referral.id))
    for earlier, referral in zip(referrals, referrals[1:]):
        if months(earlier.start, 12) >= referral.start:
            yield Duty("FD-05", "referral", referral.id, referral.start, FLAG)


@reads("FD-06")
def fd_06(b):
    """Two sources in 7 days or three contacts in 90, counted back from today, with no referral since the first of them."""
    referred = max([r.day for r in b.v.of("referral_received")], default=None)
    contacts = [c for c in b.v.of("contact_received") if referred is None or c.day > referred]
    contacts = [c for c in contacts if not b.clock.reached_day(c.day + days(91))]
    reached = []
    if len(contacts) >= 3:
        reached.append(contacts[2].day)
    sources = set()
    for contact in contacts:
        if contact.get("contact_source") and not b.clock.reached_day(contact.day + days(8)):
            sources.add(contact.get("contact_source"))
            if len(sources) == 2:
                reached.append(contact.day)
                break
    if reached:
        yield b.reached_threshold("FD-06", "child", "", min(reached))
    elif len(b.v.of("contact_received")) >= 2:
        yield Duty("FD-06", "child", "", b.v.of("contact_received")[0].day, MET)  # a cluster that was answered or is none


# -------------------------------------------------------------------- assessments

def until_closed(b, referral):
    return b.until(referral, b.v.closing(referral.at), b.v.closure_named(referral))


def earliest(*found):
    return min((on for on in found if on is not None), default=None)


@reads("AS-01")
def as_01(b):
    for referral in b.v.of("referral_received"):
        name = referral.get("referral_id") or referral.id
        met = earliest(no_further_action(b, referral), *authorised_on(b, referral))
        due, span = b.wd.after(referral.day, 45), until_closed(b, referral)
        yield b.duty("AS-01", "referral", name, due, met, span)
        if met is None and due >= b.v.today:
            yield from b.warning("AS-01", "referral", name, b.wd.after(referral.day, 35), b.is_open(span))


@reads("AS-02", off=True)
def as_02(b):
    """Preset 10/20: the manager looks at it by either day (an oversight note, or the internal review date)."""
    for referral in b.v.of("referral_received"):
        looked = [r.day for r in b.v.of("oversight_recorded") if r.day >= referral.day]
        met = earliest(no_further_action(b, referral), *authorised_on(b, referral))
        for count, number in ((10, 0), (20, 1)):
            due, answered = b.wd.after(referral.day, count), earliest(met, *looked[number:number + 1])
            yield b.duty("AS-02", "referral", referral.get("referral_id") or referral.id, due, answered,
                         until_closed(b, referral))


@reads("AS-03")
def as_03(b):
    """The child is seen in 10 working days; in one when an enquiry began (readings 4)."""
    if b.v.unborn:
        return
    started = [plan.start for kind in ("CIN", "CP", "CLA", "PF") for plan in b.plans(kind)]
    for referral in b.v.of("referral_received"):
        name = referral.get("referral_id")
        since = max(referral.day, b.v.birth) if b.v.birth else referral.day
        ends = [v.day for v in b.seen_visits() if v.day >= since] + [on for on in started if on >= referral.day]
        met = earliest(no_further_action(b, referral), *ends, *authorised_on(b, referral))
        due = b.wd.after(since, 10)
        enquiries = [s.day for s in b.v.of("s47_started") if s.day >= referral.day
                     and (not s.get("referral_id") or s.get("referral_id") == name)]
        enquiries = [on for on in enquiries if met is None or on <= met]
        if enquiries:
            due = min(due, b.wd.after(max(since, min(enquiries)), 1))
        yield b.duty("AS-03", "referral", name or referral.id, due, met, until_closed(b, referral))


@reads("FD-03")
def fd_03(b):
    """A warning only: no assessment begun 2 working days after the referral that asks for one."""
    for referral in b.v.of("referral_received"):
        name = referral.get("referral_id") or referral.id
        begun = [r.day for r in b.v.of("assessment_started") if r.day >= referral.day
                 and r.get("referral_id") in (None, referral.get("referral_id"))]
        met = earliest(no_further_action(b, referral), *begun, *authorised_on(b, referral))
        if met is None:
            yield from b.warning("FD-03", "referral", name, b.wd.after(referral.day, 2),
                                 b.is_open(until_closed(b, referral)))


# -------------------------------------------------------------------- proceedings

def steps(b, *kinds, of=None):
    """Steps of a process; a step without an id is a step of any."""
    name = of.get("preproceedings_id") if of is not None else None
    return [r for r in b.v.of("preproceedings_step") if r.get("step") in kinds
            and (of is None or (r.day >= of.day and (not name or r.get("preproceedings_id") in (None, name))))]


@reads("PL-01", "PL-01R")
def pl_01(b):
    for letter in steps(b, "LBP_SENT"):
        met = min([r.day for r in steps(b, "STEP_DECISION", "COURT_APPLICATION", of=letter)], default=None)
        span = b.until(letter, b.v.closing(letter.at), b.v.age(18))
        due = letter.day + days(112)
        yield b.duty("PL-01", "child", "", due, met, span)
        if met is None and due >= b.v.today:
            yield from b.warning("PL-01", "child", "", letter.day + days(84), b.is_open(span))
        reviews = [r.day for r in steps(b, "REVIEW", of=letter)]
        reviews = sorted(reviews + [r.day for r in b.held_reviews(("PRE_PROC",)) if r.day >= letter.day])
        reviews = [on for on in reviews if met is None or on <= met]
        if met is None:
            yield from b.chain("PL-01R", "child", "", letter.day, reviews, lambda anchor, _: anchor + days(42), span)
        else:
            for anchor, on in zip([letter.day] + reviews, reviews + [met]):
                yield b.duty("PL-01R", "child", "", anchor + days(42), on, span)


@reads("PL-02")
def pl_02(b):
    for application in steps(b, "COURT_APPLICATION"):
        met = [r.day for r in steps(b, "FINAL_ORDER", of=application)]
        met += [r.day for r in b.v.of("legal_changed", "placement_started")
                if r.get("ls") in ("C2", "E1") and r.day >= application.day]
        span = b.until(application, b.v.closing(application.at), b.v.age(18))
        yield b.duty("PL-02", "child", "", application.day + days(182), min(met, default=None), span)


# -------------------------------------------------------------------- disputes

@reads("ES-01", "ES-02")
def disputes(b):
    """From the opening, or the first step that is known, to the step that resolves or withdraws it; subject child."""
    named = {}
    for step in b.v.of("dispute_step"):
        named.setdefault(step.get("dispute_id"), []).append(step)
    for taken in named.values():
        opened = [s for s in taken if s.get("step") == "OPENED"] or [s for s in taken if s.get("step") not in
                                                                      ("RESOLVED", "WITHDRAWN")]
        if not opened:
            continue
        kinds = [s.get("kind") for s in taken if s.get("kind")]
        over = min([s.day for s in taken if s.get("step") in ("RESOLVED", "WITHDRAWN") and s.at >= opened[0].at],
                   default=None)
        span = b.until(opened[0], b.v.closing(opened[0].at), b.v.age(18))
        if over is not None and (span.end is None or over <= span.end):
            span = Part(over)
        if kinds and kinds[-1] == "IRO":
            due = b.wd.after(opened[0].day, 20)
            yield b.duty("ES-01", "child", "", due, over, span)
        elif kinds and kinds[-1] == "CHAIR":
            stages = [s.day for s in taken if s.get("step") in ("STAGE_2", "STAGE_3", "STAGE_4")
                      and s.day >= opened[0].day]
            yield from b.chain("ES-02", "child", "", opened[0].day, sorted(stages),
                               lambda anchor, _: b.wd.after(anchor, 5), span)
