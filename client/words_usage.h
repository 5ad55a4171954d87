/*
 * What is wrong with what was typed, and how to say it: a part of the catalogue (words.h includes it).
 * Owns: these sentences alone. Places are filled as words.h says.
 */
#ifndef CP_CLIENT_WORDS_USAGE_H
#define CP_CLIENT_WORDS_USAGE_H

/* clang-format off */
#define CP_SCREEN_WORDS_USAGE(X) \
    X(USE_SEE_HELP, "See: coplan --help") \
    X(USE_NO_HOME_VARIABLE, "there is no HOME; use --home DIR") \
    X(USE_OUTPUT_LOST, "What coplan says could not be written, or not all of it. What you asked for may be done: look before you do it again.") \
    X(USE_SAY_IT, "Say it like this: coplan {1}") \
    X(USE_SOMETHING_MISSING, "something is missing") \
    X(USE_EMPTY, "a name is empty") \
    X(USE_BEFORE, "It stands before the command: coplan {1} {2}") \
    X(USE_WORDS_ALONE, "An invitation in words is for somebody new, and goes with no other option: coplan invite --words") \
    X(USE_CONTINUE, "Say it like this: coplan continue --without PERSON") \
    X(USE_STAGE, "Say it like this: coplan freeze --stage comment, or --stage agreement") \
    X(USE_MANY_ANSWERS, "more than one answer") \
    X(USE_WHICH_ANSWER, "Choose one: --agree, --worry WHY, --aside WHY or --no WHY") \
    X(USE_NO_ANSWER, "no answer") \
    X(USE_NO_REASON, "the reason is missing") \
    X(USE_REASON, "Say why, in your own words") \
    X(USE_READ_AS, "say standard, easy-read, large or aloud, and a language behind it like this: easy-read:cy") \
    X(USE_WILL, "Say it like this: --will ACTION, --will-if ACTION=CONDITION, --cannot ACTION") \
    X(USE_AUDIENCE_WHY, "Say it like this: --audience easy-read, standard or professional") \
    X(USE_AUDIENCE, "Say it like this: --audience easy-read, standard or large") \
    X(USE_LANGUAGE, "Say it like this: --language cy") \
    X(USE_WHOSE_PART, "Say whose part: --for PERSON --mine") \
    X(USE_FORM_WHO, "This page does not ask that person for an answer") \
    X(USE_WHERE_PDF, "Say where to: coplan export pdf --out FILE") \
    X(USE_OTHER_FORMATS, "That option is for other formats. See: coplan export --help") \
    X(USE_FORMATS, "Say it like this: coplan export html, easy-read, paper-form, why, pdf, md, csv, json, ics or evidence") \
    X(USE_IMPORT_AS, "Say it like this: coplan import FILE --as csv, json or md") \
    X(USE_MAP_TABLES, "A map is for tables: coplan import FILE --as csv --map FILE") \
    X(USE_NO_TO, "--to is missing") \
    X(USE_RECEIPT, "Say it like this: coplan receipt VERSION --to PERSON --state given") \
    X(USE_NO_WHO, "--who is missing") \
    X(USE_HAND_OUT, "Say it like this: coplan hand-out --who PERSON --format easy-read") \
    X(USE_NO_NAME, "--name is missing") \
    X(USE_INIT, "Say it like this: coplan init --name YOUR-NAME") \
    X(USE_PERSON_ADD, "Say it like this: coplan person add --name YOUR-NAME") \
    X(USE_PERSON_IDLE, "Say it like this: coplan person idle 10m") \
    X(USE_HOME_IDLE, "Say it like this: coplan home idle 10m") \
    X(USE_PASSPHRASE, "Say it like this: coplan passphrase, or coplan passphrase --none") \
    X(USE_LIST_KIND, "Say it like this: coplan list KIND, or list evidence --stale --on YYYY-MM-DD") \
    X(USE_ONLY_EVIDENCE, "Only evidence has a day to be looked at again") \
    X(USE_NO_TITLE, "the title is empty") \
    X(USE_PLAN_NEW, "Say it like this: coplan plan new TITLE") \
    X(USE_NO_WORDS, "the words are empty") \
    X(USE_ADD, "Say it like this: coplan add KIND TEXT") \
    X(USE_CHOOSE_ONE, "say one of --keep, --write and --suggestion") \
    X(USE_CHOOSE, "Say it like this: coplan choose ID FIELD --keep 1") \
    X(USE_NOT_EMPTY, "it is not empty") \
    X(USE_PROOF, "Say it like this: coplan proof VERSION --out DIR") \
    X(USE_NO_FOR, "--for is missing") \
    X(USE_PAPER, "Say whose answer it is: coplan paper VERSION --for PERSON --agree") \
    X(USE_NO_TO_UNTIL, "--to or --until is missing") \
    X(USE_MANDATE, "Say it like this: coplan mandate --to PERSON --until YYYY-MM-DD") \
    X(USE_TWICE, "It stands there twice, and only one of them would count. Say it once") \
    X(USE_NO_FILE, "this is no file") \
    X(USE_DASH, "That is no name of a file here. For a file of that name say ./-") \
    X(USE_IN_HOME, "the home of coplan is made of it; choose another name")
/* clang-format on */

#endif
