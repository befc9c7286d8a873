/* Offers a row of a frame to the clipboard: all of these columns as one line, and single texts. */
#ifndef UI_COPY_H
#define UI_COPY_H

#include "model/frame.h"

struct ui;

/* The first column and those of text can be copied alone. What is copied is safe text; lines stay lines. */
void copy_row(struct ui *ui, const struct frame *f, uint32_t row, const int *columns, int ncolumns);

#endif
