/* The parts of a configuration whose names main passes in: thresholds, key bindings, pages. For config.c and
 * config_show.c alone. */
#ifndef CONF_CONFIG_KEYS_H
#define CONF_CONFIG_KEYS_H

#include "conf/config.h"
#include "conf/options.h"

void default_thresholds(struct config *c);
void read_thresholds(struct reader *r, const struct node *map, struct config *c);
void default_rules(struct config *c);
void read_rules(struct reader *r, const struct node *map, struct config *c);
void free_rules(struct config *c);
size_t count_rules(const struct config_form *form);
/* The rows of what can be said of one rule: enabled, runbook; fields of struct rule_choice. */
const struct setting *config_rule_settings(void);
void read_key_bindings(struct reader *r, const struct node *map, struct config *c);
void default_pages(struct config *c);
void read_pages(struct reader *r, const struct node *list, struct config *c);
void free_bindings(struct config *c); /* and pages */

const struct setting *config_target_settings(void);
void target_free(struct config_target *t);

/* A row that reads or prints a threshold's two numbers. */
struct setting threshold_setting(const struct threshold_form *form);

#endif
