// link: dw_config
/* fuzz_settings.c: any bytes as driftwatch.yaml. Settings that do not load say why. */
#include "config/settings.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("driftwatch.yaml", MFD_CLOEXEC);
    if (fd < 0)
        return 0;
    if (write(fd, data, size) == (ssize_t)size) {
        dw_problems problems = {0};
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        dw_settings *settings = dw_settings_load(path, &problems);
        FUZZ_MUST(settings != NULL || problems.errors != 0);
        dw_settings_free(&settings);
        dw_problems_deinit(&problems);
    }
    (void)close(fd);
    return 0;
}
