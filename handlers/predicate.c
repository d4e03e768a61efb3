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

/* LT, LE, GT, GE; `value` is NULL when the field is absent. */
static bool compares(const dw_pred *pred, const dw_value *value)
{
    if (value == NULL || !value_is_number(value) || pred->set_count == 0)
        return false;
    int64_t is = value->i, bound = pred->set[0];
    return pred->op == DW_PRED_LT   ? is < bound
           : pred->op == DW_PRED_LE ? is <= bound
           : pred->op == DW_PRED_GT ? is > bound
                                    : is >= bound;
}

const dw_value *dw_asked_value(const dw_asked *of, const dw_field_ref *field, const dw_fact **carrier)
{
    if (of->fact == NULL)
        return dw_span_value(of->span, field, of->as_of, carrier);
    if (carrier != NULL)
        *carrier = of->fact;
    return dw_fact_says(of->fact, field);
}

bool dw_pred_holds(const dw_pred *pred, const dw_asked *of)
{
    if (pred == NULL)
        return true;
    const dw_value *value;
    switch (pred->op) {
    case DW_PRED_AND:
        return dw_pred_holds(pred->left, of) && dw_pred_holds(pred->right, of);
    case DW_PRED_OR:
        return dw_pred_holds(pred->left, of) || dw_pred_holds(pred->right, of);
    case DW_PRED_NOT:
        return !dw_pred_holds(pred->left, of);
    case DW_PRED_ABSENT:
        return dw_asked_value(of, pred->field, NULL) == NULL;
    case DW_PRED_PRESENT:
        return dw_asked_value(of, pred->field, NULL) != NULL;
    case DW_PRED_IN:
        value = dw_asked_value(of, pred->field, NULL);
        return value != NULL && value_in(pred, value);
    case DW_PRED_LT:
    case DW_PRED_LE:
    case DW_PRED_GT:
    case DW_PRED_GE:
        return compares(pred, dw_asked_value(of, pred->field, NULL));
    }
    return false;
}

bool dw_pred_fact(const dw_pred *pred, const dw_fact *fact)
{
    return dw_pred_holds(pred, &(dw_asked){.fact = fact});
}

bool dw_pred_span(const dw_pred *pred, const dw_span *span, int32_t as_of)
{
    return dw_pred_holds(pred, &(dw_asked){.span = span, .as_of = as_of});
}
