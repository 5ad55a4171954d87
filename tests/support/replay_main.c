/*
 * Runs a fuzz target over the files named as arguments, and over every file in the folders named. It is the
 * main program of the replay-NAME tests. It never changes an input and never makes one up.
 */
#include "tests/support/fuzz_target.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* An input of a fuzzer is small; a larger file in a corpus is there by mistake. */
#define REPLAY_BYTES_MAX ((size_t)64 * 1024 * 1024)

static int replay_file(const char *path, size_t size, size_t *files_run)
{
    /* Exactly as long as the file, so that a read past its end is seen by the sanitizer. */
    uint8_t *data = malloc(size > 0 ? size : 1);
    FILE *file = fopen(path, "rb");
    int failed = 1;

    if (data == NULL || file == NULL) {
        fprintf(stderr, "replay: cannot open %s: %s\n", path, strerror(errno));
        goto out;
    }
    if (fread(data, 1, size, file) != size) {
        fprintf(stderr, "replay: cannot read %s\n", path);
        goto out;
    }
    (void)LLVMFuzzerTestOneInput(data, size);
    (*files_run)++;
    failed = 0;
out:
    if (file != NULL)
        fclose(file);
    free(data);
    return failed;
}

static int replay_path(const char *path, size_t *files_run);

static int replay_folder(const char *path, size_t *files_run)
{
    DIR *dir = opendir(path);
    const struct dirent *item = NULL;
    int failed = 0;

    if (dir == NULL) {
        fprintf(stderr, "replay: cannot open %s: %s\n", path, strerror(errno));
        return 1;
    }
    while ((item = readdir(dir)) != NULL) {
        char name[4096];
        int len = snprintf(name, sizeof name, "%s/%s", path, item->d_name);

        if (item->d_name[0] == '.')
            continue;
        if (len < 0 || (size_t)len >= sizeof name) {
            fprintf(stderr, "replay: name too long in %s\n", path);
            failed = 1;
            continue;
        }
        failed |= replay_path(name, files_run);
    }
    closedir(dir);
    return failed;
}

static int replay_path(const char *path, size_t *files_run)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
        return 1;
    }
    if (S_ISDIR(st.st_mode))
        return replay_folder(path, files_run);
    if (st.st_size < 0 || (uintmax_t)st.st_size > REPLAY_BYTES_MAX) {
        fprintf(stderr, "replay: %s is too large to be an input\n", path);
        return 1;
    }
    return replay_file(path, (size_t)st.st_size, files_run);
}

int main(int argc, char **argv)
{
    size_t files_run = 0;
    int failed = 0;

    for (int i = 1; i < argc; i++)
        failed |= replay_path(argv[i], &files_run);
    printf("replayed %zu files\n", files_run);
    /* A test that ran nothing has shown nothing. */
    return failed != 0 || files_run == 0;
}
