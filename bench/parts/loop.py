"""What people write who have scikit-learn and an afternoon: resample, score, again and again; in a venv of its own."""

import json
import resource
import sys
import time

import numpy as np
import sklearn
from sklearn import metrics

KNOWN = {
    "auc": metrics.roc_auc_score,
    "average_precision": metrics.average_precision_score,
    "log_loss": metrics.log_loss,
    "brier": metrics.brier_score_loss,
}


def _clocks() -> np.ndarray:
    """Seconds of the clock on the wall, and of a core."""
    return np.array([time.perf_counter(), time.process_time()])


def main() -> None:
    """FILE DRAWS TIMED [METRIC...]: prints the time of DRAWS resamples as JSON, from those that were timed."""
    file, draws, timed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with np.load(file) as given:
        truth, said, country = given["truth"], (given["six"], given["seven"]), given["country"]
    told = [KNOWN[name] for name in ("auc", *sys.argv[4:])]
    parts = [np.arange(len(truth)), *(np.flatnonzero(country == value) for value in np.unique(country))]
    begun = _clocks()
    own = [[[metric(truth[rows], one[rows]) for metric in told] for one in said] for rows in parts]
    once = _clocks() - begun
    chance = np.random.default_rng(0)
    begun = _clocks()
    for _ in range(timed):
        for rows in parts:
            drawn = rows[chance.integers(0, len(rows), len(rows))]
            for one in said:
                for metric in told:
                    metric(truth[drawn], one[drawn])
    seconds, busy = once + (_clocks() - begun) / timed * draws
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    found = {"seconds": seconds, "busy": busy, "timed": timed, "peak": peak, "version": sklearn.__version__}
    print(json.dumps(found | {"difference": own[0][1][0] - own[0][0][0]}))


if __name__ == "__main__":
    main()
