/* Files in: import. Owns: which file is what, and its options. Must not: know formats (import.h). */
#include <strings.h>

#include "client/csv.h"
#include "client/file.h"
#include "client/import.h"
#include "client/mdplan.h"
#include "client/planjson.h"
#include "client/show.h"
#include "proto/utf8.h"

static const struct format {
    const char *name;   /* --as */
    const char *ending; /* of a file's name */
    size_t bytes_max;
    int (*run)(struct cp_import *im);
} formats[] = {
    {"csv", ".csv", CP_CSV_BYTES_MAX, cp_import_csv}, /* first: what any other name is */
    {"json", ".json", CP_PLANJSON_BYTES_MAX, cp_import_json},
    {"md", ".md", CP_MDPLAN_BYTES_MAX, cp_import_markdown},
    {"md", ".markdown", CP_MDPLAN_BYTES_MAX, cp_import_markdown},
};

static const struct format *find_format(const char *as, const char *path)
{
    size_t len = strlen(path);

    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        size_t end = strlen(formats[i].ending);

        if (as != NULL ? strcmp(as, formats[i].name) == 0
                       : len > end && strcasecmp(path + len - end, formats[i].ending) == 0)
            return &formats[i];
    }
    return as != NULL ? NULL : &formats[0];
}

/* ------------------------------------------------------------------------------------------- the map file */

static const enum cp_screen map_words[] = {
    [CP_IMPORTMAP_NOT_TEXT] = CP_SAY_MAP_NOT_TEXT, [CP_IMPORTMAP_NO_SIGN] = CP_SAY_MAP_NO_SIGN,
    [CP_IMPORTMAP_FIELD] = CP_SAY_MAP_FIELD,       [CP_IMPORTMAP_TWICE] = CP_SAY_MAP_TWICE,
    [CP_IMPORTMAP_VALUE] = CP_SAY_MAP_VALUE,       [CP_IMPORTMAP_MANY] = CP_SAY_MAP_MANY,
};

/* False: reported. */
static bool read_map(struct cp_import *im, struct cp_importmap *map)
{
    size_t line = 0;
    struct cp_bytes word;
    enum cp_importmap_fault fault = cp_importmap_read(map, im->map_file, &line, &word);
    char typed[200];
    const char *const args[4] = {cp_show_number((int64_t)line), typed, NULL, NULL};

    if (fault == CP_IMPORTMAP_FINE) {
        im->map = map;
        return true;
    }
    cp_utf8_keep(word, typed, sizeof typed);
    cp_import_refuse(im, CP_ERR_BAD_FILE, map_words[fault], args);
    return false;
}

/* ------------------------------------------------------------------------------------------- the command */

static int run_import(struct cp_cli *cli, const struct cp_args *args)
{
    const char *as = cp_args_option(args, "as");
    const char *map_path = cp_args_option(args, "map");
    const struct format *format = find_format(as, args->words[0]);
    struct cp_import im = {.cli = cli, .dry = cp_args_option(args, "dry-run") != NULL};
    struct cp_importmap *map = NULL;
    struct cp_buf file;
    struct cp_buf map_file;

    if (format == NULL)
        return cp_fail(cli, CP_ERR_USAGE, as, cp_words_screen(CP_SAY_USE_IMPORT_AS));
    if (map_path != NULL && format->run != cp_import_csv)
        return cp_fail(cli, CP_ERR_USAGE, "--map",
                       cp_words_screen(CP_SAY_USE_MAP_TABLES));
    cp_buf_init(&file, cli->mem, SIZE_MAX / 2);
    cp_buf_init(&map_file, cli->mem, SIZE_MAX / 2);
    if (map_path != NULL) {
        map = cp_alloc(cli->mem, sizeof *map);
        if (map == NULL)
            cp_fail(cli, CP_ERR_NO_MEMORY, NULL, NULL);
        else if (cp_file_read(cli, map_path, CP_IMPORTMAP_BYTES_MAX, &map_file)) {
            im.map_file = cp_buf_bytes(&map_file);
            (void)read_map(&im, map);
        }
    }
    if (!cli->failed && cp_file_read(cli, args->words[0], format->bytes_max, &file)) {
        im.file = cp_buf_bytes(&file);
        (void)format->run(&im);
    }
    cp_free(cli->mem, map);
    cp_buf_clear(&map_file);
    cp_buf_clear(&file);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option import_options[] = {
    {"as", true}, {"map", true}, {"dry-run", false}, {NULL, false}};

const struct cp_command cp_file_commands[] = {
    {"import", "FILE [--as csv|json|md] [--map FILE] [--dry-run]",
     "Take in a table of actions, a plan that coplan exported as JSON, or a page of Markdown through its headings. "
     "--map FILE says what the columns of a table mean; --dry-run says what would happen and writes nothing.",
     import_options, 1, 1, run_import},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
