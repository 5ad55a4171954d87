/*
 * Functions that this project does not call, made into compile errors. The build puts this file in front
 * of every source of proto, daemon and client, so nobody needs to include it.
 *
 * Each entry says what to use instead. The headers that declare these functions are read first: a macro
 * that stood before the declaration would only rename it, and the call would compile.
 */
#ifndef CP_BANNED_H
#define CP_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CP_BANNED(func) sorry_##func##_is_a_banned_function

/* No bound on what is written: use memcpy with a checked length, or snprintf. */
#undef strcpy
#define strcpy(...) CP_BANNED(strcpy)
#undef strcat
#define strcat(...) CP_BANNED(strcat)
#undef sprintf
#define sprintf(...) CP_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) CP_BANNED(vsprintf)
#undef gets
#define gets(...) CP_BANNED(gets)

/* Bounded, but leave text without its end or cut it silently: use memcpy with a checked length. */
#undef strncpy
#define strncpy(...) CP_BANNED(strncpy)
#undef strncat
#define strncat(...) CP_BANNED(strncat)

/* Cannot tell a number from no number, and overflow is undefined: use strtoll and look at the end. */
#undef atoi
#define atoi(...) CP_BANNED(atoi)
#undef atol
#define atol(...) CP_BANNED(atol)
#undef atof
#define atof(...) CP_BANNED(atof)

/* Keep their result or their place in a hidden static: use the _r forms. */
#undef strtok
#define strtok(...) CP_BANNED(strtok)
#undef gmtime
#define gmtime(...) CP_BANNED(gmtime)
#undef localtime
#define localtime(...) CP_BANNED(localtime)
#undef ctime
#define ctime(...) CP_BANNED(ctime)
#undef asctime
#define asctime(...) CP_BANNED(asctime)

/* Guessable: use randombytes_buf, or in the core the bytes that were handed in. */
#undef rand
#define rand(...) CP_BANNED(rand)

/* Cannot fail, only crash: use an array of a size from limits.h, or the allocator. */
#undef alloca
#define alloca(...) CP_BANNED(alloca)

#endif
