// link: dw_config
/* check_fold.c: folding promises that the head alone answers as the whole record would (record.h). Random lives are told to
 * two records: one that keeps everything, and one that after every step is folded, encoded and decoded, and gets its
 * pages back only when dw_record_needs_pages() asks. Both must say the same, at the same instants.
 *
 * What is kept of a record between two of its events (handlers/kept.h) is compared with what its facts give, too.
 * In every second life ids come again after their end. Seeds are fixed; DW_SEED=n runs one of them, DW_LIVES=n so many, and a failure prints its own. */

#include "handlers/kept.h"
#include "tests/support/core_same.h"
#include "tests/support/core_standards.h"

#define LIVES 40
#define STEPS 400
#define PAGES_MAX 512
#define IDS 6 /* workers of a life */

typedef struct stored {
    dw_buf head;
    dw_buf pages[PAGES_MAX];
} stored;

typedef struct life {
    uint64_t random, seed;
    world *whole, *folded;
    stored store;
    dw_encoded encoded;
    int64_t now_us;
    unsigned records;
    bool reuse;                           /* numbers are given out again, else never */
    unsigned plans, placements, episodes; /* begun so far */
    struct {
        char kind[24], body[256], more[96], occurred[40];
        unsigned revision;
        bool gone;
    } told[STEPS];
    bool over
        [3][STEPS +
            1]; /* which plans, placements and episodes have been told to end: nothing ends twice, unless begun again */
    unsigned page_reads;
    unsigned gap_hours; /* between one episode and the next */
    unsigned extended;  /* chronologies kept and only extended */
    bool apart;         /* more was told than a head holds: the two may differ */
} life;

static uint32_t roll(life *l, uint32_t sides)
{
    l->random ^= l->random << 13;
    l->random ^= l->random >> 7;
    l->random ^= l->random << 17;
    return (uint32_t)((l->random >> 11) % sides);
}

static const char *pick(life *l, const char *const *words)
{
    uint32_t n = 0;
    while (words[n] != NULL)
        n++;
    return words[roll(l, n)];
}
#define PICK(l, ...) pick(l, (const char *const[]){__VA_ARGS__, NULL})

/* --- what may happen in a life */

/* One of those begun, mostly a late one. */
static unsigned some(life *l, unsigned begun)
{
    unsigned back = roll(l, 4) == 0 ? roll(l, begun + 1) : roll(l, 2);
    return begun > back ? begun - back : 0; /* 0: one that never began */
}

/* One that has not ended yet, which now does; 0 when it had. */
static unsigned some_to_end(life *l, int what, unsigned begun)
{
    unsigned id = some(l, begun);
    if (l->over[what][id])
        return 0;
    l->over[what][id] = true;
    return id;
}

/* The number of one that begins now. */
static unsigned some_to_begin(life *l, int what, unsigned *begun)
{
    unsigned id = l->reuse && *begun != 0 && roll(l, 3) != 0 ? 1 + roll(l, *begun) : ++*begun;
    l->over[what][id] = false;
    return id;
}

