"""The musical half: phrases from a voice."""

import os

# Before onnxruntime is loaded: a box that plays reports to nobody, and has no megabytes to spare
# for the thread and the database that would.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
