"""Runs one command and prints its seconds, its peak memory in kB, and its exit status.

A program of its own, run with ``python -I -S``: the kernel counts the memory of the process that starts a program
into the program's peak, so it has to be started by something smaller than anything that is measured.
"""

import os
import sys
import time

output = os.open(os.devnull, os.O_WRONLY)
quiet = [(os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, output, 2)]
start = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - start
sys.stdout.write(f"{seconds} {usage.ru_maxrss} {os.waitstatus_to_exitcode(status)}\n")
