#pragma once
/* gen_internal.h: inside the simulated authority; for the files gen*.c only.
 *
 * A child has an agenda: for each kind of act the day it comes up next. A day runs the acts that are up; an act makes
 * facts (what is published) at that day or later and puts itself back on the agenda. Facts wait in a heap until the log
 * reaches their append time. */

#include "daemon/cli/gen.h"
#include "daemon/cli/rng.h"
#include "handlers/calendar.h"

#include <field_ids.h>

#define GEN_NEVER INT32_MAX
#define GEN_FIELDS_MAX 16
#define GEN_NONE UINT32_MAX
#define GEN_MINUTE_US 60000000LL
#define GEN_HOUR_US 3600000000LL
#define GEN_LOAD_STEP_US 1000 /* one child of the first load, its newest fact first */

/* --- facts waiting for the log */
typedef enum gen_text { /* how an id is written: letter, child's number, its own number */
                        GEN_ID_CONTACT,
                        GEN_ID_REFERRAL,
                        GEN_ID_ASSESSMENT,
                        GEN_ID_ENQUIRY,
                        GEN_ID_CONFERENCE,
                        GEN_ID_PLAN,
                        GEN_ID_PLACEMENT,
                        GEN_ID_VISIT,
                        GEN_ID_REVIEW,
                        GEN_ID_MEETING,
                        GEN_ID_SUPERVISION,
                        GEN_ID_OVERSIGHT,
                        GEN_ID_EPISODE,
                        GEN_ID_INTERVIEW,
                        GEN_ID_ALLOCATION,
                        GEN_ID_HEALTH,
                        GEN_ID_OTHER
} gen_text;

typedef struct gen_field {
    uint16_t field;
    uint8_t kind; /* dw_value_kind */
    uint8_t text; /* gen_text, for DW_VAL_STR and DW_VAL_STRS */
    uint32_t pad;
    int64_t value; /* number, or the number of the id */
} gen_field;

typedef struct gen_fact {
    int64_t log_us;
    int64_t occurred_us;
    int64_t recorded_us;
    uint64_t uid;      /* becomes event_id */
    uint64_t replaces; /* uid of the message it corrects; 0 = none */
    uint32_t child;    /* number of the child; 0 = a tick */
    uint32_t record;   /* number of the source record */
    uint32_t family;   /* 0 = none */
    uint32_t worker;   /* 0 = none */
    uint16_t team;     /* index of the team; GEN_TEAMS_NONE */
    uint16_t type;     /* dw_event_type */
    uint8_t op, revision;
    bool by_police, date_only, restricted;
    uint8_t field_count;
    gen_field fields[GEN_FIELDS_MAX];
} gen_fact;

/* --- children */
typedef enum gen_stage {
    GEN_FREE,       /* nobody: the slot can be used again */
    GEN_DORMANT,    /* known, closed; may be referred again */
    GEN_REFERRED,   /* referral taken, under assessment */
    GEN_ENQUIRY_47, /* section 47 enquiry until the conference */
    GEN_CIN,
    GEN_CP,
    GEN_CLA,
    GEN_PF,
    GEN_LEAVER
} gen_stage;

typedef enum gen_act {
    GEN_ACT_STAGE, /* the next step of the case */
    GEN_ACT_VISIT,
    GEN_ACT_REVIEW,
    GEN_ACT_SUPERVISION,
    GEN_ACT_MEETING, /* core group, permanency planning meeting */
    GEN_ACT_MISSING,
    GEN_ACT_STRATEGY, /* meeting about repeated missing */
    GEN_ACT_WORKER,
    GEN_ACT_PLACEMENT,
    GEN_ACT_HEALTH, /* initial and review health assessment */
    GEN_ACT_DENTAL,
    GEN_ACT_CONTACT, /* of a personal adviser */
    GEN_ACT_CHRONOLOGY,
    GEN_ACT_PATHWAY, /* plan at 16, its reviews while looked after */
    GEN_ACT_PLACEMENT_PLAN,
    GEN_ACT_OVERSIGHT, /* a manager looks at what slipped */
    GEN_ACT_COURT,     /* before and in proceedings */
    GEN_ACT_DISPUTE,
    GEN_ACTS
} gen_act;

