// wrap: malloc calloc realloc dw_arena_alloc dw_arena_str dw_arena_room
/* check_nomem.c: memory runs out at each single allocation of a call, alone or with all after it. The call says so, or its
 * answer is the one it has with memory enough. Three children whose subjects are merged and split, alerts that are
 * acknowledged, another policy, records that are folded and shed; tests/property has a long life of one child. */
#include "handlers/identity.h"
#include "tests/support/failing_alloc.h"
#include "tests/unit/handlers/small_policy.h"

#define KIDS 3
#define PAGES_MAX 16
#define MAIL_MAX 64

typedef struct stored {
    dw_buf head;
    dw_buf pages[PAGES_MAX];
} stored;

typedef enum what { EVENT, ACK, MOVE, FIRE, SWITCH, STORE } what;

typedef struct call {
    what what;
    int kid;
    dw_event ev;
    dw_moved moved;
    dw_record *(*make)(void); /* not what is stored, but this record */
} call;

typedef struct letter {
    int to;
    dw_moved body;
} letter;

static const char *const names[KIDS] = {"a", "b", "c"};

static struct {
    dw_policy *policy;
    stored kids[KIDS];
    dw_arena *arena;
    int64_t clock_us, offset;
    letter mail[MAIL_MAX];
    size_t mail_count;
    unsigned long refused, good;
} town;

/* What a call gave: how it went, transitions, moves, head and pages. */
typedef struct answer {
    dw_buf bytes;
    stored store;
    dw_applied applied;
    int64_t next_due_us;
} answer;

static void stored_deinit(stored *s)
{
    dw_buf_deinit(&s->head);
    for (int i = 0; i < PAGES_MAX; i++)
        dw_buf_deinit(&s->pages[i]);
}

static void answer_deinit(answer *a)
{
    dw_buf_deinit(&a->bytes);
    stored_deinit(&a->store);
}

static void keep(dw_buf *buf, const void *data, size_t len)
{
    ck_assert(dw_buf_append(buf, data, len));
}

static void keep_str(dw_buf *buf, dw_str s)
{
    keep(buf, &s.len, sizeof s.len);
    keep(buf, s.ptr, s.len);
}

/* Visits of a plan, three episodes in 90 days, and a flag with each referral. */
static dw_policy *town_policy(uint32_t number)
{
    dw_policy *policy = small_policy_open(number);
    add_visits(policy, "CP-07");
    add_episodes(policy, "MI-03");
    dw_rule *flag = add_episodes(policy, "FL-01");
    flag->until = DW_UNTIL_FLAG;
    flag->over.family = DW_SPAN_REFERRAL;
    flag->threshold = 1;
    flag->answer_count = 0;
    small_policy_seal(policy);
    return policy;
}

static void open_town(void)
{
    memset(&town, 0, sizeof town);
    town.policy = town_policy(1);
    town.arena = dw_arena_new(64 << 20);
    ck_assert_ptr_nonnull(town.arena);
}

static void close_town(void)
{
    ck_assert_uint_gt(town.refused, 0);
    ck_assert_uint_gt(town.good, 0);
    for (int i = 0; i < KIDS; i++)
        stored_deinit(&town.kids[i]);
    dw_arena_free(&town.arena);
    dw_policy_unref(&town.policy);
}

/* --- one call */

static dw_errc load(const call *c, dw_record **rec)
{
    const stored *store = &town.kids[c->kid];
    dw_error err;
    if (c->make != NULL)
        return DW_OK;
    if (store->head.len == 0) {
        *rec = dw_record_new(DW_STR_LIT("936"), dw_str_from(names[c->kid]));
        return *rec != NULL ? DW_OK : DW_E_NOMEM;
    }
    dw_errc code = dw_record_decode(store->head.data, store->head.len, rec, &err);
    const dw_event *ev = c->what == EVENT || c->what == ACK ? &c->ev : NULL;
    if (code != DW_OK || c->what == FIRE || !dw_record_needs_pages(*rec, ev))
        return code;
    for (uint32_t i = 0; i < (*rec)->page_count && code == DW_OK; i++)
        code = dw_record_attach_page(*rec, i, store->pages[i].data, store->pages[i].len, &err);
    return code;
}

