/* replay.c: main() of a fuzz target without libFuzzer: each file of the folders and files named on the command line, else of
 * the target's corpus, goes in once. So the corpus, and what a fuzzer once found, is a test of every build. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define INPUT_BYTES_MAX (1 << 20)

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(INPUT_BYTES_MAX), *exact = NULL;
    size_t size = file != NULL && data != NULL ? fread(data, 1, INPUT_BYTES_MAX, file) : 0;
    if (file != NULL && data != NULL)
        exact = malloc(size != 0 ? size : 1); /* a byte read too far is then seen */
    if (exact != NULL) {
        memcpy(exact, data, size);
        (void)LLVMFuzzerTestOneInput(exact, size);
    } else {
        perror(path);
    }
    int failed = exact == NULL;
    if (file != NULL)
        (void)fclose(file);
    free(exact);
    free(data);
    return failed;
}

static int replay(const char *path, int *files)
{
    int failed = 0;
    DIR *folder = opendir(path);
    if (folder == NULL) {
        ++*files;
        return replay_file(path);
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char inner[4096];
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
        failed |= replay_file(inner);
        ++*files;
    }
    (void)closedir(folder);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0, files = 0;
    for (int i = 1; i < argc; i++)
        failed |= replay(argv[i], &files);
    if (argc == 1)
        failed = replay(FUZZ_CORPUS, &files);
    (void)printf("%d inputs replayed\n", files);
    return failed != 0 || files == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