/* What a manager explains when it was missed: the last day in time of each. */
typedef enum gen_watched {
    GEN_WATCH_VISIT,
    GEN_WATCH_REVIEW,
    GEN_WATCH_OTHER, /* seen alone; contact with a care leaver; the pathway plan of a child looked after */
    GEN_WATCHES
} gen_watched;

typedef struct gen_child {
    dw_rng rng;
    uint32_t number;
    uint32_t family;
    uint32_t next; /* in the list of a day, or of free slots */
    uint32_t worker;
    uint32_t records;                       /* source records made so far: their numbers are the ids */
    uint32_t accommodation, court, dispute; /* records; 0 = none */
    uint64_t accommodation_uid;
    int32_t housed; /* since when there */
    uint32_t plan, placement, placement_plan, pathway, referral, assessment, enquiry, allocation;
    uint32_t episodes[3]; /* latest last; 0 = none */
    int32_t starts[3];    /* their days */
    int32_t due[GEN_ACTS];
    int32_t limit[GEN_WATCHES]; /* last day in time; GEN_NEVER = none runs, or a missed one is explained */
    int32_t unexplained;        /* last day in time of the earliest missed duty without a note; GEN_NEVER = none */
    int32_t visited, supervised, written; /* days of the last visit, supervision, chronology */
    int32_t pathway_looked_at;            /* made or reviewed */
    int32_t allocated;                    /* day on which the worker came */
    int32_t court_by;                     /* day of the decision before proceedings */
    int32_t recorded;                     /* day on which what was published last is in the record */
    int32_t birth_day;
    int32_t stage_from;     /* first day of the plan */
    int32_t ends_from;      /* from this day on the next review ends the plan */
    int32_t placed_from;    /* first day of the placement */
    int32_t unallocated_to; /* day on which a new worker starts; GEN_NEVER = one is there */
    uint16_t team;
    uint16_t slip; /* permille of duties that slip for this child */
    uint8_t stage; /* gen_stage */
    uint8_t reviews, plans_before;
    uint8_t need, category, permanence, legal, place;
    uint8_t dispute_kind, dispute_step;
    uint8_t visit_days; /* frequency agreed for this child: working days (CIN), else calendar days; 0 = the standard */
    uint8_t missing_risk; /* 0 none, 1 now and then, 2 often */
    bool known;           /* the birth date has been published */
    bool restricted;
    bool early_visit;        /* the first visit of a plan, placement or enquiry is still to come */
    bool placement_reviewed; /* a review was held in this placement */
    bool met;                /* the worker has seen the child */
    bool assessed;           /* the initial health assessment was held */
    bool unassessed;         /* placed with a parent before assessment (regulation 19) */
    bool own_home;           /* of a care leaver: not provided by the authority */
} gen_child;

#define GEN_TEAM_KINDS 7
typedef enum gen_team_kind {
    GEN_TEAM_FRONT_DOOR,
    GEN_TEAM_ASSESSMENT,
    GEN_TEAM_SAFEGUARDING,
    GEN_TEAM_LOOKED_AFTER,
    GEN_TEAM_LEAVERS,
    GEN_TEAM_FOSTERING,
    GEN_TEAM_DISABILITIES
} gen_team_kind;
#define GEN_TEAMS_NONE UINT16_MAX

struct dw_gen {
    dw_gen_config config;
    char la_code[4];
    dw_rng rng;    /* of the authority as a whole: arrivals */
    uint64_t uids; /* messages made */
    gen_child *children;
    uint32_t child_count, child_cap, free_child;
    uint32_t numbers, families;
    uint32_t *days; /* first child of each day's list */
    uint32_t day_count;
    int32_t today;
    int64_t load_facts; /* of the child being loaded */
    int64_t load_us;    /* append time of the next fact of the first load */
    uint32_t load_left[GEN_LEAVER + 1];
    bool loading, out_of_memory;
    uint16_t team_first[GEN_TEAM_KINDS + 1]; /* index of the first team of each kind */

