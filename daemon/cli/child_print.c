/* child_print.c: see child_print.h. */

#include "daemon/cli/child_print.h"

#include "daemon/cli/text.h"
#include "proto/fields.h"
#include "proto/json.h"

#include <jansson.h>
#include <stdio.h>

static const char *env_name(uint16_t field)
{
    switch (field) {
    case DW_F_ENV_TEAM_ID:
        return "team_id";
    case DW_F_ENV_WORKER_REF:
        return "worker_ref";
    case DW_F_ENV_FAMILY_REF:
        return "family_ref";
    case DW_F_ENV_SOURCE_SYSTEM:
        return "source_system";
    default:
        return "?";
    }
}

static json_t *json_str(dw_str s)
{
    json_t *text = json_stringn(s.ptr != NULL ? s.ptr : "", s.len);
    return text != NULL ? text : json_string("?");
}
static json_t *json_day(int32_t day)
{
    char text[16];
    if (day == DW_DAY_NONE || day == DW_DAY_OPEN)
        return json_null();
    dw_date_format(day, text);
    return json_string(text);
}
static json_t *json_instant(int64_t at_us)
{
    char text[32];
    if (at_us == DW_AT_NONE || at_us == DW_AT_NEVER || at_us == 0)
        return json_null();
    dw_instant_format(at_us, text);
    return json_string(text);
}
static void put_line(json_t *object)
{
    char *text = object != NULL ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    if (text != NULL)
        puts(text);
    free(text);
    json_decref(object);
}

/* A value in the words of the public JSON form. */
static json_t *json_value(dw_event_type type, const dw_value *value)
{
    dw_field_info info;
    switch ((dw_value_kind)value->kind) {
    case DW_VAL_ENUM: {
        const char *name = dw_field_by_id(type, value->field, &info) ? dw_enum_name(&info, (int32_t)value->i) : NULL;
        return name != NULL ? json_string(name) : json_integer(value->i);
    }
    case DW_VAL_INT:
        return json_integer(value->i);
    case DW_VAL_DATE:
        return json_day((int32_t)value->i);
    case DW_VAL_INSTANT:
        return json_instant(value->i);
    case DW_VAL_STR:
        return json_str(value->s);
    case DW_VAL_STRS: {
        json_t *list = json_array();
        for (uint32_t i = 0; i < value->n; i++)
            json_array_append_new(list, json_str(value->list[i]));
        return list;
    }
    case DW_VAL_NONE:
        break;
    }
    return json_null();
}

static json_t *json_fields(const dw_fact *fact)
{
    json_t *fields = json_object();
    for (uint32_t i = 0; i < fact->value_count; i++) {
        const dw_value *value = &fact->values[i];
        dw_field_info info;
        const char *name = dw_field_by_id(fact->type, value->field, &info) ? info.name : env_name(value->field);
        json_object_set_new(fields, name, json_value(fact->type, value));
    }
    return fields;
}

/* --- facts */
static void fact_json(const dw_fact *fact)
{
    put_line(json_pack("{s:s, s:s, s:o, s:o, s:b, s:i, s:o, s:I, s:o}", "kind", "fact", "type",
                       dw_event_type_name(fact->type), "day", json_day(fact->day), "at", json_instant(fact->at_us),
                       "approximate", (fact->flags & DW_FACTF_APPROXIMATE) != 0, "revision", (int)fact->revision,
                       "recorded_at", json_instant(fact->recorded_us), "offset", (json_int_t)fact->offset, "fields",
                       json_fields(fact)));
}

static void fact_text(const dw_fact *fact)
{
    char day[DW_TEXT_DATE_MAX];
    printf("  %-16s %-22s", dw_text_day(fact->day, day, sizeof(day)), dw_event_type_name(fact->type));
    json_t *fields = json_fields(fact);
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(fields, name, value)
    {
        char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        printf(" %s=%s", name, json_is_string(value) ? json_string_value(value) : text != NULL ? text : "");
        free(text);
    }
    json_decref(fields);
    printf("%s\n", fact->revision > 1 ? "  (corrected)" : "");
}

static void print_facts(const dw_child_view *view, const dw_chronology *chron)
{
    uint32_t first = 0;
    if ((int64_t)chron->fact_count > view->facts_max)
        first = chron->fact_count - (uint32_t)view->facts_max;
    if (!view->json && view->facts_max != 0)
        printf("\nFacts (%u%s)\n", chron->fact_count, first != 0 ? ", the latest" : "");
    for (uint32_t i = first; i < chron->fact_count; i++) {
        if (view->json)
            fact_json(chron->facts[i]);
        else
            fact_text(chron->facts[i]);
    }
}

