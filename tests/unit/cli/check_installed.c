/* check_installed.c: which settings belong to an installed program. */

#include "daemon/cli/shipped.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void made(const char *root, const char *name, bool folder)
{
    char path[200];
    snprintf(path, sizeof(path), "%s%s", root, name);
    FILE *file = folder ? NULL : fopen(path, "w");
    ck_assert(folder ? mkdir(path, 0755) == 0 : file != NULL);
    if (file != NULL)
        fclose(file);
}

START_TEST(settings_stand_below_the_prefix)
{
    char root[] = "/tmp/dw-installed-XXXXXX", program[200], want[200], found[DW_SHIPPED_PATH_MAX];
    ck_assert_ptr_nonnull(mkdtemp(root));
    made(root, "/etc", true);
    made(root, "/etc/driftwatch", true);
    snprintf(program, sizeof(program), "%s/bin/driftwatch", root);
    snprintf(want, sizeof(want), "%s/etc/driftwatch/driftwatch.yaml", root);
    ck_assert(!dw_settings_beside(program, found));
    made(root, "/etc/driftwatch/driftwatch.yaml", false);
    ck_assert(dw_settings_beside(program, found));
    ck_assert_str_eq(found, want);
    unlink(want);
    snprintf(want, sizeof(want), "%s/etc/driftwatch", root);
    rmdir(want);
    snprintf(want, sizeof(want), "%s/etc", root);
    rmdir(want);
    rmdir(root);
}
END_TEST

START_TEST(no_settings_below_nothing)
{
    static const char *const programs[] = {"", "driftwatch", "/driftwatch", "/bin/driftwatch"};
    char found[DW_SHIPPED_PATH_MAX];
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
        ck_assert(!dw_settings_beside(programs[i], found));
    bool installed = access("/etc/driftwatch/driftwatch.yaml", R_OK) == 0;
    ck_assert(dw_settings_beside("/usr/bin/driftwatch", found) == installed);
    ck_assert_str_eq(found, "/etc/driftwatch/driftwatch.yaml"); /* not /usr/etc */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("installed");
    TCase *tc = tcase_create("installed");
    tcase_add_test(tc, settings_stand_below_the_prefix);
    tcase_add_test(tc, no_settings_below_nothing);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
