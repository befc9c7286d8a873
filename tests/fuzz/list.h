/* One line a fuzz target. */
X(filter)
X(quantity)
X(text)
