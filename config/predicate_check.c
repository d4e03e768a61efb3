/* predicate_check.c: can a condition ever hold? Tries every combination of the values that it can tell apart. */

#include "config/rule_text.h"

#define FIELDS_MAX 16    /* different fields of one condition; with more it passes unchecked */
#define VALUES_MAX 640   /* values one field is tried with: three for each code of the longest list */
#define TRIES_MAX 500000 /* combinations; past it the condition passes unchecked */

typedef struct trial_value {
    bool present, other; /* other: present, and equal to nothing that is named */
    int64_t i;
} trial_value;

/* One field, or one comparison of texts, which is tried as true and as false. */
typedef struct trial {
    dw_str field;
    const dw_pred *text_leaf; /* NULL: numbers, dates and codes */
    trial_value *values;
    size_t count, at;
} trial;

typedef struct trials {
    dw_arena *arena;
    trial items[FIELDS_MAX];
    size_t count;
    bool too_many;
} trials;

static trial *find_trial(trials *t, const dw_pred *leaf)
{
    for (size_t i = 0; i < t->count; i++)
        if (leaf->strings != NULL ? t->items[i].text_leaf == leaf
                                  : t->items[i].text_leaf == NULL && dw_str_eq(t->items[i].field, leaf->field->name))
            return &t->items[i];
    return NULL;
}

static void add_value(trials *t, trial *one, trial_value value)
{
    for (size_t i = 0; i < one->count; i++)
        if (one->values[i].present == value.present && one->values[i].other == value.other &&
            one->values[i].i == value.i)
            return;
    if (one->count == VALUES_MAX)
        t->too_many = true;
    else
        one->values[one->count++] = value;
}

static void collect(trials *t, const dw_pred *pred)
{
    if (pred == NULL || t->too_many)
        return;
    if (pred->op == DW_PRED_AND || pred->op == DW_PRED_OR || pred->op == DW_PRED_NOT) {
        collect(t, pred->left);
        collect(t, pred->right);
        return;
    }
    if (pred->field == NULL) { /* unknown, and said so */
        t->too_many = true;
        return;
    }
    trial *one = find_trial(t, pred);
    if (one == NULL && t->count == FIELDS_MAX) {
        t->too_many = true;
        return;
    }
    if (one == NULL) {
        one = &t->items[t->count++];
        *one = (trial){.field = pred->field->name, .text_leaf = pred->strings != NULL ? pred : NULL};
        one->values = dw_arena_alloc(t->arena, VALUES_MAX * sizeof *one->values);
        if (one->values == NULL) {
            t->too_many = true;
            return;
        }
        add_value(t, one, (trial_value){.present = true, .other = true});
        add_value(t, one, (trial_value){.present = false});
    }
    bool ordered = pred->op == DW_PRED_LT || pred->op == DW_PRED_LE || pred->op == DW_PRED_GT || pred->op == DW_PRED_GE;
    for (uint32_t i = 0; pred->set != NULL && i < pred->set_count; i++)
        for (int64_t step = ordered ? -1 : 0; step <= (ordered ? 1 : 0); step++)
            add_value(t, one, (trial_value){.present = true, .i = pred->set[i] + step});
}

static bool leaf_holds(const dw_pred *pred, const trial_value *value)
{
    if (pred->op == DW_PRED_ABSENT)
        return !value->present;
    if (!value->present)
        return false;
    if (pred->op == DW_PRED_PRESENT)
        return true;
    if (pred->strings != NULL)
        return value->other; /* a text: equal in one try, different in the next */
    if (value->other)
        return false;
    if (pred->op == DW_PRED_LT)
        return value->i < pred->set[0];
    if (pred->op == DW_PRED_LE)
        return value->i <= pred->set[0];
    if (pred->op == DW_PRED_GT)
        return value->i > pred->set[0];
    if (pred->op == DW_PRED_GE)
        return value->i >= pred->set[0];
    for (uint32_t i = 0; i < pred->set_count; i++)
        if (value->i == pred->set[i])
            return true;
    return false;
}

static bool holds(trials *t, const dw_pred *pred)
{
    if (pred->op == DW_PRED_AND)
        return holds(t, pred->left) && holds(t, pred->right);
    if (pred->op == DW_PRED_OR)
        return holds(t, pred->left) || holds(t, pred->right);
    if (pred->op == DW_PRED_NOT)
        return !holds(t, pred->left);
    const trial *one = find_trial(t, pred);
    return leaf_holds(pred, &one->values[one->at]);
}

/* The next combination, like the wheels of a meter; false after the last. */
static bool turn_on(trials *t)
{
    for (size_t i = 0; i < t->count; i++) {
        if (++t->items[i].at < t->items[i].count)
            return true;
        t->items[i].at = 0;
    }
    return false;
}

bool dw_pred_can_hold(const dw_pred *pred)
{
    trials t = {.arena = dw_arena_new(FIELDS_MAX * (VALUES_MAX * sizeof(trial_value) + 64) + 65536)};
    bool can = t.arena == NULL;
    if (!can)
        collect(&t, pred);
    can = can || t.too_many;
    for (long tries = 0; !can; tries++) {
        can = tries == TRIES_MAX || holds(&t, pred);
        if (!can && !turn_on(&t))
            break;
    }
    dw_arena_free(&t.arena);
    return can;
}