/* --- spans */
static bool is_shown(dw_span_family family)
{
    return family != DW_SPAN_CHILD && family != DW_SPAN_CASE;
}

static void print_spans(const dw_child_view *view, const dw_chronology *chron)
{
    if (!view->json)
        printf("\nPlans, placements, episodes\n");
    for (int family = 0; family < DW_SPAN_FAMILIES; family++) {
        for (uint32_t i = 0; is_shown((dw_span_family)family) && i < chron->span_count[family]; i++) {
            const dw_span *span = &chron->spans[family][i];
            char from[DW_TEXT_DATE_MAX];
            char to[DW_TEXT_DATE_MAX];
            if (view->json)
                put_line(json_pack("{s:s, s:s, s:o, s:o, s:o, s:b}", "kind", "span", "family",
                                   dw_span_family_name(span->family), "id", json_str(span->id), "from",
                                   json_day(span->start_day), "to", json_day(span->end_day), "open",
                                   span->end == DW_END_OPEN));
            else
                printf("  %-12s %-16.*s %s to %s\n", dw_span_family_name(span->family), DW_STR_ARG(span->id),
                       dw_text_day(span->start_day, from, sizeof(from)),
                       span->end == DW_END_OPEN ? "now" : dw_text_day(span->end_day, to, sizeof(to)));
        }
    }
}

/* --- obligations */
uint32_t dw_gaps_of(const dw_obligation *ob)
{
    uint32_t gaps = ob->gaps;
    for (const dw_obligation *one = ob->others; one != NULL; one = one->others)
        gaps |= one->state == DW_OB_RESTING ? one->gaps : 0;
    return gaps;
}

char *dw_gaps_text(uint32_t gaps, char out[DW_GAPS_TEXT_MAX])
{
    size_t at = 0;
    out[0] = '\0';
#define X(e, bit, name, words)                                                                                         \
    if ((gaps & (e)) != 0)                                                                                             \
        at += (size_t)snprintf(out + at, DW_GAPS_TEXT_MAX - at, ", %s", words);
    DW_GAP_LIST(X)
#undef X
    return out;
}

static json_t *json_gaps(uint32_t gaps)
{
    json_t *list = json_array();
#define X(e, bit, name, words)                                                                                         \
    if ((gaps & (e)) != 0)                                                                                             \
        json_array_append_new(list, json_string(name));
    DW_GAP_LIST(X)
#undef X
    return list;
}

static void obligation_json(const dw_obligation *ob)
{
    json_t *due = ob->due_kind == DW_DUE_DATE      ? json_day(ob->due_on)
                  : ob->due_kind == DW_DUE_INSTANT ? json_instant(ob->due_at_us)
                                                   : json_null();
    put_line(json_pack("{s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:b, s:I, s:o*, s:o}", "kind", "obligation", "rule_id",
                       json_str(ob->rule->id), "title", json_str(ob->rule->title), "state", dw_ob_state_name(ob->state),
                       "subject_kind", json_str(ob->subject_kind), "subject_id", json_str(ob->subject_id), "due", due,
                       "approximate", ob->approximate, "count", (json_int_t)ob->count, "paused_until",
                       ob->paused_until != 0 ? json_day(ob->paused_until) : NULL, "gaps", json_gaps(dw_gaps_of(ob))));
}

static void obligation_text(const dw_obligation *ob)
{
    char due[DW_TEXT_TIME_MAX] = "-";
    char subject[128];
    char gaps[DW_GAPS_TEXT_MAX];
    if (ob->due_kind == DW_DUE_DATE)
        dw_text_day(ob->due_on, due, sizeof(due));
    else if (ob->due_kind == DW_DUE_INSTANT)
        dw_text_time(ob->due_at_us, due, sizeof(due));
    dw_text_subject(ob->subject_kind, ob->subject_id, subject, sizeof(subject));
    printf("  %-6.*s %-20s due %-22s %.*s%s%s%s\n", DW_STR_ARG(ob->rule->id), dw_ob_state_name(ob->state), due,
           DW_STR_ARG(ob->rule->title), subject[0] != '\0' ? ", " : "", subject, dw_gaps_text(dw_gaps_of(ob), gaps));
}

static void print_obligations(const dw_child_view *view, const dw_obligations *obs)
{
    if (!view->json)
        printf("\nDuties\n");
    for (uint32_t i = 0; i < obs->count; i++) {
        if (view->json)
            obligation_json(&obs->items[i]);
        else
            obligation_text(&obs->items[i]);
    }
}