static dw_core_result perform(const call *c, dw_record *rec, dw_emit *emit)
{
    switch (c->what) {
    case EVENT:
        return dw_core_event(rec, town.policy, &c->ev, town.clock_us, town.offset, emit);
    case ACK:
        return dw_core_ack(rec, town.policy, &c->ev, town.clock_us, town.offset, emit);
    case MOVE:
        return dw_core_move(rec, town.policy, &c->moved, town.clock_us, town.offset, emit);
    case FIRE:
        return dw_core_fire(rec, town.policy, rec->next_due_us, emit);
    case SWITCH:
        return dw_core_switch(rec, town.policy, town.clock_us, emit);
    case STORE:
        break;
    }
    return (dw_core_result){DW_APPLIED, DW_OK};
}

static void gather(const dw_record *rec, const dw_emit *emit, const dw_encoded *encoded, answer *out)
{
    for (uint32_t i = 0; i < emit->count; i++) {
        char *line = dw_transition_to_json(&emit->items[i], NULL);
        ck_assert_ptr_nonnull(line);
        keep(&out->bytes, line, strlen(line));
        free(line);
    }
    for (uint32_t i = 0; i < emit->move_count; i++) {
        const dw_move *m = &emit->moves[i];
        const dw_str parts[] = {m->la_code,           m->child_ref,           m->body.to_la_code, m->body.to_child_ref,
                                m->body.from_la_code, m->body.from_child_ref, m->body.facts};
        for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
            keep_str(&out->bytes, parts[k]);
        keep(&out->bytes, &m->body.more, 1);
    }
    keep(&out->bytes, encoded->head.data, encoded->head.len);
    keep(&out->bytes, encoded->pages.data, encoded->pages.len);
    keep(&out->store.head, encoded->head.data, encoded->head.len);
    for (uint32_t i = 0; i < encoded->write_count; i++) {
        const dw_page_write *write = &encoded->writes[i];
        ck_assert_uint_lt(write->index, PAGES_MAX);
        keep(&out->store.pages[write->index], encoded->pages.data + write->start, write->len);
    }
    out->next_due_us = rec->next_due_us;
}

static dw_str copied(dw_str s)
{
    return s.len != 0 ? dw_arena_str(town.arena, s) : s;
}

static void take_mail(const dw_emit *emit)
{
    for (uint32_t i = 0; i < emit->move_count; i++) {
        const dw_move *m = &emit->moves[i];
        letter *next = &town.mail[town.mail_count++];
        ck_assert_uint_lt(town.mail_count, MAIL_MAX);
        *next = (letter){.to = m->child_ref.ptr[0] - 'a', .body = m->body};
        dw_str *parts[] = {&next->body.to_la_code, &next->body.to_child_ref, &next->body.from_la_code,
                           &next->body.from_child_ref, &next->body.facts};
        for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
            *parts[k] = copied(*parts[k]);
    }
}

static dw_errc attempt(const call *c, unsigned long fail_at, bool for_good, unsigned long *asked, answer *out)
{
    dw_record *rec = c->make != NULL ? c->make() : NULL;
    dw_encoded encoded = {0};
    dw_error err;
    dw_errc code = DW_E_NOMEM;
    failing_arm(fail_at, for_good);
    dw_emit *emit = dw_emit_new();
    if (emit == NULL)
        goto out;
    code = load(c, &rec);
    if (code == DW_OK) {
        dw_core_result result = perform(c, rec, emit);
        out->applied = result.applied;
        code = result.applied == DW_APPLY_NOMEM ? DW_E_NOMEM : result.error; /* as the shard reads it */
    }
    if (code == DW_OK)
        code = dw_record_encode(rec, town.policy, &encoded, &err);
out:
    *asked = failing_disarm();
    if (code == DW_OK) {
        gather(rec, emit, &encoded, out);
        if (fail_at == 0)
            take_mail(emit);
    }
    dw_encoded_deinit(&encoded);
    dw_record_free(&rec);
    dw_emit_free(&emit);
    return code;
}

