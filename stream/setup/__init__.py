"""A board set up as an appliance: files of its system before, and after.

Everything but `disk` and `rooted` is pure: file contents in, file contents out. What is changed,
and why, stands as data in `firmware_configs/`.
"""