/* --- alerts */
static const char *alert_state(dw_alert_state state)
{
    switch (state) {
    case DW_AL_OPEN:
        return "open";
    case DW_AL_ACKED:
        return "answered";
    case DW_AL_CLOSED:
        return "closed";
    case DW_AL_FLAG:
        return "flag";
    }
    return "?";
}

static void alert_json(const dw_record *rec, const dw_alert *alert, const char *id)
{
    json_t *due = alert->due_kind == DW_DUE_DATE      ? json_day(alert->due_on)
                  : alert->due_kind == DW_DUE_INSTANT ? json_instant(alert->due_at_us)
                                                      : json_null();
    (void)rec;
    put_line(json_pack("{s:s, s:s, s:o, s:s, s:o, s:o, s:i, s:i, s:o, s:i, s:i, s:o, s:o}", "kind", "alert", "alert_id",
                       id, "rule_id", json_str(alert->rule_id), "state", alert_state(alert->state), "subject_kind",
                       json_str(alert->subject_kind), "subject_id", json_str(alert->subject_id), "priority",
                       (int)alert->priority, "level", (int)alert->level, "post", json_str(alert->post), "generation",
                       (int)alert->generation, "count", (int)alert->count, "due", due, "opened_at",
                       json_instant(alert->opened_us)));
}

static void print_alerts(const dw_child_view *view)
{
    const dw_record *rec = view->record;
    if (!view->json)
        printf("\nAlerts\n");
    for (uint32_t i = 0; i < rec->alert_count; i++) {
        const dw_alert *alert = &rec->alerts[i];
        char id[DW_UUID_TEXT_LEN + 1];
        char opened[DW_TEXT_TIME_MAX];
        dw_alert_id(rec->la_code, rec->child_ref, alert->rule_id, alert->subject_kind, alert->subject_id, id);
        if (view->json) {
            alert_json(rec, alert, id);
            continue;
        }
        printf("  %-6.*s %-9s P%d", DW_STR_ARG(alert->rule_id), alert_state(alert->state), (int)alert->priority);
        if (dw_alert_is_live(alert))
            printf(" with %.*s (%s)", DW_STR_ARG(alert->post), dw_text_level(alert->level));
        else if (alert->state == DW_AL_CLOSED)
            printf(" %s", dw_outcome_text(alert->outcome));
        printf(", since %s, alert %s\n", dw_text_time(alert->opened_us, opened, sizeof(opened)), id);
    }
}

dw_errc dw_child_print(const dw_child_view *view, dw_arena *arena, dw_error *err)
{
    const dw_record *rec = view->record;
    const dw_chronology *chron = dw_chronology_derive(rec, view->clock_us, arena);
    if (chron == NULL)
        return dw_fail(err, DW_E_NOMEM, "out of memory");
    const dw_obligations *obs = view->policy != NULL ? dw_evaluate(chron, view->policy, arena) : NULL;
    if (view->policy != NULL && obs == NULL)
        return dw_fail(err, DW_E_NOMEM, "out of memory");
    if (view->json) {
        put_line(json_pack(
            "{s:s, s:o, s:o, s:i, s:o, s:o, s:o, s:b, s:I, s:I, s:o}", "kind", "child", "la_code",
            json_str(rec->la_code), "child_ref", json_str(rec->child_ref), "partition", (int)view->partition, "clock",
            json_instant(view->clock_us), "birth_date", json_day(chron->birth_day), "team_id", json_str(chron->team_id),
            "restricted", chron->restricted, "policy_number", (json_int_t)rec->policy_number, "offset",
            (json_int_t)rec->offset, "merged_into", rec->moved_to.len != 0 ? json_str(rec->moved_to) : json_null()));
    } else {
        char clock[DW_TEXT_TIME_MAX];
        char birth[DW_TEXT_DATE_MAX];
        printf("%.*s/%.*s%s: born %s, team %.*s, as of %s\n", DW_STR_ARG(rec->la_code), DW_STR_ARG(rec->child_ref),
               chron->restricted ? " (restricted)" : "", dw_text_day(chron->birth_day, birth, sizeof(birth)),
               DW_STR_ARG(chron->team_id), dw_text_time(view->clock_us, clock, sizeof(clock)));
        if (rec->moved_to.len != 0)
            printf("\nMerged into %.*s: what was told of this child is that child's now.\n", DW_STR_ARG(rec->moved_to));
    }
    print_spans(view, chron);
    if (obs != NULL)
        print_obligations(view, obs);
    else if (!view->json)
        printf("\nNo policy is in force yet: facts are kept, nothing is raised.\n");
    print_alerts(view);
    print_facts(view, chron);
    return DW_OK;
}
