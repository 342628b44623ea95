"""The same as cost.mjs."""
import statistics
import time

import work

SAMPLES = 41


def sample():
    began = time.perf_counter_ns()
    work.cpu("cost")
    return time.perf_counter_ns() - began


print(statistics.median(sample() for _ in range(SAMPLES)))
