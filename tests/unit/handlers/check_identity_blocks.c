/* Tests of identity.h: what travels when subjects are merged: blocks of facts, whole, odd, damaged. */

#include "handlers/identity_links.h"
#include "tests/support/core_town.h"

START_TEST(many_facts_in_several_blocks)
{
    char id[16];
    uint32_t opened = 0;
    say(t, "a", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    for (int i = 0; i < 2000; i++) {
        snprintf(id, sizeof id, "v%d", i);
        say(t, "a", "2026-01-06T09:00:00Z", id, "visit_done",
            "'visit_type':'CP','mode':'F2F','placement_id':'elsewhere'");
    }
    till_then(t, instant("2026-01-21T00:00:00Z"));
    t->log_len = 0;
    say_as(t, "b", "2026-01-21T10:00:00Z", "m", 1, "CREATE", "identity_merged", "'merged_child_ref':'a'");
    (void)deliver(t, 0);
    ck_assert_uint_gt(t->mail_count, 1);
    t->log_len = 0;
    t->log[0] = '\0';
    while (t->mail_count != 0) {
        opened += t->rec[1]->alert_count;
        ck_assert_int_eq(t->mail[0].body.more, t->mail_count > 1);
        (void)deliver(t, 0);
    }
    ck_assert_uint_eq(opened, 0);                 /* not before the last */
    ck_assert_uint_eq(t->rec[1]->alert_count, 1); /* no visit names the plan */
    ck_assert_uint_eq(t->rec[1]->fact_count, 2002);
}
END_TEST

/* The types of the facts of a block, in its order. */
static dw_record *opened(const letter *one)
{
    dw_record *block = dw_record_new(DW_STR_LIT("936"), DW_STR_LIT("x"));
    dw_error err = {0};
    block->page_count = 2; /* so that they stay in the order in which they travel */
    ck_assert_msg(dw_record_attach_page(block, 0, (const uint8_t *)one->body.facts.ptr, one->body.facts.len, &err) ==
                      DW_OK,
                  "%s", err.text);
    return block;
}

/* Who is who travels first, what opens duties last, and else all is in order. */
START_TEST(evidence_comes_before_what_opens_duties)
{
    static const struct {
        const char *kind, *body;
        int rank;
    } facts[] = {{"plan_started", PLAN, 2},
                 {"visit_done", VISIT, 1},
                 {"placement_started", "'placement_id':'l'", 2},
                 {"missing_episode", "'episode_id':'e'", 2},
                 {"contact_received", "'contact_id':'k'", 2},
                 {"plan_changed", "'plan_id':'p'", 1},
                 {"referral_received", "'referral_id':'r'", 2},
                 {"s47_started", "'s47_id':'s'", 2},
                 {"identity_merged", "'merged_child_ref':'d'", 0},
                 {"identity_split", "'split_child_ref':'d'", 0},
                 {"child_updated", "", 1},
                 {"plan_ended", "'plan_id':'p'", 1}};
    const uint32_t n = sizeof facts / sizeof facts[0];
    for (uint32_t i = 0; i < n; i++) {
        char when[32], record[8];
        snprintf(when, sizeof when, "2026-01-05T%02u:00:00Z", (i + 9) % 24);
        snprintf(record, sizeof record, "r%u", i % 99);
        say(t, "a", when, record, facts[i].kind, facts[i].body);
    }
    say_as(t, "b", "2026-01-06T09:00:00Z", "m", 1, "CREATE", "identity_merged", "'merged_child_ref':'a'");
    ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    ck_assert_uint_eq(t->mail_count, 1);
    dw_record *block = opened(&t->mail[0]);
    ck_assert_uint_eq(block->fact_count, n);
    uint32_t at = 0;
    for (int rank = 0; rank <= 2; rank++)
        for (uint32_t i = 0; i < n; i++) {
            if (facts[i].rank != rank)
                continue;
            const dw_fact *fact = &block->facts[at++];
            ck_assert_str_eq(dw_event_type_name(fact->type), facts[i].kind);
            ck_assert(dw_str_eq(dw_fact_origin(fact), DW_STR_LIT("936/a")));
        }
    dw_record_free(&block);
}
END_TEST

/* Who b is, as its record tells it: "a>b d>b". */
static void linked(const char *expected)
{
    char text[100] = "";
    size_t len = 0;
    dw_links links;
    ck_assert(dw_links_read(t->rec[1], DW_STR_LIT("936/b"), t->arena, &links));
    for (uint32_t i = 0; i < links.count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%.*s>%.*s", i != 0 ? " " : "",
                                DW_STR_ARG(links.items[i].child), DW_STR_ARG(links.items[i].survivor));
    ck_assert_str_eq(text, expected);
}

/* Of two who were merged the one that is split gets its own facts back, not those of the other. */
START_TEST(a_split_sends_back_its_own_only)
{
    linked("");
    say(t, "a", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    say(t, "d", "2026-01-05T10:00:00Z", "r2", "visit_done", VISIT);
    say(t, "b", "2026-01-06T09:00:00Z", "m1", "identity_merged", "'merged_child_ref':'a'");
    say(t, "b", "2026-01-07T09:00:00Z", "m2", "identity_merged", "'merged_child_ref':'d'");
    linked("936/a>936/b 936/d>936/b");
    say_as(t, "b", "2026-01-08T09:00:00Z", "s", 1, "CREATE", "identity_split", "'split_child_ref':'a'");
    linked("936/d>936/b");
    ck_assert_uint_eq(t->mail_count, 2);
    ck_assert_uint_eq(t->mail[0].body.facts.len, 0);
    dw_record *block = opened(&t->mail[1]);
    ck_assert_uint_eq(block->fact_count, 1);
    ck_assert_int_eq(block->facts[0].type, DW_EV_PLAN_STARTED);
    dw_record_free(&block);
}
END_TEST

/* As many blocks as it takes, none longer than it may be, and nothing lost: of small facts, of larger ones, of the largest
 * that there are. */
START_TEST(blocks_of_any_facts)
{
    static const struct {
        int facts, ids;
        size_t most; /* blocks */
    } sizes[] = {{6000, 0, 12}, {200, 20, 12}, {30, 64, 30}};
    char text[64][65];
    dw_str list[64];
    for (int i = 0; i < sizes[_i].facts; i++) {
        char record[16];
        dw_event ev = event_of(t, "a", "2026-01-05T09:00:00Z", "r", 1, "CREATE", "rhi", "");
        snprintf(record, sizeof record, "r%d", i);
        ev.source_record_id = dw_str_from(record);
        for (int k = 0; k < sizes[_i].ids; k++) {
            snprintf(text[k], sizeof text[k], "%064d", i * 100 + k);
            list[k] = dw_str_from(text[k]);
        }
        ev.value_count = sizes[_i].ids != 0;
        ev.values[0] = (dw_value){.field = DW_F_RHI_EPISODE_IDS, .kind = DW_VAL_STRS, .list = list};
        ev.values[0].n = (uint32_t)sizes[_i].ids;
        ck_assert_int_eq(dw_record_put(t->rec[0], &ev, i), DW_APPLIED);
    }
    say_as(t, "b", "2026-01-06T09:00:00Z", "m", 1, "CREATE", "identity_merged", "'merged_child_ref':'a'");
    ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    ck_assert_uint_ge(t->mail_count, 3);
    ck_assert_uint_le(t->mail_count, sizes[_i].most);
    uint32_t facts = 0;
    for (size_t i = 0; i < t->mail_count; i++) {
        dw_record *block = opened(&t->mail[i]);
        ck_assert_uint_le(t->mail[i].body.facts.len, DW_MOVE_BLOCK_BYTES);
        ck_assert_int_eq(t->mail[i].body.more, i + 1 < t->mail_count);
        facts += block->fact_count;
        dw_record_free(&block);
    }
    ck_assert_uint_eq(facts, (uint32_t)sizes[_i].facts);
    deliver_all(t);
    ck_assert_uint_eq(t->rec[1]->fact_count, (uint32_t)sizes[_i].facts + 1);
}
END_TEST

/* --- what only damage, or another build, could bring */

/* A block as another subject would send it. */
static letter block_of(const dw_fact *facts, uint32_t n)
{
    dw_strings set;
    dw_encoded work = {0};
    const uint8_t format = DW_RECORD_FORMAT;
    letter one = {.from = 0, .to = 1};
    ck_assert(dw_strings_init(&set, &work.strings, &work.slots) && dw_facts_write(&work.body, &set, facts, n) &&
              dw_buf_append(&work.head, &format, 1) && dw_strings_write(&set, &work.head) &&
              dw_buf_append(&work.head, work.body.data, work.body.len));
    one.body.facts = copied(t, (dw_str){(const char *)work.head.data, (uint32_t)work.head.len});
    dw_encoded_deinit(&work);
    return one;
}

static dw_fact fact_of(dw_event_type type, uint64_t key, const dw_value *values, uint32_t n)
{
    return (dw_fact){.key = key,
                     .type = type,
                     .revision = 1,
                     .day = 20000,
                     .at_us = 20000 * INT64_C(86400000000),
                     .values = values,
                     .value_count = n};
}

/* Several facts come at once, each of which marks the child by itself: written up late. None of them is passed over. */
START_TEST(each_of_a_block_is_flagged)
{
    dw_policy_unref(&t->policy);
    t->policy = small_policy_open(1);
    dw_rule *rule = add_visits(t->policy, "RE-01");
    rule->kind = DW_RULE_DEADLINE;
    rule->over = (dw_span_selector){.family = DW_SPAN_CHILD, .each = true, .each_type = DW_EV_VISIT_DONE};
    rule->met_by = DW_MET_BY_RECORDING;
    rule->raises = DW_RAISES_FLAG;
    rule->evidence_count = 0;
    small_policy_seal(t->policy);
    say(t, "b", "2026-01-05T08:00:00Z", "r", "child_updated", "");
    for (int i = 0; i < 4; i++) {
        char id[16], body[80];
        snprintf(id, sizeof id, "v%d", i);
        snprintf(body, sizeof body, "'visit_type':'CP','mode':'F2F','plan_id':'%s'", id);
        dw_event ev = event_of(t, "a", "2026-01-05T09:00:00Z", id, 1, "CREATE", "visit_done", body);
        ev.recorded_at_us = instant(i == 3 ? "2026-01-06T09:00:00Z" : "2026-02-05T09:00:00Z");
        till_then(t, instant("2026-02-05T09:00:00Z"));
        if (i < 2 + _i) /* with the third, or without */
            (void)took(t, 0, dw_core_event(t->rec[0], t->policy, &ev, t->clock_us, t->offset++, t->emit));
    }
    ck_assert_uint_eq(t->rec[0]->alert_count, _i == 2 ? 3 : 2 + (uint32_t)_i);
    say(t, "b", "2026-02-06T09:00:00Z", "m", "identity_merged", "'merged_child_ref':'a'");
    ck_assert_uint_eq(t->rec[1]->alert_count, t->rec[0]->alert_count);
    for (uint32_t i = 0; i < t->rec[1]->alert_count; i++)
        ck_assert_int_eq(t->rec[1]->alerts[i].state, DW_AL_FLAG);
}
END_TEST

START_TEST(blocks_of_odd_facts)
{
    const dw_value to_b = {.field = DW_F_ENV_ORIGIN, .kind = DW_VAL_STR, .s = DW_STR_LIT("936/b")};
    const dw_value to_c = {.field = DW_F_ENV_ORIGIN, .kind = DW_VAL_STR, .s = DW_STR_LIT("936/c")};
    /* told under nobody: of the child itself */
    dw_fact nobodys = fact_of(DW_EV_VISIT_DONE, 1, NULL, 0), ours = fact_of(DW_EV_VISIT_DONE, 2, &to_b, 1);
    t->mail[t->mail_count++] = block_of(&nobodys, 1);
    ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    t->mail[t->mail_count++] = block_of(&nobodys, 1);
    ck_assert_int_eq(deliver(t, 0), DW_DUPLICATE);
    t->mail[t->mail_count++] = block_of(&ours, 1);
    ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    ck_assert_uint_eq(t->rec[1]->fact_count, 2);
    ck_assert_uint_eq(dw_fact_origin(&t->rec[1]->facts[0]).len + dw_fact_origin(&t->rec[1]->facts[1]).len, 0);
    /* nothing at all */
    t->mail[t->mail_count++] = block_of(NULL, 0);
    ck_assert_int_eq(deliver(t, 0), DW_DUPLICATE);
    /* identity that names nobody, or not by a text: kept, to no effect */
    static const dw_value odd[] = {
        {.field = DW_F_IDENTITY_MERGED_MERGED_CHILD_REF, .kind = DW_VAL_INT, .i = 5},
        {.field = DW_F_IDENTITY_MERGED_MERGED_CHILD_REF, .kind = DW_VAL_STR, .s = {"", 0}},
    };
    for (uint32_t i = 0; i < 3; i++) {
        dw_value values[2] = {odd[i % 2], to_b};
        dw_fact merge = fact_of(DW_EV_IDENTITY_MERGED, 10 + i, i < 2 ? values : &to_b, i < 2 ? 2 : 1);
        t->mail[t->mail_count++] = block_of(&merge, 1);
        ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    }
    ck_assert_uint_eq(t->mail_count, 0);
    ck_assert_uint_eq(t->rec[1]->fact_count, 5);
    /* of another subject: it goes there, and not to who sent it */
    dw_fact theirs[2] = {fact_of(DW_EV_VISIT_DONE, 3, &to_c, 1), ours};
    t->mail[t->mail_count++] = block_of(theirs, 1);
    ck_assert_int_eq(deliver(t, 0), DW_PASSED_ON);
    ck_assert_uint_eq(t->mail_count, 1);
    ck_assert_int_eq(t->mail[0].to, 2);
    t->mail_count = 0;
    t->mail[t->mail_count++] = block_of(theirs, 2); /* one of each */
    ck_assert_int_eq(deliver(t, 0), DW_DUPLICATE);
    ck_assert_uint_eq(t->mail_count, 1);
    ck_assert_uint_eq(t->rec[1]->fact_count, 5);
}
END_TEST

/* What the sender's record thought of a fact stays there. */
START_TEST(flags_that_do_not_travel)
{
    dw_fact fact = fact_of(DW_EV_VISIT_DONE, 1, NULL, 0);
    fact.flags = DW_FACTF_MISSED | DW_FACTF_SHADOWED | DW_FACTF_RESTRICTED | DW_FACTF_APPROXIMATE;
    t->mail[t->mail_count++] = block_of(&fact, 1);
    ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    ck_assert_uint_eq(t->rec[1]->facts[0].flags, DW_FACTF_RESTRICTED | DW_FACTF_APPROXIMATE);
}
END_TEST

/* Nothing is decided before the last block, also when those before it hold all that a duty needs. */
START_TEST(decided_with_the_last_block)
{
    const dw_value plan[] = {{.field = DW_F_PLAN_STARTED_PLAN_ID, .kind = DW_VAL_STR, .s = DW_STR_LIT("p")},
                             {.field = DW_F_PLAN_STARTED_PLAN_TYPE, .kind = DW_VAL_ENUM, .i = DW_V_PLAN_TYPE_CP}};
    dw_fact facts[2] = {fact_of(DW_EV_PLAN_STARTED, 1, plan, 2), fact_of(DW_EV_MEETING_HELD, 2, NULL, 0)};
    t->clock_us = dw_london_start_us(20100);
    t->mail[t->mail_count++] = block_of(&facts[0], 1);
    t->mail[0].body.more = true;
    ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    ck_assert_uint_eq(t->rec[1]->fact_count, 1);
    ck_assert_uint_eq(t->rec[1]->alert_count, 0);
    ck_assert_int_eq(t->rec[1]->next_due_us, DW_AT_NEVER);
    t->mail[t->mail_count++] = block_of(&facts[_i], 1); /* whether it brings anything or not */
    ck_assert_int_eq(deliver(t, 0), _i == 0 ? DW_DUPLICATE : DW_APPLIED);
    ck_assert_uint_eq(t->rec[1]->alert_count, 1);
    ck_assert_int_eq(t->rec[1]->alerts[0].state, DW_AL_OPEN);
}
END_TEST

/* What a block itself tells of who is who decides what else of it belongs, in whatever order it stands there. */
START_TEST(a_block_that_tells_who_is_who)
{
    const dw_value origins[] = {{.field = DW_F_ENV_ORIGIN, .kind = DW_VAL_STR, .s = DW_STR_LIT("936/b")},
                                {.field = DW_F_ENV_ORIGIN, .kind = DW_VAL_STR, .s = DW_STR_LIT("936/c")},
                                {.field = DW_F_ENV_ORIGIN, .kind = DW_VAL_STR, .s = DW_STR_LIT("936/d")},
                                {.field = DW_F_ENV_ORIGIN, .kind = DW_VAL_STR, .s = DW_STR_LIT("936/e")}};
    const dw_value is_d[] = {{.field = DW_F_IDENTITY_MERGED_MERGED_CHILD_REF, .kind = DW_VAL_STR, .s = DW_STR_LIT("d")},
                             origins[1]};
    const dw_value is_c[] = {{.field = DW_F_IDENTITY_MERGED_MERGED_CHILD_REF, .kind = DW_VAL_STR, .s = DW_STR_LIT("c")},
                             origins[0]};
    const dw_fact facts[] = {fact_of(DW_EV_VISIT_DONE, 1, &origins[2], 1), fact_of(DW_EV_IDENTITY_MERGED, 2, is_d, 2),
                             fact_of(DW_EV_IDENTITY_MERGED, 3, is_c, 2), fact_of(DW_EV_VISIT_DONE, 4, &origins[3], 1)};
    t->mail[t->mail_count++] = block_of(facts, 4);
    ck_assert_int_eq(deliver(t, 0), DW_APPLIED);
    ck_assert_uint_eq(t->rec[1]->fact_count, 3);
    uint64_t keys = 0;
    for (uint32_t i = 0; i < 3; i++)
        keys |= UINT64_C(1) << t->rec[1]->facts[i].key;
    ck_assert_uint_eq(keys, 1u << 1 | 1u << 2 | 1u << 3);
    /* d and c hear who they are, and e gets back what was told of it */
    ck_assert_uint_eq(t->mail_count, 3);
    ck_assert_int_eq(t->mail[0].to, 3);
    ck_assert(dw_str_eq(t->mail[0].body.to_child_ref, DW_STR_LIT("c")));
    ck_assert_int_eq(t->mail[1].to, 2);
    ck_assert(dw_str_eq(t->mail[1].body.to_child_ref, DW_STR_LIT("b")));
    ck_assert_int_eq(t->mail[2].to, 4);
    ck_assert_uint_ne(t->mail[2].body.facts.len, 0);
}
END_TEST

/* A name longer than any can be is cut, not written over what lies behind it. */
START_TEST(names_too_long)
{
    char long_text[DW_SUBJECT_TEXT_MAX], out[DW_SUBJECT_TEXT_MAX + 8];
    memset(long_text, 'x', sizeof long_text);
    for (uint32_t over = 0; over < 3; over++) {
        dw_record *rec = dw_record_new(DW_STR_LIT("936"), (dw_str){long_text, DW_SUBJECT_TEXT_MAX - 6 + over});
        memset(out, '#', sizeof out);
        dw_str subject = dw_record_subject(rec, out);
        ck_assert_uint_eq(subject.len, DW_SUBJECT_TEXT_MAX - 2 + (over != 0));
        ck_assert_int_eq(out[subject.len], '\0');
        ck_assert_int_eq(out[DW_SUBJECT_TEXT_MAX], '#');
        dw_record_free(&rec);
    }
}
END_TEST

START_TEST(damaged_blocks_change_nothing)
{
    say(t, "a", "2026-01-05T09:00:00Z", "r1", "plan_started", PLAN);
    say_as(t, "b", "2026-01-06T09:00:00Z", "m", 1, "CREATE", "identity_merged", "'merged_child_ref':'a'");
    (void)deliver(t, 0);
    letter whole = t->mail[0];
    for (uint32_t cut = 1; cut < whole.body.facts.len; cut++) {
        t->mail[0] = whole;
        t->mail[0].body.facts.len = cut;
        t->mail_count = 1;
        t->refused = DW_OK;
        ck_assert_int_eq(deliver(t, 0), DW_REFUSED);
        ck_assert_int_eq(t->refused, DW_E_FORMAT);
    }
    ck_assert_uint_eq(t->rec[1]->fact_count, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("identity_blocks");
    TCase *tcase = tcase_create("identity_blocks");
    tcase_add_checked_fixture(tcase, open_town, close_town);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, evidence_comes_before_what_opens_duties);
    tcase_add_test(tcase, a_split_sends_back_its_own_only);
    tcase_add_loop_test(tcase, blocks_of_any_facts, 0, 3);
    tcase_add_loop_test(tcase, each_of_a_block_is_flagged, 0, 3);
    tcase_add_test(tcase, blocks_of_odd_facts);
    tcase_add_test(tcase, flags_that_do_not_travel);
    tcase_add_loop_test(tcase, decided_with_the_last_block, 0, 2);
    tcase_add_test(tcase, a_block_that_tells_who_is_who);
    tcase_add_test(tcase, names_too_long);
    tcase_add_test(tcase, many_facts_in_several_blocks);
    tcase_add_test(tcase, damaged_blocks_change_nothing);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
