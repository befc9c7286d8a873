/* The parts of a configuration whose names main passes in: thresholds, rules, key bindings, pages. For config.c and
 * config_show.c alone. */
#ifndef CONF_CONFIG_KEYS_H
#define CONF_CONFIG_KEYS_H

#include "conf/config.h"
#include "conf/options.h"

/* Thresholds and rules: of all targets, then of groups, then of each target. */
void default_judging(struct config *c);
struct judging copy_judging(const struct config_form *form, const struct judging *from);
void read_judging(struct reader *r, const struct node *map, const struct config_form *form, struct judging *j);
void free_judging(const struct config_form *form, struct judging *j);
void read_groups(struct reader *r, const struct node *map, struct config *c);
const struct judging *group_judging(const struct config *c, const char *group); /* the general one for none */
void check_groups(struct reader *r, const struct config *c);                    /* each is some target's */
void free_groups(struct config *c);
size_t count_rules(const struct config_form *form);
/* The rows of what can be said of one rule: enabled, runbook; fields of struct rule_choice. */
const struct setting *config_rule_settings(void);
void read_key_bindings(struct reader *r, const struct node *map, struct config *c);
void default_pages(struct config *c);
void read_pages(struct reader *r, const struct node *list, struct config *c);
void free_bindings(struct config *c); /* and pages */

const struct setting *config_target_settings(void);
void target_free(const struct config_form *form, struct config_target *t);

/* A row that reads or prints a threshold's two numbers. */
struct setting threshold_setting(const struct threshold_form *form);

#endif
