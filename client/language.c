/* The language spoken. Owns: the choice, and asking gettext. Must not: know a sentence, or print. */
#include "client/language.h"

#include <fcntl.h>
#include <libintl.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/cli.h"

/* The longest tag that is looked for: "sr_RS@latin" and the like. */
#define TAG_MAX 32U

static struct {
    bool on;
    char tag[TAG_MAX + 1];  /* as its folder is called */
    char html[TAG_MAX + 1]; /* as HTML calls it */
} spoken = {false, "", "en"};

/* What cp_language_begin found, for cp_language_use(NULL). */
static char begun[TAG_MAX + 1];

/* ------------------------------------------------------------------------------------------- files */

static bool read_whole(const char *path, struct cp_buf *out)
{
    uint8_t part[4096];
    ssize_t got = 0;
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool ok = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
              st.st_size <= (off_t)CP_LANGUAGE_FILE_MAX;

    while (ok && (got = read(fd, part, sizeof part)) > 0)
        cp_buf_put(out, part, (size_t)got);
    if (fd >= 0)
        close(fd);
    return ok && got == 0 && cp_buf_err(out) == CP_OK;
}

static bool file_is_good(const char *path)
{
    struct cp_buf file;
    bool ok = false;

    cp_buf_init(&file, &cp_client_mem, CP_LANGUAGE_FILE_MAX);
    ok = read_whole(path, &file) && cp_language_file_ok(cp_buf_bytes(&file));
    cp_buf_clear(&file);
    return ok;
}

/* The folder of the program, "" when it cannot be told. */
static void program_folder(char *out, size_t size)
{
    ssize_t len = readlink("/proc/self/exe", out, size - 1);
    char *slash = NULL;

    out[len > 0 ? len : 0] = '\0';
    slash = strrchr(out, '/');
    if (slash != NULL)
        *slash = '\0';
}

/* Several texts as one. False: they do not fit. */
static bool join(char *out, size_t size, const char *const parts[static 4])
{
    size_t len = 0;

    for (size_t i = 0; i < 4 && parts[i] != NULL; i++) {
        size_t more = strlen(parts[i]);

        if (more >= size - len)
            return false;
        memcpy(out + len, parts[i], more);
        len += more;
    }
    out[len] = '\0';
    return len > 0;
}

/* The folder that has this language; false when none does. */
static bool find_folder(const char *tag, char *out, size_t size)
{
    const char *own = getenv("COPLAN_LOCALE_DIR");
    static const char *const beside[] = {"locale", "../share/locale"};
    char folder[2048];
    char path[4096];

    program_folder(folder, sizeof folder);
    for (size_t i = 0; i < 1 + sizeof beside / sizeof beside[0]; i++) {
        const char *const own_parts[4] = {own, NULL, NULL, NULL};
        const char *const parts[4] = {folder, "/", i > 0 ? beside[i - 1] : NULL, NULL};
        const char *const file[4] = {out, "/", tag, "/LC_MESSAGES/" CP_LANGUAGE_DOMAIN ".mo"};

        if (join(out, size, i == 0 ? own_parts : parts) && out[0] == '/' && join(path, sizeof path, file) &&
            file_is_good(path))
            return true;
    }
    return false;
}

/* ------------------------------------------------------------------------------------------- the choice */

/* gettext keeps what it found under a name; changing the place makes it look again. */
static bool turn_on(const char *tag, const char *folder)
{
    static const char *const places[] = {"C.UTF-8", "", "en_GB.UTF-8", "en_US.UTF-8"};
    const char *header = NULL;

    if (setenv("LANGUAGE", tag, 1) != 0 || bindtextdomain(CP_LANGUAGE_DOMAIN, folder) == NULL ||
        bind_textdomain_codeset(CP_LANGUAGE_DOMAIN, "UTF-8") == NULL)
        return false;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        /* In a place "C" gettext says nothing at all; any other will do, since LANGUAGE goes before it. */
        if (setlocale(LC_MESSAGES, places[i]) == NULL)
            continue;
        header = dgettext(CP_LANGUAGE_DOMAIN, "");
        if (header != NULL && header[0] != '\0')
            return true;
    }
    return false;
}

