"""The composing process's code; onnxruntime's telemetry is switched off before it is imported.

From 1.29 on, onnxruntime's Linux builds report what they run to their vendor and keep a device
identifier and a database below the home folder unless this variable is set first:
https://github.com/microsoft/onnxruntime/pull/27379. An appliance does neither.
"""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
