/* pgvigil.yaml, read strictly, as one plain struct. Room conf knows the file's own keys; what probes, pages,
 * requests and thresholds there are, and the settings of other rooms, main passes in as a struct config_form.
 */
#ifndef CONF_CONFIG_H
#define CONF_CONFIG_H

#include "base/attr.h"
#include "base/buf.h"
#include "conf/conninfo.h"
#include "conf/errors.h"
#include "spec/option.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- what main passes in; all of it is borrowed, and outlives the config ---- */

struct threshold_form {
    const char *name;        /* snake_case; NULL ends the table */
    enum setting_type type;  /* SETTING_INT, _DURATION, _SIZE or _FRACTION */
    bool falling;            /* true: less is worse, as with free space */
    const char *warn, *crit; /* defaults, as one would write them; NULL: never */
    const char *help;        /* one sentence */
};

/* The settings of another room, as a map of their own at the top of the file. */
struct config_section {
    const char *name; /* NULL ends the table */
    const char *help;
    const struct setting *table;
    void *values; /* filled in by config_load, which also sets the defaults; freed by the room */
};

struct rule_form {
    const char *name; /* snake_case; NULL ends the table */
    const char *help; /* one sentence */
};

struct config_form {                 /* NULL means none of that kind */
    const char *const *probes;       /* names, ends with NULL, as do the next two */
    const char *const *pages;        /* in their default order */
    const char *const *requests;     /* what a key can be bound to */
    bool (*key_ok)(const char *key); /* is this the name of a key? NULL: any word or single character is */
    const struct threshold_form *thresholds;
    const struct config_section *sections;
    const struct rule_form *rules;
};

/* ---- what comes out ---- */

struct probe_choice {
    char *probe;
    bool on;
    double interval_s; /* 0: its own interval */
};

struct threshold { /* in base units; NaN: never */
    double warn, crit;
    struct origin origin;
};

struct rule_choice {
    bool on;
    char *runbook; /* a link or a text; NULL: none */
    struct origin origin;
};

/* What is worth a warning, and what is judged at all: everywhere, in a group, or at one target. */
struct judging {
    struct threshold *thresholds; /* one for each row of the form's table, in its order */
    struct rule_choice *rules;    /* likewise */
};

struct config_group {
    char *name;
    struct mark at;
    struct judging judging; /* the general one, and the group's own over it */
};

enum config_kind { KIND_SERVER, KIND_APP }; /* a PgBouncer is a server here: it is found out */

struct config_target {
    char *name;          /* unique, a safe word */
    char *conninfo;      /* secret: never printed, wiped when freed. NULL when service is set */
    char *service;       /* a name in pg_service.conf; NULL when conninfo is set */
    int kind;            /* enum config_kind */
    char *url;           /* of an application, and secret as a conninfo is; NULL: it is none */
    char *ca;            /* file of certificates that its own must be signed by; NULL: the system's */
    char *application;   /* application_name of its sessions; NULL: as its name */
    char *group;         /* NULL: none */
    char *environment;   /* prod, staging, dev or any word, which chooses a colour; NULL: none */
    double interval_s;   /* of what is on the screen; 0: the config's */
    double background_s; /* of what is not; 0: the config's */
    struct probe_choice
        *probes; /* the file's general choices and the target's own, one for each probe named */
    size_t nprobes;
    struct judging judging; /* its group's or the general one, and its own over that */
    unsigned line; /* where it stands in the file */
    struct mark reach; /* where its conninfo, its service or its url does */
};

struct theme_mention {
    char *name;
    struct mark at;
};

struct key_binding {
    const char *request; /* borrowed from the form */
    struct mark at;
    struct words keys;   /* replaces all of the request's keys; none: the request has no key */
};

enum charset { CHARSET_AUTO, CHARSET_UTF8, CHARSET_ASCII }; /* auto: by the locale */
enum graph { GRAPH_BLOCKS, GRAPH_BRAILLE, GRAPH_ASCII };

struct config {
    char *file;                      /* NULL: there is none, all is default */
    double interval_s, background_s; /* for targets that do not say */
    char *theme;
    int glyphs; /* enum charset */
    int graph;  /* enum graph; ascii whatever it says when the glyphs are */
    bool mouse;
    struct words pages; /* names in order; never empty when the form has pages */
    struct config_target *targets;
    size_t ntargets;
    struct theme_mention *themes; /* that the file names: where the key stands twice, all of them */
    size_t nthemes;
    struct probe_choice *probes; /* for every target */
    size_t nprobes;
    struct key_binding *keys;
    size_t nkeys;
    struct judging judging;
    struct config_group *groups; /* of which the file says something */
    size_t ngroups;

    const struct config_form *form;
    struct origin *origins; /* of the file's own settings, see config_settings */
    struct origin **section_origins;
};

/* The file's own settings: interval, background, theme, glyphs, graph, mouse; fields of struct config. main
 * may set them from the command line: options_set(config_settings(), ..., config, config->origins, ...). */
const struct setting *config_settings(void);

/* Finds the file: $PGVIGIL_CONFIG_DIR/pgvigil.yaml alone when that is set, else the first there is of
 * $XDG_CONFIG_HOME/pgvigil/pgvigil.yaml (~/.config when not set) and SYSCONFDIR/pgvigil/pgvigil.yaml.
 * NULL when there is none. The caller frees. */
char *config_find(void);

/* Makes config ready with all defaults, then reads the file at path over them (NULL: none). False when the
 * file has a fault; errors then say which, all of them, and config holds what was right. In either case the
 * caller ends with config_free. */
bool config_load(struct config *config, const struct config_form *form, const char *path,
                 struct conf_errors *errors) MUST_CHECK;
/* The same from bytes, for tests and fuzzers; private: the file may hold passwords. */
bool config_parse(struct config *config, const struct config_form *form, const char *file, const char *bytes,
                  size_t len, bool private, struct conf_errors *errors) MUST_CHECK;
void config_free(struct config *config);

/* The choice of a probe at a target: NULL when nothing is said of it. */
const struct probe_choice *config_probe(const struct config_target *target, const char *probe);

/* Everything with its origin, as a file that could be read again, but for conninfo, which is not shown. */
void config_show(const struct config *config, struct buf *out);
/* A commented file with every setting and its default; it can be read as it is. */
void config_init(const struct config_form *form, struct buf *out);
/* The tables of pgvigil.yaml(5), in mdoc. */
void config_manual(const struct config_form *form, struct buf *out);

#endif
