#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The mod_clinicportal authors
"""Somebody at a terminal: runs a command on one, waits for each prompt, types
the answer to it, and prints what the terminal showed. Ends as the command does.

  typist.py PROMPT=ANSWER... -- COMMAND...
"""
import os
import pty
import sys


def read_some(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # the command has closed the terminal
        return b""


parting = sys.argv.index("--")
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[parting + 1], sys.argv[parting + 1:])
shown = b""
for pair in sys.argv[1:parting]:
    prompt, answer = pair.encode().split(b"=", 1)
    answered = len(shown)
    while prompt not in shown[answered:]:
        some = read_some(terminal)
        if not some:
            sys.exit(f"no prompt {prompt!r} in {shown!r}")
        shown += some
    os.write(terminal, answer + b"\n")
while some := read_some(terminal):
    shown += some
sys.stdout.write(shown.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
