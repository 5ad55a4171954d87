/* Files that are there whole or not at all: over what was there, over nothing, and what an end, a drop and a mistake leave. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/new_file.h"

static char folder[64], path[128];

static void before(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/coplan-new-file-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/page.html", folder);
}

/* How many names stand in the folder; `wipe` takes them away. */
static size_t names(bool wipe)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    size_t count = 0;
    cr_assert_not_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (wipe && unlinkat(dirfd(dir), entry->d_name, 0) != 0)
            (void)unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
    }
    (void)closedir(dir);
    return count;
}

static void after(void)
{
    (void)names(true);
    (void)rmdir(folder);
}

TestSuite(new_file, .init = before, .fini = after);

static void make(const char *name)
{
    char at[160];
    (void)snprintf(at, sizeof at, "%s/%s", folder, name);
    FILE *f = fopen(at, "wb");
    cr_assert_not_null(f);
    (void)fclose(f);
}

Test(new_file, what_a_killed_process_left_of_that_name_is_swept_and_nothing_else)
{
    static const char *const left[] = {"page.html.part-abcdef", "page.html.part-"};
    static const char *const stay[] = {"page.html", "page.html.par", "page.htm.part-abcdef",
                                       "a.page.html.part-abcdef", "page.html2.part-abcdef"};
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++)
        make(left[i]);
    for (size_t i = 0; i < sizeof stay / sizeof stay[0]; i++)
        make(stay[i]);
    cp_new_file_sweep(folder, "page.html");
    cr_expect_eq(names(false), sizeof stay / sizeof stay[0]);
    cp_new_file_sweep("/nowhere/at/all", "page.html");
}

static bool reads(const char *text)
{
    char some[64] = "";
    FILE *f = fopen(path, "rb");
    size_t len = f == NULL ? 0 : fread(some, 1, sizeof some - 1, f);
    if (f != NULL)
        (void)fclose(f);
    return f != NULL && len == strlen(text) && memcmp(some, text, len) == 0;
}

static void put(const char *text)
{
    FILE *f = fopen(path, "wb");
    cr_assert_not_null(f);
    cr_assert_geq(fputs(text, f), 0);
    cr_assert_eq(fclose(f), 0);
}

Test(new_file, it_takes_the_place_of_what_was_there)
{
    struct cp_new_file f;
    struct stat st;
    put("old");
    cr_assert_eq(cp_new_file_open(&f, path), CP_OK);
    cr_assert_eq(cp_new_file_put(&f, cp_bytes_str("0123456789")), CP_OK);
    cr_assert_eq(cp_new_file_put_at(&f, 2, cp_bytes_str("ab")), CP_OK);
    cr_expect(reads("old"), "until it is whole");
    cr_assert_eq(cp_new_file_end(&f), CP_OK);
    cr_expect(reads("01ab456789") && names(false) == 1);
    cr_assert_eq(stat(path, &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0600, "for nobody else to read");
}

Test(new_file, dropped_it_leaves_nothing)
{
    struct cp_new_file f;
    put("old");
    cr_assert_eq(cp_new_file_open(&f, path), CP_OK);
    cr_assert_eq(cp_new_file_put(&f, cp_bytes_str("half")), CP_OK);
    cr_expect_eq(names(false), 2);
    cp_new_file_drop(&f);
    cp_new_file_drop(&f);
    cr_expect(reads("old") && names(false) == 1);
}

Test(new_file, over_nothing)
{
    cr_expect_eq(cp_new_file_whole_new(path, cp_bytes_str("first")), CP_OK);
    cr_expect(reads("first") && names(false) == 1);
    cr_expect_eq(cp_new_file_whole_new(path, cp_bytes_str("second")), CP_ERR_FILE_THERE);
    cr_expect(reads("first") && names(false) == 1, "as it was, and nothing beside it");
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(symlink("nowhere", path), 0);
    cr_expect_eq(cp_new_file_whole_new(path, cp_bytes_str("second")), CP_ERR_FILE_THERE, "a link that leads nowhere");
    cr_expect(access(path, F_OK) != 0 && names(false) == 1);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_expect_eq(cp_new_file_whole_new(path, cp_bytes_str("second")), CP_ERR_FILE_THERE, "a folder");
    cr_expect_eq(cp_new_file_whole(path, cp_bytes_str("second")), CP_ERR_BAD_FILE, "is replaced by nobody");
    cr_expect_eq(names(false), 1);
}

Test(new_file, where_nothing_can_be_written)
{
    struct cp_new_file f;
    char longest[5000];
    (void)snprintf(path, sizeof path, "%s/no/page.html", folder);
    cr_expect_eq(cp_new_file_open(&f, path), CP_ERR_BAD_FILE);
    cp_new_file_drop(&f);
    memset(longest, 'a', sizeof longest);
    longest[0] = '/';
    longest[4090] = '\0'; /* itself a path, but with no room behind it */
    cr_expect_eq(cp_new_file_open(&f, longest), CP_ERR_BAD_FILE);
    longest[4090] = 'a';
    longest[sizeof longest - 1] = '\0';
    cr_expect_eq(cp_new_file_open(&f, longest), CP_ERR_BAD_FILE);
    cp_new_file_drop(&f);
}
