"""Set up a board as an appliance: compute the files of its system after the set-up.

Everything except `disk` and `rooted` is pure: file contents in, file contents out. The changes and
their reasons are data in `firmware_configs/`.
"""