    gen_fact *facts; /* pool */
    uint32_t fact_cap, free_fact;
    struct gen_waiting {
        int64_t log_us;
        uint64_t order;
        uint32_t fact;
    } * heap;
    uint32_t heap_count, heap_cap;
    uint64_t orders;
    int64_t last_log_us;

    char text[40][48]; /* strings of the event handed out */
    dw_str list[4];
    uint32_t text_used;
};

/* gen_fact.c: facts */
gen_fact gen_fact_begin(dw_gen *gen, gen_child *child, dw_event_type type, int64_t occurred_us);
void gen_enum(gen_fact *fact, uint16_t field, int64_t value); /* 0 = absent */
void gen_int(gen_fact *fact, uint16_t field, int64_t value);
void gen_date(gen_fact *fact, uint16_t field, int32_t day);
void gen_instant(gen_fact *fact, uint16_t field, int64_t at_us);
void gen_id(gen_fact *fact, uint16_t field, gen_text text, uint32_t number); /* 0 = absent */
void gen_ids(gen_fact *fact, uint16_t field, gen_text text, uint32_t number);
/* Publish it: written up as people do (mostly the same day, some days later), sometimes corrected, withdrawn, twice. */
void gen_publish(dw_gen *gen, gen_child *child, gen_fact *fact);
/* Publish it so many microseconds after it happened, exactly so and once. */
void gen_publish_after(dw_gen *gen, gen_fact *fact, int64_t delay_us);
void gen_wait(dw_gen *gen, const gen_fact *fact);
bool gen_waiting_before(const dw_gen *gen, int64_t log_us);
void gen_take(dw_gen *gen, dw_event *out, int64_t *log_us);

/* gen.c: time and children */
int32_t gen_weekday(int32_t day);                  /* it or the next Monday to Friday */
int32_t gen_weekday_before(int32_t day);           /* it or the last Monday to Friday */
int32_t gen_working_days(int32_t from, int count); /* Monday to Friday only */
int64_t gen_office_time(dw_rng *rng, int32_t day); /* between nine and half past five */
void gen_due(gen_child *child, gen_act act, int32_t day);
void gen_due_clear(gen_child *child);
uint32_t gen_child_new(dw_gen *gen);                 /* index; GEN_NONE when out of memory */
void gen_child_close(dw_gen *gen, gen_child *child); /* to sleep, or free */
uint32_t gen_record(gen_child *child);               /* number of a new source record, from 1 */
uint16_t gen_team(dw_gen *gen, dw_rng *rng, gen_team_kind kind);

