"""Scans 1,000 pages and more and prints how surely they are recognised: ``python -m tests.scans [PAGES] [SEED]``."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.scans.measure import Outcome, Page, figures, pile


def main(wanted: int, seed: int) -> int:
    """Scan, read and print; 1 where a page was taken for another."""
    started, pages = time.monotonic(), list[Page]()
    with ProcessPoolExecutor(2) as pool:
        while len(pages) < wanted:
            for found in pool.map(pile, range(seed, seed + 16)):
                pages += found
            seed += 16
    lines = [figures(pages), f"in {time.monotonic() - started:.0f} s, scanning and reading"]
    lines += [repr(page) for page in pages if page.outcome is not Outcome.RIGHT]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if any(page.outcome is Outcome.WRONG for page in pages) else 0


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*numbers, *(1000, 1)[len(numbers) :]))
