/* policy_try.c: see policy_try.h. */

#include "daemon/cli/policy_try.h"

#include <stdio.h>

typedef struct trial {
    dw_store *store;
    const dw_policy *policy;
    dw_try *result;
    dw_emit *emit;
    int32_t partition;
    int64_t clock_us;
    dw_errc code;
    dw_error *err;
} trial;

static dw_try_row *row_for(dw_try *result, dw_str rule_id, dw_str post)
{
    for (size_t i = 0; i < result->count; i++)
        if (dw_str_eq(rule_id, dw_str_from(result->rows[i].rule_id)) &&
            dw_str_eq(post, dw_str_from(result->rows[i].post)))
            return &result->rows[i];
    dw_try_row *rows = dw_list_room(result->rows, result->count, &result->cap, 64, sizeof(*rows));
    if (rows == NULL)
        return NULL;
    result->rows = rows;
    dw_try_row *row = &result->rows[result->count++];
    *row = (dw_try_row){0};
    snprintf(row->rule_id, sizeof(row->rule_id), "%.*s", DW_STR_ARG(rule_id));
    snprintf(row->post, sizeof(row->post), "%.*s", DW_STR_ARG(post));
    return row;
}

static dw_errc count_transition(dw_try *result, const dw_transition *tr, dw_error *err)
{
    dw_try_row *row = row_for(result, tr->rule_id, tr->post);
    if (row == NULL)
        return dw_fail(err, DW_E_NOMEM, "out of memory");
    bool opens = tr->kind == DW_TR_OPENED || tr->kind == DW_TR_REOPENED;
    bool closes = tr->kind == DW_TR_RESOLVED;
    row->opens += opens;
    row->closes += closes;
    row->changes += !opens && !closes;
    result->opens += opens;
    result->closes += closes;
    result->changes += !opens && !closes;
    return DW_OK;
}

static dw_errc try_child(trial *t, dw_str subject)
{
    dw_record *rec = NULL;
    dw_errc code = dw_store_record(t->store, t->partition, subject, &rec, t->err);
    if (code != DW_OK || rec == NULL)
        return code;
    dw_emit_reset(t->emit);
    dw_core_result result = dw_core_switch(rec, t->policy, t->clock_us, t->emit);
    if (result.error != DW_OK)
        code = dw_fail(t->err, result.error, "the trial failed: %s", dw_errc_meaning(result.error));
    for (uint32_t i = 0; code == DW_OK && i < t->emit->count; i++)
        code = count_transition(t->result, &t->emit->items[i], t->err);
    t->result->children++;
    dw_record_free(&rec);
    return code;
}

/* HSCAN gives heads, but records need their pages: so names are gathered first, a step at a time. */
typedef struct names {
    dw_arena *arena;
    dw_str *items;
    size_t count, cap;
    bool failed;
} names;

static bool on_child(void *user, dw_str field, dw_str value)
{
    (void)value;
    names *list = user;
    dw_str *items = dw_list_room(list->items, list->count, &list->cap, 1024, sizeof(*items));
    if (items == NULL) {
        list->failed = true;
        return false;
    }
    list->items = items;
    dw_str copy = dw_arena_str(list->arena, field);
    list->failed = copy.ptr == NULL;
    if (!list->failed)
        list->items[list->count++] = copy;
    return !list->failed;
}

static int by_name(const void *left, const void *right)
{
    return dw_str_cmp(*(const dw_str *)left, *(const dw_str *)right);
}

static dw_errc try_partition(trial *t)
{
    names list = {.arena = dw_arena_new((size_t)1 << 30)};
    dw_errc code = list.arena != NULL ? dw_store_scan(t->store, t->partition, "children", NULL, on_child, &list, t->err)
                                      : dw_fail(t->err, DW_E_NOMEM, "out of memory");
    if (code == DW_OK && list.failed)
        code = dw_fail(t->err, DW_E_NOMEM, "out of memory");
    if (list.count != 0)
        qsort(list.items, list.count, sizeof(*list.items), by_name);
    for (size_t i = 0; code == DW_OK && i < list.count; i++)
        if (i == 0 || !dw_str_eq(list.items[i - 1], list.items[i]))
            code = try_child(t, list.items[i]);
    free(list.items);
    dw_arena_free(&list.arena);
    return code;
}

static int by_rule(const void *left, const void *right)
{
    const dw_try_row *a = left;
    const dw_try_row *b = right;
    int order = strcmp(a->rule_id, b->rule_id);
    return order != 0 ? order : strcmp(a->post, b->post);
}

dw_errc dw_try_run(dw_store *store, int32_t partitions, const dw_policy *policy, dw_try *out, dw_error *err)
{
    *out = (dw_try){0};
    trial t = {.store = store, .policy = policy, .result = out, .emit = dw_emit_new(), .err = err};
    dw_errc code = t.emit != NULL ? DW_OK : dw_fail(err, DW_E_NOMEM, "out of memory");
    for (t.partition = 0; code == DW_OK && t.partition < partitions; t.partition++) {
        code = dw_store_meta_int(store, t.partition, "clock_us", 0, &t.clock_us, err);
        if (code == DW_OK)
            code = try_partition(&t);
    }
    dw_emit_free(&t.emit);
    if (out->count != 0)
        qsort(out->rows, out->count, sizeof(*out->rows), by_rule);
    if (code != DW_OK)
        dw_try_deinit(out);
    return code;
}

void dw_try_deinit(dw_try *result)
{
    free(result->rows);
    *result = (dw_try){0};
}
