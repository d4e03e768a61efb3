/* replay_compare.c: "what if we change it": alerts that another policy adds, drops and moves, by rule and team. */

#include "daemon/cli/replay.h"
#include "daemon/cli/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

typedef enum change_kind { ADDED, GONE, MOVED } change_kind;
static const char *const change_names[] = {"added", "gone", "moved"};

static int order_of(const dw_alert *a, const dw_alert *b)
{
    int order = dw_str_cmp(a->rule_id, b->rule_id);
    if (order == 0)
        order = dw_str_cmp(a->subject_kind, b->subject_kind);
    return order != 0 ? order : dw_str_cmp(a->subject_id, b->subject_id);
}

static bool same_due(const dw_alert *a, const dw_alert *b)
{
    if (a->due_kind != b->due_kind)
        return false;
    return a->due_kind == DW_DUE_DATE ? a->due_on == b->due_on
                                      : a->due_kind != DW_DUE_INSTANT || a->due_at_us == b->due_at_us;
}

/* Rows of one instant stand together while it is compared; equal ones of other shards meet when sums are printed. */
static dw_replay_change *row_for(dw_replay *r, size_t instant, dw_str rule_id, dw_str team_id)
{
    for (size_t i = r->change_count; i-- > 0 && r->changes[i].instant == instant;)
        if (dw_str_eq(rule_id, dw_str_from(r->changes[i].rule_id)) &&
            dw_str_eq(team_id, dw_str_from(r->changes[i].team_id)))
            return &r->changes[i];
    dw_replay_change *changes = dw_list_room(r->changes, r->change_count, &r->change_cap, 256, sizeof(*changes));
    if (changes == NULL)
        return NULL;
    r->changes = changes;
    dw_replay_change *row = &r->changes[r->change_count++];
    *row = (dw_replay_change){.instant = instant};
    snprintf(row->rule_id, sizeof(row->rule_id), "%.*s", DW_STR_ARG(rule_id));
    snprintf(row->team_id, sizeof(row->team_id), "%.*s", DW_STR_ARG(team_id));
    return row;
}

typedef struct comparison {
    dw_replay *r;
    size_t instant;
    dw_inproc *in;          /* whose child it is */
    dw_inproc_child *child; /* of whom the team is wanted */
    bool have_team;
    dw_str team_id;
    dw_error *err;
} comparison;

static dw_errc find_team(comparison *c)
{
    dw_inproc_view view;
    if (c->have_team)
        return DW_OK;
    dw_errc code = dw_inproc_evaluate(c->in, c->child, c->r->instants[c->instant].us, &view, c->err);
    if (code == DW_OK) {
        c->team_id = view.chron->team_id;
        c->have_team = true;
    }
    return code;
}

/* `now` is the alert as it is (of a gone one: was), `was` as it was where it moved. */
static dw_errc found(comparison *c, const dw_record *rec, change_kind kind, const dw_alert *now, const dw_alert *was)
{
    dw_errc code = find_team(c);
    if (code != DW_OK)
        return code;
    dw_replay_change *row = row_for(c->r, c->instant, now->rule_id, c->team_id);
    if (row == NULL)
        return dw_fail(c->err, DW_E_NOMEM, "out of memory");
    row->added += kind == ADDED;
    row->gone += kind == GONE;
    row->moved += kind == MOVED;
    const dw_replay_instant *at = &c->r->instants[c->instant];
    if (c->r->cli->json) {
        dw_replay_put_first("at", dw_str_from(at->text));
        dw_replay_put("kind", dw_str_from(change_names[kind]));
        dw_replay_put("rule", now->rule_id);
        dw_replay_put("team", c->team_id);
        dw_replay_put("la_code", rec->la_code);
        dw_replay_put("child_ref", rec->child_ref);
        dw_replay_put("subject", dw_replay_subject(rec, now->subject_id));
        dw_replay_put_due("", now->due_kind, now->due_on, now->due_at_us);
        if (was != NULL)
            dw_replay_put_due("was_", was->due_kind, was->due_on, was->due_at_us);
        printf(",\"priority\":\"P%d\",\"level\":%" PRIu32 "}\n", (int)now->priority, now->level);
        return DW_OK;
    }
    char due[DW_TEXT_TIME_MAX + 8], before[DW_TEXT_TIME_MAX + 8], subject[2 * DW_ID_BYTES_MAX];
    dw_text_subject(now->subject_kind, now->subject_id, subject, sizeof(subject));
    printf("%s  %-5s  %-6.*s  %.*s/%.*s%s%s, %s", at->text, change_names[kind], DW_STR_ARG(now->rule_id),
           DW_STR_ARG(rec->la_code), DW_STR_ARG(rec->child_ref), subject[0] != '\0' ? ", " : "", subject,
           dw_replay_due_text(now->due_kind, now->due_on, now->due_at_us, due, sizeof(due)));
    if (was != NULL)
        printf(" (before: %s)", dw_replay_due_text(was->due_kind, was->due_on, was->due_at_us, before, sizeof(before)));
    putchar('\n');
    return DW_OK;
}