static void tell_body(life *l, char kind[24], char body[256], char more[96])
{
    unsigned id = roll(l, IDS);
#define KIND(name) snprintf(kind, 24, "%s", name)
#define BODY(...) snprintf(body, 256, __VA_ARGS__)
    more[0] = '\0';
    body[0] = '\0';
    switch (roll(l, 22)) {
    case 0:
        KIND("plan_started");
        BODY("'plan_id':'P%u','plan_type':'%s'", some_to_begin(l, 0, &l->plans), PICK(l, "CIN", "CP", "CLA", "PF"));
        break;
    case 1:
        KIND("plan_ended");
        BODY("'plan_id':'P%u'", some_to_end(l, 0, l->plans));
        break;
    case 2:
        KIND("plan_changed");
        BODY("'plan_id':'P%u','latest_category':'%s','visit_frequency':{'days':%u,'unit':'CD'}", some(l, l->plans),
             PICK(l, "NEG", "EMO"), 5 + roll(l, 20));
        break;
    case 3:
        KIND("placement_started");
        BODY("'placement_id':'L%u','rne':'%s','ls':'%s','place':'%s'", some_to_begin(l, 1, &l->placements),
             PICK(l, "S", "P", "B", "T", "U", "L"), PICK(l, "C1", "C2", "V2"), PICK(l, "U6", "K2", "T1"));
        break;
    case 4:
        KIND("placement_ended");
        BODY("'placement_id':'L%u'", some_to_end(l, 1, l->placements));
        break;
    case 5:
    case 6:
    case 7:
        KIND("visit_done");
        BODY("'visit_type':'%s','mode':'%s','child_seen':'Y','location':'%s','%s':'%c%u'",
             PICK(l, "CP", "CIN", "CLA", "PF"), PICK(l, "F2F", "F2F", "F2F", "PHONE"),
             PICK(l, "HOME", "PLACEMENT", "SCHOOL"), PICK(l, "visit_id", "plan_id"), 'P', some(l, l->plans));
        snprintf(more, 96, "'worker_ref':'W%u'", id);
        break;
    case 8:
    case 9:
        KIND("plan_review");
        BODY("'review_kind':'%s','status':'%s','outcome':'%s'%s", PICK(l, "RCPC", "CLA", "CIN"),
             PICK(l, "HELD", "HELD", "ADJOURNED"), PICK(l, "CONTINUE", "CONTINUE", "STEP_DOWN"),
             PICK(l, "", "", ",'permanence_plan':'ADOPTION'", ",'permanence_plan':'RETURN1M'"));
        break;
    case 10:
    case 11:
        KIND("supervision_held");
        break;
    case 12:
    case 13:
        KIND("missing_episode");
        BODY("'episode_id':'M%u','phase':'OPENED','category':'%s'", some_to_begin(l, 2, &l->episodes),
             PICK(l, "M", "M", "A"));
        break;
    case 14:
    case 15:
        KIND("missing_episode");
        BODY("'episode_id':'M%u','phase':'RETURNED'", some_to_end(l, 2, l->episodes));
        break;
    case 16:
        KIND("rhi");
        BODY("'episode_id':'M%u','stage':'%s'", some(l, l->episodes), PICK(l, "HELD", "DECLINED", "OFFERED"));
        break;
    case 17:
        KIND("meeting_held");
        BODY("'kind':'%s'", PICK(l, "STRATEGY", "RMM", "PPM"));
        break;
    case 18:
        KIND(PICK(l, "worker_allocated", "worker_allocated", "worker_ended"));
        BODY("'role':'LEAD_SW'");
        snprintf(more, 96, "'worker_ref':'W%u','team_id':'%s'", id, PICK(l, "team-01", "team-02"));
        break;
    case 19:
        KIND("contact_received");
        BODY("'contact_id':'K%u'%s", l->reuse ? roll(l, IDS) : l->records, PICK(l, "", ",'outcome':'NFA'"));
        break;
    case 20:
        KIND("referral_received");
        BODY("'referral_id':'R%u'%s", l->reuse ? roll(l, IDS) : l->records, PICK(l, "", ",'referral_nfa':'Y'"));
        break;
    case 21:
        KIND(PICK(l, "conference_icpc", "case_closed", "child_updated", "oversight_recorded", "legal_changed"));
        if (strcmp(kind, "child_updated") == 0)
            BODY("'person_birth_date':'%u-05-0%u'", 2006 + roll(l, 12), 1 + roll(l, 9));
        if (strcmp(kind, "legal_changed") == 0)
            BODY("'ls':'%s'", PICK(l, "C1", "C2"));
        break;
    }
}

/* --- the folded record: stored after every step */

static void store(life *l)
{
    dw_error err = {0};
    dw_record *rec = l->folded->rec;
    dw_encoded_reset(&l->encoded);
    ck_assert_msg(dw_record_encode(rec, l->folded->policy, &l->encoded, &err) == DW_OK, "%s", err.text);
    l->store.head.len = 0;
    ck_assert(dw_buf_append(&l->store.head, l->encoded.head.data, l->encoded.head.len));
    for (uint32_t i = 0; i < l->encoded.write_count; i++) {
        const dw_page_write *write = &l->encoded.writes[i];
        ck_assert_uint_lt(write->index, PAGES_MAX);
        dw_buf *page = &l->store.pages[write->index];
        page->len = 0;
        ck_assert(dw_buf_append(page, l->encoded.pages.data + write->start, write->len));
    }
    dw_record_free(&l->folded->rec);
    ck_assert_msg(dw_record_decode(l->store.head.data, l->store.head.len, &l->folded->rec, &err) == DW_OK, "%s",
                  err.text);
}

static void load_pages(life *l)
{
    dw_error err = {0};
    dw_record *rec = l->folded->rec;
    uint32_t n = rec->page_count;
    for (uint32_t i = 0; i < n; i++)
        ck_assert_msg(dw_record_attach_page(rec, i, l->store.pages[i].data, l->store.pages[i].len, &err) == DW_OK, "%s",
                      err.text);
    l->page_reads += n != 0;
}

