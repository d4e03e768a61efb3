/* bank_holidays.c: https://www.gov.uk/bank-holidays.json, and the authority's `closures` beside it -> a calendar. jansson says
 * whether it is JSON; libyaml, which reads JSON too, knows where everything stands. */

#include "config/policy_parts.h"
#include "proto/json.h"

#include <jansson.h>

typedef struct days {
    int32_t *items;
    dw_str *titles; /* of the same days; views of the text */
    size_t count;
} days;

static bool is_json(const char *file, dw_str text, dw_problems *problems)
{
    json_error_t error;
    json_t *json = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) {
        dw_problems_add_at(problems, file, error.line > 0 ? (unsigned)error.line : 1,
                           error.column > 0 ? (unsigned)error.column : 1, false, "not valid JSON: %s", error.text);
        return false;
    }
    json_decref(json);
    return true;
}

static size_t list_length(const yaml_node_t *list)
{
    if (list->type != YAML_SEQUENCE_NODE)
        return 0;
    return (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
}

/* A list of {"date": ..., ...}, or of dates alone; added to *out. */
static void load_days(dw_yaml *yaml, const yaml_node_t *list, const char *what, days *out)
{
    size_t n = list_length(list);
    if (list->type != YAML_SEQUENCE_NODE || n > DW_HOLIDAYS_MAX) {
        dw_problems_add(yaml->problems, yaml->file, list, false, "%s must be a list of at most %d days", what,
                        DW_HOLIDAYS_MAX);
        return;
    }
    int32_t *grown = realloc(out->items, (out->count + n + 1) * sizeof(*out->items));
    dw_str *titles = realloc(out->titles, (out->count + n + 1) * sizeof(*out->titles));
    if (grown != NULL)
        out->items = grown;
    if (titles != NULL)
        out->titles = titles;
    if (grown == NULL || titles == NULL) {
        dw_problems_add(yaml->problems, yaml->file, list, false, "out of memory");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const yaml_node_t *item = dw_yaml_node(yaml, list->data.sequence.items.start[i]);
        const yaml_node_t *date = item->type == YAML_MAPPING_NODE ? dw_yaml_get(yaml, item, "date") : item;
        if (date == NULL)
            dw_problems_add(yaml->problems, yaml->file, item, false, "%s: date is missing", what);
        else if (!dw_date_parse(dw_yaml_scalar(date), &out->items[out->count]))
            dw_problems_add(yaml->problems, yaml->file, date, false, "%s: must be a date such as 2026-12-25", what);
        else {
            const yaml_node_t *title = item->type == YAML_MAPPING_NODE ? dw_yaml_get(yaml, item, "title") : NULL;
            out->titles[out->count++] = title != NULL ? dw_yaml_scalar(title) : (dw_str){NULL, 0};
        }
    }
}

static bool name_days(dw_calendar *calendar, const days *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->titles[i].len != 0 && !dw_calendar_name_day(calendar, list->items[i], list->titles[i]))
            return false;
    return true;
}

/* The whole file of gov.uk, or the file of one division. */
static const yaml_node_t *find_events(dw_yaml *yaml, yaml_node_t *root)
{
    yaml_node_t *division = dw_yaml_get(yaml, root, "england-and-wales");
    if (division == NULL) {
        dw_str name = dw_yaml_scalar(dw_yaml_get(yaml, root, "division"));
        if (dw_str_eq(name, DW_STR_LIT("england-and-wales")))
            division = root;
    }
    const yaml_node_t *events = dw_yaml_get(yaml, division, "events");
    if (division == NULL)
        dw_problems_add(yaml->problems, yaml->file, root, false,
                        "there is no division england-and-wales: take https://www.gov.uk/bank-holidays.json as it is");
    else if (events == NULL || list_length(events) == 0)
        dw_problems_add(yaml->problems, yaml->file, events != NULL ? events : division, false,
                        "england-and-wales has no events: a list without bank holidays is no list of bank holidays");
    else
        return events;
    return NULL;
}

dw_calendar *dw_bank_holidays_load(const char *file, dw_str text, dw_standards_text *standards, int open_minute,
                                   int close_minute, dw_problems *problems)
{
    dw_yaml yaml;
    days holidays = {0}, closures = {0};
    dw_calendar *calendar = NULL;
    size_t errors = problems->errors;
    if (text.len == 0) {
        dw_problems_add(problems, file, NULL, false, "the list of bank holidays is empty");
        return NULL;
    }
    if (!is_json(file, text, problems) || !dw_yaml_parse(&yaml, file, text, problems))
        return NULL;
    yaml_node_t *root = dw_yaml_root(&yaml);
    const yaml_node_t *events = find_events(&yaml, root), *closed = dw_yaml_get(&yaml, root, "closures");
    if (events != NULL)
        load_days(&yaml, events, "events", &holidays);
    if (closed != NULL)
        load_days(&yaml, closed, "closures", &closures);
    if (standards != NULL && standards->closures != 0)
        load_days(&standards->yaml, dw_yaml_node(&standards->yaml, standards->closures), "closures", &closures);
    if (problems->errors == errors) {
        calendar =
            dw_calendar_new(holidays.items, holidays.count, closures.items, closures.count, open_minute, close_minute);
        if (calendar != NULL && (!name_days(calendar, &holidays) || !name_days(calendar, &closures)))
            dw_calendar_free(&calendar);
        if (calendar == NULL)
            dw_problems_add(problems, file, NULL, false, "out of memory");
    }
    free(holidays.items);
    free(holidays.titles);
    free(closures.items);
    free(closures.titles);
    dw_yaml_deinit(&yaml);
    return calendar;
}
