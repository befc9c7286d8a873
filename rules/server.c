/* The server as a whole: transactions that fail, WAL that is not archived, and pages that are broken. */
#include "rules/list.h"
#include "rules/say.h"

#include "model/health.h"

#include <math.h>

static const char *const reads[] = {"server", NULL};

#define ERROR_RATE 0.05     /* as model/health.h has it */

/* Of the time since the sample before; lifetime averages never recover. Too few to tell are fine. */
static void judge_errors(const struct rule_context *c)
{
    const struct frame *rates = rule_rates(c, "server");
    double seconds = rates ? (double)rates->over_us / 1e6 : 0;
    double failed = round(rule_number(rates, 0, "xact_rollback") * seconds);
    double all = failed + round(rule_number(rates, 0, "xact_commit") * seconds);
    enum health_verdict health = all > 0 && all < 1e18 ? health_error_rate((uint64_t)failed, (uint64_t)all) : HEALTH_UNKNOWN;
    if (health == HEALTH_UNKNOWN)
        rule_keep(c, 0);
    if (health == HEALTH_UNKNOWN || health == HEALTH_LOWSAMPLE)
        return;
    enum level level = rule_level(c, 0, (struct limit){ERROR_RATE, NAN}, failed / all);
    if (level == LEVEL_FINE)
        return;
    struct judgement j = say_begin(0, level);
    j.value = failed / all;
    say_percent(&j.words, failed / all);
    buf_puts(&j.words, " of the transactions are rolled back: ");
    say_count(&j.words, failed);
    buf_puts(&j.words, " of ");
    say_count(&j.words, all);
    buf_puts(&j.words, " in ");
    say_duration(&j.words, seconds);
    say_end(c, &j);
}

const struct rule rule_errors = {
    .is = {"error_rate", "One in twenty transactions, or more, ends in a rollback.",
           "Read the server's log for the errors; an application that rolls back by habit is no trouble.", "server"},
    .kind = TARGET_SERVER,
    .reads = reads,
    .steady = {2, 3},
    .judge = judge_errors,
};

static void judge_archive(const struct rule_context *c)
{
    const struct frame *f = rule_frame(c, "server");
    double archived = rule_number(f, 0, "archived_age_s"), failed = rule_number(f, 0, "archive_failed_age_s");
    if (!health_archiving_fails(archived, failed))
        return;
    struct judgement j = say_begin(0, LEVEL_CRIT);
    j.value = failed;
    buf_puts(&j.words, "WAL is not archived: the last attempt failed ");
    say_duration(&j.words, failed);
    buf_puts(&j.words, " ago");
    if (archived >= 0) {
        buf_puts(&j.words, ", the last that went well was ");
        say_duration(&j.words, archived);
        buf_puts(&j.words, " ago");
    }
    say_end(c, &j);
}

const struct rule rule_archive = {
    .is = {"archiving", "archive_command fails: WAL piles up on the disk, and backups cannot be rolled forward.",
           "The server's log has the words of archive_command; look whether its target is full or out of reach.", "server"},
    .kind = TARGET_SERVER,
    .reads = reads,
    .steady = {1, 1},
    .judge = judge_archive,
};

static void judge_pages(const struct rule_context *c)
{
    double broken = rule_number(rule_frame(c, "server"), 0, "checksum_failures");
    if (!(broken > 0))
        return;
    struct judgement j = say_begin(0, LEVEL_CRIT);
    j.value = broken;
    say_count(&j.words, broken);
    buf_puts(&j.words, broken == 1 ? " page has" : " pages have");
    buf_puts(&j.words, " a wrong checksum");
    say_end(c, &j);
}

const struct rule rule_pages = {
    .is = {"checksums", "Pages were read whose checksum is wrong: the disk or the memory under them is broken.",
           "Do not restart. Copy the data directory, look at the kernel's log, and see whether a standby or a backup is "
           "whole.",
           "server"},
    .kind = TARGET_SERVER,
    .reads = reads,
    .steady = {1, 1},
    .judge = judge_pages,
};
