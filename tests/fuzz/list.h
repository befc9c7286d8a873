/* One line a fuzz target. */
X(config)
X(filter)
X(quantity)
X(queues)
X(text)