/* With memory enough, then with too little of it at each place. */
static dw_applied try_call(const call *c)
{
    answer good = {0};
    unsigned long needed, asked;
    ck_assert_int_eq(attempt(c, 0, false, &needed, &good), DW_OK);
    for (unsigned long at = 1; at <= needed; at++) {
        for (int for_good = 0; for_good < 2; for_good++) {
            answer poor = {0};
            dw_errc code = attempt(c, at, for_good != 0, &asked, &poor);
            ck_assert_msg(failing.hit, "allocation %lu of %lu was not asked for", at, needed);
            if (code == DW_OK)
                ck_assert_msg(poor.applied == good.applied && poor.bytes.len == good.bytes.len &&
                                  memcmp(poor.bytes.data, good.bytes.data, good.bytes.len) == 0,
                              "call %lld, allocation %lu of %lu: another answer", (long long)town.offset, at, needed);
            else
                ck_assert_msg(code == DW_E_NOMEM, "call %lld, allocation %lu of %lu: %s", (long long)town.offset, at,
                              needed, dw_errc_name(code));
            town.refused += code != DW_OK;
            answer_deinit(&poor);
        }
    }
    town.good++;
    dw_applied applied = good.applied;
    if (c->make == NULL) {
        for (int i = 0; i < PAGES_MAX; i++)
            if (good.store.pages[i].len == 0) { /* stays as it is */
                good.store.pages[i] = town.kids[c->kid].pages[i];
                town.kids[c->kid].pages[i] = (dw_buf){0};
            }
        stored before = town.kids[c->kid];
        town.kids[c->kid] = good.store;
        good.store = before;
    }
    answer_deinit(&good);
    return applied;
}

/* --- what is told */

static void fire_due(int64_t until_us)
{
    for (int kid = 0; kid < KIDS; kid++)
        for (;;) {
            dw_record_front front = {.next_due_us = DW_AT_NEVER};
            const dw_buf *head = &town.kids[kid].head;
            ck_assert(head->len == 0 || dw_record_peek(head->data, head->len, &front));
            if (front.next_due_us > until_us)
                break;
            try_call(&(call){.what = FIRE, .kid = kid});
        }
}

static void deliver_all(void)
{
    while (town.mail_count != 0) {
        letter one = town.mail[0];
        memmove(town.mail, town.mail + 1, --town.mail_count * sizeof *town.mail);
        town.offset++;
        try_call(&(call){.what = MOVE, .kid = one.to, .moved = one.body});
    }
}

static dw_applied say_as(int kid, const char *when, const char *record, const char *op, const char *kind,
                         const char *body)
{
    char text[1024];
    call c = {.kid = kid};
    dw_error err = {0};
    int64_t ignored;
    int len =
        snprintf(text, sizeof text,
                 "{'event_id':'e','la_code':'936','child_ref':'%s','source_system':'LCS','source_record_id':'%s',"
                 "'source_revision':%d,'op':'%s','occurred_at':'%s','worker_ref':'w','team_id':'team-1','%s':{%s}}",
                 names[kid], record, op[0] == 'C' ? 1 : 2, op, when, kind, body);
    for (int i = 0; i < len; i++)
        if (text[i] == '\'')
            text[i] = '"';
    ck_assert_msg(dw_event_from_json(text, (size_t)len, town.arena, &c.ev, &ignored, &err) == DW_OK, "%s: %s", text,
                  err.text);
    fire_due(c.ev.occurred_at_us);
    town.clock_us = c.ev.occurred_at_us;
    town.offset++;
    c.what = c.ev.type == DW_EV_ALERT_ACKNOWLEDGED ? ACK : EVENT;
    return try_call(&c);
}