/* Speaks the language of this very tag. */
static bool speak(const char *tag)
{
    char folder[2048];

    if (!find_folder(tag, folder, sizeof folder) || !turn_on(tag, folder))
        return false;
    spoken.on = true;
    snprintf(spoken.tag, sizeof spoken.tag, "%s", tag);
    snprintf(spoken.html, sizeof spoken.html, "%s", tag);
    spoken.html[strcspn(spoken.html, "@")] = '\0';
    for (char *p = spoken.html; *p != '\0'; p++)
        *p = *p == '_' ? '-' : *p;
    return true;
}

static void speak_english(void)
{
    spoken.on = false;
    spoken.tag[0] = '\0';
    snprintf(spoken.html, sizeof spoken.html, "en");
}

/* True when the tag is no more than a name: it becomes a part of a path. */
static bool is_name(const char *tag)
{
    size_t len = strspn(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@");

    return len > 0 && len <= TAG_MAX && tag[len] == '\0';
}

/* One wish, "cy_GB.UTF-8@x": with country and variant, then without. True when it is settled, if as English. */
static bool try_wish(const char *wish, size_t len)
{
    char tag[TAG_MAX + 1];
    size_t out = 0;

    for (size_t i = 0; i < len; i++) {
        if (wish[i] == '.')
            while (i + 1 < len && wish[i + 1] != '@')
                i++;
        else if (out == TAG_MAX)
            return false;
        else
            tag[out++] = wish[i] == '-' ? '_' : wish[i];
    }
    tag[out] = '\0';
    while (is_name(tag)) {
        char *cut = strrchr(tag, '@');

        if (speak(tag))
            return true;
        if (strcmp(tag, "en") == 0 || strcmp(tag, "C") == 0 || strcmp(tag, "POSIX") == 0) {
            speak_english();
            return true;
        }
        cut = cut != NULL ? cut : strrchr(tag, '_');
        if (cut == NULL)
            return false;
        *cut = '\0';
    }
    return false;
}

static const char *set_variable(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

void cp_language_begin(void)
{
    const char *place = set_variable("LC_ALL");
    const char *wishes = set_variable("LANGUAGE");
    char list[1024];

    speak_english();
    begun[0] = '\0';
    if (place == NULL)
        place = set_variable("LC_MESSAGES");
    if (place == NULL)
        place = set_variable("LANG");
    if (place == NULL || strcmp(place, "C") == 0 || strcmp(place, "POSIX") == 0)
        return;
    /* A copy: speaking a language sets LANGUAGE. */
    snprintf(list, sizeof list, "%s", wishes != NULL ? wishes : place);
    for (const char *p = list; *p != '\0'; p += strspn(p, ":")) {
        size_t len = strcspn(p, ":");

        if (try_wish(p, len))
            break;
        p += len;
    }
    snprintf(begun, sizeof begun, "%s", spoken.tag);
}

void cp_language_use(const char *tag)
{
    if (tag == NULL || tag[0] == '\0')
        tag = begun;
    if (strcmp(tag, spoken.tag) == 0)
        return;
    speak_english();
    if (tag[0] != '\0' && strcmp(tag, "en") != 0 && !try_wish(tag, strlen(tag)))
        speak_english();
}

const char *cp_language_tag(void)
{
    return spoken.html;
}

/* ------------------------------------------------------------------------------------------- a sentence */

const char *cp_language_say(const char *context, const char *english)
{
    char key[CP_LANGUAGE_SENTENCE_MAX];
    const char *found = NULL;
    int len = 0;

    if (!spoken.on || english[0] == '\0')
        return english;
    len = snprintf(key, sizeof key, "%s\004%s", context, english);
    if (len <= 0 || (size_t)len >= sizeof key)
        return english;
    found = dgettext(CP_LANGUAGE_DOMAIN, key);
    return found != key && cp_language_fits(context, english, found) ? found : english;
}
