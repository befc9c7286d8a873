/* What a key can ask for: a request is one row. The common ones are ui/keymap.c's, a page adds its own. From the
 * rows come the key bindings, the hints, the help page, the palette and the manual. */
#ifndef SPEC_KEYMAP_H
#define SPEC_KEYMAP_H

#include <stdint.h>

/* A key is a Unicode character as it is, a control character (1..31; Ctrl-R is 18), or one of these. */
enum key_code {
    K_NONE = 0,
    K_TAB = 9,
    K_ENTER = 13,
    K_ESCAPE = 27,
    K_SPACE = 32,
    K_SPECIAL_ = 0x110000,      /* beyond Unicode */
    K_UP, K_DOWN, K_LEFT, K_RIGHT, K_HOME, K_END, K_PAGE_UP, K_PAGE_DOWN,
    K_INSERT, K_DELETE, K_BACKSPACE, K_BACK_TAB,
    K_F1, K_F2, K_F3, K_F4, K_F5, K_F6, K_F7, K_F8, K_F9, K_F10, K_F11, K_F12,
    K_END_
};

enum key_group {
    GROUP_MOVE, GROUP_GO, GROUP_FIND, GROUP_TABLE, GROUP_TIME, GROUP_PROGRAM,
    GROUP_PAGE,                 /* the page's own */
    GROUP_COUNT_
};

/* name, words, group, default keys, hint, help. The hint is one or two words for the bottom line; NULL: not there.
 * Keys are separated by blanks, as keymap_parse_key reads them. */
