#pragma once
/* banned.h: included before every hand-written file (by a compiler flag) so that a call of these fails to compile.
 * Each either writes without a bound, hides an error, keeps hidden state, or starts a shell. Beside each: what to use.
 * The headers come first, so only calls in our code are hit, not declarations of the system's. */

#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DW_BANNED(name) sorry_##name##_is_a_banned_function

#undef strcpy /* memcpy of a known length, snprintf */
#define strcpy(d, s) DW_BANNED(strcpy)
#undef stpcpy
#define stpcpy(d, s) DW_BANNED(stpcpy)
#undef strncpy
#define strncpy(d, s, n) DW_BANNED(strncpy)
#undef strcat /* snprintf */
#define strcat(d, s) DW_BANNED(strcat)
#undef strncat
#define strncat(d, s, n) DW_BANNED(strncat)
#undef sprintf /* snprintf */
#define sprintf(...) DW_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) DW_BANNED(vsprintf)
#undef gets /* fgets, getline */
#define gets(b) DW_BANNED(gets)
#undef atoi /* strtol and its end pointer */
#define atoi(s) DW_BANNED(atoi)
#undef atol
#define atol(s) DW_BANNED(atol)
#undef atoll
#define atoll(s) DW_BANNED(atoll)
#undef atof
#define atof(s) DW_BANNED(atof)
#undef strtok /* strtok_r, memchr */
#define strtok(s, d) DW_BANNED(strtok)
#undef alloca /* malloc, an arena */
#define alloca(n) DW_BANNED(alloca)
#undef system /* posix_spawn with an argument list */
#define system(c) DW_BANNED(system)
#undef gmtime /* gmtime_r; civil.h in the core */
#define gmtime(t) DW_BANNED(gmtime)
#undef localtime
#define localtime(t) DW_BANNED(localtime)
#undef ctime
#define ctime(t) DW_BANNED(ctime)
#undef asctime
#define asctime(t) DW_BANNED(asctime)
