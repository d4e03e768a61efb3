"""One plain function per rule: what the child is owed at a clock, from the facts that hold then.

Each yields Duty objects for whatever is overdue now and (late = False) for what is still to come. The clock is asked with
clock.reached only, so it knows the next instant at which an answer can change."""

from datetime import timedelta

from facts import HOUR, add_months, day, london_date, midnight

WORKING_ACCESS = ("NOT_SEEN", "NO_ACCESS", "CANCELLED")
MEETINGS_ON_MISSING = ("STRATEGY", "RMM", "INTERVENTION")


class Duty:
    def __init__(self, kind, subject, late, due, flag=False):
        self.kind, self.subject, self.late, self.due, self.flag = kind, subject, late, due, flag


def days(count):
    return timedelta(days=count)


class Book:
    """The rules over one view."""

    def __init__(self, view, working_days):
        self.v, self.clock, self.wd = view, view.clock, working_days

    def all(self):
        """{(rule, kind, subject): Duty}; of several duties of one subject the oldest late one stands for them."""
        result = {}
        for rule, function in RULES.items():
            for duty in function(self):
                key = (rule, duty.kind, duty.subject)
                held = result.get(key)
                if held is None or (duty.late, -rank(duty)) > (held.late, -rank(held)):
                    result[key] = duty
        return result

    # ---------------------------------------------------------------- common words

    def late_after(self, due):
        """The due date itself is in time; late begins with the next London day."""
        return self.clock.reached_day(due + days(1))

    def is_open(self, span):
        return span.end is None

    def seen_visits(self, visit_type=None, *, worker=None, link=None):
        """Dates of face-to-face visits at which the child was seen."""
        found = []
        for visit in self.v.of("visit_done"):
            if visit.get("mode") != "F2F" or visit.get("child_seen") != "Y":
                continue
            if visit.get("attempt_result") in WORKING_ACCESS:
                continue
            if visit_type and visit.get("visit_type") != visit_type:
                continue
            if worker is not None and visit.worker_ref != worker:
                continue
            if link and visit.get(link[0]) and visit.get(link[0]) not in link[1]:
                continue
            found.append(visit)
        return found

    def statutory_visits(self, visit_type, link=None):
        """CP and CLA visits: by a social worker; CLA in the placement (readings 28, 29)."""
        return [visit for visit in self.seen_visits(visit_type, link=link)
                if visit.get("by_role") in (None, "SW")]

    def placement_visits(self, run):
        return sorted(visit.day for visit in self.statutory_visits("CLA", ("placement_id", run.ids))
                      if visit.get("location") in ("PLACEMENT", "HOME") and visit.day >= run.start)

    def held_reviews(self, kinds, plan=None):
        reviews = []
        for review in self.v.of("plan_review"):
            if review.get("review_kind") not in kinds or review.get("status") not in (None, "HELD"):
                continue
            if plan is not None and review.get("plan_id") and review.get("plan_id") != plan:
                continue
            reviews.append(review)
        return sorted(reviews, key=lambda review: review.order())

    def plans(self, plan_type):
        return [plan for plan in self.v.plans if plan.type == plan_type and not plan.temporary]

    def runs(self):
        """Placement runs that are not an agreed series of short breaks."""
        return [run for run in self.v.runs if self.v.value(run.records, "ls", self.v.today) not in ("V3", "V4")]

    def stricter(self, plan, anchor, due):
        """A recorded frequency that is stricter wins; it counts for intervals that begin under it (readings 20)."""
        frequency = self.v.frequency(plan, anchor)
        if frequency is None:
            return due
        count, unit = frequency
        return min(due, self.wd.after(anchor, count) if unit == "WD" else anchor + days(count))

    def duty(self, kind, subject, due, open_now):
        """A duty with a due date, while what it belongs to is open."""
        if open_now:
            yield Duty(kind, subject, self.late_after(due), due)

    # ---------------------------------------------------------------- visits

    def cp_07(self):
        for plan in self.plans("CP"):
            visits = [v.day for v in self.statutory_visits("CP", ("plan_id", {plan.id}))]
            anchor = max([plan.start] + [on for on in visits if on >= plan.start])
            due = self.stricter(plan, anchor, self.wd.after(anchor, 10))
            yield from self.duty("plan", plan.id, due, self.is_open(plan))

    def cn_01(self):
        stricter = self.plans("CP") + self.v.care
        for plan in self.plans("CIN"):
            visits = [v.day for v in self.seen_visits("CIN", link=("plan_id", {plan.id}))]
            rests = [span.end for span in stricter if span.end_at is not None and span.end_at > plan.start_at]
            if rests:  # it goes on from the last visit of either kind (readings 19)
                other = self.statutory_visits("CP") + self.statutory_visits("CLA")
                visits += [visit.day for visit in other if visit.day <= max(rests)]
            anchor = max([plan.start] + [on for on in visits if on >= plan.start])
            due = self.stricter(plan, anchor, self.wd.after(anchor, 20))
            resting = any(span.end is None for span in stricter)
            yield from self.duty("plan", plan.id, due, self.is_open(plan) and not resting)

    def la_01(self):
        for run in self.runs():
            if not self.placement_visits(run):
                yield from self.duty("placement", run.id, run.start + days(7), self.is_open(run))

    def la_02(self):
        for run in self.runs():
            visits = self.placement_visits(run)
            if visits and visits[-1] < add_months(run.start, 12):
                yield from self.duty("placement", run.id, visits[-1] + days(42), self.is_open(run))

    def la_03(self):
        for run in self.runs():
            visits = self.placement_visits(run)
            if visits and visits[-1] >= add_months(run.start, 12):
                lasting = self.v.value(run.records, "intended_until_18", visits[-1]) == "Y"
                due = add_months(visits[-1], 3) if lasting else visits[-1] + days(42)
                yield from self.duty("placement", run.id, due, self.is_open(run))

    def fostering_visits(self, plan, since):
        return sorted(v.day for v in self.seen_visits("PF", link=("plan_id", {plan.id})) if v.day >= since)

    def pf_01(self):
        for plan in self.plans("PF"):
            start = plan.notified_on or plan.start
            if not self.fostering_visits(plan, min(start, plan.start)):
                yield from self.duty("plan", plan.id, self.wd.after(start, 7), self.is_open(plan))

    def pf_02(self):
        for plan in self.plans("PF"):
            aware = plan.aware_on or plan.start
            visits = self.fostering_visits(plan, min(aware, plan.start))
            if visits and visits[-1] < add_months(aware, 12):
                yield from self.duty("plan", plan.id, visits[-1] + days(42), self.is_open(plan))

    def pf_03(self):
        for plan in self.plans("PF"):
            aware = plan.aware_on or plan.start
            visits = self.fostering_visits(plan, min(aware, plan.start))
            if visits and visits[-1] >= add_months(aware, 12):
                yield from self.duty("plan", plan.id, visits[-1] + days(84), self.is_open(plan))

    # ---------------------------------------------------------------- missing

    def counted_episodes(self):
        """Missing, not away: of all that was said about it the gravest counts (readings 43)."""
        return [episode for episode in self.v.episodes
                if not episode.categories or episode.categories - {"A", "NO_APPARENT_RISK"}]

    def elapsed(self, start, hours, by_date):
        """The last instant in time; when only the date is known, the end of that many days after it."""
        if by_date:
            return midnight(london_date(start) + days(hours // 24 + 1)) - 1
        return start + hours * HOUR

    def mi_01(self):
        for episode in self.counted_episodes():
            if episode.end_at is None:
                due = self.elapsed(episode.start_at, 24, episode.by_date)
                yield Duty("episode", episode.id, self.clock.reached(due + 1), due)

    def mi_02(self):
        for episode in self.counted_episodes():
            if episode.end_at is None:
                continue
            due = self.elapsed(episode.end_at, 72, episode.end_by_date)
            if not any(self.interview_answers(rhi, episode, due) for rhi in self.v.of("rhi")):
                yield Duty("episode", episode.id, self.clock.reached(due + 1), due)

    @staticmethod
    def interview_answers(rhi, episode, due):
        named = set(rhi.body.get("episode_ids") or [])
        if rhi.get("episode_id"):
            named.add(rhi.get("episode_id"))
        if named and not named & episode.ids:
            return False
        by_date = rhi.by_date or episode.end_by_date
        if rhi.day < episode.end if by_date else rhi.at < episode.end_at:
            return False
        if rhi.get("stage") in ("HELD", "AUTHORISED"):
            return True
        in_time = rhi.day <= london_date(due) if rhi.by_date else rhi.at <= due
        return rhi.get("stage") == "DECLINED" and in_time

    def crossings(self):
        """Starts that are at least the third within 90 days."""
        starts = [episode.start for episode in self.counted_episodes()]
        return [at for place, at in enumerate(starts) if place >= 2 and (at - starts[place - 2]).days <= 90]

    def unanswered_crossings(self):
        meetings = [m.day for m in self.v.of("meeting_held") if m.get("kind") in MEETINGS_ON_MISSING]
        return [at for at in self.crossings() if not any(on >= at for on in meetings)]

    def mi_03(self):
        open_crossings = self.unanswered_crossings()
        if open_crossings:
            yield Duty("child", "", True, open_crossings[0])

    def mi_05(self):
        open_crossings = self.unanswered_crossings()
        if open_crossings:
            yield from self.duty("child", "", self.wd.after(open_crossings[0], 5), True)

    # ---------------------------------------------------------------- reviews and drift

    def cp_05(self):
        conferences = [c.day for c in self.v.of("conference_icpc")
                       if c.get("transfer_in") != "Y" and c.get("result") != "NO_PLAN"]
        for plan in self.plans("CP"):
            start = max([on for on in conferences if on <= plan.start], default=plan.start)
            if not self.conferences_after(plan):
                yield from self.duty("plan", plan.id, start + days(91), self.is_open(plan))

    def conferences_after(self, plan):
        return [r for r in self.held_reviews(("RCPC",), plan.id) if r.day > plan.start]

    def due_after_review(self, review, due):
        """An earlier date that the review itself set wins."""
        override = day(review.body.get("next_due_override"))
        return override if override and review.day <= override < due else due

    def cp_06(self):
        for plan in self.plans("CP"):
            reviews = self.conferences_after(plan)
            if reviews:
                due = self.due_after_review(reviews[-1], reviews[-1].day + days(183))
                yield from self.duty("plan", plan.id, due, self.is_open(plan))

    def cp_11(self):
        for plan in self.plans("CP"):
            yield from self.duty("plan", plan.id, add_months(plan.start, 18), self.is_open(plan))

    def care_reviews(self, care):
        return [r for r in self.held_reviews(("CLA",)) if r.day >= care.start]

    def la_11(self):
        for care in self.v.care:
            if not self.care_reviews(care):
                yield from self.duty(care.kind, care.id, self.wd.after(care.start, 20), self.is_open(care))

    def la_12(self):
        for care in self.v.care:
            reviews = self.care_reviews(care)
            if len(reviews) == 1:
                due = self.due_after_review(reviews[-1], add_months(reviews[-1].day, 3))
                yield from self.duty(care.kind, care.id, due, self.is_open(care))

    def la_13(self):
        for care in self.v.care:
            reviews = self.care_reviews(care)
            if len(reviews) >= 2:
                due = self.due_after_review(reviews[-1], add_months(reviews[-1].day, 6))
                yield from self.duty(care.kind, care.id, due, self.is_open(care))

    def as_it_stood(self, plan, reviews, on):
        """What ST-01 compares, on a day. Blank means unchanged: the last word stands, whoever said it."""
        told = plan.history + reviews
        frequency = self.v.value(told, "visit_frequency", on) or {}
        return (self.v.value(told, "latest_category", on), self.v.value(told, "permanence_plan", on),
                frequency.get("days"), frequency.get("unit"), self.v.run_on(on))

    def st_01(self):
        for plan in self.v.plans:
            if plan.type not in ("CIN", "CP", "CLA") or plan.temporary or not self.is_open(plan):
                continue
            reviews = [r for r in self.held_reviews(("CIN", "RCPC", "CLA"), plan.id) if r.day >= plan.start]
            stalls = [one.get("outcome") == "CONTINUE" and other.get("outcome") == "CONTINUE"
                      and self.as_it_stood(plan, reviews, one.day) == self.as_it_stood(plan, reviews, other.day)
                      for one, other in zip(reviews, reviews[1:])]
            if not stalls or not stalls[-1]:
                continue
            if self.as_it_stood(plan, reviews, reviews[-1].day) != self.as_it_stood(plan, reviews, self.v.today):
                continue
            began = len(stalls)
            while began > 1 and stalls[began - 2]:
                began -= 1
            yield Duty("plan", plan.id, True, reviews[began].day)

    def cases(self):
        """What makes a case: any plan, being looked after, an undecided referral."""
        return self.v.plans + self.v.care + self.v.referrals

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
        return self.unbroken([(span.start, span.end) for span in self.cases()])

    def in_proceedings(self, care):
        """Since when an interim care order holds, if it does today (or did when care ended): readings 21."""
        as_of = care.end or self.v.today
        since = None
        for on in sorted({care.start, as_of} | {r.day for r in care.records if r.day <= as_of}, reverse=True):
            if self.v.value(care.records, "ls", on) != "C1":
                break
            since = on
        return since

    def limits(self):
        """Spans under which a child is supervised every 28 and every 42 days."""
        orders = [(self.in_proceedings(care), care.end) for care in self.v.care]
        tight = [(plan.start, plan.end) for plan in self.plans("CP")] + [order for order in orders if order[0]]
        plans = [plan for kind in ("CIN", "CP", "CLA", "PF") for plan in self.plans(kind)]
        return [(28, tight), (42, [(span.start, span.end) for span in plans + self.v.care])]

    def su_01(self):
        """28 days while it is tight, 42 under any plan: from the last supervision, or since that limit applies."""
        opened = self.case_opened()
        if opened is None:
            return
        last = max([opened] + [held.day for held in self.v.of("supervision_held") if held.day >= opened])
        dues = [max(last, self.unbroken(spans)) + days(limit) for limit, spans in self.limits() if self.unbroken(spans)]
        if dues:
            yield from self.duty("child", "", min(dues), True)

    def dr_01(self):
        if self.case_opened() is None:
            return
        first = {}  # within the year
        for record in self.v.of("worker_allocated"):
            inside = not self.clock.reached_day(record.day + days(366))
            if record.get("role") == "LEAD_SW" and record.worker_ref and inside:
                first.setdefault(record.worker_ref, record.day)
        if len(first) >= 3:
            yield Duty("child", "", True, sorted(first.values())[2])

    def dr_01v(self):
        for allocation in self.v.allocations:
            if not allocation.worker:
                continue
            visits = [v for v in self.seen_visits(worker=allocation.worker) if v.day >= allocation.start]
            if not visits:
                yield from self.duty("child", "", self.wd.after(allocation.start, 10), self.is_open(allocation))

    def dr_02(self):
        allocations = self.v.allocations
        if not allocations or any(self.is_open(allocation) for allocation in allocations):
            return
        last = max(allocations, key=lambda allocation: allocation.end_at)
        opened = self.case_opened()
        if opened is None or opened > last.end or not last.ended_itself:
            return
        yield from self.duty("child", "", self.wd.after(last.end, 1), True)

    def dr_03(self):
        limits = [21 for plan in self.plans("CP") if self.is_open(plan)]
        limits += [42 for plan in self.plans("CIN") if self.is_open(plan)]
        limits += [56 for care in self.v.care if self.is_open(care)]
        if limits:
            last = max(record.day for records in self.v.facts.values() for record in records
                       if self.clock.reached(record.at))
            yield from self.duty("child", "", last + days(min(limits)), True)

    # ---------------------------------------------------------------- front door

    def fd_01(self):
        for contact in self.v.of("contact_received"):
            ends = [self.v.decision(contact, "outcome"), self.v.closing(contact.at)]
            if not any(end is not None and self.clock.reached(end.at) for end in ends):
                due = self.wd.after(contact.day, 1)
                yield from self.duty("contact", contact.get("contact_id") or contact.id, due, True)

    def fd_05(self):
        referrals = sorted(self.v.referrals, key=lambda referral: (referral.start_at, referral.id))
        for earlier, referral in zip(referrals, referrals[1:]):
            if add_months(earlier.start, 12) >= referral.start:
                yield Duty("referral", referral.id, True, referral.start, flag=True)


def rank(duty):
    """Older duties first."""
    return duty.due if isinstance(duty.due, int) else duty.due.toordinal()


RULES = {"CP-07": Book.cp_07, "CN-01": Book.cn_01, "LA-01": Book.la_01, "LA-02": Book.la_02, "LA-03": Book.la_03,
         "PF-01": Book.pf_01, "PF-02": Book.pf_02, "PF-03": Book.pf_03, "MI-01": Book.mi_01, "MI-02": Book.mi_02,
         "MI-03": Book.mi_03, "MI-05": Book.mi_05, "CP-05": Book.cp_05, "CP-06": Book.cp_06, "CP-11": Book.cp_11, "LA-11": Book.la_11,
         "LA-12": Book.la_12, "LA-13": Book.la_13, "ST-01": Book.st_01, "SU-01": Book.su_01, "DR-01": Book.dr_01,
         "DR-01V": Book.dr_01v, "DR-02": Book.dr_02, "DR-03": Book.dr_03, "FD-01": Book.fd_01, "FD-05": Book.fd_05}