/* gen_stage.c: the way of a case */
void gen_contact(dw_gen *gen, gen_child *child, uint32_t children, int32_t day);
void gen_act_stage(dw_gen *gen, gen_child *child, int32_t day);
void gen_start_plan(dw_gen *gen, gen_child *child, gen_stage stage, int32_t day);
void gen_end_plan(dw_gen *gen, gen_child *child, int32_t day, bool stepped_up);
void gen_hand_over(dw_gen *gen, gen_child *child, gen_team_kind kind, int32_t day);
void gen_move(dw_gen *gen, gen_child *child, int32_t day, bool first);
void gen_act_placement(dw_gen *gen, gen_child *child, int32_t day);
void gen_birth_date(dw_gen *gen, gen_child *child, int32_t day);
/* gen_load.c: a case that was open before the story begins */
void gen_load_child(dw_gen *gen, gen_child *child, gen_stage stage);
/* gen_duty.c: what comes round again */
void gen_act_visit(dw_gen *gen, gen_child *child, int32_t day);
void gen_act_review(dw_gen *gen, gen_child *child, int32_t day);
void gen_act_supervision(dw_gen *gen, gen_child *child, int32_t day);
void gen_act_meeting(dw_gen *gen, gen_child *child, int32_t day);
void gen_act_worker(dw_gen *gen, gen_child *child, int32_t day);
void gen_visit_fact(dw_gen *gen, gen_child *child, int32_t day, bool seen);
void gen_review_fact(dw_gen *gen, gen_child *child, int32_t day, int outcome);
void gen_change_plan(dw_gen *gen, gen_child *child, int32_t day); /* or not */
void gen_supervision_fact(dw_gen *gen, gen_child *child, int32_t day);
void gen_allocate(dw_gen *gen, gen_child *child, int32_t day, int reason);
/* The day on which it will be done; also watches its last day in time. */
int32_t gen_next_visit(gen_child *child, int32_t last);
int32_t gen_next_review(gen_child *child, int32_t last);
int32_t gen_next_supervision(gen_child *child, int32_t last);
int32_t gen_next_meeting(gen_child *child, int32_t last);
void gen_meeting_fact(dw_gen *gen, gen_child *child, int32_t day);
/* gen_practice.c: how clocks are kept, and what a manager notes of those that were not */
int32_t gen_practise(gen_child *child, int32_t last, int32_t limit); /* mostly by the day `limit`, sometimes after it */
int gen_lateness(gen_child *child);                                  /* working days, when something is late */
/* The last before `today` of what began at `start` and comes round; `start` when there was none. *due: the one after it. */
typedef int32_t gen_next(gen_child *child, int32_t last);
int32_t gen_last_before(gen_child *child, gen_next *next, int32_t start, int32_t today, int32_t *due);
void gen_watch(gen_child *child, gen_watched which, int32_t limit, int32_t day);
void gen_oversight_next(gen_child *child);
void gen_oversight_fact(dw_gen *gen, gen_child *child, int32_t day);
void gen_explain(dw_gen *gen, gen_child *child, int32_t day); /* what was missed by now, if anything was */
void gen_act_oversight(dw_gen *gen, gen_child *child, int32_t day);
void gen_in_touch(gen_child *child, int32_t day); /* with a care leaver */
/* gen_care.c: health, placement plans, pathway plans, contact with care leavers, chronologies */
void gen_act_health(dw_gen *gen, gen_child *child, int32_t day);
void gen_act_dental(dw_gen *gen, gen_child *child, int32_t day);
void gen_act_contact(dw_gen *gen, gen_child *child, int32_t day);
void gen_act_chronology(dw_gen *gen, gen_child *child, int32_t day);
void gen_act_pathway(dw_gen *gen, gen_child *child, int32_t day);
void gen_act_placement_plan(dw_gen *gen, gen_child *child, int32_t day);
void gen_placement_plan_later(dw_gen *gen, gen_child *child, int32_t day); /* of the placement that began on `day` */
void gen_plan_end_fact(dw_gen *gen, gen_child *child, int32_t day, uint32_t plan, int plan_type);
void gen_accommodation(dw_gen *gen, gen_child *child, int32_t day); /* a new one, instead of any other */
void gen_care_agenda(gen_child *child, int32_t day);                /* of a plan that began on `day` */
/* The last of each of these before `today` in a case open since `start`. */
void gen_load_care(dw_gen *gen, gen_child *child, int32_t start, int32_t today);
/* gen_missing.c */
void gen_act_missing(dw_gen *gen, gen_child *child, int32_t day);
void gen_act_strategy(dw_gen *gen, gen_child *child, int32_t day);
int32_t gen_next_missing(gen_child *child, int32_t day);
/* gen_court.c: before and in court; disputes */
void gen_court_agenda(dw_gen *gen, gen_child *child, int32_t day); /* of a plan that began on `day` */
void gen_act_court(dw_gen *gen, gen_child *child, int32_t day);
void gen_maybe_dispute(dw_gen *gen, gen_child *child, int32_t day); /* after a review */
void gen_act_dispute(dw_gen *gen, gen_child *child, int32_t day);
void gen_end_court(dw_gen *gen, gen_child *child, int32_t day);
