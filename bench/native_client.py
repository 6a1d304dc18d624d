"""Native CPython as a contestant: imports measure.py, then answers one call per line of standard input."""

import sys
import os

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import measure

for line in sys.stdin:
    name, port, ca, *count = line.split("\t")
    print(getattr(measure, name)(int(port), ca.strip(), *map(int, count)), flush=True)
