/* predicate.c: does a fact, or a span as of a day, satisfy a rule's condition? */

#include "handlers/policy.h"

static bool value_in(const dw_pred *pred, const dw_value *value)
{
    switch ((dw_value_kind)value->kind) {
    case DW_VAL_STR:
        for (uint32_t i = 0; pred->strings != NULL && i < pred->set_count; i++)
            if (dw_str_eq(value->s, pred->strings[i]))
                return true;
        return false;
    case DW_VAL_STRS:
        for (uint32_t k = 0; pred->strings != NULL && k < value->n; k++)
            for (uint32_t i = 0; i < pred->set_count; i++)
                if (dw_str_eq(value->list[k], pred->strings[i]))
                    return true;
        return false;
    case DW_VAL_ENUM:
    case DW_VAL_INT:
    case DW_VAL_DATE:
    case DW_VAL_INSTANT:
        for (uint32_t i = 0; pred->set != NULL && i < pred->set_count; i++)
            if (value->i == pred->set[i])
                return true;
        return false;
    case DW_VAL_NONE:
        return false;
    }
    return false;
}

static bool value_is_number(const dw_value *value)
{
    return value->kind == DW_VAL_ENUM || value->kind == DW_VAL_INT || value->kind == DW_VAL_DATE ||
           value->kind == DW_VAL_INSTANT;
}

/* A leaf: `value` is NULL when the field is absent. */
static bool leaf_holds(const dw_pred *pred, const dw_value *value)
{
    if (pred->op == DW_PRED_ABSENT)
        return value == NULL;
    if (value == NULL)
        return false;
    switch (pred->op) {
    case DW_PRED_PRESENT:
        return true;
    case DW_PRED_IN:
        return value_in(pred, value);
    case DW_PRED_LT:
        return value_is_number(value) && pred->set_count != 0 && value->i < pred->set[0];
    case DW_PRED_LE:
        return value_is_number(value) && pred->set_count != 0 && value->i <= pred->set[0];
    case DW_PRED_GT:
        return value_is_number(value) && pred->set_count != 0 && value->i > pred->set[0];
    case DW_PRED_GE:
        return value_is_number(value) && pred->set_count != 0 && value->i >= pred->set[0];
    case DW_PRED_TRUE:
    case DW_PRED_AND:
    case DW_PRED_OR:
    case DW_PRED_NOT:
    case DW_PRED_ABSENT:
        break;
    }
    return false;
}

static const dw_value *fact_value(const dw_fact *fact, const dw_field_ref *ref)
{
    uint16_t id = ref->by_type[fact->type];
    return id != 0 ? dw_fact_get(fact, id) : NULL;
}

bool dw_pred_fact(const dw_pred *pred, const dw_fact *fact)
{
    if (pred == NULL)
        return true;
    switch (pred->op) {
    case DW_PRED_TRUE:
        return true;
    case DW_PRED_AND:
        return dw_pred_fact(pred->left, fact) && dw_pred_fact(pred->right, fact);
    case DW_PRED_OR:
        return dw_pred_fact(pred->left, fact) || dw_pred_fact(pred->right, fact);
    case DW_PRED_NOT:
        return !dw_pred_fact(pred->left, fact);
    case DW_PRED_IN:
    case DW_PRED_ABSENT:
    case DW_PRED_PRESENT:
    case DW_PRED_LT:
    case DW_PRED_LE:
    case DW_PRED_GT:
    case DW_PRED_GE:
        return leaf_holds(pred, fact_value(fact, pred->field));
    }
    return false;
}

bool dw_pred_span(const dw_pred *pred, const dw_span *span, int32_t as_of)
{
    if (pred == NULL)
        return true;
    switch (pred->op) {
    case DW_PRED_TRUE:
        return true;
    case DW_PRED_AND:
        return dw_pred_span(pred->left, span, as_of) && dw_pred_span(pred->right, span, as_of);
    case DW_PRED_OR:
        return dw_pred_span(pred->left, span, as_of) || dw_pred_span(pred->right, span, as_of);
    case DW_PRED_NOT:
        return !dw_pred_span(pred->left, span, as_of);
    case DW_PRED_IN:
    case DW_PRED_ABSENT:
    case DW_PRED_PRESENT:
    case DW_PRED_LT:
    case DW_PRED_LE:
    case DW_PRED_GT:
    case DW_PRED_GE:
        return leaf_holds(pred, dw_span_value(span, pred->field, as_of, NULL));
    }
    return false;
}
