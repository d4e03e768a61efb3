"""Larger worlds for the campaign: some twenty children over the whole table of rules, merged, split, born, dying, adopted.

What `worlds.py` says of records, corrections and late arrival holds here too; a life strings several of its parts together."""

import random
from datetime import date, datetime, time, timedelta

from facts import LONDON, add_months, birthday, midnight
from worlds import STARTS, World, text_of

LIVES = ["disputed", "assessed", "assessed", "contacts", "conferences", "conferences", "protected", "protected", "in_need", "placed",
         "placed", "placed", "adopted", "looked_after", "looked_after", "leaving", "leaving", "missing_again",
         "missing_again", "supervised", "supervised", "stepping", "stepping", "proceedings", "unborn", "short_breaks",
         "reviewed", "workers", "changing_hands", "fostered", "fostered", "parented", "parented", "fostering", "missing", "need", "care", "front_door"]
CODES = {"placed": "care", "reviewed": "reviews"}


def days(count):
    return timedelta(days=count)


class Lives(World):
    def __init__(self, seed, working_days, children=20):
        self.random = random.Random(f"lives {seed}")
        self.wd = working_days
        self.entries, self.serial = [], 0
        self.start = self.first = date.fromisoformat(self.random.choice(STARTS)) + days(self.random.randrange(8))
        self.span = self.pick(150, 300, 450, 650, 900)
        self.end = self.first + days(self.span + 60)
        self.names = []
        for number in range(children):
            self.child = f"c-{number}"
            self.names.append(self.child)
            self.one_life()
        self.mutate()
        self.tell_apart()
        self.confuse()

    def one_life(self):
        self.start = self.first + days(self.random.randrange(max(1, self.span // 3)))
        self.last = self.first + days(self.span)
        self.born = None
        self.parts = sorted(set(self.random.sample(LIVES, self.pick(1, 1, 1, 2, 3))))
        self.random.shuffle(self.parts)
        for name in self.parts:
            self.theme = CODES.get(name, name)
            method = getattr(self, "life_" + name, None) or getattr(self, "live_" + self.theme)
            method()
        if self.born is None and self.chance(60):
            self.birth(self.pick(2, 3, 4, 4, 5, 5, 9, 15, 16, 18))
        if self.chance(6):
            self.close(self.around(0.7))
        if self.chance(3):
            self.word("child_updated", self.around(0.6), {"person_death_date": self.around(0.6).isoformat()})
        if self.chance(8):
            self.pause()
        if self.chance(10):
            self.overridden()
        if self.chance(30):
            self.notes()
        if self.chance(25):
            self.every("chronology_updated", "updated_on", 84, lambda: {"kind": self.pick("CHRONOLOGY", "SUMMARY")})

    # ---------------------------------------------------------------- small words

    def around(self, part):
        """A day at about a part of the life."""
        return self.start + days(max(0, int((self.last - self.start).days * part) + self.random.randint(-30, 30)))

    def birth(self, age):
        """Some day of the life is about a birthday."""
        turns = self.around(self.pick(0.2, 0.5, 0.8, 1.2))
        born = date(turns.year - age, turns.month, min(turns.day, 28)) + days(self.random.randrange(3))
        if self.chance(5):
            born = date(born.year - born.year % 4, 2, 29)
        self.born = born
        self.word("child_updated", self.start - days(self.random.randrange(1, 20)), {"person_birth_date": born.isoformat()})

    def dated(self, kind, field, on, body, **envelope):
        """A record that is named by its date, or by occurred_at."""
        self.named(body, field, on)
        return self.fact(kind, on, body, **envelope)

    def met_about(self, due):
        """A day on which something owed is done: mostly in time, often on the edge, sometimes never."""
        return due + days(self.pick(-1, 0, 0, 1, -self.random.randrange(6), self.random.randint(-9, 1),
                                    self.random.randint(1, 15)))

    def every(self, kind, field, interval, body, begins=None, stops=None):
        on = begins or self.start
        stops = stops or self.last
        while True:
            on = max(on, self.met_about(on + days(interval)))
            if on > stops or self.chance(12):
                return
            self.dated(kind, field, on, body())
            if self.chance(15):
                on += days(interval)

    def rounds(self, kind, begins, limit, stops=None, **link):
        """Visits at about the limit until one is missed too often."""
        on, stops = begins, stops or self.last
        while True:
            on = max(on, self.met_about(limit(on)))
            if on > stops or self.chance(7):
                return
            self.visit(kind, on, **link)
            if self.chance(8):
                on += days(30)

    def visit(self, kind, on, plan=None, placement=None, worker=None):
        record_count = len(self.entries)
        super().visit(kind, on, plan, placement, worker)
        body = self.entries[record_count][2]["visit_done"]
        if kind == "PA" and body.get("by_role") == "SW":
            body["by_role"] = "PA"
        if kind == "ADOPTION":
            body["location"] = self.pick("PLACEMENT", "PLACEMENT", "HOME", "OTHER")
        self.maybe(75, body, child_seen_alone=self.pick("Y", "Y", "Y", "N", "NA"))
        self.maybe(30, body, bedroom_seen=self.pick("Y", "N"))

    # ---------------------------------------------------------------- front door

    def life_contacts(self):
        on = self.start
        while on < self.last:
            for _ in range(self.pick(1, 1, 2, 3)):
                record_count = len(self.entries)
                self.contact(on)
                extra = {"contact_source": self.pick("6", "6", "2A", "1C", "3F")} if self.chance(85) else {}
                if self.chance(25):
                    extra["age_band_16_17_homeless"] = self.pick("Y", "Y", "Y", "N")
                for _, _, record in self.entries[record_count:]:
                    record["contact_received"].update(extra)
                on += days(self.pick(0, 0, 1, 6, 7, 8, 30, 45))
            if self.chance(40):
                self.dated("referral_received", "cin_referral_date", on, {"referral_id": f"ref{self.serial}"})
            on += days(self.pick(10, 60, 89, 90, 91, 150))

    def life_assessed(self):
        on = self.start
        for _ in range(self.pick(1, 2, 3)):
            self.assess(on)
            on += days(self.pick(70, 120, 200))

    def assess(self, on):
        name = f"ref{self.serial}"
        body = self.maybe(60, {"referral_id": name}, decided_at=text_of(self.moment(self.met_about(self.wd.after(on, 1)))))
        if self.chance(50):
            body["referral_nfa"] = self.pick("N", "N", "N", "Y")
        self.maybe(4, body, cin_closure_date=(on + days(self.random.randrange(90))).isoformat())
        self.dated("referral_received", "cin_referral_date", on, body)
        link = {"referral_id": name} if self.chance(80) else {}
        if self.chance(75):
            begun = self.met_about(self.wd.after(on, 2))
            self.dated("assessment_started", "assessment_actual_start_date", begun, {"assessment_id": f"as-{name}", **link})
        if self.chance(75):
            body = {"assessment_id": f"as-{name}", **(link if self.chance(50) else {})}
            done = self.met_about(self.wd.after(on, self.pick(45, 45, 35, 20)))
            self.dated("assessment_authorised", "assessment_authorisation_date", done, body)
        if self.chance(35):
            body = {"s47_id": f"s47-{name}", **link}
            self.dated("s47_started", "s47_actual_start_date", on + days(self.pick(0, 1, 3, 8, 14)), body)
        if self.chance(70):
            self.visit(self.pick("ASSESSMENT", "ASSESSMENT", "S47", "CIN"), self.met_about(self.wd.after(on, self.pick(10, 10, 1))))
        if self.chance(30):
            self.plan("CIN", self.near(self.wd.after(on, 40)), None, f"cin-{name}")

    # ---------------------------------------------------------------- protection

    def life_conferences(self):
        on = self.start
        for number in range(self.pick(1, 1, 2)):
            name = f"s{number}"
            strategy = on + days(self.pick(0, -1, -2, 0))
            self.dated("meeting_held", "held_on", strategy, self.maybe(60, {"kind": "STRATEGY"}, initiated_s47="Y", s47_id=name))
            if self.chance(25):
                self.dated("meeting_held", "held_on", strategy - days(self.pick(3, 10)), {"kind": "STRATEGY"})
            body = self.maybe(10, {"s47_id": name}, icpc_not_required="Y")
            target = self.wd.after(self.pick(strategy, on), self.pick(15, 15, 14)).isoformat()
            self.dated("s47_started", "s47_actual_start_date", on, self.maybe(40, body, initial_cpc_target=target))
            held = self.met_about(self.wd.after(strategy, 15))
            if self.chance(70):
                body = self.maybe(60, {"conference_id": f"ic{self.serial}"}, s47_id=name)
                body = self.maybe(20, body, initial_cpc_target=self.pick(target, held.isoformat()))
                self.dated("conference_icpc", "date_of_initial_cpc", held, body)
            if self.chance(75):
                self.protect(max(held, on) + days(self.pick(0, 0, 1)), f"cpc{number}")
            if self.chance(40):
                self.transfer_in(on + days(self.random.randrange(60)))
            on += days(self.pick(120, 300))

    def transfer_in(self, noticed):
        body = {"conference_id": f"ti{self.serial}", "transfer_in": "Y", "transfer_in_notice_received": noticed.isoformat()}
        self.fact("conference_icpc", noticed + days(self.pick(0, 0, 1)), body)
        if self.chance(75):
            held = max(noticed, self.met_about(self.wd.after(noticed, 15)))
            self.fact("conference_icpc", held, {"conference_id": f"ti{self.serial}", "transfer_in": "Y",
                                                "date_of_initial_cpc": held.isoformat()})

    def protect(self, begins, name):
        ends = self.pick(None, None, begins + days(self.random.randint(20, 300)))
        self.plan("CP", begins, ends, name)
        stops = ends or self.last
        self.rounds("CP", begins, lambda on: self.wd.after(on, 10), stops, plan=name)
        self.every("meeting_held", "held_on", self.pick(14, 35, 42), lambda: self.maybe(70, {"kind": "CORE_GROUP"}, plan_id=name),
                   begins, stops)
        self.reviews("RCPC", begins, name)
        return ends

    def life_protected(self):
        begins = self.start
        if self.born is None and self.chance(70):
            self.birth(self.pick(4, 4, 7))
        for number in range(self.pick(1, 2, 2)):
            ends = self.protect(begins, f"cpp{number}")
            if ends is None or ends > self.last:
                return
            gap = self.pick(0, 10, 100)
            begins = self.pick(ends + days(gap), add_months(ends, 24) + days(self.pick(-1, 0, 1)))
        if self.chance(60):  # an old plan, told with its end only or with both records
            self.plan("CP", add_months(self.start, -30), add_months(self.start, -24) + days(self.pick(-1, 0, 1)), "cpold")

    def life_unborn(self):
        due = self.around(0.3)
        self.word("child_updated", self.start, {"expected_person_birth_date": due.isoformat()})
        kind = self.pick("CP", "CP", "CIN")
        self.plan(kind, self.start, None, "pre")
        if self.chance(80):
            self.born = self.near(due)
            told = self.born + days(self.pick(0, 0, 1, 9))
            self.word("child_updated", told, {"person_birth_date": self.born.isoformat()})
            self.rounds(kind, self.born, lambda on: self.wd.after(on, 10 if kind == "CP" else 20), plan="pre")
        elif self.chance(50):
            self.word("child_updated", due, {"person_death_date": due.isoformat()})
        else:
            self.visit(kind, self.near(due), plan="pre")
        if self.chance(50):
            self.assess(self.start)
        self.reviews("RCPC" if kind == "CP" else "CIN", self.start, "pre")

    def life_in_need(self):
        ends = self.pick(None, None, self.around(0.8))
        self.plan("CIN", self.start, ends, "cinr")
        self.rounds("CIN", self.start, lambda on: self.wd.after(on, 20), ends, plan="cinr")
        on = self.start
        for number in range(self.pick(0, 1, 3, 6)):
            on = max(on, self.met_about(on + days(84 if number else 42)))
            if on > self.last:
                break
            self.dated("plan_review", "held_on", on, self.maybe(70, {"review_id": f"rv{self.serial}", "review_kind": "CIN"},
                                                                plan_id="cinr", outcome="CONTINUE"))
        if self.chance(40):
            first = self.around(0.4)
            self.plan("CP", first, first + days(self.random.randint(1, 90)), "cpin")

    def life_stepping(self):
        """Up and down between the plans, mostly on one day."""
        on, level = self.start, self.pick("CIN", "CP")
        for number in range(self.pick(2, 3, 4, 5)):
            until = on + days(self.pick(10, 40, 90, 180))
            last = until > self.last
            name = f"st{number}"
            if level == "CLA":
                self.placement(name, on, None if last else until, {"rne": "S", "ls": "V2", "place": "U6"}, "E4A")
                self.rounds("CLA", on, lambda at: at + days(7), until, placement=name)
            else:
                self.plan(level, on, None if last else until, name)
                self.rounds(level, on, lambda at: self.wd.after(at, 10), until, plan=name)
            if last:
                return
            if self.chance(60):
                self.visit(self.pick("CIN", "CP"), self.met_about(self.wd.after(until, 20)))
            on = until + days(self.pick(0, 0, 0, 0, 1, 20))
            level = self.pick(*(other for other in ("CIN", "CP", "CLA") if other != level))

    # ---------------------------------------------------------------- care

    def placement(self, name, begins, ends, body, rec="X1"):
        body = {"placement_id": name, **body}
        self.named(body, "decom", begins)
        self.word("placement_started", begins, body)
        if ends is not None:
            body = {"placement_id": name, "rec": rec}
            self.named(body, "dec", ends)
            self.word("placement_ended", ends, body)
        if self.chance(70):
            made = self.pick(begins - days(3), self.met_about(self.wd.after(begins, 5)))
            self.plan_for(name, made)

    def plan_for(self, name, made):
        self.fact("plan_started", made, {"plan_id": f"pp{self.serial}", "plan_type": "PLACEMENT", "placement_id": name,
                                         "start_date": made.isoformat()})

    def kind_of_placement(self):
        """What makes a class of visit rule, and how often it asks for visits."""
        return self.pick(
            ({"place": "P1", "ls": "C1"}, 7), ({"place": "P1", "ls": "C2"}, 42), ({"place": "U3", "ls": "V2", "reg24": "Y"}, 7),
            ({"place": "P1", "ls": "C2", "reg19": "Y"}, 7), ({"place": "P1", "ls": "V2", "reg19": "Y"}, 7),
            ({"place": "U6", "ls": "C2", "intended_until_18": "Y"}, 42), ({"place": "U6", "ls": "V2"}, 42),
            ({"place": "U4", "ls": "C2", "long_term_agreed": "Y"}, 42), ({"place": "A5", "ls": "E1"}, 7),
            ({"place": "K2", "ls": "C1"}, 42), ({"place": "P1", "ls": "V2"}, 42))

    def life_placed(self):
        begins = self.start
        for number in range(self.pick(1, 1, 2, 3)):
            body, pace = self.kind_of_placement()
            length = self.pick(6, 7, 8, 40, 100, 200, 500)
            ends = begins + days(length)
            last = ends > self.last or self.chance(40)
            body = {"rne": "S" if number == 0 else self.pick("P", "P", "B", "T", "U"), **body}
            self.placement(f"pl{number}", begins, None if last else ends, body)
            self.rounds("CLA", begins, lambda on: on + days(7), begins + days(self.pick(10, 30, 60)), placement=f"pl{number}")
            slow = self.pick(pace, 42, 28)
            self.rounds("CLA", begins + days(20), lambda on: on + days(slow), self.last if last else ends, placement=f"pl{number}")
            if self.chance(60):
                self.dated("plan_review", "held_on", begins + days(self.pick(3, 14, 28, 60)), {"review_kind": "CLA"})
            if self.chance(30):
                self.temporary(begins + days(self.random.randrange(5, 60)), f"pl{number}t")
            if last:
                break
            begins = ends
        for _ in range(self.pick(0, 0, 1, 1, 2)):
            on = self.around(self.random.random())
            self.word("legal_changed", on, {"ls": self.pick("C1", "C2", "C2", "E1", "V2"), "decom": on.isoformat()})

    def temporary(self, on, name):
        """A stay of some days away, and the way back."""
        length = self.pick(3, 6, 7, 8, 20)
        body = {"placement_id": name, "rne": "T", "place": self.pick("T0", "T1", "T3", "T4"), "decom": on.isoformat()}
        self.word("placement_started", on, body)
        if self.chance(80):
            self.word("placement_ended", on + days(length), {"placement_id": name, "rec": "X1",
                                                             "dec": (on + days(length)).isoformat()})

    def life_adopted(self):
        placed = self.around(0.3)
        ordered = self.pick(placed - days(self.random.randrange(1, 90)), placed)
        self.placement("ad0", self.start, placed, {"rne": "S", "ls": "C2", "place": "U5"})
        if self.start < ordered:
            self.word("legal_changed", ordered, {"ls": "E1", "decom": ordered.isoformat()})
            self.adoption_reviews(ordered, placed, lambda on, number: add_months(on, 6 if number else 3))
        if self.chance(80):
            ends = self.pick(None, self.around(0.8))
            self.placement("ad1", placed, ends, {"rne": self.pick("P", "T", "U"), "ls": "E1", "place": self.pick("A3", "A5", "A6")}, "E11")
            self.adoption_reviews(placed, ends or self.last,
                                  lambda on, number: on + days(28) if not number else add_months(on, 3 if number == 1 else 6))
            self.rounds(self.pick("ADOPTION", "CLA"), placed, lambda on: on + days(7), ends, placement="ad1")
            if self.chance(60):
                self.agree("LA-08", placed + days(self.pick(0, 20, 40)), "ad1")

    def adoption_reviews(self, on, stops, limit):
        for number in range(self.pick(1, 2, 3, 4)):
            on = max(on, self.met_about(limit(on, number)))
            if on > stops:
                return
            self.dated("plan_review", "held_on", on, {"review_id": f"rv{self.serial}", "review_kind": "ADOPTION"})

    def agree(self, rule, on, placement=None):
        """A frequency agreed for one rule; each begins on a day of its own."""
        body = {"override_id": f"ov{self.serial}", "rule": rule, "authoriser_role": "IRO", "from": on.isoformat(),
                "visit_frequency": {"days": self.pick(5, 10, 14, 28), "unit": self.pick("CD", "CD", "WD")}}
        if placement and self.chance(60):
            body["placement_id"] = placement
        self.word("schedule_override", on, body)

    def overridden(self):
        rule = self.pick("CP-07", "CN-01", "LA-01", "LA-02", "LA-06", "LA-09", "LA-09", "LA-09")
        on = self.around(self.random.random())
        body = {"override_id": f"ov{self.serial}", "rule": rule, "from": on.isoformat(), "authoriser_role": "IRO"}
        if rule != "LA-09":
            body["visit_frequency"] = {"days": self.pick(3, 5, 6), "unit": "CD"}
            self.maybe(30, body, until=(on + days(60)).isoformat())
        self.word("schedule_override", on, body)

    def life_short_breaks(self):
        ends = self.pick(None, self.around(0.9))
        self.placement("sb", self.start, ends, {"rne": "S", "ls": self.pick("V3", "V4"), "place": "U6"}, "E8")
        if self.chance(85):
            self.agree("LA-10", self.start - days(self.pick(0, 5)), "sb")
        self.rounds("CLA", self.start, lambda on: on + days(14), ends, placement="sb")

    def life_looked_after(self):
        """Reviews, health, permanence and the tracker of one stay in care."""
        if self.born is None and self.chance(85):
            self.birth(self.pick(5, 5, 2, 8, 16))
        ends = self.pick(None, None, self.around(0.9))
        self.placement("la", self.start, ends, {"rne": "S", "ls": self.pick("V2", "C1", "C2"), "place": "U6"}, "E4A")
        if self.chance(60):
            self.plan("CLA", self.start, ends, "lap")
        self.rounds("CLA", self.start, lambda on: on + days(self.pick(7, 42)), ends, placement="la")
        self.reviews("CLA", self.start, "lap")
        held = self.start
        for number in range(self.pick(0, 1, 2, 3)):
            held = max(held, self.met_about(self.wd.after(held, 20) if number == 0 else add_months(held, self.pick(6, 12))))
            self.dated("health_assessment", "held_on", held, {"kind": "RHA" if number else "IHA"})
        held = self.start
        for number in range(self.pick(0, 1, 2)):
            held = max(held, self.met_about(add_months(held, 12)))
            self.dated("health_assessment", "held_on", held, {"kind": "DENTAL"})
        tracker = self.pick(("meeting_held", {"kind": "PPM"}), ("plan_review", {"review_kind": "PPM"}))
        self.every(tracker[0], "held_on", self.pick(30, 30, 90), lambda: dict(tracker[1]), self.start, ends)
        if self.chance(50):
            self.word("plan_changed", self.start + days(self.pick(30, 60, 90, 110, 130)),
                      {"plan_id": "lap", "plan_type": "CLA", "permanence_plan": self.pick("LTFOST18", "ADOPTION")})

    def life_leaving(self):
        """Sixteen or eighteen in the middle of it; then an adviser."""
        sixteen = self.chance(35)
        turns = self.around(0.35)
        years = 16 if sixteen else 18
        born = date(turns.year - years, turns.month, min(turns.day, 28)) if self.chance(95) else date(turns.year // 4 * 4 - 20, 2, 29)
        self.born = born
        self.word("child_updated", self.start - days(3), {"person_birth_date": born.isoformat()})
        begins = self.pick(add_months(self.start, -20), self.start, self.start)
        ends = self.pick(None, None, self.around(0.5), turns - days(20))
        if ends is not None and ends <= begins:
            ends = None
        self.placement("lv", begins, ends, {"rne": "S", "ls": "V2", "place": "H5"}, "E5")
        pathway = self.met_about(add_months(turns if sixteen else self.start, 3))
        if self.chance(80):
            self.plan("PATHWAY", pathway, self.pick(None, None, self.around(0.95)), "pw")
            self.every("plan_review", "held_on", 182, lambda: {"review_id": f"rv{self.serial}", "review_kind": "PATHWAY"}, pathway)
        leaves = ends or birthday(born, 18)
        if self.chance(80):
            moved = max(leaves, leaves + days(self.pick(0, 0, 3, 20)))
            body = {"accommodation_id": f"ac{self.serial}", "provided_by_la": self.pick("Y", "Y", "Y", "N")}
            self.maybe(25, body, ended_on=(moved + days(self.random.randrange(20, 200))).isoformat())
            self.dated("accommodation_provided", "provided_on", moved, body)
            if self.chance(70):
                self.visit("PA", self.met_about(moved + days(7)))
            self.rounds("PA", moved + days(10), lambda on: add_months(on, 2))
        self.every("pa_contact", "contacted_on", 56, lambda: {
            "pa_contact_id": f"pa{self.serial}", "mode": self.pick("F2F", "PHONE", "VIDEO"),
            "in_touch": "DIED" if self.chance(1) else self.pick("YES", "YES", "YES", "YES", "NO", "REFU")}, leaves)

    # ---------------------------------------------------------------- missing

    def life_missing_again(self):
        begins = self.moment(self.start)
        for number in range(self.pick(1, 2, 3, 4, 6)):
            length = self.pick(1, 5, 20, 24, 24, 30, 49, 72) * 3600 + self.pick(0, 0, 1, -1)
            back = datetime.fromtimestamp(begins.timestamp() + length, LONDON)
            name = f"ma{number}"
            self.episode(name, self.pick("M", "M", "M", "HIGH", "A", "LOW"), begins, back)
            self.interview(name, back)
            gap = self.pick(61 * 60, *(86400 * on for on in (1, 2, 5, 12, 20, 26, 27, 28, 29, 44, 45, 80)))
            begins = datetime.fromtimestamp(back.timestamp() + gap, LONDON)
            if self.chance(45):
                self.dated("meeting_held", "held_on", self.met_about(self.wd.after(back.date(), 5)),
                           {"kind": self.pick("STRATEGY", "RMM", "INTERVENTION")})
        if self.chance(40):
            self.placement("mp", self.start - days(20), self.near(self.start + days(30)), {"rne": "S", "ls": "V2", "place": "K2"}, "E4A")

    def interview(self, name, back):
        if self.chance(20):
            return
        third = self.wd.after(back.date(), 3)
        moment = self.pick(datetime.fromtimestamp(back.timestamp() + self.pick(3600, 70 * 3600, 72 * 3600, 72 * 3600 + 1), LONDON),
                           max(back, self.moment(third)), max(back, self.moment(third + days(1))))
        stage = self.pick("HELD", "HELD", "HELD", "DECLINED", "OFFERED", "AUTHORISED")
        body = {"episode_id": name, "rhi_id": f"rhi{self.serial}", "stage": stage}
        if stage in ("HELD", "AUTHORISED"):
            for field in ("why", "where", "with_whom", "harm", "safety_plan"):
                self.maybe(92, body, **{field: "Y"})
        if stage == "DECLINED":
            self.maybe(70, body, reason_declined=self.pick("CHILD_REFUSED", "OTHER"))
        self.fact("rhi", None, body, moment)

    # ---------------------------------------------------------------- drift

    def life_supervised(self):
        kind = self.pick("CP", "CIN", "CLA")
        ends = self.pick(None, None, self.around(0.8))
        self.plan(kind, self.start, ends, "sup")
        self.rounds(kind, self.start, lambda on: self.wd.after(on, self.pick(10, 12, 20)), ends, plan="sup")
        self.every("supervision_held", "held_on", self.pick(28, 42), lambda: self.maybe(40, {}, actions_reviewed=self.pick("Y", "N")))
        self.every("chronology_updated", "updated_on", 84, dict)
        self.notes()
        if self.chance(30) and "workers" not in self.parts:
            self.live_workers()

    def notes(self):
        """Notes on the days after a visit may have been missed."""
        on = self.start
        while on < self.last:
            on += days(self.pick(5, 9, 12, 16, 17, 18, 30))
            body = self.maybe(25, {"oversight_id": f"ov{self.serial}", "role": "TM"},
                              linked_rule=self.pick("CP-07", "CN-01", "LA-01", "LA-02", "CP-05", "LA-11"))
            self.dated("oversight_recorded", "recorded_on", on, body)
            if self.chance(10):
                return

    def life_changing_hands(self):
        """One lead worker after the other, three of them inside a year or just not."""
        self.plan(self.pick("CP", "CIN"), self.start, None, "ch")
        on = self.start
        for number in range(self.pick(3, 4, 5)):
            worker, name = f"SW{self.pick(1, 2, 3, 4, 5, 6)}", f"ch{number}"
            self.dated("worker_allocated", "allocated_on", on, {"allocation_id": name, "role": "LEAD_SW"}, worker_ref=worker)
            if self.chance(70):
                self.visit(self.pick("CP", "CIN", "DUTY"), self.met_about(self.wd.after(on, 10)), worker=worker)
            ends = on + days(self.pick(30, 60, 90, 120, 182, 183))
            if self.chance(60):
                self.dated("worker_ended", "ended_on", ends, {"allocation_id": name, "role": "LEAD_SW"}, worker_ref=worker)
            on = self.pick(ends, self.wd.after(ends, 1), ends + days(self.pick(2, 3, 9)))

    def life_fostered(self):
        """Private fostering, two years and more of it."""
        begins = self.pick(self.start, add_months(self.start, -12), add_months(self.start, -11))
        self.plan("PF", begins, self.pick(None, None, self.around(0.9)), "pfl")
        self.visit("PF", self.met_about(self.wd.after(begins, 7)), plan="pfl")
        self.rounds("PF", begins, lambda on: on + days(42 if on < add_months(begins, 12) else 84), plan="pfl")

    def life_parented(self):
        """With the parents, under an order that is made or changes."""
        self.placement("par", self.start, self.pick(None, self.around(0.9)),
                       {"rne": "S", "place": "P1", "ls": self.pick("C2", "C2", "C1", "V2")}, "E4A")
        changed = self.start
        if self.chance(60):
            changed = self.around(0.3)
            self.word("legal_changed", changed, {"ls": self.pick("C2", "C2", "C1", "V2"), "decom": changed.isoformat()})
        if self.chance(50):
            self.rounds("CLA", self.start, lambda on: on + days(7), changed, placement="par")
        self.rounds("CLA", changed, lambda on: on + days(self.pick(7, 42)), placement="par")
        if self.chance(50):
            self.dated("plan_review", "held_on", self.start + days(self.pick(10, 28)), {"review_kind": "CLA"})
        if self.chance(40):
            asked = self.around(0.5)
            self.word("schedule_override", asked, {"override_id": f"ov{self.serial}", "rule": "LA-09", "from": asked.isoformat()})
            self.visit("CLA", self.met_about(asked + days(7)), placement="par")

    def life_proceedings(self):
        sent, name = self.start, f"pre{self.serial}"
        link = {"preproceedings_id": name} if self.chance(80) else {}
        self.step("LBP_SENT", sent, link)
        on = sent
        for _ in range(self.pick(0, 1, 2, 3)):
            on = max(on, self.met_about(on + days(42)))
            self.step("REVIEW", on, link)
        decided = self.met_about(sent + days(112))
        if self.chance(75):
            self.step(self.pick("STEP_DECISION", "COURT_APPLICATION", "COURT_APPLICATION"), decided, link)
        if self.chance(60):
            issued = max(decided, sent) + days(self.pick(0, 10))
            self.step("COURT_APPLICATION", issued, link)
            if self.chance(65):
                self.step("FINAL_ORDER", self.met_about(issued + days(182)), link)
            elif self.chance(60):
                on = self.met_about(issued + days(182))
                self.word("legal_changed", on, {"ls": self.pick("C2", "C2", "E1"), "decom": on.isoformat()})
        if self.chance(50):
            self.plan("CP", sent - days(10), None, "prp")

    def life_disputed(self):
        """A reviewing officer or a chair in formal dispute, one after the other or both at once."""
        on = self.start
        for kind in self.pick(("IRO",), ("CHAIR",), ("IRO", "CHAIR"), ("CHAIR", "CHAIR")):
            link = {"dispute_id": f"dis{self.serial}", "kind": kind}
            self.disputed("OPENED", on, link)
            at = on
            for stage in self.pick((), ("STAGE_2",), ("STAGE_2", "STAGE_3"), ("STAGE_2", "CAFCASS", "STAGE_4")):
                at = max(at, self.met_about(self.wd.after(at, 5)))
                self.disputed(stage, at, link if self.chance(80) else {"dispute_id": link["dispute_id"]})
            if self.chance(75):
                at = max(at, self.met_about(self.wd.after(on, 20) if self.chance(50) else self.wd.after(at, 5)))
                self.disputed(self.pick("RESOLVED", "RESOLVED", "WITHDRAWN"), at, link)
            on = self.pick(on, at + days(self.pick(1, 10)), self.around(0.5))

    def disputed(self, step, on, link):
        self.dated("dispute_step", "step_on", on, {"step": step, **link})

    def step(self, kind, on, link):
        self.dated("preproceedings_step", "step_date", on, {"step": kind, **link})

    def pause(self):
        on = self.around(0.5)
        self.fact("clock_paused", on, {"pause_id": f"pz{self.serial}", "reason": self.pick("ABROAD", "HOSPITAL", "MISSING"),
                                       "authoriser": "SM1", "authoriser_role": "SM", "until": (on + days(40)).isoformat()})

    # ---------------------------------------------------------------- identities

    def tell_apart(self):
        """No two children have a plan, placement or episode of one name."""
        for _, _, record in self.entries:
            for body in [value for value in record.values() if isinstance(value, dict)]:
                mine = record["child_ref"]
                for field, value in body.items():
                    if field.endswith("_id") and not value.startswith(mine + "."):
                        body[field] = f"{mine}.{value}"
                if "episode_ids" in body:
                    body["episode_ids"] = [name if name.startswith(mine + ".") else f"{mine}.{name}"
                                           for name in body["episode_ids"]]

    def confuse(self):
        """Two names of one child; some are taken apart again."""
        adopted = {record["child_ref"] for _, _, record in self.entries
                   if record.get("placement_ended", {}).get("rec") in ("E11", "E12")}
        self.names = [name for name in self.names if name not in adopted]
        for _ in range(self.pick(0, 0, 0, 1, 2)):
            if len(self.names) < 2:
                return
            gone, stays = self.random.sample(self.names, 2)
            self.names.remove(gone)
            on = self.first + days(self.random.randrange(self.span))
            self.child = stays
            self.serial += 1
            self.identity("identity_merged", on, {"merged_child_ref": gone})
            if self.chance(40):
                self.identity("identity_split", on + days(self.random.randrange(1, 200)), {"split_child_ref": gone})

    def identity(self, kind, on, body):
        self.serial += 1
        moment = datetime.combine(on, time(11, self.serial % 60), tzinfo=LONDON)
        self.tell(moment, {"event_id": f"e{self.serial}", "la_code": "936", "child_ref": self.child,
                           "occurred_at": text_of(moment), "recorded_at": text_of(moment), "source_system": "LCS",
                           "source_record_id": f"r{self.serial}", "source_revision": 1, "op": "CREATE", kind: body})

    def window(self):
        return midnight(self.first), midnight(self.end)
