/* settings_fields.h: the fields of dw_settings, from settings.def. Included once, inside the struct (so no #pragma once
 * would help): the includer may define DW_S_STR, DW_S_INT, DW_S_BOOL and DW_S_ENUM; alone it declares nothing. */
#ifdef DW_S_STR
#define DW_SECTION(key, help)
#define DW_KEY_STR(field, key, def, check, reload, help) DW_S_STR(field)
#define DW_KEY_PATH(field, key, def, check, reload, help) DW_S_STR(field)
#define DW_KEY_SECRET(field, key, def, reload, help) DW_S_STR(field)
#define DW_KEY_INT(field, key, def, min, max, unit, reload, help) DW_S_INT(field)
#define DW_KEY_BOOL(field, key, def, reload, help) DW_S_BOOL(field)
#define DW_KEY_ENUM(field, key, def, choices, reload, help) DW_S_ENUM(field)
#define DW_KEY_MAP(key, help)
#include "config/settings.def"
#undef DW_SECTION
#undef DW_KEY_STR
#undef DW_KEY_PATH
#undef DW_KEY_SECRET
#undef DW_KEY_INT
#undef DW_KEY_BOOL
#undef DW_KEY_ENUM
#undef DW_KEY_MAP
#undef DW_S_STR
#undef DW_S_INT
#undef DW_S_BOOL
#undef DW_S_ENUM
#endif