static uint32_t next_live(const dw_record *rec, uint32_t at)
{
    while (at < rec->alert_count && !dw_alert_is_live(&rec->alerts[at]))
        at++;
    return at;
}

/* Both lists of alerts are in one order. */
static dw_errc compare_child(comparison *c, const dw_record *a, const dw_record *b)
{
    dw_errc code = DW_OK;
    uint32_t i = next_live(a, 0), k = next_live(b, 0);
    while (code == DW_OK && (i < a->alert_count || k < b->alert_count)) {
        const dw_alert *was = i < a->alert_count ? &a->alerts[i] : NULL;
        const dw_alert *now = k < b->alert_count ? &b->alerts[k] : NULL;
        assert(was != NULL || now != NULL);
        int order = was == NULL ? 1 : now == NULL ? -1 : order_of(was, now);
        if (order < 0)
            code = found(c, a, GONE, was, NULL);
        else if (order > 0)
            code = found(c, b, ADDED, now, NULL);
        else if (!same_due(was, now))
            code = found(c, b, MOVED, now, was);
        else
            c->r->kept++;
        if (order <= 0)
            i = next_live(a, i + 1);
        if (order >= 0)
            k = next_live(b, k + 1);
    }
    return code;
}

dw_errc dw_replay_compare(dw_replay *r, dw_inproc *a, dw_inproc *b, size_t instant, dw_error *err)
{
    dw_errc code = DW_OK;
    size_t count = dw_inproc_count(a);
    for (size_t i = 0; code == DW_OK && i < count; i++) { /* the same children: they were fed the same records */
        dw_inproc_child *left = dw_inproc_at(a, i);
        comparison c = {.r = r, .instant = instant, .in = a, .child = left, .err = err};
        code = compare_child(&c, dw_inproc_record(left), dw_inproc_record(dw_inproc_at(b, i)));
    }
    return code;
}

/* --- sums */

static int by_place(const void *left, const void *right)
{
    const dw_replay_change *a = left, *b = right;
    if (a->instant != b->instant)
        return a->instant < b->instant ? -1 : 1;
    int order = strcmp(a->rule_id, b->rule_id);
    return order != 0 ? order : strcmp(a->team_id, b->team_id);
}

static void print_sum(const dw_replay *r, const dw_replay_change *row, bool total)
{
    const char *at = r->instants[row->instant].text;
    if (!r->cli->json) {
        printf("%s  %-6s  %-24s  %8llu added  %8llu gone  %8llu moved\n", at, total ? "all" : row->rule_id,
               total                     ? ""
               : row->team_id[0] != '\0' ? row->team_id
                                         : "(no team)",
               (unsigned long long)row->added, (unsigned long long)row->gone, (unsigned long long)row->moved);
        return;
    }
    dw_replay_put_first("at", dw_str_from(at));
    dw_replay_put("kind", dw_str_from(total ? "total" : "sum"));
    if (!total) {
        dw_replay_put("rule", dw_str_from(row->rule_id));
        dw_replay_put("team", dw_str_from(row->team_id));
    }
    printf(",\"added\":%llu,\"gone\":%llu,\"moved\":%llu}\n", (unsigned long long)row->added,
           (unsigned long long)row->gone, (unsigned long long)row->moved);
}

void dw_replay_print_sums(dw_replay *r)
{
    size_t n = 0;
    if (r->change_count > 1)
        qsort(r->changes, r->change_count, sizeof(*r->changes), by_place);
    for (size_t i = 0; i < r->change_count; i++) {
        dw_replay_change *row = &r->changes[i];
        if (n != 0 && by_place(&r->changes[n - 1], row) == 0) {
            r->changes[n - 1].added += row->added;
            r->changes[n - 1].gone += row->gone;
            r->changes[n - 1].moved += row->moved;
        } else {
            r->changes[n++] = *row;
        }
    }
    r->change_count = n;
    size_t at = 0;
    for (size_t instant = 0; instant < r->instant_count; instant++) {
        dw_replay_change total = {.instant = instant};
        for (; at < n && r->changes[at].instant == instant; at++) {
            print_sum(r, &r->changes[at], false);
            total.added += r->changes[at].added;
            total.gone += r->changes[at].gone;
            total.moved += r->changes[at].moved;
        }
        print_sum(r, &total, true);
    }
}
