#pragma once
/* kept.h: the chronologies of the children last looked at, kept while they hold.
 *
 * Most facts begin, end and change no span: a visit, a note, a meeting. To such a fact, when it comes after all that is known,
 * the chronology made before it is only extended, and time alone changes nothing before chronology.next_us. Whatever else
 * happens to the facts of a record (but to when they were first recorded, which no span tells), it says so itself
 * (dw_record_forget_spans) or has them elsewhere, and the next chronology is derived anew. What is kept decides nothing: it equals what would be derived (a property test holds it), and every record may
 * be new to it. */

#include "handlers/record.h"

typedef struct dw_kept dw_kept;

/* Of at most `children` at once, a power of two; of two that fall on one place, the later. NULL: out of memory. */
dw_kept *dw_kept_new(uint32_t children);
void dw_kept_free(dw_kept **kept);
/* Forget all of them and give the memory back: their records are about to go. */
void dw_kept_clear(dw_kept *kept);

/* What dw_chronology_derive() would give for the record at `clock_us`, from what is kept; NULL: nothing is that holds. It stays
 * until the next call for any record. */
const dw_chronology *dw_kept_find(dw_kept *kept, const dw_record *rec, int64_t clock_us);
/* Derive it and keep it; what is too big to be kept lies in `arena`. NULL: out of memory. */
const dw_chronology *dw_kept_derive(dw_kept *kept, dw_record *rec, int64_t clock_us, dw_arena *arena);
