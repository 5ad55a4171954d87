/* Days as numbers (model.h). Owns: the calendar. Must not: know which day it is. */
#include <stdio.h>
#include <string.h>

#include "proto/model.h"

static int64_t from_civil(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2 ? 1 : 0;
    int64_t era = y / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe + 1;
}

static void to_civil(int64_t number, int64_t *y, int64_t *m, int64_t *d)
{
    int64_t z = number - 1;
    int64_t era = z / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *d = doy - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = yoe + era * 400 + (*m <= 2 ? 1 : 0);
}

static int64_t month_days(int64_t y, int64_t m)
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return days[m - 1] + (m == 2 && leap ? 1 : 0);
}

static bool read_digits(struct cp_bytes b, size_t at, size_t len, int64_t *out)
{
    *out = 0;
    for (size_t i = at; i < at + len; i++) {
        if (b.ptr[i] < '0' || b.ptr[i] > '9')
            return false;
        *out = *out * 10 + (b.ptr[i] - '0');
    }
    return true;
}

int64_t cp_day_number(struct cp_bytes day)
{
    int64_t y = 0, m = 0, d = 0;
    if (day.len != 10 || day.ptr[4] != '-' || day.ptr[7] != '-' || !read_digits(day, 0, 4, &y) ||
        !read_digits(day, 5, 2, &m) || !read_digits(day, 8, 2, &d))
        return 0;
    if (y < 1 || m < 1 || m > 12 || d < 1 || d > month_days(y, m))
        return 0;
    return from_civil(y, m, d);
}

void cp_day_text(int64_t number, char out[static 11])
{
    int64_t y = 0, m = 0, d = 0;
    char text[80];
    to_civil(number, &y, &m, &d);
    (void)snprintf(text, sizeof text, "%04lld-%02lld-%02lld", (long long)y, (long long)m, (long long)d);
    text[10] = '\0';
    memcpy(out, text, 11);
}

void cp_day_of(uint64_t time_ms, char out[static 11])
{
    uint64_t days = time_ms / 86400000U;
    if (days > 2932896) /* 9999-12-31 */
        days = 0;
    cp_day_text(cp_day_number(cp_bytes_str("1970-01-01")) + (int64_t)days, out);
}

int64_t cp_day_after(int64_t number, struct cp_bytes duration)
{
    int64_t y = 0, m = 0, d = 0, days = 0, months = 0;
    if (number <= 0 || duration.len < 3 || duration.ptr[0] != 'P')
        return 0;
    for (size_t at = 1; at < duration.len;) {
        size_t start = at;
        int64_t n = 0;
        while (at < duration.len && duration.ptr[at] >= '0' && duration.ptr[at] <= '9')
            at++;
        if (at == start || at - start > 4 || at == duration.len ||
            !read_digits(duration, start, at - start, &n))
            return 0;
        char unit = (char)duration.ptr[at++];
        if (strchr("YMWD", unit) == NULL)
            return 0;
        months += unit == 'Y' ? 12 * n : unit == 'M' ? n : 0;
        days += unit == 'W' ? 7 * n : unit == 'D' ? n : 0;
    }
    to_civil(number, &y, &m, &d);
    m += months - 1;
    y += m / 12;
    m = m % 12 + 1;
    if (d > month_days(y, m))
        d = month_days(y, m);
    return from_civil(y, m, d) + days;
}

struct cp_bytes cp_day_repeat(struct cp_bytes repeats)
{
    static const struct {
        const char *word, *duration;
    } known[] = {{"daily", "P1D"},
                 {"weekly", "P1W"},
                 {"every two weeks", "P2W"},
                 {"monthly", "P1M"},
                 {"every three months", "P3M"},
                 {"yearly", "P1Y"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (cp_bytes_eq(repeats, cp_bytes_str(known[i].word)))
            return cp_bytes_str(known[i].duration);
    return CP_BYTES(NULL, 0);
}
