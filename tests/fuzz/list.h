/* One line a fuzz target. */
X(app)
X(config)
X(filter)
X(quantity)
X(queues)
X(text)