static dw_applied say(int kid, const char *when, const char *record, const char *kind, const char *body)
{
    dw_applied applied = say_as(kid, when, record, "CREATE", kind, body);
    deliver_all();
    return applied;
}

/* Of kid a's visits. */
static dw_applied acknowledge(const char *when, const char *record, unsigned generation)
{
    char id[DW_UUID_TEXT_LEN + 1], body[400];
    dw_alert_id(DW_STR_LIT("936"), DW_STR_LIT("a"), DW_STR_LIT("CP-07"), DW_STR_LIT("plan"), DW_STR_LIT("p"), id);
    snprintf(body, sizeof body,
             "'alert_id':'%s','generation':%u,'level':0,'reason_code':'VISIT_BOOKED','review_by':'2026-01-23',"
             "'oversight_ref':'note','actor_post':'t1-tm'",
             id, generation);
    return say(0, when, record, "alert_acknowledged", body);
}

static void another_policy(uint32_t number)
{
    dw_policy_unref(&town.policy);
    town.policy = town_policy(number);
}

#define PLAN "'plan_id':'p','plan_type':'CP'"
#define VISIT "'visit_type':'CP','mode':'F2F','plan_id':'p'"

START_TEST(alerts)
{
    say(0, "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    say(0, "2026-01-06T09:00:00Z", "r2", "rhi", "'stage':'OFFERED','episode_ids':['x','y']");
    say(0, "2026-01-07T09:00:00Z", "r4", "contact_received", "");
    for (int i = 0; i < 6; i++) { /* flags, more than alerts have room for at first */
        char when[32], record[16], body[64];
        snprintf(when, sizeof when, "2026-01-08T%02d:00:00Z", 10 + i);
        snprintf(record, sizeof record, "R%d", i);
        snprintf(body, sizeof body, "'referral_id':'%s'", record);
        say(0, when, record, "referral_received", body);
    }
    for (int i = 0; i < 3; i++) {
        char when[32], record[16], body[64];
        snprintf(when, sizeof when, "2026-01-%02dT09:00:00Z", 10 + i);
        snprintf(record, sizeof record, "e%d", i);
        snprintf(body, sizeof body, "'episode_id':'%s','phase':'OPENED','category':'M'", record);
        say(0, when, record, "missing_episode", body);
    }
    fire_due(instant("2026-01-20T00:00:00Z"));
    ck_assert_int_eq(acknowledge("2026-01-20T10:00:00Z", "k1", 1), DW_APPLIED);
    ck_assert_int_eq(acknowledge("2026-01-20T11:00:00Z", "k2", 9), DW_APPLIED); /* noted */
    another_policy(2);
    ck_assert_int_eq(acknowledge("2026-01-21T11:00:00Z", "k3", 1), DW_APPLIED); /* switched before it is asked */
    fire_due(instant("2026-02-01T00:00:00Z"));
    another_policy(3);
    say(0, "2026-02-01T09:00:00Z", "r3", "visit_done", VISIT);
    another_policy(4);
    try_call(&(call){.what = SWITCH, .kid = 0});
}
END_TEST

START_TEST(merges_and_splits)
{
    say(0, "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    say(0, "2026-01-06T09:00:00Z", "r2", "visit_done", VISIT);
    say(1, "2026-01-06T09:00:00Z", "r3", "visit_done", VISIT);
    fire_due(instant("2026-01-22T00:00:00Z"));
    ck_assert_int_eq(say(1, "2026-01-22T09:00:00Z", "m1", "identity_merged", "'merged_child_ref':'a'"), DW_APPLIED);
    ck_assert_int_eq(say(0, "2026-01-23T09:00:00Z", "r4", "visit_done", VISIT), DW_PASSED_ON);
    say(2, "2026-01-24T09:00:00Z", "m2", "identity_merged", "'merged_child_ref':'b'");
    ck_assert_int_eq(say(0, "2026-01-25T09:00:00Z", "r5", "visit_done", VISIT), DW_PASSED_ON); /* by way of b to c */
    another_policy(2);
    say(2, "2026-01-26T09:00:00Z", "s1", "identity_split", "'split_child_ref':'b'"); /* takes a along */
    say(1, "2026-01-27T09:00:00Z", "s2", "identity_split", "'split_child_ref':'a'");
    ck_assert_int_eq(say(0, "2026-01-28T09:00:00Z", "r6", "visit_done", VISIT), DW_APPLIED);
    /* merged anew before its facts have arrived, and undone while they are on their way */
    say_as(1, "2026-01-29T09:00:00Z", "m3", "CREATE", "identity_merged", "'merged_child_ref':'a'");
    say_as(1, "2026-01-29T09:01:00Z", "m3", "VOID", "identity_merged", "");
    deliver_all();
    ck_assert_int_eq(say(0, "2026-01-30T09:00:00Z", "r7", "visit_done", VISIT), DW_APPLIED);
    /* of a merge told under one who is another one by then: who was merged by it hears of the split */
    say(1, "2026-02-01T09:00:00Z", "m4", "identity_merged", "'merged_child_ref':'a'");
    say_as(0, "2026-02-02T09:00:00Z", "m5", "CREATE", "identity_merged", "'merged_child_ref':'c'");
    say_as(1, "2026-02-02T09:01:00Z", "s3", "CREATE", "identity_split", "'split_child_ref':'a'");
    deliver_all();
    for (unsigned i = 0; i < 12; i++) { /* more moves than there is room for at once */
        char record[8];
        snprintf(record, sizeof record, "v%u", i);
        say(2, "2026-02-03T09:00:00Z", record, "visit_done", VISIT);
    }
    another_policy(3);
    say(1, "2026-02-04T09:00:00Z", "m6", "identity_merged", "'merged_child_ref':'c'");
}
END_TEST

/* --- one rule by itself */

/* The duties of several plans under one rule, as one text; "" when memory ran out. */
static void duties(const dw_chronology *chron, dw_arena *arena, char *text, size_t size)
{
    size_t len = 0;
    dw_arena_reset(arena);
    text[0] = '\0';
    const dw_obligations *obs = dw_evaluate_rule(chron, town.policy, dw_policy_rule(town.policy, 0), arena);
    for (uint32_t i = 0; obs != NULL && i < obs->count; i++)
        len += (size_t)snprintf(text + len, size - len, "%.*s %s %d;", DW_STR_ARG(obs->items[i].subject_id),
                                dw_ob_state_name(obs->items[i].state), obs->items[i].due_on);
}

START_TEST(one_rule)
{
    char good[500], poor[500];
    dw_record *rec = dw_record_new(DW_STR_LIT("936"), DW_STR_LIT("a"));
    dw_arena *derived = dw_arena_new(1 << 20), *arena = dw_arena_new(1 << 20);
    static const char *const plans[] = {"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"};
    for (int i = 0; i < 9; i++) {
        dw_event ev = {.type = DW_EV_PLAN_STARTED, .op = DW_OP_CREATE, .source_revision = 1};
        ev.source_record_id = dw_str_from(plans[i]);
        ev.occurred_at_us = dw_london_start_us(20000 + i);
        ev.values[0] = (dw_value){.field = DW_F_PLAN_STARTED_PLAN_ID, .kind = DW_VAL_STR, .s = ev.source_record_id};
        ev.values[1] = (dw_value){.field = DW_F_PLAN_STARTED_PLAN_TYPE, .kind = DW_VAL_ENUM, .i = DW_V_PLAN_TYPE_CP};
        ev.value_count = 2;
        ck_assert_int_eq(dw_record_put(rec, &ev, i), DW_APPLIED);
    }
    const dw_chronology *chron = dw_chronology_derive(rec, dw_london_start_us(20019), derived);
    ck_assert_ptr_nonnull(chron);
    failing_arm(0, false);
    duties(chron, arena, good, sizeof good);
    unsigned long needed = failing_disarm();
    /* begun on a Friday (day 20000), the weekend, and so on: the tenth working day after */
    ck_assert_str_eq(good, "p0 overdue 20014;p1 overdue 20014;p2 overdue 20014;p3 overdue 20017;p4 overdue 20018;"
                           "p5 scheduled 20019;p6 scheduled 20020;p7 scheduled 20021;p8 scheduled 20021;");
    for (unsigned long at = 1; at <= needed; at++)
        for (int for_good = 0; for_good < 2; for_good++) {
            failing_arm(at, for_good != 0);
            duties(chron, arena, poor, sizeof poor);
            failing_disarm();
            ck_assert_msg(poor[0] == '\0', "allocation %lu of %lu: %s", at, needed, poor);
            town.refused++;
        }
    town.good++;
    dw_arena_free(&arena);
    dw_arena_free(&derived);
    dw_record_free(&rec);
}
END_TEST

/* --- what is stored */

static char ids[2000][24];

static void add_visit(dw_record *rec, int i, int32_t day)
{
    dw_event ev = {.type = DW_EV_VISIT_DONE, .op = DW_OP_CREATE, .source_revision = 1};
    snprintf(ids[i], sizeof ids[i], "visit-%d", i);
    ev.source_system = DW_STR_LIT("LCS");
    ev.source_record_id = dw_str_from(ids[i]);
    ev.occurred_at_us = dw_london_start_us(day);
    ev.values[0] = (dw_value){.field = DW_F_VISIT_DONE_PLAN_ID, .kind = DW_VAL_STR, .s = ev.source_record_id};
    ev.value_count = 1;
    ck_assert_int_eq(dw_record_put(rec, &ev, i), DW_APPLIED);
}

static dw_record *made(int visits, int32_t first_day, int32_t today)
{
    dw_record *rec = dw_record_new(DW_STR_LIT("936"), DW_STR_LIT("a"));
    ck_assert_ptr_nonnull(rec);
    for (int i = 0; i < visits; i++)
        add_visit(rec, i, first_day);
    rec->clock_us = dw_london_start_us(today);
    return rec;
}

static void add_closed(dw_record *rec, uint32_t n)
{
    static char subjects[1000][24];
    rec->alerts = dw_arena_alloc(rec->arena, n * sizeof *rec->alerts);
    rec->alert_count = rec->alert_cap = n;
    for (uint32_t i = 0; i < n; i++) {
        snprintf(subjects[i], sizeof subjects[i], "episode-%05u", i);
        rec->alerts[i] = (dw_alert){.state = DW_AL_CLOSED,
                                    .rule_id = DW_STR_LIT("MI-01"),
                                    .subject_kind = DW_STR_LIT("episode"),
                                    .subject_id = dw_str_from(subjects[i]),
                                    .generation = 1,
                                    .outcome = DW_OUT_DONE_LATE};
    }
}

static dw_record *many_strings(void) /* more than the table of them has room for at first */
{
    return made(300, 20000, 20000);
}

static dw_record *not_yet_settled(void)
{
    return made(DW_FOLD_PUTS, 20000, 20000);
}

static dw_record *settled(void)
{
    return made(DW_FOLD_PUTS, 20000, 20100);
}

/* Who the child is stays, however old. */
static dw_record *old_and_pinned(void)
{
    dw_record *rec = made(0, 20000, 20300);
    for (int i = 0; i < DW_FOLD_PUTS; i++) {
        dw_event ev = {.type = DW_EV_CHILD_UPDATED, .op = DW_OP_CREATE, .source_revision = 1};
        snprintf(ids[i], sizeof ids[i], "c-%d", i);
        ev.source_record_id = dw_str_from(ids[i]);
        ev.occurred_at_us = dw_london_start_us(20000);
        ck_assert_int_eq(dw_record_put(rec, &ev, i), DW_APPLIED);
    }
    return rec;
}

static dw_record *settled_with_alerts(void)
{
    dw_record *rec = made(DW_FOLD_PUTS, 20000, 20100);
    add_closed(rec, 40);
    return rec;
}

static dw_record *too_many_alerts(void)
{
    dw_record *rec = made(1, 20100, 20100);
    add_closed(rec, 700);
    return rec;
}

static dw_record *too_many_facts(void)
{
    dw_record *rec = made(1000, 20100, 20100);
    rec->fold_day = DW_DAY_OPEN;
    rec->fold_puts = 0;
    return rec;
}

/* Facts that fill several blocks when they travel. */
static dw_record *large_facts(void)
{
    char texts[DW_EVENT_REPEATED_MAX][DW_ID_BYTES_MAX + 1];
    dw_str list[DW_EVENT_REPEATED_MAX];
    dw_record *rec = made(0, 20000, 20000);
    for (int i = 0; i < 20; i++) {
        dw_event ev = {.type = DW_EV_RHI, .op = DW_OP_CREATE, .source_revision = 1};
        snprintf(ids[i], sizeof ids[i], "rhi-%d", i);
        for (int k = 0; k < DW_EVENT_REPEATED_MAX; k++) {
            snprintf(texts[k], sizeof texts[k], "%064d", i * 1000 + k);
            list[k] = dw_str_from(texts[k]);
        }
        ev.source_record_id = dw_str_from(ids[i]);
        ev.occurred_at_us = dw_london_start_us(20000);
        ev.values[0] = (dw_value){.field = DW_F_RHI_EPISODE_IDS, .kind = DW_VAL_STRS, .n = DW_EVENT_REPEATED_MAX};
        ev.values[0].list = list;
        ev.value_count = 1;
        ck_assert_int_eq(dw_record_put(rec, &ev, i), DW_APPLIED);
    }
    return rec;
}

/* Many that say next to nothing. */
static dw_record *plain_facts(void)
{
    dw_record *rec = made(0, 20000, 20000);
    for (int i = 0; i < 500; i++) {
        dw_event ev = {.type = DW_EV_MEETING_HELD, .op = DW_OP_CREATE, .source_revision = 1};
        snprintf(ids[i], sizeof ids[i], "m-%d", i);
        ev.source_record_id = dw_str_from(ids[i]);
        ev.occurred_at_us = dw_london_start_us(20000);
        ck_assert_int_eq(dw_record_put(rec, &ev, i), DW_APPLIED);
    }
    return rec;
}

START_TEST(several_blocks)
{
    call c = {.what = MOVE, .make = _i == 0 ? large_facts : plain_facts};
    c.moved = (dw_moved){.to_la_code = DW_STR_LIT("936"), .to_child_ref = DW_STR_LIT("b")};
    town.clock_us = dw_london_start_us(20001);
    ck_assert_int_eq(try_call(&c), DW_APPLIED);
    ck_assert_uint_ge(town.mail_count, _i == 0 ? 3 : 1);
}
END_TEST

START_TEST(storing)
{
    static dw_record *(*const makers[])(void) = {many_strings,        not_yet_settled, settled,       old_and_pinned,
                                                 settled_with_alerts, too_many_alerts, too_many_facts};
    try_call(&(call){.what = STORE, .make = makers[_i / 2]});
    if (_i % 2 == 1) { /* and without a policy */
        dw_policy_unref(&town.policy);
        try_call(&(call){.what = STORE, .make = makers[_i / 2]});
    }
}
END_TEST

/* Stored with pages, and loaded with them again: with and without a policy to judge by. */
START_TEST(storing_pages_again)
{
    dw_record *rec = settled_with_alerts();
    dw_encoded encoded = {0};
    answer first = {0};
    dw_error err;
    dw_emit *emit = dw_emit_new();
    ck_assert_int_eq(dw_record_encode(rec, town.policy, &encoded, &err), DW_OK);
    ck_assert_uint_gt(encoded.write_count, 1);
    gather(rec, emit, &encoded, &first);
    town.kids[0] = first.store;
    first.store = (stored){0};
    answer_deinit(&first);
    dw_encoded_deinit(&encoded);
    dw_record_free(&rec);
    dw_emit_free(&emit);
    town.clock_us = dw_london_start_us(20101);
    if (_i == 1)
        dw_policy_unref(&town.policy);
    say(0, "2024-11-12T09:00:00Z", "late", "visit_done", VISIT);
}
END_TEST

/* --- a policy */

static dw_policy *build_policy(void)
{
    dw_policy *policy = dw_policy_new(1 << 20);
    dw_rule *missed = policy != NULL ? dw_policy_add_rule(policy) : NULL;
    dw_rule *follows = missed != NULL ? dw_policy_add_rule(policy) : NULL;
    static const dw_str ids_of[] = {DW_STR_LIT("AA-1")};
    dw_error err;
    if (follows == NULL)
        goto fail;
    *missed = (dw_rule){.id = ids_of[0], .kind = DW_RULE_DEADLINE, .priority = DW_P1, .limit_count = 1};
    missed->evidence[0].type = DW_EV_VISIT_DONE;
    missed->evidence_count = 1;
    *follows = *missed;
    follows->id = DW_STR_LIT("AA-2");
    follows->anchor = DW_ANCHOR_BREACH;
    follows->breach_ids = ids_of;
    follows->breach_id_count = 1;
    dw_policy_set_calendar(policy, dw_calendar_new(NULL, 0, NULL, 0, 540, 1020));
    dw_policy_set_identity(policy, 1, DW_STR_LIT("digest"), DW_AT_NONE);
    for (int i = 0; i < 40; i++)
        if (!dw_policy_add_line(policy, (dw_line){.team_id = DW_STR_LIT("team")}))
            goto fail;
    if (dw_policy_calendar(policy) == NULL || dw_policy_digest(policy).ptr == NULL)
        goto fail;
    dw_errc code = dw_policy_seal(policy, &err);
    if (code == DW_OK)
        return policy;
    if (code != DW_E_NOMEM)
        abort(); /* check's own words need memory */
fail:
    dw_policy_unref(&policy);
    return NULL;
}

START_TEST(a_policy)
{
    failing_arm(0, false);
    dw_policy *policy = build_policy();
    unsigned long needed = failing_disarm();
    ck_assert_ptr_nonnull(policy);
    ck_assert_uint_eq(dw_policy_rule(policy, 1)->breach_count, 1);
    dw_policy_unref(&policy);
    for (unsigned long at = 1; at <= needed; at++)
        for (int for_good = 0; for_good < 2; for_good++) {
            failing_arm(at, for_good != 0);
            policy = build_policy();
            failing_disarm();
            ck_assert_msg(policy == NULL, "allocation %lu of %lu failed, and nobody said so", at, needed);
            town.refused++;
        }
    town.good++;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nomem");
    TCase *cases = tcase_create("nomem");
    tcase_set_timeout(cases, 110);
    tcase_add_checked_fixture(cases, open_town, close_town);
    tcase_add_test(cases, alerts);
    tcase_add_test(cases, merges_and_splits);
    tcase_add_test(cases, one_rule);
    tcase_add_loop_test(cases, several_blocks, 0, 2);
    tcase_add_loop_test(cases, storing, 0, 14);
    tcase_add_loop_test(cases, storing_pages_again, 0, 2);
    tcase_add_test(cases, a_policy);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
