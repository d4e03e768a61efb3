/* missing_episode.c: One record of a missing episode: the whole of it or one phase. The latest thing it tells gives its
 * instant; spans_missing.c reads start and end by themselves. */

#include "field_ids.h"
#include "handlers/events/events.h"

static const uint16_t at_fields[] = {DW_F_MISSING_EPISODE_RETURNED_AT, DW_F_MISSING_EPISODE_FOUND_AT,
                                     DW_F_MISSING_EPISODE_MIS_END, DW_F_MISSING_EPISODE_MIS_START, 0};
static const uint16_t keep_fields[] = {DW_F_MISSING_EPISODE_EPISODE_ID,     DW_F_MISSING_EPISODE_PHASE,
                                       DW_F_MISSING_EPISODE_CATEGORY,       DW_F_MISSING_EPISODE_MIS_START,
                                       DW_F_MISSING_EPISODE_MIS_END,        DW_F_MISSING_EPISODE_LAST_SEEN_AT,
                                       DW_F_MISSING_EPISODE_REPORTED_AT,    DW_F_MISSING_EPISODE_RETURNED_AT,
                                       DW_F_MISSING_EPISODE_FOUND_AT,       DW_F_MISSING_EPISODE_FOUND_BY_ROLE,
                                       DW_F_MISSING_EPISODE_FROM,           DW_F_MISSING_EPISODE_REPORTER,
                                       DW_F_MISSING_EPISODE_PHILOMENA_HELD, 0};
static const uint16_t env_fields[] = {DW_F_ENV_TEAM_ID, 0};

DW_HANDLER(MISSING_EPISODE) = {
    .type = DW_EV_MISSING_EPISODE,
    .day_fields = dw_no_fields,
    .at_fields = at_fields,
    .keep_fields = keep_fields,
    .env_fields = env_fields,
};
