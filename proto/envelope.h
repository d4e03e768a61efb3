#pragma once
/* envelope.h: private to proto/: the envelope's fields as a table, for JSON in both directions. */

#include "proto/event.h"

#include <protobuf-c/protobuf-c.h>

typedef enum dw_env_kind { DW_ENV_STR, DW_ENV_NUMBER, DW_ENV_INSTANT, DW_ENV_ENUM } dw_env_kind;

typedef struct dw_env_field {
    const char *name;
    dw_env_kind kind;
    size_t offset;                     /* of the member in dw_event */
    const ProtobufCEnumDescriptor *of; /* DW_ENV_ENUM */
} dw_env_field;

/* In the order in which they are printed. */
const dw_env_field *dw_env_fields(size_t *count);
