/* How well letters fit a name when they may leave some out: for the palette and for lists. */
#ifndef UI_FUZZY_H
#define UI_FUZZY_H

/* -1: they do not fit. Else the higher the better: the same beats a start, a start beats starts of words, and
 * letters side by side beat scattered ones. Capitals do not matter. An empty pattern fits everything alike.
 */
int fuzzy_score(const char *pattern, const char *name);

#endif
