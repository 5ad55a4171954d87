/* proof and verify: folders on disk. Owns: reading and writing the folder. Must not: judge (proof.h). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/connect.h"
#include "client/file.h"
#include "client/others.h"
#include "client/proof.h"
#include "client/show.h"
#include "client/value.h"

/* ------------------------------------------------------------------------------------------- proof */

/* The folder is ours to fill: made now, or there and empty. */
static bool make_folder(struct cp_cli *cli, const char *path)
{
    const struct dirent *entry = NULL;
    bool empty = true;
    DIR *dir = NULL;

    if (mkdir(path, 0755) == 0)
        return true;
    if (errno != EEXIST) {
        cp_fail(cli, CP_ERR_BAD_FILE, path, strerror(errno));
        return false;
    }
    dir = opendir(path);
    if (dir == NULL) {
        cp_fail(cli, CP_ERR_BAD_FILE, path, strerror(errno));
        return false;
    }
    while ((entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            empty = false;
    closedir(dir);
    if (!empty)
        cp_fail(cli, CP_ERR_BAD_FILE, path, cp_words_screen(CP_SAY_USE_NOT_EMPTY));
    return empty;
}

/* The folders a proof may have. */
static const char *const folders[] = {"answers", "witnesses", "mandates"};
#define FOLDERS (sizeof folders / sizeof *folders)

static bool is_used(const struct cp_proof_files *files, const char *folder)
{
    size_t len = strlen(folder);

    for (size_t i = 0; i < files->count; i++)
        if (strncmp(files->list[i].path, folder, len) == 0 && files->list[i].path[len] == '/')
            return true;
    return false;
}

static bool write_files(struct cp_cli *cli, const char *folder, const struct cp_proof_files *files)
{
    char path[4096 + CP_PROOF_PATH_MAX];

    if (!cp_file_may_lie(cli, folder) || !make_folder(cli, folder))
        return false;
    for (size_t i = 0; i < FOLDERS; i++) {
        snprintf(path, sizeof path, "%.4095s/%s", folder, folders[i]);
        if ((i == 0 || is_used(files, folders[i])) && mkdir(path, 0755) != 0) {
            cp_fail(cli, CP_ERR_BAD_FILE, path, strerror(errno));
            return false;
        }
    }
    for (size_t i = 0; i < files->count; i++) {
        snprintf(path, sizeof path, "%.4095s/%s", folder, files->list[i].path);
        if (!cp_file_write(cli, path, cp_buf_bytes(&files->list[i].content)))
            return false;
    }
    return true;
}

/* Signed texts of the daemon's `proof`: the answers, and the witnesses and the mandate of each. */
struct texts {
    struct cp_cli *cli;
    struct cp_proof_in *in;
    struct cp_proof_files armours; /* their signature files, in the same order */
    size_t count, cap;
};

static bool take_text(struct texts *t, const json_t *row, const char *where)
{
    uint8_t sig[CP_SIG_LEN];
    uint8_t key[CP_KEY_LEN];
    void *list = t->in;
    struct cp_proof_file *file = cp_proof_files_add(&t->armours, "", CP_BYTES(NULL, 0));
    enum cp_err err = cp_grow(t->cli->mem, &list, &t->cap, t->count + 1, CP_PROOF_FILES_MAX, sizeof *t->in);

    t->in = list;
    if (file == NULL || err != CP_OK) {
        cp_fail(t->cli, CP_ERR_NO_MEMORY, NULL, NULL);
        return false;
    }
    if (!cp_hex_decode(cp_json_bytes(json_object_get(row, "sig")), sig, sizeof sig) ||
        !cp_hex_decode(cp_json_bytes(json_object_get(row, "key")), key, sizeof key)) {
        cp_fail(t->cli, CP_ERR_BAD_VALUE, NULL, NULL);
        return false;
    }
    cp_sshsig_armour(key, sig, &file->content);
    t->in[t->count++] =
        (struct cp_proof_in){.text = cp_json_bytes(json_object_get(row, "text")), .where = where};
    return true;
}

static bool take_texts(struct texts *t, json_t *proof)
{
    json_t *answer = NULL;
    json_t *witness = NULL;
    size_t i = 0;
    size_t k = 0;

    json_array_foreach(json_object_get(proof, "answers"), i, answer)
    {
        const char *where = cp_json_text(answer, "name");
        json_t *mandate = json_object_get(answer, "mandate");

        if (!take_text(t, answer, where) || (json_is_object(mandate) && !take_text(t, mandate, where)))
            return false;
        json_array_foreach(json_object_get(answer, "witnesses"), k,
                           witness) if (!take_text(t, witness, where)) return false;
    }
    for (i = 0; i < t->count; i++) /* only now: the list moves while it grows */
        t->in[i].armour = cp_buf_bytes(&t->armours.list[i].content);
    return true;
}

static void clear_texts(struct texts *t)
{
    cp_proof_files_clear(&t->armours);
    cp_free(t->cli->mem, t->in);
}

static json_t *file_names(const struct cp_proof_files *files)
{
    json_t *names = json_array();

    for (size_t i = 0; i < files->count; i++)
        json_array_append_new(names, json_string(files->list[i].path));
    return names;
}

static void show_proof(struct cp_cli *cli, json_t *value)
{
    json_t *why = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(value, "left_out"), i, why)
        cp_show(cli->out, CP_SAY_LEFT_OUT, json_string_value(why), NULL, NULL, NULL);
    cp_show(cli->out, CP_SAY_PROOF_MADE, cp_json_text(value, "folder"),
            cp_show_number((int64_t)json_array_size(json_object_get(value, "files"))), NULL, NULL);
}

static int run_proof(struct cp_cli *cli, const struct cp_args *args)
{
    const char *folder = cp_args_option(args, "out");
    struct cp_proof_files files;
    struct texts texts = {.cli = cli};
    json_t *proof = NULL;
    json_t *answers = json_array();
    json_t *why = json_array();
    enum cp_err err = CP_OK;

    cp_proof_files_init(&files, cli->mem);
    cp_proof_files_init(&texts.armours, cli->mem);
    if (folder == NULL || folder[0] == '\0' || strlen(folder) > 4000) {
        cp_fail(cli, CP_ERR_USAGE, "--out", cp_words_screen(CP_SAY_USE_PROOF));
        goto out;
    }
    proof = cp_ask(cli, "proof", json_pack("{s:s}", "version", args->words[0]), 0);
    if (proof == NULL || !take_texts(&texts, proof))
        goto out;
    err = cp_proof_build(cli->mem, cp_json_bytes(json_object_get(proof, "text")), texts.in, texts.count,
                         &files, answers, why);
    if (err != CP_OK)
        cp_fail(cli, err == CP_ERR_NOT_GOOD ? CP_ERR_NOT_FOR_SIGNING : err, NULL, NULL);
    else if (write_files(cli, folder, &files))
        cp_print(cli,
                 json_pack("{s:s,s:o,s:O}", "folder", folder, "files", file_names(&files), "left_out", why),
                 show_proof);
out:
    if (!cli->failed && proof == NULL)
        cp_fail(cli, CP_ERR_NO_MEMORY, NULL, NULL);
    cp_proof_files_clear(&files);
    clear_texts(&texts);
    json_decref(proof);
    json_decref(answers);
    json_decref(why);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- verify */

struct folder {
    struct cp_cli *cli;
    struct cp_proof_files *files;
    json_t *why;
    size_t seen;
};

static void say_unreadable(struct folder *f, const char *path)
{
    const char *const args[4] = {cp_utf8_ok(cp_bytes_str(path)) ? path : "?", NULL, NULL, NULL};
    struct cp_buf text;

    cp_buf_init(&text, f->cli->mem, 8192);
    cp_words_fill(cp_words_screen(CP_SAY_WHY_FOLDER), args, &text);
    if (cp_buf_err(&text) == CP_OK)
        json_array_append_new(f->why, json_stringn((const char *)text.ptr, text.len));
    cp_buf_clear(&text);
}

static size_t size_limit(const char *path)
{
    if (strcmp(path, "version.txt") == 0)
        return CP_VERSION_TEXT_MAX;
    /* These two name everyone, with names escaped to at most ten times their length. */
    if (strcmp(path, "allowed_signers") == 0 || strcmp(path, "README.txt") == 0)
        return CP_VERSION_TEXT_MAX;
    return CP_ANSWER_TEXT_MAX;
}

/* One plain file, at most its limit and one byte more (so that too long is not equal to anything). */
static void read_file(struct folder *f, int dir, const char *name, const char *path)
{
    struct cp_proof_file *file = NULL;
    uint8_t block[16384];
    struct stat st;
    ssize_t got = 0;
    size_t limit = size_limit(path);
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 0 ||
        (uintmax_t)st.st_size > limit)
        goto out;
    file = cp_proof_files_add(f->files, path, CP_BYTES(NULL, 0));
    while (file != NULL && (got = read(fd, block, sizeof block)) > 0 &&
           file->content.len + (size_t)got <= limit)
        cp_buf_put(&file->content, block, (size_t)got);
    if (file != NULL && (got != 0 || cp_buf_err(&file->content) != CP_OK))
        file = NULL;
out:
    if (fd >= 0)
        close(fd);
    if (file == NULL)
        say_unreadable(f, path);
}

static bool is_folder(const char *name)
{
    for (size_t i = 0; i < FOLDERS; i++)
        if (strcmp(name, folders[i]) == 0)
            return true;
    return false;
}

static void read_folder(struct folder *f, int dir_fd, const char *prefix)
{
    DIR *dir = dir_fd >= 0 ? fdopendir(dir_fd) : NULL;
    const struct dirent *entry = NULL;

    if (dir == NULL) {
        if (dir_fd >= 0)
            close(dir_fd);
        say_unreadable(f, prefix);
        return;
    }
    while ((entry = readdir(dir)) != NULL) {
        char path[CP_PROOF_PATH_MAX + 256];

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s%s", prefix, entry->d_name);
        /* Somebody's whole disk is no proof. */
        if (++f->seen > CP_PROOF_FILES_MAX || strlen(path) >= CP_PROOF_PATH_MAX)
            say_unreadable(f, path);
        else if (prefix[0] == '\0' && is_folder(entry->d_name)) {
            snprintf(path, sizeof path, "%s/", entry->d_name);
            read_folder(f, openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                        path);
        } else
            read_file(f, dirfd(dir), entry->d_name, path);
        if (f->seen > CP_PROOF_FILES_MAX)
            break;
    }
    closedir(dir);
}

static void show_verify(struct cp_cli *cli, json_t *value)
{
    json_t *answers = json_object_get(value, "answers");
    json_t *row = NULL;
    size_t i = 0;

    if (strcmp(cp_json_text(value, "result"), "good") != 0) {
        cp_show(cli->out, CP_SAY_NOT_GOOD, NULL, NULL, NULL, NULL);
        json_array_foreach(json_object_get(value, "why"), i, row)
        {
            fputs("  - ", cli->out);
            cp_show_value(cli->out, row, 4);
            fputs("\n", cli->out);
        }
        return;
    }
    cp_tell_apart(answers);
    cp_show(cli->out, json_array_size(answers) > 0 ? CP_SAY_GOOD : CP_SAY_GOOD_NOBODY, NULL, NULL, NULL,
            NULL);
    json_array_foreach(answers, i, row) cp_show_answer(cli, row);
}

static int run_verify(struct cp_cli *cli, const struct cp_args *args)
{
    struct cp_proof_files files;
    struct folder f = {.cli = cli, .files = &files, .why = json_array()};
    json_t *answers = json_array();
    int fd = open(args->words[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum cp_err err = CP_OK;

    cp_proof_files_init(&files, cli->mem);
    if (fd < 0) {
        cp_fail(cli, CP_ERR_BAD_FILE, args->words[0], strerror(errno));
        goto out;
    }
    read_folder(&f, fd, "");
    err = cp_proof_verify(cli->mem, &files, answers, f.why);
    if (err == CP_OK && json_array_size(f.why) > 0)
        err = CP_ERR_NOT_GOOD;
    if (err != CP_OK && err != CP_ERR_NOT_GOOD) {
        cp_fail(cli, err, NULL, NULL);
        goto out;
    }
    cli->status = err == CP_OK ? 0 : 1;
    cp_print(cli,
             json_pack("{s:s,s:O,s:O}", "result", err == CP_OK ? "good" : "not good", "answers", answers,
                       "why", f.why),
             show_verify);
out:
    cp_proof_files_clear(&files);
    json_decref(answers);
    json_decref(f.why);
    return cli->status;
}

/* ------------------------------------------------------------------------------------------- the table */

static const struct cp_option proof_options[] = {{"out", true}, {NULL, false}};

const struct cp_command cp_proof_commands[] = {
    {"proof", "VERSION --out DIR",
     "Write a folder with a page, its answers and signatures, that anyone can check without coplan.",
     proof_options, 1, 1, run_proof},
    {"verify", "DIR", "Check such a folder. It needs no home, no network and nobody's word.", NULL, 1, 1,
     run_verify},
    {NULL, NULL, NULL, NULL, 0, 0, NULL},
};
