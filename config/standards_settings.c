/* standards_settings.c: what of the standards is no rule and yet an authority's to choose: the ladder, working hours, days on
 * which it is closed, elections. One row of the printed table each. */

#include "config/standards_row.h"

static const yaml_node_t *node_of(dw_standards_text *s, int id)
{
    return id != 0 ? dw_yaml_node(&s->yaml, id) : NULL;
}

static const yaml_node_t *member(dw_standards_text *s, const yaml_node_t *map, const char *key)
{
    return map != NULL ? dw_yaml_get(&s->yaml, map, key) : NULL;
}

static char *words_of(dw_standards_text *s, const yaml_node_t *node)
{
    return node != NULL ? dw_node_words(&s->yaml, node) : NULL;
}

/* `key` is `here` instead of `shipped`; NULL: it is not said. Takes both texts. */
static void compare(dw_row *row, const char *key, char *shipped, char *here)
{
    if ((shipped == NULL && here == NULL) || (shipped != NULL && here != NULL && strcmp(shipped, here) == 0)) {
        free(shipped);
        free(here);
        return;
    }
    row->diffs[row->diff_count++] = (dw_row_diff){strdup(key), shipped, here};
}

/* The first document alone is what is shipped, when nothing else is at hand. */
static const yaml_node_t *shipped_member(dw_standards_text *base, const char *key)
{
    return member(base, node_of(base, base->root), key);
}

static bool hours_row(dw_standards_text *here, dw_standards_text *base, dw_row *row)
{
    row->text[DW_ROW_id] = strdup("working_hours");
    row->text[DW_ROW_title] = strdup("Hours in which an unanswered alert climbs");
    row->text[DW_ROW_kind] = strdup("setting");
    row->text[DW_ROW_limit] = words_of(here, node_of(here, here->hours));
    compare(row, "working_hours", words_of(base, shipped_member(base, "working_hours")),
            words_of(here, node_of(here, here->hours)));
    return dw_row_finish(row, &here->yaml, NULL);
}

static bool has_closures(dw_standards_text *s)
{
    const yaml_node_t *list = node_of(s, s->closures);
    return list != NULL && list->type == YAML_SEQUENCE_NODE &&
           list->data.sequence.items.top != list->data.sequence.items.start;
}

static bool closures_row(dw_standards_text *here, dw_row *row)
{
    row->text[DW_ROW_id] = strdup("closures");
    row->text[DW_ROW_title] = strdup("Days on which the authority is closed");
    row->text[DW_ROW_kind] = strdup("setting");
    row->text[DW_ROW_who] = strdup("limits with calendar: ew+closure");
    row->text[DW_ROW_limit] = words_of(here, node_of(here, here->closures));
    compare(row, "closures", NULL, words_of(here, node_of(here, here->closures)));
    return dw_row_finish(row, &here->yaml, NULL);
}

static const yaml_node_t *election_of(dw_standards_text *s, dw_str name)
{
    const yaml_node_t *list = shipped_member(s, "elections");
    if (list == NULL || list->type != YAML_SEQUENCE_NODE)
        return NULL;
    for (const yaml_node_item_t *i = list->data.sequence.items.start; i < list->data.sequence.items.top; i++)
        if (dw_str_eq(dw_yaml_scalar(member(s, node_of(s, *i), "name")), name))
            return node_of(s, *i);
    return NULL;
}

static bool election_row(dw_standards_text *here, dw_standards_text *base, const yaml_node_t *election, dw_row *row)
{
    const yaml_node_t *name = member(here, election, "name"), *by_default = member(here, election, "default");
    const yaml_node_t *chosen =
        member(here, member(here, node_of(here, here->local), "elections"), (const char *)name->data.scalar.value);
    const yaml_node_t *said = chosen != NULL && chosen->type == YAML_MAPPING_NODE ? chosen : NULL;
    const yaml_node_t *side = said != NULL ? member(here, said, "side") : chosen != NULL ? chosen : by_default;
    const yaml_node_t *before = member(base, election_of(base, dw_yaml_scalar(name)), "default");
    row->text[DW_ROW_id] = words_of(here, name);
    row->text[DW_ROW_title] = strdup("Which clock counts for a child who has several");
    row->text[DW_ROW_kind] = strdup("election");
    row->text[DW_ROW_who] = words_of(here, member(here, election, "sides"));
    row->text[DW_ROW_limit] = side != NULL ? words_of(here, side) : strdup("both");
    row->reason = words_of(here, member(here, said, "reason"));
    row->loosens = words_of(here, member(here, said, "loosens"));
    compare(row, "elects", before != NULL ? words_of(base, before) : strdup("both"),
            side != NULL ? words_of(here, side) : strdup("both"));
    return dw_row_finish(row, &here->yaml, NULL);
}

bool dw_rows_of_settings(dw_standards_text *here, dw_standards_text *shipped, dw_row *rows, size_t *count)
{
    dw_standards_text *base = shipped != NULL ? shipped : here;
    bool ok = true;
    const yaml_node_t *list = shipped_member(here, "elections");
    if (here->ladder != 0 && member(here, node_of(here, here->ladder), "id") != NULL)
        ok = dw_row_of_ladder(here, shipped, &rows[(*count)++]);
    if (ok && here->hours != 0)
        ok = hours_row(here, base, &rows[(*count)++]);
    if (ok && has_closures(here))
        ok = closures_row(here, &rows[(*count)++]);
    for (int i = 0; ok && list != NULL && list->type == YAML_SEQUENCE_NODE && i < DW_ELECTION_ROWS_MAX; i++) {
        if (list->data.sequence.items.start + i >= list->data.sequence.items.top)
            break;
        ok = election_row(here, base, node_of(here, list->data.sequence.items.start[i]), &rows[(*count)++]);
    }
    return ok;
}