static void compare(life *l, const char *when)
{
    if (l->apart)
        return;
    ck_assert_msg(strcmp(l->whole->log, l->folded->log) == 0, "seed %" PRIu64 " at %s\n--- whole\n%s\n--- folded\n%s",
                  l->seed, when, l->whole->log, l->folded->log);
    l->whole->log_len = l->folded->log_len = 0;
    l->whole->log[0] = l->folded->log[0] = '\0';
}

typedef struct telling {
    const char *occurred, *record, *op, *more, *kind, *body;
    unsigned revision;
} telling;

/* What is kept of a world's child is what its facts give. */
static void compare_kept(life *l, const world *w)
{
    const dw_chronology *chron = dw_kept_find(w->emit->kept, w->rec, w->rec->clock_us);
    if (chron == NULL)
        return;
    same_chronology(chron, dw_chronology_derive(w->rec, w->rec->clock_us, w->arena));
    l->extended += chron->fact_cap < w->rec->fact_count + DW_KEPT_FACTS_MORE;
}

/* The same event to both, now; what they say must be the same. */
static void tell_both(life *l, const telling *t)
{
    char log_time[40];
    dw_instant_format(l->now_us, log_time);
    till_us(l->whole, l->now_us);
    till_us(l->folded, l->now_us);
    compare(l, log_time);
    /* ask before the event is applied, as the engine does */
    char text[1024];
    int len = snprintf(text, sizeof text,
                       "{'event_id':'e','schema_version':1,'la_code':'936','child_ref':'C-1','source_system':'LCS',"
                       "'source_record_id':'%s','source_revision':%u,'op':'%s','occurred_at':'%s'%s%s,'%s':{%s}}",
                       t->record, t->revision, t->op, t->occurred, *t->more ? "," : "", t->more, t->kind, t->body);
    for (int k = 0; k < len; k++)
        if (text[k] == '\'')
            text[k] = '"';
    dw_event event;
    dw_error err = {0};
    int64_t ignored;
    ck_assert_msg(dw_event_from_json(text, (size_t)len, l->whole->arena, &event, &ignored, &err) == DW_OK, "%s: %s",
                  text, err.text);
    if (dw_record_needs_pages(l->folded->rec, &event))
        load_pages(l);
    dw_applied a = give(l->whole, log_time, t->occurred, t->record, t->revision, t->op, t->more, t->kind, t->body);
    dw_applied b = give(l->folded, log_time, t->occurred, t->record, t->revision, t->op, t->more, t->kind, t->body);
    ck_assert_msg(a == b, "seed %" PRIu64 ": %s applied %d and %d", l->seed, text, a, b);
    compare(l, text);
    ck_assert_msg(l->apart || l->whole->rec->next_due_us == l->folded->rec->next_due_us,
                  "seed %" PRIu64 " after %s: next %" PRId64 " and %" PRId64, l->seed, text, l->whole->rec->next_due_us,
                  l->folded->rec->next_due_us);
    compare_kept(l, l->whole);
    compare_kept(l, l->folded);
    dw_arena_reset(l->whole->arena);
    dw_arena_reset(l->folded->arena);
}

static void tell(life *l, unsigned i, const char *op)
{
    char record[16];
    snprintf(record, sizeof record, "r%u", i);
    tell_both(l, &(telling){.occurred = l->told[i].occurred,
                            .record = record,
                            .op = op,
                            .more = l->told[i].more,
                            .kind = l->told[i].kind,
                            .body = l->told[i].body,
                            .revision = l->told[i].revision});
}

static void step(life *l)
{
    const int64_t hour = INT64_C(3600000000);
    l->now_us += (int64_t)roll(l, 24 * 9) * hour + roll(l, 60) * 60000000;
    if (l->records > 0 && roll(l, 12) == 0) { /* a correction or withdrawal of something told before */
        unsigned i = roll(l, l->records);
        if (l->told[i].gone)
            return;
        l->told[i].revision++;
        l->told[i].gone = roll(l, 2) == 0;
        if (l->told[i].gone) {
            l->told[i].body[0] = '\0';
        } else {
            int64_t moved = instant(l->told[i].occurred) - (int64_t)roll(l, 20) * 24 * hour;
            dw_instant_format(moved, l->told[i].occurred);
        }
        tell(l, i, l->told[i].gone ? "void" : "amend");
        return;
    }
    unsigned i = l->records++;
    uint32_t how_late = roll(l, 20), days = how_late < 16 ? 0 : how_late < 19 ? roll(l, 20) : roll(l, 200);
    dw_instant_format(l->now_us - (int64_t)days * 24 * hour, l->told[i].occurred);
    l->told[i].revision = 1;
    tell_body(l, l->told[i].kind, l->told[i].body, l->told[i].more);
    tell(l, i, "create");
}