#define REQUESTS(X) \
    X(UP, "up", GROUP_MOVE, "k Up C-p", NULL, "Goes one row up.") \
    X(DOWN, "down", GROUP_MOVE, "j Down C-n", NULL, "Goes one row down.") \
    X(PAGE_UP, "page-up", GROUP_MOVE, "PgUp C-b", NULL, "Goes one screenful up.") \
    X(PAGE_DOWN, "page-down", GROUP_MOVE, "PgDn C-f", NULL, "Goes one screenful down.") \
    X(HALF_UP, "half-up", GROUP_MOVE, "C-u", NULL, "Goes half a screenful up.") \
    X(HALF_DOWN, "half-down", GROUP_MOVE, "C-d", NULL, "Goes half a screenful down.") \
    X(TOP, "top", GROUP_MOVE, "g Home", NULL, "Goes to the first row.") \
    X(END, "end", GROUP_MOVE, "G End", NULL, "Goes to the last row.") \
    X(LEFT, "left", GROUP_MOVE, "h Left", NULL, "Scrolls to the left; the key column stays.") \
    X(RIGHT, "right", GROUP_MOVE, "l Right", NULL, "Scrolls to the right; the key column stays.") \
    X(ENTER, "open", GROUP_GO, "Enter", "open", "Opens what the row is about.") \
    X(BACK, "back", GROUP_GO, "Esc", "back", \
      "Closes what lies on top, then clears the filter, then goes back one page. Never quits.") \
    X(QUIT, "close", GROUP_GO, "q", "quit", "Closes the page; on the first page it leaves the program.") \
    X(QUIT_ALL, "quit", GROUP_PROGRAM, "Q", NULL, "Leaves the program at once.") \
    X(HELP, "help", GROUP_PROGRAM, "? F1", "help", "Shows what every key does here, and why some do nothing now.") \
    X(PALETTE, "palette", GROUP_GO, ":", "go", \
      "Asks for a page, a server or a command by a part of its name, with Tab and a history.") \
    X(FILTER, "filter", GROUP_FIND, "/", "filter", "Narrows the page to the rows that match.") \
    X(SEARCH, "search", GROUP_FIND, "\\", NULL, "Searches without hiding the other rows.") \
    X(SEARCH_NEXT, "search-next", GROUP_FIND, "n", NULL, "Goes to the next match.") \
    X(SEARCH_PREV, "search-previous", GROUP_FIND, "N", NULL, "Goes to the match before.") \
    X(PAGE_1, "page-1", GROUP_GO, "1", NULL, "Goes to the first page.") \
    X(PAGE_2, "page-2", GROUP_GO, "2", NULL, "Goes to the second page.") \
    X(PAGE_3, "page-3", GROUP_GO, "3", NULL, "Goes to the third page.") \
    X(PAGE_4, "page-4", GROUP_GO, "4", NULL, "Goes to the fourth page.") \
    X(PAGE_5, "page-5", GROUP_GO, "5", NULL, "Goes to the fifth page.") \
    X(PAGE_6, "page-6", GROUP_GO, "6", NULL, "Goes to the sixth page.") \
    X(PAGE_7, "page-7", GROUP_GO, "7", NULL, "Goes to the seventh page.") \
    X(PAGE_8, "page-8", GROUP_GO, "8", NULL, "Goes to the eighth page.") \
    X(PAGE_9, "page-9", GROUP_GO, "9", NULL, "Goes to the ninth page.") \
    X(FLEET, "fleet-page", GROUP_GO, "0", NULL, "Goes to the fleet: all servers on one page.") \
    X(PAGE_NEXT, "next-page", GROUP_GO, "Tab", NULL, "Goes to the next of the numbered pages.") \
    X(PAGE_PREV, "previous-page", GROUP_GO, "S-Tab", NULL, "Goes to the numbered page before.") \
    X(HISTORY_BACK, "history-back", GROUP_GO, "[", NULL, "Goes back to what was on the screen before.") \
    X(HISTORY_FORWARD, "history-forward", GROUP_GO, "]", NULL, "Undoes going back.") \
    X(TARGET_PREV, "previous-target", GROUP_GO, "{", NULL, "Shows the same page of the server before.") \
    X(TARGET_NEXT, "next-target", GROUP_GO, "}", NULL, "Shows the same page of the next server.") \
    X(PAUSE, "pause", GROUP_TIME, "Space", "pause", "Stops all sampling, or goes on. Works everywhere.") \
    X(FASTER, "faster", GROUP_TIME, "-", NULL, "Samples more often.") \
    X(SLOWER, "slower", GROUP_TIME, "+ =", NULL, "Samples less often.") \
    X(REFRESH, "refresh", GROUP_TIME, "C-r", NULL, "Samples now, or connects at once, even as a third session.") \
    X(SORT, "sort", GROUP_TABLE, "s", "sort", "Chooses the column that sorts the rows.") \
    X(SORT_LEFT, "sort-left", GROUP_TABLE, "<", NULL, "Sorts by the column to the left.") \
    X(SORT_RIGHT, "sort-right", GROUP_TABLE, ">", NULL, "Sorts by the column to the right.") \
    X(INVERT, "invert", GROUP_TABLE, "I", NULL, "Turns the order around.") \
    X(COLUMNS, "columns", GROUP_TABLE, "c", "columns", "Chooses which columns are shown.") \
    X(WIDE, "wide", GROUP_TABLE, "w", NULL, "Gives the columns all the width that they want, or takes it back.") \
    X(MARK, "mark", GROUP_TABLE, "m", NULL, "Marks the row, or takes the mark away.") \
    X(MARK_RANGE, "mark-range", GROUP_TABLE, "v", NULL, "Marks all rows from the last mark to here.") \
    X(MARK_NONE, "mark-none", GROUP_TABLE, "C-\\", NULL, "Takes all marks away.") \
    X(FOLLOW, "follow", GROUP_TABLE, "F", NULL, "Keeps the selected row in sight when the order changes, or lets go.") \
    X(COPY, "copy", GROUP_TABLE, "y", NULL, "Copies the cell, the row or the query through the terminal.") \
    X(MESSAGES, "messages", GROUP_PROGRAM, "L", NULL, "Shows all messages since the start.") \
    X(MOUSE, "mouse", GROUP_PROGRAM, "M", NULL, \
      "Gives the mouse back to the terminal, to select text with, or takes it again.") \
    X(REDRAW, "redraw", GROUP_PROGRAM, "C-l", NULL, "Draws the whole screen anew.") \
    X(SUSPEND, "suspend", GROUP_PROGRAM, "C-z", NULL, "Goes to sleep in the shell; fg wakes it up.") \
    X(INTERRUPT, "interrupt", GROUP_PROGRAM, "C-c", NULL, \
      "Gives up what is being typed; on the first page it leaves the program.")

enum request {
    REQ_NONE,
#define X(name, ...) REQ_##name,
    REQUESTS(X)
#undef X
    REQ_COUNT_,
    REQ_VIEW = 1000             /* a page's own requests: REQ_VIEW, REQ_VIEW + 1, ... */
};

struct key_row {
    int request;                /* enum request, or REQ_VIEW + n */
    const char *name;           /* for pgvigil.yaml and the palette, one word; NULL ends a page's table */
    enum key_group group;
    const char *keys;           /* defaults */
    const char *hint;
    const char *help;           /* one sentence */
};

#endif
