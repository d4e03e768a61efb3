"""What a referral asks for: a decision, and an assessment, until when. `b` is the Book; both it and the rules read this."""


def decided_on(b, record, field):
    """The day of a decision, once it has come (readings 30)."""
    decision = b.v.decision(record, field)
    return decision.on if decision is not None and b.clock.reached(decision.at) else None


def no_further_action(b, referral):
    if referral.get("referral_nfa") == "Y":
        return decided_on(b, referral, "referral_nfa")
    return None


def authorised(b):
    """{key of a referral: days on which an assessment of it was authorised}: linked by referral or by assessment; one that
    is linked by neither is of the latest referral that was open then, else of the latest."""
    if hasattr(b, "authorised"):
        return b.authorised
    linked, b.authorised = {}, {}
    for record in b.v.of("assessment_started", "assessment_authorised"):
        if record.get("assessment_id") and record.get("referral_id"):
            linked.setdefault(record.get("assessment_id"), record.get("referral_id"))
    referrals, over = b.v.of("referral_received"), {}
    for referral in referrals:
        ends = [b.v.decision(referral, "referral_nfa")] if referral.get("referral_nfa") == "Y" else []
        ends += [b.v.closing(referral.at), b.v.closure_named(referral), b.v.death]
        over[referral.key] = min((end.at for end in ends if end is not None), default=None)
    for record in b.v.of("assessment_authorised"):
        name = record.get("referral_id") or linked.get(record.get("assessment_id"))
        before = [one for one in referrals if one.day <= record.day]
        if name:
            of = [one for one in before if one.get("referral_id") == name]
        else:
            still = [one for one in before if over[one.key] is None or over[one.key] > record.at]
            of = (still or before)[-1:]
        for one in of:
            b.authorised.setdefault(one.key, []).append(record.day)
            over[one.key] = min(on for on in (over[one.key], record.at) if on is not None)
    return b.authorised


def authorised_on(b, referral):
    return authorised(b).get(referral.key, [])


def owed_assessments(b):
    """From a referral on somebody has to assess the child (readings 3): until then the case is open, whatever was decided."""
    spans = []
    for referral in b.v.of("referral_received"):
        ends = [no_further_action(b, referral), *authorised_on(b, referral)]
        ends += [end.on for end in (b.v.closing(referral.at), b.v.closure_named(referral))
                 if end is not None and b.clock.reached(end.at)]
        ends = [on for on in ends if on is not None and on >= referral.day]
        if b.v.death is not None and b.clock.reached(b.v.death.at):  # nobody assesses the dead, whenever they were referred
            ends.append(max(b.v.death.on, referral.day))
        spans.append((referral.day, min(ends, default=None)))
    return spans