static life *begin_life(uint64_t seed, dw_policy *policy)
{
    life *l = calloc(1, sizeof *l);
    ck_assert_ptr_nonnull(l);
    l->seed = seed;
    l->reuse = seed % 2 == 0;
    l->random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    l->whole = world_new(dw_policy_ref(policy));
    l->folded = world_new(dw_policy_ref(policy));
    l->whole->ladder = l->folded->ladder = true;
    l->whole->posts = l->folded->posts = true;
    l->now_us = instant("2022-01-03T09:00:00Z");
    return l;
}

static void end_life(life *l)
{
    l->now_us += INT64_C(86400000000) * 800;
    till_us(l->whole, l->now_us);
    till_us(l->folded, l->now_us);
    compare(l, "the end");
    world_free(l->whole);
    world_free(l->folded);
    dw_encoded_deinit(&l->encoded);
    dw_buf_deinit(&l->store.head);
    for (int i = 0; i < PAGES_MAX; i++)
        dw_buf_deinit(&l->store.pages[i]);
    free(l);
}

static unsigned live_life(uint64_t seed, dw_policy *policy, unsigned *extended)
{
    life *l = begin_life(seed, policy);
    while (l->records < STEPS) {
        step(l);
        store(l);
    }
    unsigned pages = l->folded->rec->page_count;
    *extended += l->extended;
    end_life(l);
    return pages;
}

/* --- closed alerts */

#define EPISODES 160
#define EPISODES_TOO_MANY 330

static void tell_now(life *l, const char *kind, const char *body)
{
    char record[16], occurred[40];
    snprintf(record, sizeof record, "n%u", ++l->records);
    dw_instant_format(l->now_us, occurred);
    tell_both(l, &(telling){occurred, record, "create", "", kind, body, 1});
    store(l);
}

/* A day and a quarter away: MI-01 opens and closes. The interview is held and written down, so that no alert stays. */
static void one_episode(life *l, unsigned id)
{
    char body[200];
    snprintf(body, sizeof body, "'episode_id':'E%u','phase':'OPENED','category':'M'", id);
    tell_now(l, "missing_episode", body);
    l->now_us += INT64_C(30) * 3600000000;
    snprintf(body, sizeof body, "'episode_id':'E%u','phase':'RETURNED'", id);
    tell_now(l, "missing_episode", body);
    l->now_us += INT64_C(3600000000);
    snprintf(body, sizeof body,
             "'episode_id':'E%u','stage':'HELD','why':'Y','where':'Y','with_whom':'Y','harm':'Y','safety_plan':'Y'",
             id);
    tell_now(l, "rhi", body);
    l->now_us += INT64_C(3600000000) * l->gap_hours;
}

/* Somebody answers an alert that was closed long ago: a note, whether the head still knows it or not. */
static void late_answer(life *l, unsigned id)
{
    char subject[16], alert[DW_UUID_TEXT_LEN + 1], date[16], body[400];
    snprintf(subject, sizeof subject, "E%u", id);
    dw_alert_id(DW_STR_LIT("936"), DW_STR_LIT("C-1"), DW_STR_LIT("MI-01"), DW_STR_LIT("episode"), dw_str_from(subject),
                alert);
    dw_date_format(dw_london_day(l->now_us) + 1, date);
    snprintf(body, sizeof body,
             "'alert_id':'%s','generation':1,'level':0,'reason_code':'STAFFING','review_by':'%s','actor_post':'sw',"
             "'actor_ref':'w','oversight_ref':'n'",
             alert, date);
    tell_now(l, "alert_acknowledged", body);
}

