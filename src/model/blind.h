/* Settings and extensions without which a server itself does not know what others ask: what the topic `eyesight` says of
 * each, and what mends it. */
#ifndef MODEL_BLIND_H
#define MODEL_BLIND_H

#include "model/frame.h"
#include "model/verdict.h"

struct blind_row {
    const char *name;       /* of the setting or extension; NULL ends the table */
    const char *means;      /* "off: nobody sees what sessions do" */
    const char *mend;       /* SQL, or a comment; NULL: nothing that could be run */
    bool writes;            /* what mends it writes into the database: a standby has it from its primary */
    bool hides;             /* something that is asked for; false: it could be better */
    enum level level;       /* of a finding; LEVEL_FINE: of none */
    const char *column;     /* of the topic; */
    const char *word;       /* its text when it blinds; NULL: it is false then */
};

extern const struct blind_row blind_rows[];

/* Whether it is so by an answer; false when that does not know. */
bool blind_is(const struct blind_row *row, const struct frame *eyesight);

#endif
