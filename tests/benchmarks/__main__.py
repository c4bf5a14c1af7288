"""All performance benchmarks in one run of less than ten minutes.

    python tests/benchmarks [--only calls serving ...] [--json FILE] [--markdown FILE] [--strict]

Each benchmark runs in a process of its own. It compares what the mock does with a floor, and prints PASS or the
distance to the target. Do not run anything else at the same time. The benchmarks of relevance are not part of this
run: `relevance.py`, `objective.py` and `live_events.py` are commands of their own, and so is `server_load.py`.
"""

import sys

from command import main

sys.exit(main())