START_TEST(closed_alerts_follow_their_subjects)
{
    dw_policy *policy = shipped_policy(1, NULL);
    life *l = begin_life(1, policy);
    l->gap_hours = 100;
    size_t longest = 0; /* of the first half, without the fingerprints of what went */
    for (unsigned id = 1; id <= EPISODES; id++) {
        one_episode(l, id);
        size_t len = l->store.head.len - 2 * l->folded->rec->paged_count;
        if (id <= EPISODES / 2 && len > longest)
            longest = len;
        if (id % 5 == 0) /* else MI-03 counts them all for ever */
            tell_now(l, "meeting_held", "'kind':'STRATEGY'");
        if (id % 40 == 0 && id < EPISODES)
            late_answer(l, 1 + roll(l, id));
    }
    uint32_t known = l->whole->rec->alert_count, kept = l->folded->rec->alert_count;
    ck_assert_uint_ge(known, EPISODES);
    ck_assert_uint_lt(kept, known / 2);
    ck_assert_uint_gt(l->page_reads, 0);
    /* the episodes of the look-backs and two alerts of each are what stays, however many there were */
    ck_assert_uint_le(l->store.head.len - 2 * l->folded->rec->paged_count, longest);
    ck_assert_uint_le(l->store.head.len, DW_HEAD_BYTES_MAX * 3 / 4);
    load_pages(l);
    ck_assert_uint_eq(l->folded->rec->alert_count, known);
    for (uint32_t i = 0; i < known; i++) {
        const dw_alert *a = &l->whole->rec->alerts[i], *b = &l->folded->rec->alerts[i];
        ck_assert(dw_str_eq(a->rule_id, b->rule_id) && dw_str_eq(a->subject_id, b->subject_id));
        ck_assert(a->state == b->state && a->generation == b->generation && a->opened_us == b->opened_us);
    }
    end_life(l);
    dw_policy_unref(&policy);
}
END_TEST

START_TEST(head_answers_as_the_whole)
{
    dw_policy *policy = shipped_policy(1, NULL);
    const char *one = getenv("DW_SEED");
    unsigned pages = 0, extended = 0;
    const char *lives = getenv("DW_LIVES");
    uint64_t last = lives != NULL ? strtoull(lives, NULL, 10) : LIVES;
    for (uint64_t seed = one != NULL ? strtoull(one, NULL, 10) : 1; seed <= last; seed++) {
        pages += live_life(seed, policy, &extended);
        if (one != NULL)
            break;
    }
    if (one == NULL) {
        ck_assert_uint_gt(pages, last); /* else nothing was folded and nothing shown */
        ck_assert_uint_gt(extended, last * STEPS / 20);
    }
    dw_policy_unref(&policy);
}
END_TEST

/* No meeting ever answers MI-03, so that every episode counts and stays, though the head grows past its usual length: MI-03 must
 * say how many there are. */
START_TEST(what_counts_stays)
{
    dw_policy *policy = shipped_policy(1, NULL);
    life *l = begin_life(1, policy);
    l->gap_hours = 20;
    for (unsigned id = 1; id <= EPISODES; id++)
        one_episode(l, id);
    ck_assert_uint_gt(l->store.head.len, DW_HEAD_BYTES_MAX);
    ck_assert_uint_le(l->store.head.len, DW_HEAD_BYTES_HARD_MAX);
    ck_assert_uint_gt(l->folded->rec->fact_count, 2 * EPISODES);
    end_life(l);
    dw_policy_unref(&policy);
}
END_TEST

/* The same until there are more than any head holds: the oldest go with what answers them, and no interview is asked for that
 * was held. */
START_TEST(shedding_asks_for_nothing)
{
    dw_policy *policy = shipped_policy(1, NULL);
    life *l = begin_life(1, policy);
    l->apart = true;
    l->gap_hours = 20;
    for (unsigned id = 1; id <= EPISODES_TOO_MANY; id++) {
        one_episode(l, id);
        ck_assert_ptr_null(strstr(l->folded->log, "opened MI-02"));
        l->whole->log_len = l->folded->log_len = 0;
        l->whole->log[0] = l->folded->log[0] = '\0';
    }
    ck_assert_uint_gt(l->folded->rec->counters[0], 0);
    ck_assert_uint_lt(l->folded->rec->page_count, EPISODES_TOO_MANY / 8);
    ck_assert_uint_le(l->store.head.len, DW_HEAD_BYTES_HARD_MAX);
    end_life(l);
    dw_policy_unref(&policy);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fold");
    TCase *cases = tcase_create("fold");
    tcase_set_timeout(cases, 110);
    tcase_add_test(cases, head_answers_as_the_whole);
    tcase_add_test(cases, closed_alerts_follow_their_subjects);
    tcase_add_test(cases, what_counts_stays);
    tcase_add_test(cases, shedding_asks_for_nothing);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
